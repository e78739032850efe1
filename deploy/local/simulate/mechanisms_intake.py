"""Intake's mechanisms (I1–I18): the facts that show each."""

from deploy.local.simulate.mechanism import Mechanism, Proof, always, happened, saw, votes
from shared.programme import Programme

MEETING_QUESTION = "meeting_question"


def _channels(programme: Programme, years: int) -> tuple[Proof, ...]:
    return tuple(
        happened(f"经“{one.label.zh}”", f"by {one.label.en}", "intake.complaint.registered", channel=one.key)
        for one in programme.channels
        if one.key != MEETING_QUESTION or votes(programme)
    )


def _inspections(programme: Programme, years: int) -> tuple[Proof, ...]:
    coverage = programme.inspections.coverage
    by = {"office", *coverage.by, *(["unit"] if any(o.inspection for o in programme.obligations) else [])}
    who = {"office": "评议办", "unit": "单位自查", "supervisor": "监督员"}
    each = [
        happened(f"{who[one]}检查", f"inspected by the {one}", "intake.inspection.recorded", by=one)
        for one in sorted(by)
    ]  # fmt: skip
    missed = [happened("漏查通报", "a quarter not covered", "intake.coverage.missed")] if coverage.by else []
    return (
        happened("抽签计划", "targets drawn, hidden until done", "intake.inspection.planned"), *each,
        happened("发现问题成为投诉", "findings became complaints", "intake.inspection.recorded", findings=...),
        happened("好的做法", "good practice recorded", "intake.inspection.recorded", good_practice=True), *missed,
        saw("I9", "按公布的材料重抽，与承诺一致", "drawn again from what was published"),
    )  # fmt: skip


def _grades(programme: Programme, years: int) -> tuple[Proof, ...]:
    kind = "intake.callback.recorded"
    return (
        *(happened(one.label.zh, one.label.en.lower(), kind, grade=one.key) for one in programme.callback.grades),
        happened("三次未联系上", "not reached in three tries", kind, result="not_reached"),
    )


SCREENED, REGISTERED = "intake.complaint.screened", "intake.complaint.registered"
APPROVED, RULED = "intake.transfer.approved", "intake.objection.ruled"

INTAKE = (
    Mechanism("I1", "受理渠道", "Channels", _channels, ("channels",)),
    Mechanism(
        "I2", "登记编号", "Register",
        always(
            happened("登记", "registered", REGISTERED),
            saw("I2", "同一票号只登记一件；缺项告知字段", "the same ticket twice is one; bad input is named"),
        ),
        ("retention.repairs",),
    ),
    Mechanism(
        "I3", "身份保密库", "Identity is a vault",
        always(
            happened("实名", "named", REGISTERED, identity="named"),
            happened("要求保密", "confidential", REGISTERED, identity="confidential"),
            happened("匿名", "anonymous", REGISTERED, identity="anonymous"),
            happened("经同意查阅", "opened with consent", "intake.identity.disclosed"),
            happened("拒绝查阅", "opening refused", "intake.disclosure.refused"),
            saw("I3", "只能查阅一次，审计链完好", "read once only; the audit holds together"),
        ),
        ("retention", "disclosure"),
    ),
    Mechanism(
        "I4", "初审", "Screening",
        always(
            happened("受理", "accepted", SCREENED, decision="accepted"),
            happened("退回补充", "returned for information", SCREENED, decision="returned_for_information"),
            happened("不属管辖，转有权机关", "outside jurisdiction", SCREENED, decision="outside_jurisdiction"),
            happened("查无实据", "unfounded", SCREENED, decision="unfounded"),
            happened("领导不批", "refused by the approver", "intake.transfer.refused"),
        ),
    ),
    Mechanism(
        "I5", "同一问题", "Same matter",
        always(
            happened("自动关联", "linked as exact repeats", "intake.complaint.linked", how="exact"),
            happened("人工关联", "linked by a clerk", "intake.complaint.linked", how="clerk"),
            happened("撤销关联", "link undone", "intake.complaint.unlinked"),
            happened("热点问题", "hot issue", "intake.complaint.hot"),
            happened("两人认定的缠访", "serial petitioner, by two persons", "intake.petitioner.excluded"),
            saw("I5", "公开列出不计入满意率的", "who is left out of the rates is shown openly"),
        ),
        ("hot_from_petitioners",),
    ),
    Mechanism(
        "I6", "登记转办卡、整改建议书", "Transfer card and recommendation letter",
        always(
            happened("制卡", "cards made", "intake.transfer.requested", card=...),
            saw("I6", "打开并核对转办卡、建议书", "card and letter opened as .docx"),
        ),
        ("recommendation",),
    ),
    Mechanism(
        "I7", "领导批转", "Approval gate",
        always(
            happened("批准", "approved", APPROVED),
            happened("修改后批准", "amended", APPROVED, amended=True),
            happened("不批", "refused", "intake.transfer.refused"),
            happened("逾期催批", "overdue approval chased", "intake.transfer.overdue"),
            happened("AB角代批", "the deputy stood in", APPROVED, stands_in_for=...),
            happened("有配合单位", "with a cooperating unit", APPROVED, cooperating_units=...),
            saw("I7", "缺席的批准人不能自己批", "an approver entered as absent cannot sign"),
        ),
        ("deadlines.approval",),
    ),
    Mechanism(
        "I8", "媒体曝光", "Exposure",
        always(
            happened("核实属实", "verified", "intake.exposure.verified", verified=True),
            happened("核实不实", "found not to hold", "intake.exposure.verified", verified=False),
            happened("后续报道、负责人表态承诺", "followed up, with the leader's statement", "intake.exposure.followed",
                     statement=...),
            happened("核实逾期催办", "verification chased", "intake.exposure.chased", least=0),
        ),
        ("channels[verification]", "deadlines.verification"),
        of=lambda programme: any(one.verification for one in programme.channels),
    ),
    Mechanism("I9", "明察暗访", "Inspections", _inspections, ("inspections",)),
    Mechanism(
        "I10", "监督员", "Supervisors",
        always(
            happened("评议办聘任", "appointed by the office", "intake.supervisor.appointed", appointed_by="office"),
            Proof("单位聘任", "appointed by a unit", ("intake.supervisor.appointed",),
                  where=lambda data: data.get("appointed_by") != "office"),
            happened("效能监督员", "efficiency supervisors", "intake.supervisor.appointed",
                     kind="efficiency_supervisor", least=0),
            happened("聘期届满提醒", "the term's end warned of", "intake.supervisor.expiring"),
            happened("单位答复联系卡", "card answered by the unit", "intake.card.answered", answered_by="unit"),
            happened("评议办答复联系卡", "card answered by the office", "intake.card.answered", answered_by="office"),
            happened("季度简报", "quarterly briefing", "notify.briefing.issued"),
            saw("I10", "例会出席、季度通报，聘期届满不能再写卡", "presence, briefing; no card after the term"),
        ),
        ("supervisors", "briefings"),
    ),
    Mechanism("I11", "回访满意度", "Callback and satisfaction", _grades, ("callback", "deadlines.callback")),
    Mechanism(
        "I12", "媒体反馈、上报备案", "Filing and media feedback",
        always(
            happened("媒体反馈", "fed back in the media", "intake.outcome.broadcast"),
            happened("逾期催办", "overdue feedback chased", "intake.feedback.overdue"),
            happened("上级回执", "filed, with the higher office's receipt", "intake.outcome.filed"),
            saw("I12", "备案表 .xlsx", "the filing as .xlsx"),
        ),
        ("channels[feedback]", "deadlines.feedback"),
        of=lambda programme: any(one.feedback for one in programme.channels),
    ),
    Mechanism("I13", "真实导出文件", "Real imports",
              always(saw("I13", "导入报告：读入、登记、重复、待补正", "import report: read, registered, kept"))),
    Mechanism(
        "I14", "建议单位和类型", "Suggested unit and topic",
        always(
            happened("登记时有建议单位", "registered with a suggested unit", REGISTERED, suggested_unit=..., least=0),
            saw("I14", "建议及把握程度，由工作人员决定", "suggestion with its confidence, decided by a clerk"),
        ),
        ("topics",),
    ),
    Mechanism(
        "I15", "移送纪检", "Referral",
        always(
            happened("移送", "referred", "intake.matter.referred"),
            happened("办理结果", "concluded", "intake.referral.concluded"),
            saw("I15", "被反映单位看不到", "the accused unit cannot see it"),
        ),
        ("notices[event=intake.matter.referred]",),
    ),
    Mechanism(
        "I16", "问题类型", "Topic",
        always(
            happened("带类型和评议内容", "with topic and dimension", REGISTERED, topic=..., dimension=...),
            happened("立案带类型", "cases with a topic", "rectification.case.opened", topic=...),
        ),
        ("topics",),
    ),
    Mechanism(
        "I17", "退单异议", "Objection",
        always(
            happened("提出异议", "raised", "intake.objection.raised"),
            happened("成立", "upheld", RULED, upheld=True),
            happened("不成立", "rejected", RULED, upheld=False),
            happened("改派", "the case changed hands", "rectification.case.reassigned"),
        ),
        ("deadlines.objection",),
    ),
    Mechanism(
        "I18", "热线往返、上线安排", "Round trip and roster",
        always(
            happened("上线提醒", "a leader reminded of his show", "intake.show.approaching"),
            saw("I18", "热线按票号收到状态、答复、结果", "the hotline got status, reply and outcome on its ticket"),
        ),
        ("roster",),
        of=lambda programme: any(one.feedback for one in programme.channels),  # a show is where outcomes are told
    ),
)  # fmt: skip
