"""`minping notice rebuild`: notify's store made anew from the events; nothing goes out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from deploy.local.layout import DEFAULT_DATA
from deploy.local.notice_rebuild import rebuild_house
from deploy.local.output import DataFolder, JsonFile, Output

SHOWN = 20


def rebuild(
    replace: Annotated[
        bool,
        typer.Option("--replace", help="以重建的库替换原库，原库留存 · put it in the old one's place, which is kept."),
    ] = False,
    stopped_at: Annotated[
        datetime | None,
        typer.Option(
            help="服务确已停止的时刻（UTC，默认现在），其后到期的信仍会发出 · when the service certainly stopped "
            "(UTC, by default now): what was due later still goes."
        ),
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """按事件重建通知库，与原库逐条比对，不发任何信 · make the store anew from the events and compare it; the house must
    stand still. Exit 1 if the two differ."""
    moment = stopped_at.replace(tzinfo=UTC) if stopped_at else None
    done, out = rebuild_house(data, stopped_at=moment, replace=replace), Output(json)
    report = done.report
    states = ", ".join(f"{count} {state}" for state, count in sorted(report.states.items()))
    out.console.print(f"{report.events} events, {report.notices} notices: {states}", markup=False)
    if report.uncertain:
        out.console.print(f"存疑，待裁定 · uncertain now, to be decided: {report.uncertain} letters", markup=False)
    for name in ("missing", "extra", "different", "unexplained", "failed"):
        lines = getattr(report, name)
        for line in lines[:SHOWN]:
            out.console.print(f"{name}: {line}", markup=False, soft_wrap=True)
        if len(lines) > SHOWN:
            out.console.print(f"{name}: … {len(lines)} in all", markup=False)
    out.console.print(
        "与原库一致 · as the old store" if report.same else "与原库不同 · not as the old store", markup=False
    )
    out.console.print(f"store: {done.store}" + (f"; before: {done.kept}" if done.kept else ""), markup=False)
    out.result({**asdict(report), "same": report.same, "store": str(done.store), "kept": str(done.kept or "")})
    if not report.same:
        raise typer.Exit(1)
