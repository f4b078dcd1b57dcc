"""Names for policies: readable, valid, stable, and never the same twice.

A policy's name is what people see in `kubectl get networkpolicy`, and the name of its
file. It should say whom the policy is about, stay the same when statements move, and be
a DNS subdomain (API reference, ObjectMeta). In a namespace a name belongs to one subject,
in both directions; where two subjects would share a name, each gets a few
digits of a hash of its selector, so that neither depends on which was written first.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from netpolc.kube.label_conventions import POLICY_NAME_KEYS
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet

LOCAL_CONFIG = "config.kubernetes.io/local-config"
"""The annotation of objects that are for tools alone: whatever applies manifests leaves them out."""
MANAGED_BY, MANAGER = "app.kubernetes.io/managed-by", "netpolc"
"""The label by which the objects of a tool are found; its value is `netpolc`."""

INTENTS = "netpolc/intents"
"""The annotation that says which statements made a policy."""

DENY_ALL, ALLOW_DNS, ALL = "deny-all", "allow-dns", "all"
"""The stems that belong to a namespace's defaults and to the subject `*`."""

_RESERVED = frozenset({DENY_ALL, ALLOW_DNS, ALL})
_DIGITS = (0, 6, 12, 24, 64)
_LONGEST = 253

_LONGEST_SUFFIX = len("-ingress")
_NOT_ALLOWED = re.compile(r"[^a-z0-9.-]")
_BAD_DOT = re.compile(r"(?<!-)-*+\.[.-]*")


def is_own(labels: Mapping[str, str]) -> bool:
    """Return whether an object with these labels was made by netpolc."""
    return labels.get(MANAGED_BY) == MANAGER


def stems(subjects: Mapping[Selector, Iterable[str]]) -> dict[Selector, str]:
    """The stem of the policies' names of each subject; `-ingress` or `-egress` comes after it.

    Args:
        subjects: the subjects of a namespace (the empty one has its own names and is not
            among them), each with the names by which statements call it.

    Returns:
        For each subject a stem that no other subject has, whatever their order.
    """
    natural = {subject: _natural(subject, names) for subject, names in subjects.items()}
    level = dict.fromkeys(subjects, 0)
    hashes: dict[Selector, str] = {}
    while True:
        stem_of = {s: _stem(s, natural[s], _DIGITS[level[s]], hashes) for s in subjects}
        often = Counter(stem_of.values())
        clashing = [s for s in subjects if often[stem_of[s]] > 1 or stem_of[s] in _RESERVED]
        if not clashing:
            return stem_of
        if all(level[subject] == len(_DIGITS) - 1 for subject in clashing):
            message = f"subjects with one hash: {clashing}"
            raise ValueError(message)
        for subject in clashing:
            level[subject] = min(level[subject] + 1, len(_DIGITS) - 1)


def cluster_policy_name(words: Iterable[str], meaning: str) -> str:
    """A name for a cluster-wide policy: some words, and digits of a hash of what it means.

    The digits are always there, so that no other policy can change the name.
    """
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, and few programs have tiers

    digest = sha256(meaning.encode(errors="replace")).hexdigest()[: _DIGITS[2]]
    stem = _valid("-".join(filter(None, words)))[: _LONGEST - len(digest) - 1].rstrip("-.")
    return f"{stem}-{digest}"


def canonical(selector: Selector) -> str:
    """A text that no other selector has. Never change it: names of policies hang on it."""
    return "".join(
        f"{key} {'notin' if allowed.complement else 'in'} ({_values(allowed)})"
        f"{' or absent' if allowed.absent else ''}\n"
        for key, allowed in selector.requirements
    )


def readable(selector: Selector) -> str:
    """A selector in a few words: `tier-backend-role-a-b-not-canary`; not surely valid or unique."""
    requirements = dict(selector.requirements)
    words: list[str] = []
    for key in POLICY_NAME_KEYS:
        if key in requirements and requirements[key].single is not None:
            words.extend(requirements.pop(key).values)
            break
    for key, allowed in sorted(requirements.items()):
        words.extend(_words(key.rpartition("/")[2], allowed))
    return "-".join(words)


def _natural(subject: Selector, names: Iterable[str]) -> str:
    """The stem that a subject has when no other wants it."""
    called = sorted(filter(None, map(_valid, names)))
    return called[0] if called else _valid(readable(subject)) or "pods"


def _stem(subject: Selector, natural: str, digits: int, hashes: dict[Selector, str]) -> str:
    digits = digits or (0 if len(natural) + _LONGEST_SUFFIX <= _LONGEST else _DIGITS[1])
    if not digits:
        return natural
    from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, and few names need a hash

    if subject not in hashes:
        hashes[subject] = sha256(canonical(subject).encode(errors="replace")).hexdigest()
    cut = natural[: _LONGEST - _LONGEST_SUFFIX - digits - 1].rstrip("-.")
    return f"{cut}-{hashes[subject][:digits]}"


def _values(allowed: ValueSet) -> str:
    """The values; the empty one is in quotes, which no value has, so that it is seen."""
    return ", ".join(value or '""' for value in sorted(allowed.values))


def _valid(name: str) -> str:
    """The name, what a DNS subdomain cannot hold replaced; empty where nothing is left."""
    replaced = _NOT_ALLOWED.sub("-", name.lower())
    return _BAD_DOT.sub(".", replaced).strip("-.")


def _words(key: str, allowed: ValueSet) -> Iterable[str]:
    values = sorted(filter(None, allowed.values))
    if not allowed.complement:
        return ("not", key) if allowed.absent else (key, *values)
    if allowed.absent:
        return (key, "not", *values)
    return ("has", key, "not", *values) if values else ("has", key)
