"""What a report calls kinds of events and their words: Chinese and English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Chinese and English."""

    zh: str
    en: str


EVENTS_ZH = {
    "inbox.complaint.submitted": "来源报送", "inbox.evaluation.submitted": "网上评价", "receipt.issued": "回执",
    "inbox.evaluation.codes_issued": "发评价码", "inbox.filing.submitted": "下级上报",
    "intake.complaint.registered": "登记", "intake.complaint.linked": "关联同一问题",
    "intake.complaint.unlinked": "撤销关联", "intake.complaint.screened": "初审", "intake.complaint.hot": "热点问题",
    "intake.petitioner.excluded": "认定缠访", "intake.petitioner.restored": "撤销缠访认定",
    "intake.transfer.requested": "报请批转", "intake.transfer.approved": "批准转办", "intake.transfer.refused": "不批",
    "intake.transfer.overdue": "批转逾期", "intake.callback.recorded": "回访结果",
    "intake.identity.disclosed": "查阅身份", "intake.disclosure.refused": "拒绝查阅身份",
    "intake.objection.raised": "退单异议", "intake.objection.ruled": "异议裁定",
    "intake.matter.referred": "移送纪检", "intake.referral.concluded": "移送办结",
    "intake.order.registered": "责令事项登记",
    "intake.exposure.verified": "曝光核实", "intake.exposure.chased": "曝光核实催办",
    "intake.exposure.followed": "曝光后续报道", "intake.outcome.broadcast": "媒体反馈",
    "intake.feedback.overdue": "媒体反馈逾期", "intake.outcome.filed": "上级备案回执",
    "intake.show.approaching": "上线提醒", "intake.inspection.planned": "检查计划抽签",
    "intake.inspection.recorded": "检查登记", "intake.coverage.missed": "季度漏查",
    "intake.supervisor.appointed": "聘任监督员", "intake.supervisor.expiring": "监督员聘期将满",
    "intake.card.answered": "答复联系卡",
    "rectification.case.opened": "立案", "rectification.case.accepted": "承办", "rectification.case.solved": "报结",
    "rectification.callback.requested": "请回访", "rectification.case.returned": "退回重办",
    "rectification.case.closed": "销号", "rectification.case.reopened": "重新办理",
    "rectification.case.lapsed": "期末无结果", "rectification.deadline.set": "定期限",
    "rectification.deadline.approaching": "届满前提醒", "rectification.deadline.passed": "届满",
    "rectification.deadline.escalated": "升级", "rectification.obligation.due": "下达规定动作",
    "rectification.obligation.met": "完成规定动作", "rectification.obligation.missed": "规定动作未报",
    "rectification.lateness.excused": "逾期认定撤销", "rectification.case.planned": "整改计划备案",
    "rectification.plan.returned": "整改计划退回", "rectification.case.committed": "书面承诺",
    "rectification.case.explained": "作出说明", "rectification.commitment.kept": "践诺",
    "rectification.commitment.broken": "未践诺", "rectification.case.acknowledged": "签收",
    "rectification.case.reassigned": "改派", "rectification.request.made": "申请延期变更中止",
    "rectification.request.decided": "答复申请", "rectification.deadline.extended": "延期",
    "rectification.deadline.suspended": "中止", "rectification.deadline.resumed": "恢复",
    "scoring.programme.published": "方案公布", "scoring.programme.amended": "周期中修改方案",
    "scoring.cycle.opened": "周期开始", "scoring.cycle.closed": "周期结束", "scoring.unit.registered": "登记单位",
    "scoring.unit.succeeded": "机构承继", "scoring.pool.frozen": "评议员库冻结", "scoring.draw.published": "抽签公布",
    "scoring.representative.replaced": "代表替补", "scoring.meeting.announced": "大会预告",
    "scoring.meeting.opened": "大会签到", "scoring.meeting.question_deferred": "质询限期答复",
    "scoring.ballots.opened": "开始投票", "scoring.meeting.closed": "投票结束", "scoring.meeting.sealed": "封存签名",
    "scoring.meeting.published": "大会结果公布", "scoring.points.deducted": "扣分",
    "scoring.points.appealed": "扣分申诉",
    "scoring.points.restored": "扣分恢复", "scoring.points.awarded": "加分", "scoring.points.withdrawn": "撤销加分",
    "scoring.ranking.published": "名次公布", "scoring.consequence.proposed": "提出处理建议",
    "scoring.consequence.confirmed": "确认处理", "scoring.consequence.withdrawn": "不予处理",
    "scoring.consequence.executed": "处理落实", "scoring.consequence.returned": "落实退回",
    "scoring.consequence.closed": "处理销案", "scoring.consequence.overdue": "落实逾期",
    "scoring.consequence.appealed": "处理申诉", "scoring.consequence.ruled": "处理申诉裁定",
    "scoring.rectification.ordered": "责令整改", "scoring.result.handed": "结果送其他考核",
    "scoring.canvassing.established": "认定拉选票", "scoring.canvassing.appealed": "拉选票认定申诉",
    "scoring.canvassing.ruled": "拉选票认定裁定", "scoring.opinion.issued": "评议意见",
    "scoring.opinion.fed_back": "意见反馈会",
    "scoring.result.filed": "结果上报", "scoring.filing.received": "收到下级上报",
    "scoring.filing.reviewed": "审核下级上报",
    "scoring.filing.refused": "退回下级上报", "scoring.filing.answered": "上级答复上报",
    "scoring.filing.overdue": "下级上报逾期",
    "receipt.filing": "上报回执",
    "notify.leader.changed": "任职变动", "notify.term.expiring": "任期将满", "notify.notice.sent": "通知送达",
    "notify.notice.failed": "通知未送达", "notify.notice.uncertain": "通知存疑", "notify.notice.dropped": "通知免发",
    "notify.address.failed": "地址失效", "notify.bulletin.entered": "公开栏发布", "notify.circular.issued": "通报印发",
    "notify.briefing.issued": "监督员简报",
}  # fmt: skip

WORDS = {
    "immediate": "限时解决", "planned": "按计划整改", "explained": "作出说明",
    "solved": "解决", "solved_unconfirmed": "解决，未经确认", "unfounded": "查无实据",
    "outside_jurisdiction": "不属管辖",
    "disputed": "有争议", "accepted": "受理", "returned_for_information": "退回补充", "not_reached": "未联系上",
    "accept": "承办", "solve": "解决", "rework": "重办", "callback": "回访", "acknowledge": "签收", "plan": "整改计划",
    "milestone": "计划节点", "explain": "说明", "contribute": "配合", "extension_decision": "答复申请",
    "obligation": "规定动作", "office_obligation": "评议办规定动作", "appeal_decision": "申诉裁定",
    "handler": "承办人", "main_leader": "主要负责人", "deputy_in_charge": "分管领导", "superior": "上级领导",
    "leading_group": "领导小组", "office": "评议办", "approver": "审批领导", "discipline": "纪检部门",
    "auditor": "审计监督", "operator": "运行人员", "supervisor": "监督员", "evaluator": "评议员",
    "circulated_criticism": "通报批评", "written_self_criticism": "书面检讨", "key_help_list": "重点帮助",
    "admonition_talk": "诫勉谈话", "organisational_measure": "组织处理", "loss_of_awards": "取消评优",
    "integrity_file_entry": "记入廉政档案", "accountability": "追究责任", "rectification": "限期整改",
    "commendation": "表彰", "named": "实名", "confidential": "要求保密", "anonymous": "匿名",
    "task": "任务分解", "open": "未结", "none": "未写明",
}  # fmt: skip


def kind(name: str) -> Words:
    """A kind of event."""
    return Words(EVENTS_ZH.get(name, name), name)


def word(name: str) -> Words:
    """A word of the wire: an outcome, a track, a role."""
    return Words(WORDS.get(name, name), name.replace("_", " "))
