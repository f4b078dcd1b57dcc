"""What an IR file does not hold of its sources, and the findings about it.

The IR is what policies mean. Assertions, cluster-wide policies, facts about the cluster's addresses
and the last days of arrows are not part of it. A check of such a file would prove no assertion and
seem to prove all. So `netpolc ir` reports what it leaves out and names it in the file, and the commands
that read the file report it again, or count it as unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import LeftOut
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.program.model import Program
from netpolc.provenance import Origin, StatementKind
from netpolc.source import SourceFile

_ByFile: TypeAlias = Mapping[SourceFile, AbstractSet[LeftOut]]

LEFT_OUT_OF_IR = Rule(code="NP757", name="left-out-of-ir", severity=Severity.NOTE)
INCOMPLETE_IR = Rule(
    code="NP758", name="incomplete-ir", severity=Severity.WARNING, can_be_silenced=False
)

_CLUSTER_WIDE = frozenset({LeftOut.ENFORCEMENT, LeftOut.CLUSTER_POLICIES})
"""The parts that decide which connections are permitted."""
_REQUIRED = (LeftOut.ASSERTIONS, LeftOut.ENFORCEMENT, LeftOut.EXPIRY)
"""The parts without which a check or a compile says less than it seems to say."""


def statements_left_out(program: Program) -> dict[LeftOut, Origin]:
    """Return what an IR leaves out of a program, each with the first statement of it."""
    left_out: dict[LeftOut, Origin] = {}
    for part, origin in _statements(program):
        left_out.setdefault(part, origin)
    return left_out


def _statements(program: Program) -> Iterator[tuple[LeftOut, Origin]]:
    for assertion in program.assertions:
        part = LeftOut.ENFORCEMENT if assertion.enforced else LeftOut.ASSERTIONS
        yield part, assertion.origin
    for origin in program.baseline.closed.values():
        yield LeftOut.ENFORCEMENT, origin
    for declaration in program.declarations:
        if declaration.kind in {StatementKind.ADDRESSES, StatementKind.BLOCKS}:
            yield LeftOut.ADDRESSES, declaration.origin
    for namespace in program.namespaces.values():
        for arrow in namespace.arrows:
            if arrow.until is not None:
                yield LeftOut.EXPIRY, arrow.origin


def left_out_findings(statements: dict[LeftOut, Origin]) -> Iterator[Diagnostic]:
    """Yield the note that an IR leaves out parts of a program, at the first statement of them."""
    if statements:
        first = min(statements.values(), key=Origin.sort_key)
        yield Diagnostic(
            rule=LEFT_OUT_OF_IR,
            message=f"the IR leaves out {_listed(statements)}",
            label=Label(first.shown_span, "is left out"),
            help="the JSON says so in `left_out`; check the intents themselves",
        )


def incomplete_files(left_out: _ByFile) -> Iterator[Diagnostic]:
    """Yield a finding for each IR file that does not hold what a check would prove, or a compile write.

    Enforced assertions are an error also for a compile, which would remove their manifests.
    """
    for file, parts in left_out.items():
        if missing := [part for part in _REQUIRED if part in parts]:
            from netpolc.ir.json_positions import locate  # noqa: PLC0415 - loads json, for IR files alone

            place = locate(file.text, [("left_out",)])["left_out",]
            yield Diagnostic(
                rule=INCOMPLETE_IR,
                message=f"`{file.path}` does not hold the {_listed(missing)} of its sources",
                label=Label(file.span(*place), "not in this file"),
                help="check and compile the sources that the file was made from",
                raised=LeftOut.ENFORCEMENT in missing,
            )


def unread_policies(left_out: _ByFile) -> tuple[UnreadPolicy, ...]:
    """Return the cluster-wide policies that IR files leave out, each file's as a policy that is not read."""
    return tuple(
        UnreadPolicy("cluster-wide policy", "", f"left out of {file.path}")
        for file, parts in left_out.items()
        if not _CLUSTER_WIDE.isdisjoint(parts)
    )


def _listed(parts: Iterable[LeftOut]) -> str:
    *others, last = (part.value for part in LeftOut if part in set(parts))
    return f"{', '.join(others)} and {last}" if others else last
