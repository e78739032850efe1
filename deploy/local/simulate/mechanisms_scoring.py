"""Scoring's mechanisms (S1–S16): the facts that show each."""

from collections.abc import Iterator

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.mechanism import (
    Mechanism,
    Proof,
    Seen,
    always,
    happened,
    has_part,
    proposed,
    rules,
    saw,
    valued,
    votes,
)
from shared.programme import Programme

PROPOSED, CONFIRMED = "scoring.consequence.proposed", "scoring.consequence.confirmed"
RANKED, DEDUCTED = "scoring.ranking.published", "scoring.points.deducted"


def _reissued(seen: Seen) -> Iterator[Fact]:
    """Rankings of a cycle after its first."""
    known: set[str] = set()
    for fact in seen.of(RANKED):
        if fact.data["cycle_name"] in known:
            yield fact
        known.add(fact.data["cycle_name"])


def _rows(*tests: str) -> Proof:
    """Rankings with a row that has all of these."""
    return Proof(
        "名次及其区间", "ranks with their intervals", (RANKED,),
        where=lambda data: any(all(row.get(test) is not None for test in tests) for row in data.get("rows", ())),
    )  # fmt: skip


def _points(programme: Programme, years: int) -> tuple[Proof, ...]:
    rules_ = [
        happened(f"扣分：{one.label.zh}", f"deducted: {one.label.en}", DEDUCTED, rule=one.key)
        for one in programme.points.rules if one.points
    ]  # fmt: skip
    bonus = [
        happened(f"加分：{one.label.zh}", f"awarded: {one.label.en}", "scoring.points.awarded", rule=one.key)
        for one in (programme.points.bonus.rules if programme.points.bonus else ())
    ]  # fmt: skip
    return (
        *rules_, *bonus,
        happened("申诉", "appealed", "scoring.points.appealed"),
        happened("申诉成立，恢复", "restored", "scoring.points.restored"),
        saw("S8", "别的单位不能申诉", "no other unit may appeal"),
    )  # fmt: skip


def _parts(programme: Programme, years: int) -> tuple[Proof, ...]:
    each = tuple(valued(part.key, part.label.zh, part.label.en) for part in programme.composite)
    second = saw("S9", "录入的人不能确认；轮次前不能录入", "who enters does not confirm; not too early", least=0)
    return (*each, second)


def _ranks(programme: Programme, years: int) -> tuple[Proof, ...]:
    shown = _rows("rank", "rank_low", "rank_high") if votes(programme) else _rows("rank")
    doubt = happened("名次存疑，须书面复核", "in doubt: a leader answers in writing", PROPOSED, review=True, least=0)
    return (shown, doubt)


def _consequences(programme: Programme, years: int) -> tuple[Proof, ...]:
    each = [proposed(rule) for rule in programme.consequences if rule.when.years_running <= years]
    kinds = {kind for rule in programme.consequences for kind in rule.kinds}
    ordered = happened("责令整改立案", "rectification ordered", "scoring.rectification.ordered")
    return (
        *each,
        happened("领导确认", "confirmed", CONFIRMED),
        happened("领导不予确认", "withdrawn", "scoring.consequence.withdrawn"),
        happened("落实", "executed", "scoring.consequence.executed"),
        happened("凭据不足退回", "returned", "scoring.consequence.returned", least=0),
        happened("销案", "closed", "scoring.consequence.closed"),
        happened("逾期未落实", "overdue", "scoring.consequence.overdue"),
        happened("申诉", "appealed", "scoring.consequence.appealed"),
        happened("裁定", "ruled", "scoring.consequence.ruled"),
        *([ordered] if "rectification" in kinds else []),
        saw("S12", "不能推荐别的单位的人", "nobody nominates people of another unit", least=0),
        happened("结果送其他考核", "handed to other assessments", "scoring.result.handed"),
    )


def _published(programme: Programme, years: int) -> tuple[Proof, ...]:
    meeting = [happened("大会结果公布", "a meeting's result published", "scoring.meeting.published")]
    return (
        happened("公布名次", "ranking published", RANKED),
        *(meeting if votes(programme) else []),
        happened("评议意见", "opinions issued", "scoring.opinion.issued"),
        happened("反馈会", "opinions fed back", "scoring.opinion.fed_back"),
        Proof("意见中的问题立案", "an opinion's problem became a case", ("intake.order.registered",),
              where=lambda data: ".opinion-" in str(data.get("order", ""))),
        saw("S14", "公布前查不到，公布后签名可核", "nothing before the publication, signed data after it"),
    )  # fmt: skip


MEETING = ("meeting",)
SCORING = (
    Mechanism(
        "S1", "评议对象", "Objects",
        always(
            happened("登记单位", "units registered", "scoring.unit.registered"),
            happened("机构改革承继", "a unit succeeded", "scoring.unit.succeeded"),
            saw("S1", "撤并后旧编号不再登记，沿革可查", "an old key is not registered again; the history is shown"),
        ),
        ("categories", "scopes", "groups"),
    ),
    Mechanism(
        "S2", "评议员库", "Pool",
        always(
            happened("冻结", "frozen before the draw", "scoring.pool.frozen"),
            saw("S2", "利害关系人不能参加", "who has a conflict of interest is not eligible"),
        ),
        ("pool",), of=votes,
    ),
    Mechanism(
        "S3", "抽签", "Draw",
        always(
            happened("抽取", "drawn", "scoring.draw.published"),
            happened("替补", "replaced by an alternate", "scoring.representative.replaced"),
            saw("S3", "用公开材料重抽一遍，结果一致", "repeated from the published inputs"),
        ),
        ("meeting.seats", "meeting.dice_least"), of=votes,
    ),
    Mechanism(
        "S4", "大会五步", "Five steps of a meeting",
        always(
            happened("预告", "announced", "scoring.meeting.announced", rehearsal=False),
            happened("签到", "check-in", "scoring.meeting.opened", rehearsal=False),
            happened("限期答复的质询", "a question with a date", "scoring.meeting.question_deferred"),
            happened("质询立案", "it became a case", "intake.transfer.approved", origin="meeting_question"),
            happened("开始投票", "ballots opened", "scoring.ballots.opened", rehearsal=False),
            saw("S4", "步骤不能提前；指导组叫停", "no step opens early; the guidance group halts one"),
        ),
        ("meeting.oral_statements_least", "meeting.oral_statements_most"), of=votes,
    ),
    Mechanism(
        "S5", "选票", "Ballots",
        always(
            happened("收回选票", "ballots returned", "scoring.meeting.closed", rehearsal=False, returned=...),
            saw("S5", "一卡一票；重投是同一票", "one card, one ballot; a repeat is the same ballot"),
        ),
        ("grades", "abstain", "dimensions"), of=votes,
    ),
    Mechanism(
        "S6", "统票封存", "Count and seal",
        always(
            happened("关闭投票", "closed", "scoring.meeting.closed", rehearsal=False),
            happened("封存", "sealed", "scoring.meeting.sealed", rehearsal=False),
            saw("S6", "核验封存包", "the bundle holds, a changed one does not"),
        ),
        ("meeting.quorum", "meeting.ballot_key"), of=votes,
    ),
    Mechanism(
        "S7", "普通群众说了算", "Ordinary people decide",
        always(
            happened("七成以上才开票", "at least the share present", "scoring.ballots.opened", rehearsal=False),
            saw("S7", "到会的普通群众不够，按次序呼叫候补", "too few ordinary people came: alternates are called"),
        ),
        ("meeting.seats.ordinary_seats_min", "meeting.seats.ordinary_present_min", "meeting.card_classes"), of=votes,
    ),
    Mechanism("S8", "日常评议得分", "Daily score", _points, ("points",)),
    Mechanism("S9", "综合得分", "Composite", _parts, ("composite",)),
    Mechanism("S10", "排名", "Ranking", _ranks, ("ranking", "scopes")),
    Mechanism(
        "S11", "走关系、拉选票", "Canvassing",
        always(
            happened("认定", "established", "scoring.canvassing.established"),
            happened("申诉", "appealed", "scoring.canvassing.appealed"),
            happened("裁定", "ruled", "scoring.canvassing.ruled"),
            saw("S11", "认定的人不能裁定", "who established it does not rule on it"),
        ),
        ("consequences[when.canvassing]",), of=lambda programme: bool(rules(programme, "canvassing")),
    ),
    Mechanism("S12", "结果运用", "Consequences", _consequences, ("consequences",)),
    Mechanism(
        "S13", "网上评价", "Online evaluation at scale",
        always(saw("S13", "网上评价计数；可疑的列出、不丢", "counted; suspicious ones flagged")),
        ("online", "composite[kind=online]", "composite[key=online]", "consequences[when.section]"),
        of=lambda programme: has_part(programme, "online") or bool(rules(programme, "section")),
    ),
    Mechanism("S14", "公布", "Publication", _published, ("publication",)),
    Mechanism("S15", "更正", "Correction",
              always(
                  Proof("说明理由重新公布", "issued again with its reason", (RANKED,), pick=_reissued),
                  saw("S15", "从封存包重新计票", "counted again from the sealed bundle", least=0),
              )),
    Mechanism(
        "S16", "纸质备用、演练", "Paper fallback and rehearsal",
        always(
            happened("演练", "a rehearsal", "scoring.meeting.sealed", rehearsal=True),
            saw("S16", "纸质票两人分别录入", "paper ballots keyed in twice by different people"),
        ),
        MEETING, of=votes,
    ),
)  # fmt: skip
