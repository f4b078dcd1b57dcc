"""The passes that a run calls once for each file or namespace."""

from netpolc.diagnostics import Outcome
from netpolc.ir.model import Policies
from netpolc.manifest.manifest_set import Manifests
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.program.model import Program
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import IntentFile


class Passes:
    """The passes that a diff and an editor call again; `pass_cache.PassCache` remembers their results."""

    def parse(self, file: SourceFile) -> Outcome[IntentFile]:
        """Return the tree of an intent file."""
        return parse(file)

    def read(self, file: SourceFile) -> Outcome[Manifests]:
        """Return the objects in a file of manifests."""
        from netpolc.manifest.read import read  # noqa: PLC0415 - loads yaml, and intents need none

        return read(file)

    def lower(self, program: Program) -> Outcome[Policies]:
        """Return what a program permits."""
        return lower(program)

    def normalise(self, policies: Policies) -> Policies:
        """Return the same meaning in canonical form."""
        return normalise(policies)
