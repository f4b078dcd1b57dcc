"""`netpolc ir`: the meaning of intents and manifests as JSON."""

from netpolc.commands.merge_policies import unite
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Outcome
from netpolc.io.project import Request, open_project
from netpolc.io.sources import nothing_came
from netpolc.ir.serialize import dump
from netpolc.passes.normalise import normalise
from netpolc.source import SourceFile


def ir(request: Request) -> Outcome[str]:
    """Return the policies of all sources as JSON, empty where there is an error."""
    opened = open_project(request)
    before = (*opened.diagnostics, *nothing_came(opened.value.sources))
    result = run(opened.value.sources, opened.value.options, before=before)
    united = unite(result.policies, result.given, SourceFile("manifests", ""))
    found = (*result.diagnostics, *united.diagnostics)
    if result.failed or united.failed:
        return Outcome("", found)
    return Outcome(dump(normalise(united.value)), found)
