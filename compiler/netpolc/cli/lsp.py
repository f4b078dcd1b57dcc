"""`netpolc lsp`: the language server, for editors."""

import sys

import click

_MISSING = "The language server needs pygls: install it with `pip install 'netpolc[lsp]'`."


@click.command("lsp", epilog="Example: netpolc lsp")
@click.option("--stdio", is_flag=True, help="Use standard input and output (the only transport).")
def command(*, stdio: bool) -> int:  # noqa: ARG001 - some editors give it to every server
    """Serve an editor (Language Server Protocol).

    Editors start it and speak with it over standard input and output.
    """
    try:
        from netpolc.lsp.stdio import serve  # noqa: PLC0415 - pygls is an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol", "cattrs", "attrs"}:
            raise
        raise click.ClickException(_MISSING) from None
    return serve(sys.stdin.buffer, sys.stdout.buffer)
