"""Findings about programs that are right but perhaps not meant: one lint a file."""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic
from netpolc.lints.own_addresses import own_addresses
from netpolc.lints.unprotected_service import unprotected_services
from netpolc.program.model import Program

PROGRAM_LINTS = (own_addresses, unprotected_services)


def lint(program: Program) -> Iterator[Diagnostic]:
    """What the lints find in a program."""
    for rule in PROGRAM_LINTS:
        yield from rule(program)
