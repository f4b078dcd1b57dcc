"""`python -m netpolc` is the command `netpolc`."""

from netpolc.cli.entry_point import main

if __name__ == "__main__":
    main()
