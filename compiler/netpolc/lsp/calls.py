"""The call hierarchy: who may reach a service, and whom it may reach."""

from collections.abc import Callable
from typing import TypeVar

from lsprotocol import types

from netpolc.ide.call_hierarchy import Call, Party, callees, callers, party_at
from netpolc.ide.name_index import Symbol
from netpolc.ide.occurrence import NameKind
from netpolc.ide.snapshot import Snapshot
from netpolc.lsp.workspace import View, Workspace

C = TypeVar("C", types.CallHierarchyIncomingCall, types.CallHierarchyOutgoingCall)


def prepare_call_hierarchy(
    work: Workspace, params: types.CallHierarchyPrepareParams
) -> list[types.CallHierarchyItem] | None:
    """Return the service at a position."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    party = party_at(view.snapshot, view.path, view.offset(params.position))
    return None if party is None else [_item(party, view)]


def incoming_calls(
    work: Workspace, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    """Return who may reach a service."""
    return _calls(work, params.item, callers, types.CallHierarchyIncomingCall)


def outgoing_calls(
    work: Workspace, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """Return whom a service may reach."""
    return _calls(work, params.item, callees, types.CallHierarchyOutgoingCall)


def _calls(
    work: Workspace,
    item: types.CallHierarchyItem,
    find: Callable[[Snapshot, Symbol], list[Call]],
    make: Callable[[types.CallHierarchyItem, list[types.Range]], C],
) -> list[C] | None:
    match item.data:
        case {"document": str(document), "name": str(name), "scope": str(scope)}:
            view = work.intents(document)
        case _:
            return None
    if view is None:
        return None
    symbol = Symbol(kind=NameKind.PODS, name=name, scope=scope)
    return [
        make(_item(call.party, view), _ranges(call, view)) for call in find(view.snapshot, symbol)
    ]


def _item(party: Party, view: View) -> types.CallHierarchyItem:
    range_ = view.range(party.span)
    data = None
    if party.symbol is not None:
        document = view.document.uri
        data = {"document": document, "name": party.symbol.name, "scope": party.symbol.scope}
    return types.CallHierarchyItem(
        name=party.text,
        kind=types.SymbolKind.Event if party.symbol is None else types.SymbolKind.Class,
        uri=view.uri(party.span.path),
        range=range_,
        selection_range=range_,
        data=data,
    )


def _ranges(call: Call, view: View) -> list[types.Range]:
    return [view.range(span) for span in call.arrows]
