"""The part of a question about a block that is about pods.

A block in a question matches what the same block in an arrow matches: addresses outside the cluster, and
the addresses of pods where the network plugin has it so. What is asked of those pods is answered
apart, because other arrows decide it, and is unknown where nobody states what blocks match. Where the block lets
in nobody from outside, a selector may still let in a pod on the host's network, whose address is that of its node.
"""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.analysis.block_reading import matching_of, means_hosts
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Answer, Reply, can
from netpolc.analysis.host_bounds import host_questions
from netpolc.analysis.query import AddressEnd, PodEnd, Question
from netpolc.analysis.unknown_facts import BlockMatching
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory
from netpolc.kube.selectors import EVERYTHING


def can_pods_of_block(bounds: Bounds, outside: Reply, inventory: Inventory) -> Iterator[Reply]:
    """The answers about the pods that the block of a question matches, if they say anything new.

    Args:
        bounds: the policies, with the blocks of the question as claimed ones.
        outside: the answer to the question about the addresses outside the cluster, or about pods alone.
        inventory: the workloads.
    """
    block = _block(outside.question)
    if block is None:
        return
    readings = (bounds, *bounds.by_blocks)
    reading = next((each for each in readings if each.least.parts is not None), bounds)
    pods = tuple(_pods_with(reading, block.addresses))
    doubts = _doubts(bounds)
    if not pods:
        is_no = outside.answer is Answer.NO
        pods, doubts = _hosts_with(bounds, block.addresses, is_no=is_no)
    told = {(outside.answer, outside.facts)}
    for end in pods:
        asked = _with_end(outside.question, end)
        if end.on_host and not any(host_questions(reading, asked, inventory)):
            continue
        reply = can(reading, asked, inventory)
        known = reply.answer, reply.facts
        answer = Answer.UNKNOWN if doubts else reply.answer
        facts = (*reply.facts, *doubts)
        if reply.answer is Answer.NOTHING or not told.isdisjoint({known, (answer, facts)}):
            continue
        told.add(known)
        yield replace(reply, question=outside.question, about_pods=True, answer=answer, facts=facts)


def _doubts(bounds: Bounds) -> tuple[BlockMatching, ...]:
    """What is unknown of the pods of a block if blocks may as well match no pods."""
    if bounds.least.parts is not None or bounds.blocks is None:
        return ()
    return (matching_of(Addresses(), bounds.blocks),)


def _block(question: Question) -> AddressEnd | None:
    """The end of a question that is a block."""
    ends = question.sender, question.receiver
    return next((end for end in ends if isinstance(end, AddressEnd)), None)


def _with_end(question: Question, pods: PodEnd) -> Question:
    """A question with pods in place of its block."""
    if isinstance(question.sender, AddressEnd):
        return replace(question, sender=pods)
    return replace(question, receiver=pods)


def _pods_with(bounds: Bounds, addresses: Addresses) -> Iterator[PodEnd]:
    """The pods whose addresses are those of a question, where blocks match pods."""
    parts = bounds.least.parts
    if parts is not None and addresses in bounds.claimed:
        for selector in parts.selectors(addresses):
            yield PodEnd(EVERYTHING, selector, addresses=addresses)


def _hosts_with(
    bounds: Bounds, addresses: Addresses, *, is_no: bool
) -> tuple[tuple[PodEnd, ...], tuple[BlockMatching, ...]]:
    """The pods on the host's network that have addresses of a question, and what is unknown if blocks may match none."""
    if not means_hosts(addresses, bounds.stated, closed=is_no):
        return (), ()
    is_unknown = bounds.stated.blocks is None and not is_no
    doubts = (matching_of(addresses, bounds.stated),) if is_unknown else ()
    return (PodEnd(addresses=addresses, on_host=True),), doubts
