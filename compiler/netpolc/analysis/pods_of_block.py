"""The part of a question about a block that is about pods.

A block in a question matches what the same block in an arrow matches: addresses outside the cluster, and
the addresses of pods where the network plugin has it so. What is asked of those pods is answered
apart, because other arrows decide it, and is unknown where nobody states what blocks match.
"""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.analysis.block_reading import matching_of
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Answer, Reply, can
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
    told = {(outside.answer, outside.facts)}
    for reading in (bounds, *bounds.by_blocks):
        if reading.least.parts is None:
            continue
        for question in _about_pods(reading, outside.question):
            reply = can(reading, question, inventory)
            if reply.answer is Answer.NOTHING or (reply.answer, reply.facts) in told:
                continue
            told.add((reply.answer, reply.facts))
            doubts = _doubts(bounds)
            yield replace(
                reply,
                question=outside.question,
                about_pods=True,
                answer=Answer.UNKNOWN if doubts else reply.answer,
                facts=(*reply.facts, *doubts),
            )
        return


def _doubts(bounds: Bounds) -> tuple[BlockMatching, ...]:
    """What is unknown of the pods of a block if blocks may as well match no pods."""
    if bounds.least.parts is not None or bounds.blocks is None:
        return ()
    return (matching_of(Addresses(), bounds.blocks),)


def _about_pods(bounds: Bounds, question: Question) -> Iterator[Question]:
    """The questions about the pods whose addresses are those of the question."""
    parts = bounds.least.parts
    sender, receiver = question.sender, question.receiver
    block = sender if isinstance(sender, AddressEnd) else receiver
    if parts is None or not isinstance(block, AddressEnd) or block.addresses not in bounds.claimed:
        return
    for selector in parts.selectors(block.addresses):
        pods = PodEnd(EVERYTHING, selector, addresses=block.addresses)
        if block is sender:
            yield replace(question, sender=pods)
        else:
            yield replace(question, receiver=pods)
