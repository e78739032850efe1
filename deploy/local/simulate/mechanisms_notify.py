"""Notify's mechanisms (N1–N9): the facts that show each."""

from collections.abc import Iterator
from datetime import time

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.mechanism import Mechanism, Proof, Seen, always, happened, saw
from shared.programme import Programme

SENT, CHANGED = "notify.notice.sent", "notify.leader.changed"
OF_ONE = ("main_leader", "handler", "deputy_in_charge", "superior")


def _successors(seen: Seen) -> Iterator[Fact]:
    """Changes by which somebody else came into an office that only one holds."""
    holders: dict[tuple[str, str], str] = {}
    for fact in seen.of(CHANGED):
        data = fact.data
        seat = (str(data.get("unit", "")), str(data.get("role", "")))
        if seat[1] in OF_ONE and not data.get("until"):
            if holders.get(seat, data["person"]) != data["person"]:
                yield fact
            holders[seat] = data["person"]


def _sent(seen: Seen, *urgencies: str) -> Iterator[tuple[Fact, str]]:
    """Notices with the short type of their cause, of rules of these urgencies."""
    wanted = {rule.event for rule in seen.programme.notices if rule.urgency in urgencies}
    for fact in seen.of(SENT):
        cause = seen.cause(fact)
        if cause is not None and cause.kind in wanted:
            yield fact, cause.kind


def _at(fact: Fact, when: time) -> bool:
    return fact.at[11:16] == when.strftime("%H:%M")


def _gathered(seen: Seen) -> list[Fact]:
    return [fact for fact, _ in _sent(seen, "ordinary") if _at(fact, seen.programme.working_hours.digest)]


def _expiries(seen: Seen) -> list[Fact]:
    return [fact for fact, _ in _sent(seen, "expiry") if _at(fact, seen.programme.working_hours.expiry_notice)]


def _urgent(seen: Seen) -> list[Fact]:
    return [fact for fact, _ in _sent(seen, "urgent") if not _at(fact, seen.programme.working_hours.digest)]


def _with_documents(seen: Seen) -> list[Fact]:
    wanted = {rule.event for rule in seen.programme.notices if rule.documents}
    return [fact for fact in seen.of(SENT) if (cause := seen.cause(fact)) is not None and cause.kind in wanted]


def _findings(seen: Seen) -> list[Fact]:
    causes = ((fact, seen.cause(fact)) for fact in seen.of(SENT))
    return [
        fact for fact, cause in causes
        if cause is not None and cause.kind == "intake.transfer.approved" and cause.data.get("origin") == "inspection"
    ]  # fmt: skip


def _circulars(programme: Programme, years: int) -> tuple[Proof, ...]:
    kind, circulars = "notify.circular.issued", programme.circulars
    return (
        *([happened("季度通报", "quarterly", kind, kind="quarterly")] if circulars.quarterly else []),
        *([happened("期末通报", "after a cycle", kind, kind="cycle")] if circulars.after_cycle else []),
        Proof("检查发现原文送一把手、摘要报领导小组", "findings verbatim and in summary", (SENT,),
              pick=_findings),
    )  # fmt: skip


NOTIFY = (
    Mechanism(
        "N1", "通讯录", "Directory",
        always(
            happened("任职", "holders of office", CHANGED),
            Proof("接任，未结事项移交", "a successor took over what was open", (CHANGED,), pick=_successors),
            happened("任期将满或空缺", "a term ends without a successor", "notify.term.expiring"),
            saw("N1", "历任和移交可查", "who was responsible when, and what was handed on"),
        ),
        ("directory",),
    ),
    Mechanism("N2", "规则即数据", "Rules as data",
              always(happened("按规则通知", "told by rule", SENT), saw("N2", "规则预演", "an event foreseen")),
              ("notices",)),
    Mechanism(
        "N3", "一人一信", "Exactly one letter",
        always(
            happened("送达", "sent", SENT),
            happened("地址失效", "an address fails for good", "notify.address.failed"),
            happened("存疑，由人处置", "uncertain: a human decides", "notify.notice.uncertain"),
            saw("N3", "退信后告知下一人", "a letter that came back, and who was told instead"),
        ),
        ("notices[template=notice_uncertain]", "notices[template=address_failed]"),
    ),
    Mechanism(
        "N4", "工作时间", "Working hours",
        always(
            Proof("每日汇总", "in the daily digest", (SENT,), pick=_gathered),
            Proof("届满通知次一工作日单发", "expiry notices the next working day", (SENT,), pick=_expiries),
            Proof("紧急的立即发", "urgent ones at once", (SENT,), pick=_urgent),
        ),
        ("working_hours",),
    ),
    Mechanism(
        "N5", "公文", "Documents",
        always(
            Proof("附公文", "with a document", (SENT,), pick=_with_documents),
            saw("N5", "打开并核对公文", "documents opened"),
        ),
        ("notices[documents]",),
    ),
    Mechanism("N6", "通报", "Circulars", _circulars, ("circulars", "notices[template=finding_verbatim]")),
    Mechanism(
        "N7", "公开栏", "Bulletin",
        always(
            happened("评议办发布、更正", "entered by the office", "notify.bulletin.entered"),
            saw("N7", "公开页和订阅里没有投诉人", "page and feed hold no complainant"),
        ),
        ("bulletin",),
    ),
    Mechanism("N8", "通知凭据", "Proof",
              always(saw("N8", "一件事的通知凭据：谁、何时、结果、起因", "who was told what, when, why"))),
    Mechanism("N9", "领导用表", "Leaders' papers",
              always(saw("N9", "一页台账、月表、年终档案、归档包", "one-page ledger, monthly table, dossier, archive")),
              ("archive",)),
)  # fmt: skip
