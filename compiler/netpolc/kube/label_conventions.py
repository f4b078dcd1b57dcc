"""The conventional meaning of label keys, and the labels that Kubernetes puts on pods.

A label is any key with any value, but a few keys mean the same in nearly every cluster.
Some name the service that a pod belongs to; some change with every release or every
copy of a pod and identify nothing; and some are in no manifest at all, because a
controller adds them to the pods that it creates (kubernetes.io, Well-Known Labels,
Annotations and Taints). Every part of netpolc that has to know such a key asks here.
"""

import re
from enum import Enum

from netpolc.values import frozen

DEFAULT_LABEL = "app"
"""The label key of bare service names where no `label:` is set."""

SERVICE_KEYS = (
    DEFAULT_LABEL,
    "app.kubernetes.io/name",
    "k8s-app",
    "name",
    "app.kubernetes.io/component",
    "component",
)
"""Keys that name a service, the preferred one first: candidates for a namespace's `label:`."""

NAME_KEYS = (*SERVICE_KEYS, "app.kubernetes.io/instance", "role", "tier")
"""Keys whose value makes a readable name, the best first; the last ones rarely do so alone."""


def name_rank(key: str) -> int:
    """The place of a key in `NAME_KEYS`; other keys come after all of them."""
    return NAME_KEYS.index(key) if key in NAME_KEYS else len(NAME_KEYS)


POLICY_NAME_KEYS = (
    DEFAULT_LABEL,
    "app.kubernetes.io/name",
    "k8s-app",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    "name",
)
"""Keys that generated policy names leave out before their value.

The order is frozen: another one would rename policies that are in clusters.
"""


INGRESS_CONTROLLERS = frozenset(
    {
        "ambassador",
        "emissary-ingress",
        "haproxy-ingress",
        "ingress-nginx",
        "kong",
        "nginx-ingress",
        "nginx-ingress-controller",
        "traefik",
    }
)
"""Values of service keys that ingress controllers have."""


class LabelValue(Enum):
    """The knowledge about a label's value before the pod exists."""

    KNOWN = "known"
    """All pods of the owner have the same value, and it follows from the owner's name."""
    UNKNOWN = "unknown"
    """The controller chooses the value: a hash, a UID or a time."""
    PER_REPLICA = "per-replica"
    """Each pod of the owner has its own value: a number, or a name with a number."""


@frozen(kw_only=True)
class ControllerLabel:
    """A label that a controller adds to its pods; `value` is empty unless it is known.

    `pattern` is the regular expression of the values that it can have. `always` says that each pod
    has the label, in every version of Kubernetes and whatever its settings.
    """

    key: str
    kind: LabelValue
    value: str = ""
    pattern: str
    always: bool = False

    def can_be(self, value: str) -> bool:
        """Whether some pod of the owner can have this value."""
        return re.fullmatch(self.pattern, value) is not None


_HASH = r"[a-z0-9]+"
_NUMBER = r"0|[1-9][0-9]*"
_UID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OF_A_NAME = r"(?:[a-z0-9.-]+-)?[a-z0-9]+"


def controller_labels(kind: str, name: str) -> tuple[ControllerLabel, ...]:
    """The labels that Kubernetes adds to the pods of a workload of this kind and name.

    None of them is in the pod template. The indexes are there only from Kubernetes 1.28
    and, of a Job, only if it is indexed, and `batch.kubernetes.io/` only from 1.27; so a pod may lack
    what is not `always` there.
    """
    literal = re.escape(name)
    match kind:
        case "Deployment":
            return (_always("pod-template-hash", _HASH),)
        case "StatefulSet":
            return (
                _always("controller-revision-hash", _OF_A_NAME),
                _per_replica(
                    "statefulset.kubernetes.io/pod-name", rf"{literal}-(?:{_NUMBER})", always=True
                ),
                _per_replica("apps.kubernetes.io/pod-index", _NUMBER),
            )
        case "DaemonSet":
            return (
                _always("controller-revision-hash", _OF_A_NAME),
                _unknown("pod-template-generation", _NUMBER),
            )
        case "Job":
            return (
                *(
                    ControllerLabel(key=key, kind=LabelValue.KNOWN, value=name, pattern=literal)
                    for key in _JOB_NAME
                ),
                *_JOB_LABELS,
            )
        case "CronJob":  # Its Jobs are called after it and the time at which they start.
            of_a_job = rf"{literal}-[0-9]+"
            return (
                _unknown("batch.kubernetes.io/job-name", of_a_job),
                _always("job-name", of_a_job),
                *_JOB_LABELS,
            )
        case "Rollout":
            return (_unknown("rollouts-pod-template-hash", _HASH),)
        case "DeploymentConfig":
            owner = ControllerLabel(
                key="deploymentconfig", kind=LabelValue.KNOWN, value=name, pattern=literal
            )
            return (owner, _unknown("deployment", rf"{literal}-[0-9]+"))
        case _:
            return ()


def _unknown(key: str, pattern: str) -> ControllerLabel:
    return ControllerLabel(key=key, kind=LabelValue.UNKNOWN, pattern=pattern)


def _always(key: str, pattern: str) -> ControllerLabel:
    """A label of unknown value that no pod of the owner lacks."""
    return ControllerLabel(key=key, kind=LabelValue.UNKNOWN, pattern=pattern, always=True)


def _per_replica(key: str, pattern: str, *, always: bool = False) -> ControllerLabel:
    return ControllerLabel(key=key, kind=LabelValue.PER_REPLICA, pattern=pattern, always=always)


_JOB_NAME = ("batch.kubernetes.io/job-name", "job-name")
_JOB_LABELS = (
    _unknown("batch.kubernetes.io/controller-uid", _UID),
    _always("controller-uid", _UID),
    _per_replica("batch.kubernetes.io/job-completion-index", _NUMBER),
)

COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index"
"""The key of the only label that the pods of a Job have whose selector is written by hand."""

CONTROLLER_KEYS = frozenset(
    label.key
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "Job")
    for label in controller_labels(kind, "")
)
"""Keys of the labels that controllers of Kubernetes add."""

JOB_KEYS = frozenset({*_JOB_NAME, "controller-uid", "batch.kubernetes.io/controller-uid"})
"""Keys of the labels that tell which Job a pod is of. The API refuses a Job whose template gives them other values."""

REPLICA_KEYS = CONTROLLER_KEYS - JOB_KEYS
"""Keys in which pods of one owner differ, at once or during a rollout."""

_RUNTIME_PREFIXES = ("io.kubernetes.", "io.cilium.", "batch.kubernetes.io/")
"""Prefixes of labels that a network plugin or a controller adds while a pod runs."""

_RELEASE_WORDS = frozenset(
    {
        "canonical-revision",
        "chart",
        "commit",
        "git-commit",
        "git-sha",
        "revision",
        "revisionuid",
        "version",
    }
)
"""Last parts of keys whose value is a release: `helm.sh/chart`, `app.kubernetes.io/version`."""

_SUBSET = r"v?[0-9]{1,2}|[A-Za-z][A-Za-z-]*"
"""A version that is not a release: `v1`, `stable`, `canary` name pods that run side by side."""


def is_added_at_runtime(key: str) -> bool:
    """Whether a controller or the network plugin adds the label to pods that run.

    No template has such a label, and logs of flows leave many of them out.
    """
    return key in CONTROLLER_KEYS or key.startswith(_RUNTIME_PREFIXES)


def is_lasting(key: str, value: str) -> bool:
    """Whether a label still has this value after a rollout, a restart or a new release.

    Only such labels identify a service. `version=v2` names one of several variants that run
    side by side, and lasts; `version=1.2.3` is gone with the next release.
    """
    if is_added_at_runtime(key):
        return False
    prefix, _, word = key.lower().rpartition("/")
    if word.endswith(("-hash", "-uid", "-generation")):
        return False
    by_value = word.endswith(("-revision", "-tag", "-version")) and word not in _RELEASE_WORDS
    if by_value or (word == "version" and not prefix):
        return re.fullmatch(_SUBSET, value) is not None
    return word not in _RELEASE_WORDS
