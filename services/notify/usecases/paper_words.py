"""What papers call the things on record, and what each says, in a line (N9)."""

from collections.abc import Mapping
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.terms import TERMS
from shared.language import Language, said
from shared.programme import Programme

LONGEST = 2_000
R, S, N, D, P = "rectification.", "scoring.", "intake.", "rectification.obligation.", "rectification.commitment."
SUBJECTS: dict[str, tuple[str, str, frozenset[str]]] = {
    "cases": ("问题办理", "cases", frozenset({
        f"{R}case.{name}" for name in ("opened", "returned", "closed", "reopened", "lapsed", "reassigned")
    } | {f"{R}deadline.{name}" for name in ("passed", "escalated", "extended", "resumed")} | {f"{R}lateness.excused"})),
    "points": ("日常评议", "points", frozenset({f"{S}points.deducted", f"{S}points.restored"})),
    "results": ("评议结果", "results", frozenset({
        f"{S}ranking.published", f"{S}canvassing.established", f"{S}canvassing.ruled", f"{S}opinion.issued",
        f"{S}opinion.fed_back",
    })),
    "consequences": ("结果运用", "consequences", frozenset({
        f"{S}consequence.{name}" for name in ("confirmed", "withdrawn", "executed", "closed", "ruled")
    })),
    "promises": ("承诺践诺", "promises", frozenset({f"{R}case.committed", f"{P}kept", f"{P}broken"})),
    "duties": ("规定动作", "duties", frozenset({f"{D}met", f"{D}missed"})),
    "inspections": ("明察暗访", "inspections", frozenset({
        f"{N}inspection.recorded", f"{N}coverage.missed", f"{N}transfer.approved",
    })),
}  # fmt: skip
"""Subjects of a dossier: Chinese name, English name, the kinds of events."""

LABELS: dict[str, tuple[str, str]] = {
    f"{R}case.opened": ("交办", "handed over"),
    f"{R}case.returned": ("退回重办", "returned"),
    f"{R}case.closed": ("销号", "closed"),
    f"{R}case.reopened": ("重新办理", "reopened"),
    f"{R}case.lapsed": ("无结果", "no result"),
    f"{R}case.reassigned": ("改由其他单位办理", "reassigned"),
    f"{R}case.committed": ("公开承诺", "promise"),
    f"{R}deadline.passed": ("到期", "deadline passed"),
    f"{R}deadline.escalated": ("逾期上报", "escalated"),
    f"{R}deadline.extended": ("延期", "extended"),
    f"{R}deadline.resumed": ("恢复计时", "resumed"),
    f"{R}lateness.excused": ("撤销逾期记录", "lateness excused"),
    f"{P}kept": ("承诺兑现", "promise kept"),
    f"{P}broken": ("承诺未兑现", "promise broken"),
    f"{D}met": ("任务完成", "duty met"),
    f"{D}missed": ("任务未完成", "duty missed"),
    f"{S}points.deducted": ("扣分或加分", "points"),
    f"{S}points.restored": ("恢复分数", "points restored"),
    f"{S}ranking.published": ("评议结果", "result"),
    f"{S}canvassing.established": ("认定拉票", "canvassing established"),
    f"{S}canvassing.ruled": ("拉票申诉裁定", "canvassing ruled on"),
    f"{S}opinion.issued": ("评议意见", "appraisal opinion"),
    f"{S}opinion.fed_back": ("意见反馈会", "opinion fed back"),
    f"{S}consequence.confirmed": ("处理决定", "consequence confirmed"),
    f"{S}consequence.withdrawn": ("处理建议撤回", "consequence withdrawn"),
    f"{S}consequence.executed": ("处理已执行", "consequence executed"),
    f"{S}consequence.closed": ("处理销号", "consequence closed"),
    f"{S}consequence.ruled": ("处理申诉裁定", "consequence ruled on"),
    f"{N}inspection.recorded": ("检查记录", "inspection"),
    f"{N}coverage.missed": ("漏查", "not inspected"),
    f"{N}transfer.approved": ("检查发现问题交办", "finding handed over"),
}
NAMES: dict[str, tuple[str, str]] = {
    "title": ("问题", "matter"), "text": ("内容", "text"), "topic": ("类型", "topic"), "track": ("方式", "track"),
    "due": ("期限", "due"), "outcome": ("结果", "outcome"), "late": ("逾期", "late"),
    "late_days": ("逾期工作日", "days late"), "misconduct": ("查实违规", "misconduct"), "reasons": ("原因", "reasons"),
    "reason": ("原因", "reason"), "rework_due": ("重办期限", "rework due"), "cycle_name": ("周期", "cycle"),
    "cycle": ("周期", "cycle"), "rule": ("规则", "rule"), "points": ("分值", "points"), "line": ("记录", "line"),
    "rank": ("名次", "rank"), "scope": ("范围", "scope"), "composite": ("综合", "composite"),
    "daily": ("日常", "daily"),
    "concentrated": ("集中", "concentrated"), "consequence": ("处理", "consequence"), "kind": ("种类", "kind"),
    "persons": ("有关人员", "persons"), "answer": ("复核意见", "answer"), "person": ("承诺人", "person"),
    "commitment": ("承诺", "promise"), "period": ("期间", "period"), "met": ("报送时间", "handed in"),
    "quarter": ("季度", "quarter"), "findings": ("发现问题", "findings"), "good_practice": ("好做法", "good practice"),
    "step": ("环节", "step"), "strengths": ("成绩", "strengths"), "problems": ("问题", "problems"),
    "recommendations": ("建议", "recommendations"), "place": ("地点", "place"), "minutes": ("纪要", "minutes"),
    "held_on": ("时间", "held on"), "upheld": ("申诉成立", "upheld"), "times_closed": ("第几次销号", "times closed"),
    "grades": ("回访", "answers"), "previous_due": ("原期限", "due before"), "previous_unit": ("原单位", "unit before"),
    "paying_unit": ("承担单位", "paying unit"), "days": ("工作日", "working days"), "by": ("检查人", "by"),
    "not_ranked": ("未排名原因", "not ranked"),
    "rank_low": ("名次下限", "rank low"), "rank_high": ("名次上限", "rank high"),
}  # fmt: skip
"""Fields that a paper shows, in this order; the others are keys or repeat the row."""


def label(kind: str, language: Language) -> str:
    """What a kind of event is called."""
    pair = LABELS.get(kind, (kind, kind))
    return pair[language == "en"]


def content(programme: Programme, kind: str, facts: Mapping[str, Any], language: Language) -> str:
    """What an event says, in a line: field after field."""
    between, after = ("：", "；") if language == "zh" else (": ", "; ")
    pieces = []
    for name, pair in NAMES.items():
        value = facts.get(name)
        if value in (None, "", [], False) or (name == "times_closed" and value == 1):
            continue
        pieces.append(f"{pair[language == 'en']}{between}{_word(programme, kind, name, value, language)}")
    return one_line(after.join(pieces), LONGEST)


def _word(programme: Programme, kind: str, name: str, value: Any, language: Language) -> str:
    if isinstance(value, bool):
        return {"zh": "是", "en": "yes"}[language]
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_word(programme, kind, name, one, language) for one in value)
    if isinstance(value, dict):
        return str(value.get("text", value))
    terms = TERMS[language]
    match name:
        case "outcome":
            return terms.get(f"outcome:{value}", str(value))
        case "track":
            return terms.get(str(value), str(value))
        case "reason" if kind.endswith("case.reopened"):
            return terms.get(f"reopen:{value}", str(value))
        case "kind" if ".consequence." in kind:
            return terms.get(str(value), str(value))
        case "topic":
            found = next((topic.label for topic in programme.topics if topic.key == value), None)
            return said(found, language) if found else str(value)
        case "grades":
            grade = next((one.label for one in programme.callback.grades if one.key == value), None)
            return said(grade, language) if grade else str(value)
        case _:
            return str(value)
