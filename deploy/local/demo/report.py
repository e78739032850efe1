"""The figures of a demo: asked of the services, counted by nobody else; and how they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass
class Report:
    """What `minping demo --json` writes."""

    programme: str
    cycle: str
    cycle_starts: str
    cycle_ends: str
    elapsed_s: float = 0.0
    complaints: dict[str, int] = field(default_factory=dict)
    kept_for_repair: list[dict[str, Any]] = field(default_factory=list)
    cases: dict[str, int] = field(default_factory=dict)
    duties: dict[str, int] = field(default_factory=dict)
    promises: dict[str, int] = field(default_factory=dict)
    meeting: dict[str, Any] = field(default_factory=dict)
    ranking: list[dict[str, Any]] = field(default_factory=list)
    consequences: list[dict[str, Any]] = field(default_factory=list)
    letters: dict[str, Any] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    data: str = ""
    spent_s: dict[str, float] = field(default_factory=dict)
    incidents: list[str] = field(default_factory=list)


def show(console: Console, report: Report, names: Mapping[str, str]) -> None:
    """Print the report for people. names: unit → name."""
    rows, cases, meeting, letters = report.complaints, report.cases, report.meeting, report.letters
    console.print(f"\n[bold]民评 {report.programme} · {report.cycle}[/bold]  用时 {report.elapsed_s:.1f} s")
    console.print(
        f"投诉 complaints  读入 {rows['read']} = 登记 {rows['registered']} + 重复 {rows['repeated']}"
        f" + 待修补 {rows['kept_for_repair']}"
    )
    console.print(
        f"问题 cases       立案 {cases['opened']} · 解决 {cases['solved']} · 逾期 {cases['late']}"
        f" · 重开 {cases['reopened']} · 无结果 {cases['no_result']}"
    )
    duties = report.duties
    console.print(
        f"规定动作 duties  到期 {duties['due']} · 按时 {duties['met']} · 补报 {duties['late']}"
        f" · 未报 {duties['missed']}"
    )
    console.print(
        f"大会 meeting     评议员 {meeting['pool']} · 抽取 {meeting['drawn']} · 普通群众占 {meeting['ordinary_share']}"
        f" · 发出 {meeting['issued']} 收回 {meeting['returned']} 有效 {meeting['valid']} 作废 {meeting['void']}"
    )
    verified = "核验通过 verified" if meeting["verified"] else "[red]核验不通过 does not hold[/red]"
    console.print(f"封存 bundle      {meeting['bundle']}  {verified}")
    table = Table("名次 rank", "95%", "单位 unit", "范围 scope", "日常 daily", "集中 concentrated", "综合 composite")
    for row in report.ranking:
        interval = f"{row['rank_low']}–{row['rank_high']}" if row["rank_low"] else "—"
        figures = (str(row[part] if row[part] is not None else "—") for part in ("daily", "concentrated", "composite"))
        name = names.get(row["unit"], row["unit"])
        table.add_row(str(row["rank"] or "—"), interval, name, row.get("scope", ""), *figures)
    console.print(table)
    for one in report.consequences:
        review = "（名次存疑，须书面复核 review）" if one["review"] else ""
        console.print(f"后果 consequence {names.get(one['unit'], one['unit'])}: {one['kind']} · {one['state']}{review}")
    console.print(
        f"信函 letters     发出 {letters['sent']} · 存疑 {letters['uncertain']} · 失败 {letters['failed']}"
        f" → {letters['folder']}"
    )
    for text in report.incidents:
        console.print(f"[yellow]{text}[/yellow]")
