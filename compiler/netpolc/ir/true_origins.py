"""The origins of namespaces that somebody has edited in an IR file.

`netpolc ir` prints with each rule the statement that it comes from. An edit of the rule leaves the
statement as it is, and manifests would show it as their source. So the file has a digest of each
namespace. Where it does not fit, the origins of all rules of the namespace become lines of the IR file:
a rule that was not edited may come from a statement with two peers, of which the other was removed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.encode import Json, digest
from netpolc.ir.json_positions import Path, locate
from netpolc.ir.verifier import Listed
from netpolc.provenance import Origins, Role, StatementKind, StatementRef, merged
from netpolc.source import SourceFile

EDITED_NAMESPACE = Rule(code="NP359", name="edited-namespace-in-ir", severity=Severity.NOTE)


def with_true_origins(
    namespaces: Sequence[Json], listed: Sequence[Listed], source: SourceFile
) -> Outcome[list[Listed]]:
    """Return namespaces with the file itself as the origin of what was edited.

    Args:
        namespaces: the objects of the document.
        listed: the same, decoded.
        source: the text of the file.

    Returns:
        The namespaces in their order, and a note for each one that was edited. The origins keep the
        names of subjects, by which policies are called, so an edit does not rename a policy.
    """
    edited = {index for index, item in enumerate(namespaces) if _is_edited(item)}
    if not edited:
        return Outcome([*listed])
    paths = [path for index in edited for path in _paths(index, listed[index])]
    where = locate(source.text, paths)
    lines = {path: source.span(*place).line for path, place in where.items()}
    return Outcome(
        [
            _from_file(namespace, ("namespaces", index), source.path, lines)
            if index in edited
            else namespace
            for index, namespace in enumerate(listed)
        ],
        tuple(
            _note(listed[index].namespace, source, where["namespaces", index, "digest"])
            for index in sorted(edited)
        ),
    )


def _is_edited(namespace: Json) -> bool:
    return "digest" in namespace and namespace["digest"] != digest(namespace)


def _paths(index: int, namespace: Listed) -> Iterator[Path]:
    """The paths of the digest and of everything that has origins."""
    yield "namespaces", index, "digest"
    for key, items in (("isolations", namespace.closed), ("allows", namespace.allows)):
        for number in range(len(items)):
            yield "namespaces", index, key, number


def _from_file(namespace: Listed, path: Path, file: str, lines: dict[Path, int]) -> Listed:
    """The namespace at a path, its statements replaced by the lines of the file."""

    def from_line(origins: Origins, items: str, number: int) -> Origins:
        line = lines[*path, items, number]
        return _from_part(origins, f"{items}[{number}]", file, line)

    return replace(
        namespace,
        closed=tuple(
            replace(subject, origins=from_line(subject.origins, "isolations", number))
            for number, subject in enumerate(namespace.closed)
        ),
        allows=tuple(
            replace(allow, origins=from_line(allow.origins, "allows", number))
            for number, allow in enumerate(namespace.allows)
        ),
    )


def _from_part(origins: Origins, part: str, file: str, line: int) -> Origins:
    """The part as what statements were the origin of; origins that are policies are left out."""
    source = StatementRef(StatementKind.IR_PART, part)
    return merged(
        tuple(
            replace(origin, path=file, line=line, source=source, because="")
            for origin in origins
            if origin.role is not Role.POLICY
        )
    )


def _note(namespace: str, source: SourceFile, place: tuple[int, int]) -> Diagnostic:
    return Diagnostic(
        rule=EDITED_NAMESPACE,
        message=f"namespace `{namespace}` was edited, so the statements in it are not its source",
        label=Label(source.span(*place), "does not fit its isolations and allows"),
        help="manifests name this file in their place; edit the intents to keep statements",
    )
