"""The words of `netpolc list` in a question, in the words of the language.

A list names pods `shop/db`, `shop/{tier=db}`, `shop/*` and `shop/postgres[Deployment]`. Users
paste these into a question, where the language writes the namespace after the pods.
"""

import re

from netpolc.kube.display import selector_text
from netpolc.kube.inventory import Inventory
from netpolc.kube.selectors import Selector

_NAME = r"[a-z0-9](?:[-.\w]*\w)?"
_WORDS = (
    r"\[[^\]]*\]"  # Ports in brackets, labels and reasons are left as they are.
    r"|\"[^\"]*\""
    rf"|(?<![-\w./:])(?P<namespace>{_NAME}|\*)/(?P<pods>{_NAME}|\*|\{{[^}}]*\}})?(?:\[(?P<kind>[A-Z]\w*)\])?"
    r"|\{[^}]*\}"
)


def question_words(question: str, inventory: Inventory) -> str:
    """Return the question with `NAMESPACE/PODS` written as `PODS in ns NAMESPACE`.

    Args:
        question: the question as it was asked.
        inventory: the workloads, by which `NAMESPACE/NAME[Kind]` means their labels.
    """
    return re.sub(_WORDS, lambda match: _in_language(match, inventory), question)


def _in_language(match: re.Match[str], inventory: Inventory) -> str:
    namespace, pods, kind = match.group("namespace", "pods", "kind")
    if namespace is None or namespace.replace(".", "").isdigit():
        return match.group()
    if pods in {None, "*"}:
        return f"ns {namespace}"
    if kind is not None:
        name = f"{namespace}/{pods}[{kind}]"
        workload = next(
            (candidate for candidate in inventory.workloads if str(candidate) == name), None
        )
        if workload is not None:
            pods = selector_text(Selector.labels(workload.labels))
    return f"{pods} in ns {namespace}"
