"""`python -m netpolc` is the command `netpolc`."""

from netpolc.cli.process import main

if __name__ == "__main__":
    main()
