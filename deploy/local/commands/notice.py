"""`minping notice`: who is told what, by which rule, and the proof of it. Each subject has a module of its own."""

from __future__ import annotations

import typer

from deploy.local.commands import (
    notice_bounces,
    notice_directory,
    notice_papers,
    notice_preview,
    notice_rebuild,
    notice_rules,
    notice_trace,
)

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def about() -> None:
    """通知：告诉谁、按哪条规则、有何凭据 · notices: whom, by which rule, with which proof."""


app.command("preview")(notice_preview.preview)
app.command("rules")(notice_rules.rules)
app.command("trace")(notice_trace.trace)
app.command("rebuild")(notice_rebuild.rebuild)
app.add_typer(notice_directory.app, name="directory")
app.add_typer(notice_papers.app, name="papers")
app.command("bounces")(notice_bounces.bounces)
app.add_typer(notice_bounces.app, name="suppressions")
