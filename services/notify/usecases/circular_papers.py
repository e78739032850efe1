"""Circulars, briefings and feedback as documents (N5, N6): the facts that their templates are filled with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from services.notify.domain.figures import rate
from services.notify.domain.quarter import Span
from services.notify.usecases.circular_text import Names, worded
from services.notify.usecases.circulars import Whole
from services.notify.usecases.desk import Desk
from shared.contracts.circulars import UnitFigures
from shared.language import Language, said

COLUMNS: dict[Language, tuple[tuple[str, str], ...]] = {
    "zh": (("late", "逾期办结"), ("no_result", "无结果"), ("broken", "承诺未兑现"), ("missed", "任务未完成"),
           ("escalated", "严重逾期")),
    "en": (("late", "Late"), ("no_result", "No result"), ("broken", "Promises broken"), ("missed", "Duties missed"),
           ("escalated", "Long overdue")),
}  # fmt: skip


def document(desk: Desk, found: Whole, language: Language, now: datetime) -> bytes:
    """A circular as .docx. Raises Refusal."""
    row, words = found.row, found.words
    english = language == "en"
    facts = {
        **heading(desk, language),
        "signed_on": desk.calendar.local_date(row.issued_at or row.approved_at or now),
        "number": row.number,
        "addressee": "To all units concerned" if english else "各有关单位",
        "title": (words.title_en if english else "") or words.title,
        "paragraphs": ((words.text_en if english else "") or words.text).split("\n"),
        "sections": [table(found.named, found.names, language)] if found.named else [],
        "draft": row.state == "draft",
    }
    return desk.press.render("circular", facts, language)


def heading(desk: Desk, language: Language) -> dict[str, Any]:
    """Who issues it."""
    office = said(desk.programme.office, language)
    return {"office": office, "issuer": office}


def table(rows: Sequence[UnitFigures], names: Names, language: Language) -> dict[str, Any]:
    """The units named, with their figures, as a section of a document."""
    columns = COLUMNS[language]
    unit, title = ("单位", "点名单位情况表") if language == "zh" else ("Unit", "The units named")
    body = [
        [names.get(row.unit, {}).get(language, row.unit), *(str(getattr(row, key)) for key, _ in columns)]
        for row in rows
    ]
    return {"heading": title, "table": {"head": [unit, *(name for _, name in columns)], "rows": body}}


def briefing_facts(desk: Desk, facts: Mapping[str, Any], names: Names, language: Language, on: date) -> dict[str, Any]:
    """What the supervisors' briefing is filled with, from the facts of its notice."""
    span = Span(date.fromisoformat(facts["first"]), date.fromisoformat(facts["last"]), facts["quarter"])
    when, total = worded("quarterly", span, language), facts["totals"]
    good = rate(total["graded"] - total["bad"], total["graded"])
    rows = [UnitFigures.model_validate(row) for row in facts["rows"]]
    chinese = language == "zh"
    lines = [
        f"本季度交办{total['opened']}件，办结{total['closed']}件，其中已解决{total['solved']}件，期末在办{total['open']}件。",
        f"逾期办结{total['late']}件，无结果{total['no_result']}件，承诺未兑现{total['broken']}项，任务未完成"
        f"{total['missed']}项，检查发现问题{total['findings']}个。",
    ] if chinese else [
        f"Handed over: {total['opened']}; closed: {total['closed']}, solved: {total['solved']}; open: {total['open']}.",
        f"Closed late: {total['late']}; no result: {total['no_result']}; promises broken: {total['broken']}; duties "
        f"missed: {total['missed']}; inspection findings: {total['findings']}.",
    ]  # fmt: skip
    if good is not None:
        lines.append(f"回访满意率{good}%。" if chinese else f"Satisfied when called back: {good}%.")
    return {
        **heading(desk, language),
        "signed_on": on,
        "issue": facts["quarter"],
        "title": f"{when}监督工作简报" if chinese else f"Briefing for supervisors, {when}",
        "paragraphs": lines,
        "sections": [_by_unit(rows, names, language)] if rows else [],
    }


def _by_unit(rows: Sequence[UnitFigures], names: Names, language: Language) -> dict[str, Any]:
    columns = (
        (("opened", "交办"), ("closed", "办结"), ("open", "在办"), ("late", "逾期"))
        if language == "zh"
        else (("opened", "Handed over"), ("closed", "Closed"), ("open", "Open"), ("late", "Late"))
    )
    unit, title = ("单位", "分单位情况") if language == "zh" else ("Unit", "By unit")
    body = [
        [names.get(row.unit, {}).get(language, row.unit), *(str(getattr(row, key)) for key, _ in columns)]
        for row in rows
    ]
    return {"heading": title, "table": {"head": [unit, *(name for _, name in columns)], "rows": body}}


def feedback_facts(desk: Desk, facts: Mapping[str, Any], names: Names, language: Language, on: date) -> dict[str, Any]:
    """What the evaluators' feedback is filled with (S4 ⑤): every scope's ranks, from the published result."""
    chinese = language == "zh"
    scopes: dict[str, list[Mapping[str, Any]]] = {}
    for row in facts.get("rows") or []:
        scopes.setdefault(row["scope"], []).append(row)
    head = ["名次", "单位", "综合得分"] if chinese else ["Rank", "Unit", "Composite"]
    sections = []
    for scope, rows in scopes.items():
        ranked = sorted(rows, key=lambda row: (row.get("rank") is None, row.get("rank") or 0, row["unit"]))
        body = [
            [
                str(row["rank"] or "—"),
                names.get(row["unit"], {}).get(language, row["name"]),
                str(row["composite"] or "—"),
            ]
            for row in ranked
        ]
        sections.append({"heading": _scope(desk, scope, language), "table": {"head": head, "rows": body}})
    cycle = facts["cycle"]
    return {
        **heading(desk, language),
        "signed_on": on,
        "addressee": "各位评议员" if chinese else "To all evaluators",
        "cycle": cycle,
        "title": f"关于{cycle}民主评议结果的反馈" if chinese else f"What your appraisal of {cycle} led to",
        "paragraphs": [
            "感谢您参加评议。本周期的结果已经公布，现将各范围的名次反馈如下。"
            if chinese
            else "Thank you for your part in the appraisal. The result was published; these are the ranks."
        ],
        "sections": sections,
    }


def _scope(desk: Desk, key: str, language: Language) -> str:
    first, _, own = key.partition(":")
    label = next((said(scope.label, language) for scope in desk.programme.scopes if scope.key == first), first)
    return f"{own} {label}" if own else label
