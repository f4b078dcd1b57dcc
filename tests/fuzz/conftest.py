"""The working folder of the tests of the command line."""

from tests.cli.conftest import put

__all__ = ["put"]
