"""What is particular to a programme (domain, section 4), told by what its file holds and never by its key."""

from collections.abc import Callable, Iterable
from functools import partial

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.mechanism import (
    Mechanism,
    Proof,
    Seen,
    happened,
    has_part,
    proposed,
    rules,
    saw,
    valued,
    votes,
)
from shared.programme import Programme
from shared.programme.obligations import TASK, Obligation

MET, RANKED = "rectification.obligation.met", "scoring.ranking.published"
INSPECTED, REGISTERED = "intake.inspection.recorded", "intake.complaint.registered"
OPINIONS = ("deputies", "supervisors", "external")


def _duties(test: Callable[[Obligation], bool]) -> Callable[[Programme, int], tuple[Proof, ...]]:
    def proofs(programme: Programme, years: int) -> tuple[Proof, ...]:
        return tuple(
            happened(f"{one.label.zh}：完成", f"{one.label.en}: met", MET, obligation=one.key)
            for one in programme.obligations if test(one)
        )  # fmt: skip

    return proofs


def _has_duty(test: Callable[[Obligation], bool]) -> Callable[[Programme], bool]:
    return lambda programme: any(test(one) for one in programme.obligations)


def _asks(one: Obligation, key: str) -> bool:
    return any(asked.key == key for asked in one.acceptance)


def _consequences(condition: str) -> Callable[[Programme, int], tuple[Proof, ...]]:
    return lambda programme, years: tuple(
        proposed(rule) for rule in rules(programme, condition) if rule.when.years_running <= years
    )


def _has_rule(condition: str) -> Callable[[Programme], bool]:
    return lambda programme: bool(rules(programme, condition))


def _valued(*kinds: str) -> Callable[[Programme, int], tuple[Proof, ...]]:
    return lambda programme, years: tuple(
        valued(part.key, part.label.zh, part.label.en) for part in programme.composite if part.is_of in kinds
    )


def _valued_items(programme: Programme, years: int) -> tuple[Proof, ...]:
    return tuple(valued(part.key, part.label.zh, part.label.en) for part in programme.composite if part.items)


def _ranked_in(programme: Programme, years: int) -> tuple[Proof, ...]:
    return tuple(_scope(one.key, one.label.zh, one.label.en) for one in programme.scopes if one.key_units)


def _scope(key: str, zh: str, en: str) -> Proof:
    return Proof(
        f"{zh}排名", f"ranked: {en}", (RANKED,),
        where=lambda data: any(row.get("scope", "").partition(":")[0] == key for row in data.get("rows", ())),
    )  # fmt: skip


def _each(programme: Programme, years: int) -> tuple[Proof, ...]:
    return tuple(_scope(one.key, one.label.zh, one.label.en) for one in programme.scopes if one.each)


def _visits(programme: Programme, years: int) -> tuple[Proof, ...]:
    words = {"open": "明察", "covert": "暗访", "call_on": "走访", "patrol": "巡访", "check": "查访", "regular": "定期",
             "spot": "抽查"}  # fmt: skip
    kinds = programme.inspections.coverage.kinds
    return tuple(happened(words[kind], kind.replace("_", " "), INSPECTED, kind=kind) for kind in kinds)


def _crosses(programme: Programme) -> bool:
    return any(one.publish_by.years_later for one in programme.cycles)


def _next_year(seen: Seen) -> Iterable[Fact]:
    years = {cycle.name.replace("{year}", str(y)): y for cycle in seen.programme.cycles for y in range(2004, 2051)}
    return (fact for fact in seen.of(RANKED) if int(fact.at[:4]) > years.get(str(fact.data["cycle_name"]), 9999))


def _phases(programme: Programme, years: int) -> tuple[Proof, ...]:
    named = [(one, tuple(o.key for o in programme.obligations if o.phase == one.key)) for one in programme.phases]
    return tuple(
        happened(f"{one.label.zh}：规定动作完成", f"{one.label.en}: duties met", MET, obligation=duties)
        for one, duties in named if duties
    )  # fmt: skip


def _two_years(programme: Programme, years: int) -> tuple[Proof, ...]:
    return tuple(proposed(one) for one in programme.consequences if 1 < one.when.years_running <= years)


def _rounds(programme: Programme, years: int) -> tuple[Proof, ...]:
    return tuple(valued(part.key, part.label.zh, part.label.en) for part in programme.composite if part.window)


def _fixed(*proofs: Proof) -> Callable[[Programme, int], tuple[Proof, ...]]:
    return lambda programme, years: proofs


_particular = partial(Mechanism, particular=True)

PARTICULAR = (
    _particular(
        "panels", "评议组：公开任命，打分并签署意见", "An appointed, published panel a group",
        _fixed(saw("panels", "公布的评议组组长和成员", "leader and members as published"),
               happened("评议组意见", "opinions of a panel", "scoring.opinion.issued")),
        ("groups[panel]",), lambda programme: any(group.panel for group in programme.groups),
    ),
    _particular(
        "key-units", "重点评议单位：只在重点组排一次名次", "Key units, ranked once, in their group", _ranked_in,
        ("scopes[key_units]",), lambda programme: any(scope.key_units for scope in programme.scopes),
    ),
    _particular(
        "own-method", "有自己评议内容和权重的组", "A group with a method of its own",
        _fixed(saw("own-method", "该组的评议内容和权重", "what is graded of the group, by its own weights")),
        ("groups[dimensions]",), lambda programme: any(group.dimensions for group in programme.groups),
    ),
    _particular(
        "rounds", "分轮次、按日子评的部分", "Rounds: parts of the score with days of their own", _rounds,
        ("composite[window]",), lambda programme: any(part.window for part in programme.composite),
    ),
    _particular(
        "questionnaire", "问卷计入得分", "A questionnaire in the score",
        _fixed(saw("questionnaire", "收到的答卷和得分", "answers received and the figure")),
        ("questionnaires", "points.questionnaire", "composite[questionnaire]"),
        lambda programme: bool(programme.points.questionnaire or any(p.questionnaire for p in programme.composite)),
    ),
    _particular(
        "phases", "分阶段推进", "Phases of the year with their duties", _phases, ("phases", "obligations[phase]"),
        lambda programme: bool(programme.phases),
    ),
    _particular(
        "own-parts", "各类别各有评议内容", "A category with parts of its own",
        lambda programme, years: tuple(
            valued(part.key, part.label.zh, part.label.en) for part in programme.composite if part.categories
        ),
        ("composite[categories]",), lambda programme: any(part.categories for part in programme.composite),
    ),
    _particular(
        "published-duties", "须向社会公布的规定动作", "Duties to be published", _duties(lambda one: one.published),
        ("obligations[published]",), _has_duty(lambda one: one.published),
    ),
    _particular(
        "rules-filed", "建章立制并备案", "Institutions built and filed", _duties(lambda one: _asks(one, "rules")),
        ("obligations[acceptance.key=rules]",), _has_duty(lambda one: _asks(one, "rules")),
    ),
    _particular(
        "commitments-filed", "整改承诺公布备案", "Commitments published and filed",
        _duties(lambda one: _asks(one, "commitments")), ("obligations[acceptance.key=commitments]",),
        _has_duty(lambda one: _asks(one, "commitments")),
    ),
    _particular(
        "self-inspection", "单位每季度自查暗访", "Units' own quarterly covert inspections",
        _fixed(happened("单位自查", "by the unit itself", INSPECTED, by="unit")),
        ("obligations[inspection]",), _has_duty(lambda one: one.inspection),
    ),
    _particular(
        "office-duties", "评议办自己的规定动作", "Duties of the office itself", _duties(lambda one: one.who.office),
        ("obligations[who.office]",), _has_duty(lambda one: one.who.office),
    ),
    _particular(
        "monthly", "每月进展和自查（次月报）", "Progress and self-checks every month, by the next month's date",
        _duties(lambda one: one.when.monthly is not None), ("obligations[when.monthly]",),
        _has_duty(lambda one: one.when.monthly is not None),
    ),
    _particular(
        "tasks", "任务分解：依据、牵头配合属地、责任人、时限、标准", "Task decomposition",
        _fixed(happened("任务下达", "tasks announced", "rectification.obligation.due", obligation=TASK),
               happened("任务完成", "tasks met", MET, obligation=TASK)),
        ("obligations[acceptance.key=decision]",), _has_duty(lambda one: _asks(one, "decision")),
    ),
    _particular(
        "deputy-first", "突出问题先问分管领导", "An outstanding problem names the deputy in charge first",
        _fixed(Proof("届满当天告知分管领导", "the deputy told at expiry", ("rectification.deadline.passed",),
                     where=lambda data: "deputy_in_charge" in data.get("roles", ()))),
        ("escalation",), lambda programme: "deputy_in_charge" in programme.escalation[0].tells,
    ),
    _particular(
        "visits", "几种形式的检查走访", "Visits of several kinds", _visits, ("inspections.coverage.kinds",),
        lambda programme: len(programme.inspections.coverage.kinds) > 1,
    ),
    _particular(
        "exposure-column", "媒体曝光栏目：核实、负责人承诺", "A media exposure column with leaders' promises",
        _fixed(happened("核实", "verified", "intake.exposure.verified", verified=True),
               happened("负责人公开承诺", "the leader's public promise", "intake.exposure.followed", promise=...)),
        ("channels[verification]",), lambda programme: any(one.verification for one in programme.channels),
    ),
    _particular(
        "monitoring-points", "效能监测点", "Monitoring points",
        _fixed(happened("监测点反映", "reported by a point", REGISTERED, channel="monitoring_point")),
        ("channels[key=monitoring_point]",),
        lambda programme: any(one.key == "monitoring_point" for one in programme.channels),
    ),
    _particular(
        "resolution", "问题解决：数量和质量，承诺事项加倍", "Resolution: number and quality, promised ones double",
        _valued("resolution"), ("composite[kind=resolution]", "composite[key=resolution]"),
        lambda programme: has_part(programme, "resolution"),
    ),
    _particular(
        "online-hall", "网上办事大厅（分项）", "Online hall, by items", _valued("online_hall"),
        ("composite[kind=online_hall]", "composite[key=online_hall]"),
        lambda programme: has_part(programme, "online_hall"),
    ),
    _particular(
        "online-cards", "评议卡和网上评议，由系统计算", "Cards and online evaluation, computed", _valued("online"),
        ("composite[kind=online]", "composite[key=online]", "online"), lambda programme: has_part(programme, "online"),
    ),
    _particular(
        "items", "分项考核", "Parts assessed by items", _valued_items, ("composite[items]",),
        lambda programme: any(part.items for part in programme.composite),
    ),
    _particular(
        "outside-marks", "代表委员、监督员、外部评价", "Marks of deputies, supervisors and outside bodies",
        _valued(*OPINIONS), tuple(f"composite[{by}={kind}]" for kind in OPINIONS for by in ("kind", "key")),
        lambda programme: has_part(programme, *OPINIONS),
    ),
    _particular(
        "vote", "公述民评大会投票", "A vote of drawn people",
        _fixed(happened("封存", "sealed", "scoring.meeting.sealed")),
        ("composite[key=concentrated]", "meeting", "pool"), votes,
    ),
    _particular(
        "each-place", "各乡镇（组）各排各的", "A ranking for each township or group", _each, ("scopes[each]",),
        lambda programme: any(scope.each for scope in programme.scopes),
    ),
    _particular(
        "cross-year", "考核跨年", "The appraisal ends in the following year",
        _fixed(Proof("次年公布名次", "ranked in the following year", (RANKED,), pick=_next_year)),
        ("cycles",), _crosses,
    ),
    _particular(
        "two-years", "连续两年末位加重处理", "Two years running", _two_years,
        ("consequences[when.years_running]",),
        lambda programme: any(rule.when.years_running > 1 for rule in programme.consequences),
    ),
    _particular(
        "rewards", "十佳、先进表彰", "Top ten, advanced units", _consequences("top"), ("consequences[when.top]",),
        _has_rule("top"),
    ),
    _particular(
        "nominated", "推荐表彰的个人", "Individuals by nomination", _consequences("nominated"),
        ("consequences[when.nominated]",), _has_rule("nominated"),
    ),
    _particular(
        "city-rank", "全市（省）排名奖惩", "The rank among cities rewards and penalises", _consequences("city_rank"),
        ("consequences[when.city_rank]",), _has_rule("city_rank"),
    ),
    _particular(
        "poor-rectification", "整改不力", "Poor rectification", _consequences("rectification"),
        ("consequences[when.rectification]",), _has_rule("rectification"),
    ),
    _particular(
        "sections", "群众不满意科室", "Dissatisfied sections", _consequences("section"),
        ("consequences[when.section]",), _has_rule("section"),
    ),
    _particular(
        "roll-up", "下级评议结果上报、审核", "Results filed upward and reviewed",
        _fixed(happened("收到上报", "filed", "scoring.filing.received"),
               happened("审核", "reviewed", "scoring.filing.reviewed")),
        ("rollup",), lambda programme: bool(programme.rollup.takes),
    ),
)  # fmt: skip
