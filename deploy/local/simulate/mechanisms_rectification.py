"""Rectification's mechanisms (R1–R10): the facts that show each."""

from deploy.local.simulate.mechanism import Mechanism, Proof, always, happened, saw
from shared.programme import Programme
from shared.programme.obligations import TASK

CLOSED, OPENED = "rectification.case.closed", "rectification.case.opened"
DUE, MET = "rectification.obligation.due", "rectification.obligation.met"
APPROACHING, ESCALATED = "rectification.deadline.approaching", "rectification.deadline.escalated"


def _steps(programme: Programme, years: int) -> tuple[Proof, ...]:
    before = [
        happened(f"届满前 {days} 日提醒", f"warned {days} days before", APPROACHING, step=f"warning_{days}")
        for days in programme.warnings
    ]  # fmt: skip
    after = [
        happened(f"届满后第 {one.days} 日升级", f"escalated {one.days} days after", ESCALATED,
                 step=f"escalation_{one.days}")
        for one in programme.escalation if one.days
    ]  # fmt: skip
    return (*before, happened("届满告知", "told at expiry", "rectification.deadline.passed"), *after)


def _duties(programme: Programme, years: int) -> tuple[Proof, ...]:
    each = [
        proof
        for one in programme.obligations
        for proof in (
            happened(f"{one.label.zh}：下达", f"{one.label.en}: announced", DUE, obligation=one.key),
            happened(f"{one.label.zh}：完成", f"{one.label.en}: met", MET, obligation=one.key),
        )
    ]
    return (
        *each,
        happened("补报", "handed in late", MET, late=True),
        happened("未报", "missed", "rectification.obligation.missed"),
        happened("未报的升级", "escalated like a case", ESCALATED, kind=("obligation", "office_obligation")),
        happened("任务分解", "tasks", DUE, obligation=TASK, least=0),
    )


def _terms(programme: Programme, years: int) -> tuple[Proof, ...]:
    return (
        happened("定期限", "dates set", "rectification.deadline.set"),
        happened("延期申请", "extension asked", "rectification.request.made", kind="extension"),
        happened("同意", "granted", "rectification.request.decided", granted=True),
        happened("不同意", "not granted", "rectification.request.decided", granted=False),
        happened("延期", "extended", "rectification.deadline.extended"),
        happened("中止", "suspended", "rectification.deadline.suspended"),
        happened("恢复", "resumed", "rectification.deadline.resumed"),
        happened("年历未公布，暂定", "provisional: the year's calendar is not published", "rectification.deadline.set",
                 provisional=True, least=0),
        saw("R3", "逐日核对一个期限", "a date explained day by day"),
    )  # fmt: skip


RECTIFICATION = (
    Mechanism(
        "R1", "问题台账", "Ledger",
        always(happened("立案", "cases opened", OPENED), saw("R1", "核对台账哈希链", "its chain of hashes holds")),
    ),
    Mechanism(
        "R2", "办理方式", "Tracks",
        always(
            happened("限时解决", "immediate", OPENED, track="immediate"),
            happened("整改计划", "planned: the plan filed", "rectification.case.planned"),
            happened("书面承诺", "planned: the commitment", "rectification.case.committed"),
            happened("作出说明", "explained", "rectification.case.explained"),
            happened("计划退回", "plan returned", "rectification.plan.returned", least=0),
        ),
        ("deadlines.immediate", "deadlines.plan", "deadlines.planned", "deadlines.explained"),
    ),
    Mechanism("R3", "工作日期限", "Working-day deadlines", _terms, ("deadlines", "time_zone", "calendar")),
    Mechanism("R4", "提醒和升级", "Warnings and escalation", _steps, ("warnings", "escalation")),
    Mechanism(
        "R5", "四个不放过", "Closing guards",
        always(
            happened("解决", "solved", CLOSED, outcome="solved"),
            happened("解决未确认", "solved, unconfirmed", CLOSED, outcome="solved_unconfirmed"),
            happened("已说明", "explained", CLOSED, outcome="explained"),
            happened("有争议", "disputed", CLOSED, outcome="disputed"),
            happened("查无实据", "unfounded", CLOSED, outcome="unfounded", least=0),
            happened("退回重办", "returned", "rectification.case.returned"),
        ),
        ("disputed_after_returns", "deadlines.rework"),
    ),
    Mechanism(
        "R6", "重新办理", "Reopen",
        always(
            happened("回访不满意", "bad callback", "rectification.case.reopened", reason="bad_callback"),
            happened("同一问题再投诉", "same matter again", "rectification.case.reopened", reason="same_matter"),
        ),
        ("reopen_within_days",),
    ),
    Mechanism("R7", "无结果", "No result is a result",
              always(happened("期末逾期未结", "open and past due at the end", "rectification.case.lapsed")),
              ("points.rules[key=no_result]",)),
    Mechanism(
        "R8", "践诺", "Fulfilment",
        always(
            happened("按时践诺", "kept", "rectification.commitment.kept", late=False),
            happened("逾期践诺", "kept late", "rectification.commitment.kept", late=True),
            happened("未践诺", "broken", "rectification.commitment.broken"),
        ),
        ("points.rules[key=commitment_broken]",),
    ),
    Mechanism("R9", "规定动作", "Obligations", _duties, ("obligations",)),
    Mechanism("R10", "自查自纠", "Self-correction",
              always(happened("自己发现、按时改正，不扣分", "it mended itself", CLOSED, self_corrected=True))),
)  # fmt: skip
