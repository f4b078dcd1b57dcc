"""Hints beside the text, lenses above it, and links."""

from lsprotocol import types
from pygls.uris import from_fs_path

from netpolc.diagnostics.rule_pages import rule_page_path
from netpolc.ide.code_lenses import code_lenses
from netpolc.ide.document_links import document_links
from netpolc.ide.generated_file import source_links
from netpolc.ide.inlay_hints import inlay_hints
from netpolc.lsp.workspace import Workspace

SHOW_REFERENCES = "netpolc.showReferences"
"""A command of the client, with a URI, a position and places; only clients that name it have it."""


def inlay_hint(work: Workspace, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """Return what to show between the words of a range."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    span = view.span(params.range)
    return [
        types.InlayHint(
            position=view.range(view.file.span(hint.offset, hint.offset)).start,
            label=hint.text,
            kind=types.InlayHintKind.Type,
            padding_left=True,
        )
        for hint in inlay_hints(view.snapshot, view.path, span.start, span.end)
    ]


def code_lens(work: Workspace, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """Return what to show above the statements of a document."""
    view = work.intents(params.text_document.uri)
    if view is None:
        return None
    lenses = []
    for lens in code_lenses(view.snapshot, view.path):
        range_ = view.range(lens.span)
        command = types.Command(title=lens.text, command="")
        if lens.places and SHOW_REFERENCES in work.client.commands:
            places = [view.location(place) for place in lens.places]
            arguments = [view.document.uri, range_.start, places]
            command = types.Command(lens.text, SHOW_REFERENCES, arguments=arguments)
        lenses.append(types.CodeLens(range_, command=command))
    return lenses


def document_link(
    work: Workspace, params: types.DocumentLinkParams
) -> list[types.DocumentLink] | None:
    """Return the words of a document that lead somewhere, of a generated file its intents."""
    view = work.view(params.text_document.uri)
    if view is None:
        return None
    if view.writer is not None:
        return [
            types.DocumentLink(view.range(span), target=view.uri(path))
            for span, path in source_links(view.snapshot, view.file)
        ]
    links = []
    for link in document_links(view.file):
        page = rule_page_path(link.target)
        target = from_fs_path(page) if page else link.target
        links.append(types.DocumentLink(view.range(link.span), target=target))
    return links
