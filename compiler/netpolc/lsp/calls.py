"""The call hierarchy: who may reach a service, and whom it may reach."""

from collections.abc import Callable

from lsprotocol import types

from netpolc.ide.call_hierarchy import Call, Party, callees, callers, party_at
from netpolc.ide.name_index import Symbol
from netpolc.ide.occurrence import NameKind
from netpolc.ide.snapshot import Snapshot
from netpolc.lsp.workspace import View, Workspace


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
    found = _calls(work, params.item, callers)
    if found is None:
        return None
    view, calls = found
    return [
        types.CallHierarchyIncomingCall(_item(call.party, view), _ranges(call, view))
        for call in calls
    ]


def outgoing_calls(
    work: Workspace, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """Return whom a service may reach."""
    found = _calls(work, params.item, callees)
    if found is None:
        return None
    view, calls = found
    return [
        types.CallHierarchyOutgoingCall(_item(call.party, view), _ranges(call, view))
        for call in calls
    ]


def _calls(
    work: Workspace,
    item: types.CallHierarchyItem,
    find: Callable[[Snapshot, Symbol], list[Call]],
) -> tuple[View, list[Call]] | None:
    match item.data:
        case {"document": str(document), "name": str(name), "scope": str(scope)}:
            view = work.intents(document)
        case _:
            return None
    if view is None:
        return None
    symbol = Symbol(kind=NameKind.PODS, name=name, scope=scope)
    return view, find(view.snapshot, symbol)


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
