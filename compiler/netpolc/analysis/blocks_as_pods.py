"""Policies whose blocks match every pod as well.

The address of a pod that is not known is free. Where its policies are read as widely as the network plugin may
read them, their blocks need no addresses: a block that may match a pod permits what it permits every pod.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import ANY_POD, Direction, Outside

_MayMatch: TypeAlias = Callable[[Addresses], bool]


def blocks_as_pods(policies: Policies, direction: Direction, may_match: _MayMatch) -> Policies:
    """The policies, with an allow for every pod beside each allow of a direction for a block that may match pods.

    They are the same object where no block may.
    """
    namespaces = {
        name: _read(each, direction, may_match) for name, each in policies.namespaces.items()
    }
    if all(each is policies.namespaces[name] for name, each in namespaces.items()):
        return policies
    return Policies(namespaces)


def _read(policies: PolicySet, direction: Direction, may_match: _MayMatch) -> PolicySet:
    subjects = tuple(
        _subject(subject, may_match) if subject.direction is direction else subject
        for subject in policies.subjects
    )
    if all(new is old for new, old in zip(subjects, policies.subjects, strict=True)):
        return policies
    return replace(policies, subjects=subjects)


def _subject(subject: Subject, may_match: _MayMatch) -> Subject:
    added = tuple(_for_every_pod(subject.allows, may_match))
    if not added:
        return subject
    return replace(subject, allows=(*subject.allows, *added), distinct=False)


def _for_every_pod(allows: Iterable[Allow], may_match: _MayMatch) -> Iterator[Allow]:
    for allow in allows:
        if isinstance(allow.peer, Outside) and may_match(allow.peer.addresses):
            yield replace(allow, peer=ANY_POD)
