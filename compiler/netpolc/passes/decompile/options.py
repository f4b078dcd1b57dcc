"""Options of the writer of intents: how to write, and what is known in addition to the policies.

A policy's meaning does not say how a person would put it. That depends on taste (one
file for each service or for each namespace), on what else is known (workloads have
names, manifests have comments), and on what was tried before: a name that the compiler
would take for a slip is declared the next time.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from netpolc.kube.inventory import Workload
from netpolc.provenance import Place
from netpolc.values import frozen


class By(Enum):
    """The unit of an intent file."""

    SERVICE = "service"
    NAMESPACE = "namespace"


@frozen
class Note:
    """The reason that the author of a policy gives for it or for one of its rules."""

    comments: tuple[str, ...] = ()
    because: str = ""


NO_NOTE = Note()


@frozen(kw_only=True)
class Style:
    """The form of the written intents.

    `notes` are found by the place of an origin. `plain` are namespaces in which nothing
    may be left to mirroring or to automatic dns: every policy is spelt out. `declared` are
    names that must be declared although the label convention holds for them.
    """

    by: By = By.SERVICE
    workloads: tuple[Workload, ...] = ()
    notes: Mapping[Place, Note] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
