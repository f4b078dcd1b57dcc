"""From what policies mean back to the intents that a person would have written.

This is the compile the other way round: policies in, trees of intent files out. The
language says in one line what a manifest says in twenty, and some things without a word;
what it leaves unsaid must be just what the policies permit. So each decision that makes
the text shorter is taken only where the meaning stays exactly the same:

    implied_rules  rules that others imply, and which of these take over their comments
    minimise       for each namespace: defaults, mirroring, dns, and the lines that are left
    policy_lines   what policies say, cut into lines by policy and rule
    vocabulary     label conventions, names of services
    groups         names for lists of blocks and for peers that come often
    build_nodes    peers and ports as nodes of the tree
    intent_files   the file of each statement, with its comments

That the intents mean the policies is not taken on trust: the caller compiles
them and compares.
"""

from collections.abc import Callable, Mapping

from netpolc.ir.model import Policies
from netpolc.passes.decompile.intent_files import files
from netpolc.passes.decompile.minimise import StatementPlan, minimise
from netpolc.passes.decompile.options import By, Note, Style
from netpolc.passes.decompile.vocabulary import vocabulary
from netpolc.syntax.tree import IntentFile

__all__ = ["By", "Note", "Style", "decompile"]


def decompile(
    policies: Policies,
    style: Style,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Mapping[str, IntentFile]:
    """Write intents that mean what policies mean.

    Args:
        policies: as `passes.lift` gives them, not normalised. The labels of a namespace
            are stated in its section, all of them.
        style: how to write.
        progress: called with the number of namespaces whose statements are chosen, and of all.

    Returns:
        The trees of the files, by path with forward slashes. Their nodes have no place:
        the formatter makes the text, from which they are read again.
    """
    program = list[StatementPlan]()
    for name, policy_set in policies.namespaces.items():
        progress(len(program), len(policies.namespaces))
        program.append(minimise(policy_set, plain=name in style.plain, noted=style.notes.keys()))
    return files(program, vocabulary(program, style), style)
