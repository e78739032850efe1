"""The one-page ledger as rows: for machines by name, for people under Chinese headings (问题台账)."""

from collections.abc import Mapping
from typing import Any

from services.rectification.store.register import Line
from shared.spreadsheet import Column

COLUMNS = (
    Column("编号", 14),
    Column("转办卡号", 16),
    Column("事项", 30),
    Column("来源渠道"),
    Column("反映人数", 10),
    Column("牵头单位", 20),
    Column("配合单位", 20),
    Column("属地单位", 16),
    Column("责任人", 14),
    Column("责任领导", 14),
    Column("承诺人", 14),
    Column("难易程度", 10),
    Column("办理方式", 12),
    Column("整改措施", 40),
    Column("交办时间", 17),
    Column("办理期限", 12),
    Column("当前期限", 12),
    Column("状态", 12),
    Column("结果", 18),
    Column("是否逾期", 10),
    Column("报结时间", 17),
    Column("销号时间", 17),
    Column("退回次数", 10),
    Column("重办次数", 10),
    Column("记录条数", 10),
)
WORDS = {
    "ordinary": "一般",
    "difficult": "疑难",
    "long_standing": "积案",
    "immediate": "限时解决",
    "planned": "整改计划",
    "explained": "作出说明",
    "state:opened": "已交办",
    "state:accepted": "办理中",
    "state:explained": "说明待审",
    "state:solved": "已报结",
    "state:returned": "退回重办",
    "state:reopened": "重新办理",
    "state:closed": "已销号",
    "outcome:solved": "已解决",
    "outcome:solved_unconfirmed": "已解决（未获群众确认）",
    "outcome:explained": "已作出说明",
    "outcome:unfounded": "查无实据",
    "outcome:outside_jurisdiction": "不属管辖范围",
    "outcome:disputed": "存在争议",
}


def row_of(line: Line, names: Mapping[str, str]) -> dict[str, Any]:
    """A row for machines; no petitioner appears in it."""
    case, card = line.case, line.case.card
    closing = case.closing
    return {
        "case": case.number,
        "card": card.card,
        "title": card.title,
        "channel": card.channel,
        "topic": card.topic,
        "complaints": line.complaints,
        "unit": case.unit,
        "unit_name": names.get(case.unit, case.unit),
        "cooperating_units": list(card.cooperating_units),
        "territorial_unit": card.territorial_unit,
        "paying_unit": card.paying_unit,
        "responsible": list(line.responsible),
        "leaders": list(line.leaders),
        "promised_by": list(line.promised),
        "difficulty": case.difficulty,
        "track": card.track,
        "measures": line.measures,
        "plan_version": line.plan_version,
        "opened_at": case.opened_at,
        "due": case.original.due,
        "run_due": case.span.due,
        "provisional": case.span.provisional,
        "state": case.state.value,
        "outcome": closing.outcome if closing else None,
        "late": closing.late if closing else None,
        "solved_at": case.report.at if case.report else None,
        "closed_at": closing.at if closing else None,
        "returns": case.returns,
        "runs": case.run,
        "history_entries": line.history,
        "last_entry_at": line.last_entry_at,
    }


def cells_of(line: Line, names: Mapping[str, str]) -> tuple[Any, ...]:
    """A row for people, in the order of `COLUMNS`."""
    case, card = line.case, line.case.card
    closing = case.closing

    def named(*keys: str) -> str:
        return "、".join(names.get(key, key) for key in keys)

    return (
        case.number,
        card.card,
        card.title,
        card.channel,
        line.complaints,
        named(case.unit),
        named(*card.cooperating_units),
        named(card.territorial_unit) if card.territorial_unit else None,
        "、".join(line.responsible),
        "、".join(line.leaders),
        "、".join(line.promised),
        WORDS.get(case.difficulty, case.difficulty),
        WORDS.get(card.track, card.track),
        line.measures,
        case.opened_at,
        case.original.due,
        case.span.due,
        WORDS[f"state:{case.state.value}"],
        WORDS.get(f"outcome:{closing.outcome}", closing.outcome) if closing else None,
        closing.late if closing else None,
        case.report.at if case.report else None,
        closing.at if closing else None,
        case.returns,
        case.run - 1,
        line.history,
    )
