"""Every template in both languages, on the facts that the events really give."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.notify.domain.recipient import OFFICE_ROLES
from services.notify.usecases import HEARD, MATTERS, make_desk
from services.notify.usecases.following import OWN
from services.notify.usecases.matters import Matter, matter_of
from services.notify.wording import FRAMES, LANGUAGES, Wording
from shared import programme
from shared.bus.topology import CONSUMES
from shared.contracts import (
    Event,
    EventData,
    assignment,
    bonus,
    canvassing,
    circulars,
    consequences,
    filings,
    inspection,
    intake,
    opinions,
    petitioner,
    publicity,
    rectification,
    rectification_duties,
    rectification_promises,
    rectification_terms,
    scoring,
)
from shared.contracts.scoring import UnitRegistered
from shared.contracts.scoring_programme import ProgrammeAmended
from shared.errors import Refusal
from shared.programme.parts import NoticeRule

PROGRAMME = programme.load("window-units")
WORDING = Wording(PROGRAMME)
NOW = datetime(2026, 3, 9, 1, tzinfo=UTC)
DAY = date(2026, 3, 9)
NAMES = {"tax": {"zh": "清河税务所", "en": "Qinghe Tax Office"}, "post": {"zh": "邮政所", "en": "Post Office"}}
DEADLINE: dict[str, Any] = {
    "case": "2026-000001", "unit": "tax", "kind": "solve", "title": "拖延", "due": DAY, "expires_at": NOW,
    "roles": ("handler",),
}  # fmt: skip
COURSE: dict[str, Any] = {
    "consequence": "2026-H1.tax.last-below-80.key_help_list", "cycle_name": "2026-H1", "unit": "tax",
    "kind": "key_help_list",
}  # fmt: skip
CANVASSED: dict[str, Any] = {"canvassing": 1, "cycle_name": "2026-H1", "unit": "tax"}
CONSEQUENCE = {
    "consequence": "c-1",
    "cycle_name": "2026-H1",
    "unit": "tax",
    "kind": "admonition_talk",
    "reason": "末位",
}
ROW = {"unit": "tax", "name": "清河税务所", "category": "c", "scope": "s"}
RANKED = scoring.RankedUnit(
    **ROW, daily=Decimal(99), concentrated=Decimal(80), composite=Decimal("83.80"), rank=1, rank_low=2, rank_high=1
)
UNRANKED = scoring.RankedUnit(
    unit="post", name="邮政所", category="c", scope="s", daily=None, concentrated=None, composite=None, rank=None,
    not_ranked="少于30份", canvassing=True,
)  # fmt: skip

OWED = {"case": "duty:own_plan:2026:office", "unit": "office", "kind": "office_obligation"}
DUTY: dict[str, Any] = {
    "duty": "duty:own_plan:2026:tax", "obligation": "own_plan", "unit": "tax", "period": "2026", "title": "拖延",
    "due": DAY,
}  # fmt: skip

FIGURES = circulars.UnitFigures(
    unit="tax", opened=4, closed=2, late=1, no_result=1, broken=1, missed=1, escalated=1, graded=3, bad=1, named=True,
    instances=tuple(
        circulars.Instance(figure=figure, number="2026-000001")
        for figure in ("late", "no_result", "broken", "missed", "escalated")
    ),
)  # fmt: skip


def approved(origin: Any) -> intake.TransferApproved:
    return intake.TransferApproved(
        number="2026-000001", card="ZB-1", lead_unit="tax", days=15, channel="inspection_covert", topic="shirking",
        title="拖延", text="属实\n属实", approver_role="approver", origin=origin,
    )  # fmt: skip


SAMPLES: dict[str, list[EventData]] = {
    "obligation_due": [
        rectification_duties.ObligationDue(**DUTY, expires_at=NOW),
        rectification_duties.ObligationDue(**DUTY | {"unit": "office"}, expires_at=NOW, provisional=True),
    ],
    "obligation_missed": [
        rectification_duties.ObligationMissed(**DUTY),
        rectification_duties.ObligationMissed(**DUTY | {"obligation": "task"}, costs=False),
    ],
    "transfer_requested": [
        intake.TransferRequested(number="2026-000001", card="ZB-1", lead_unit="tax", days=15, due=NOW),
        intake.TransferRequested(
            number="2026-000001", card="ZB-1", lead_unit="tax", days=15, due=NOW, cooperating_units=("post",),
            territorial_unit="post", track="planned",
        ),
    ],
    "transfer_refused": [intake.TransferRefused(number="2026-000001", card="ZB-1", reason="重复")],
    "identity_disclosed": [intake.IdentityDisclosed(number="2026-000001", request="d-1", role="office", reason="办案")],
    "disclosure_refused": [intake.DisclosureRefused(number="2026-000001", request="d-1", role="clerk", reason="无权")],
    "transfer_overdue": [
        assignment.TransferOverdue(number="2026-000001", card="ZB-1", due=NOW, step=step, roles=("approver",))
        for step in ("expired", "escalation_3")
    ],
    "complaint_hot": [
        petitioner.ComplaintHot(number="2026-000001", petitioners=5, unit="tax", title="No 3"),
        petitioner.ComplaintHot(number="2026-000001", petitioners=5),
    ],
    "objection_raised": [assignment.ObjectionRaised(number="2026-000001", unit="tax", reason="材料不全", due=NOW)],
    "objection_ruled": [
        assignment.ObjectionRuled(
            number="2026-000001", unit="tax", upheld=True, lead_unit="post", cooperating_units=("post",),
            territorial_unit="post", days=15, reason="属实", ruled_by_role="office",
        ),
        assignment.ObjectionRuled(
            number="2026-000001", unit="tax", upheld=False, reason="属实", ruled_by_role="office"
        ),
    ],
    "matter_referred": [assignment.MatterReferred(number="2026-000001", reason="属实")],
    "referral_concluded": [
        assignment.ReferralConcluded(number="2026-000001", outcome=outcome) for outcome in ("confirmed", "returned")
    ],
    "exposure_verified": [
        publicity.ExposureVerified(number="2026-000001", outlet="邮政所", verified=verified, reason="属实")
        for verified in (True, False)
    ],
    "exposure_chased": [
        publicity.ExposureChased(number="2026-000001", due=NOW, step=step, roles=("discipline",))
        for step in ("warning_1", "expired", "escalation_3")
    ],
    "feedback_overdue": [publicity.FeedbackOverdue(number="2026-000001", due=NOW, roles=("office",))],
    "coverage_missed": [inspection.CoverageMissed(unit="tax", quarter="2026-Q1")],
    "supervisor_expiring": [
        inspection.SupervisorExpiring(supervisor="JD-0001", until=DAY, expired=expired) for expired in (False, True)
    ],
    "supervisor_appointed": [
        inspection.SupervisorAppointed(
            supervisor="JD-0001", kind=kind, appointed_by="office", letter="JD 1", letter_date=DAY,
            since=DAY, until=DAY, renewed=renewed,
        )
        for kind, renewed in (("supervisor", False), ("special_inspector", True))
    ],
    "case_committed": [
        rectification_promises.CaseCommitted(
            case="2026-000001", unit="tax", commitment="2026-000001/1", text="邮政所", person="邮政所", due=DAY
        )
    ],
    "opinion_issued": [
        opinions.OpinionIssued(
            opinion="o-1", cycle_name="2026", unit="tax", author="office", strengths=("邮政所",),
            problems=(opinions.OpinionProblem(item=1, text="邮政所"),), recommendations=("邮政所",),
            signed_by="邮政所", issued_on=DAY,
        )
    ],
    "opinion_fed_back": [
        opinions.OpinionFedBack(
            opinion="o-1", cycle_name="2026", unit="tax", held_on=DAY, place="邮政所", minutes="邮政所"
        )
    ],
    "filing_received": [
        filings.FilingReceived(
            filing="f1", office="tax", unit="tax", cycle_name="2026", of_cycle="2026", kind=kind, version=1, late=late,
            sha256="0" * 64,
        )
        for kind, late in (("result", False), ("report", True))
    ],
    "filing_refused": [
        filings.FilingRefused(
            filing="f1", office="tax", unit="tax", of_cycle="2026", kind=kind, reasons=("邮政所", "邮政所")
        )
        for kind in ("result", "report")
    ],
    "filing_reviewed": [
        filings.FilingReviewed(
            filing="f1", office="tax", unit="tax", cycle_name="2026", of_cycle="2026", kind=kind, version=1,
            decision=decision, reasons=reasons,
        )
        for kind, decision, reasons in (("result", "accepted", ""), ("report", "returned", "邮政所"))
    ],
    "filing_overdue": [filings.FilingOverdue(unit="tax", cycle_name="2026", by=DAY)],
    "filing_answered": [
        filings.FilingAnswered(filing="f1", cycle_name="2026", kind=kind, state=state, reasons=reasons)
        for kind, state, reasons in (
            ("result", "accepted", ()), ("report", "returned", ("邮政所",)), ("result", "refused", ("邮政所",))
        )
    ],
    "card_answered": [
        inspection.CardAnswered(card="2026-K0001", number="2026-000001", unit="tax", answered_by="unit"),
        inspection.CardAnswered(card="2026-K0001", number="2026-000001", answered_by="office"),
    ],
    "show_approaching": [
        publicity.ShowApproaching(
            show="s-1", name="邮政所", outlet="邮政所", unit="tax", leader="邮政所", starts_at=NOW, questions=count
        )
        for count in (0, 2)
    ],
    "case_opened": [
        rectification.CaseOpened(
            case="2026-000001", lead_unit="tax", cooperating_units=("post",), track="immediate", title="拖延", due=DAY,
            expires_at=NOW, provisional=True,
        ),
        rectification.CaseOpened(case="2026-000001", lead_unit="tax", track="explained", due=DAY, expires_at=NOW),
    ],
    "deadline_approaching": [
        rectification.DeadlineApproaching(**one, step="warning_3") for one in (DEADLINE, DEADLINE | OWED)
    ],
    "deadline_passed": [
        rectification.DeadlinePassed(**one) for one in (DEADLINE, DEADLINE | OWED)
    ],
    "deadline_escalated": [
        rectification.DeadlineEscalated(**one, step="escalation_3") for one in (DEADLINE, DEADLINE | OWED)
    ],
    "case_returned": [
        rectification.CaseReturned(
            case="2026-000001", unit="tax", round=1, reasons=("bad_callback", "材料不全"), rework_due=DAY,
            expires_at=NOW,
        )
    ],
    "case_closed": [
        rectification.CaseClosed(
            case="2026-000001", unit="tax", paying_unit="tax", outcome="solved", late=late, late_days=2
        )
        for late in (True, False)
    ],
    "case_reopened": [
        rectification.CaseReopened(
            case="2026-000001", unit="tax", reason="bad_callback", round=2, due=DAY, expires_at=NOW
        )
    ],
    "request_made": [
        rectification_terms.RequestMade(
            case="2026-000001", unit="tax", title="拖延", reasons="材料不全", due=DAY, **asked
        )
        for asked in ({"kind": "extension", "days": 5}, {"kind": "track", "track": "planned"},
                      {"kind": "suspension", "ground": "law_suit"})
    ],
    "request_decided": [
        rectification_terms.RequestDecided(
            case="2026-000001", unit="tax", reasons="材料不全", due=DAY, kind=kind, granted=granted, days=days
        )
        for kind, granted, days in (("extension", True, 5), ("extension", False, None), ("suspension", True, None))
    ],
    "deadline_suspended": [
        rectification_terms.DeadlineSuspended(
            case="2026-000001", unit="tax", kind=kind, ground="law_suit", reasons="材料不全", due=DAY
        )
        for kind in ("solve", "accept")
    ],
    "deadline_resumed": [
        rectification_terms.DeadlineResumed(
            case="2026-000001", unit="tax", kind=kind, due=DAY, expires_at=NOW, previous_due=DAY
        )
        for kind in ("solve", "accept")
    ],
    "case_reassigned": [
        rectification_terms.CaseReassigned(
            case="2026-000001", previous_unit="tax", unit="post", title="拖延", due=DAY, expires_at=NOW
        )
    ],
    "plan_returned": [
        rectification_promises.PlanReturned(case="2026-000001", unit="tax", version=1, reasons=("材料不全",), due=day)
        for day in (DAY, None)
    ],
    "commitment_broken": [
        rectification_promises.CommitmentBroken(
            case="2026-000001", unit="tax", paying_unit="post", evidence=("属实",), late=False,
            commitment="2026-000001-1", due=DAY,
        )
    ],
    "case_lapsed": [
        rectification.CaseLapsed(case="2026-000001", unit="tax", paying_unit="post", cycle_name="2026-H1", due=DAY)
    ],
    "points_deducted": [
        scoring.PointsDeducted(
            line="p-1", unit="tax", cycle_name="2026-H1", rule="late", points=Decimal(-1), case=case, evidence=("e",)
        )
        for case in ("2026-000001", None)
    ],
    "points_awarded": [
        bonus.PointsAwarded(
            line="p-1", unit="tax", cycle_name="2026-H1", rule="good_practice", points=Decimal(1), case="inspection:1",
            evidence=("e",),
        )
    ],
    "points_withdrawn": [bonus.PointsWithdrawn(line="p-1", unit="tax", points=Decimal(1), reason="属实")],
    "points_restored": [scoring.PointsRestored(line="p-1", unit="tax", points=Decimal(1), reason="属实")],
    "consequence_overdue": [consequences.ConsequenceOverdue(**COURSE, due=DAY)],
    "consequence_returned": [consequences.ConsequenceReturned(**COURSE, reason="属实", due=DAY)],
    "consequence_closed": [consequences.ConsequenceClosed(**COURSE)],
    "consequence_appealed": [consequences.ConsequenceAppealed(**COURSE, grounds="属实")],
    "consequence_ruled": [
        consequences.ConsequenceRuled(**COURSE, upheld=u, reason="属实") for u in (True, False)
    ],
    "canvassing_established": [
        canvassing.CanvassingEstablished(**CANVASSED, persons=posts, appeal_until=NOW) for posts in (("director",), ())
    ],
    "canvassing_appealed": [canvassing.CanvassingAppealed(**CANVASSED, grounds="属实")],
    "canvassing_ruled": [canvassing.CanvassingRuled(**CANVASSED, upheld=u, reason="属实") for u in (True, False)],
    "meeting_announced": [
        scoring.MeetingAnnounced(
            meeting="m-1", cycle_name="2026-H1", units=2, date=DAY, place=place, starts_at=NOW if place else None,
            unit_keys=("tax", "post") if place else (), speak=speak,
        )
        for place, speak in (("", ()), ("会堂", ("tax",)), ("会堂", ("post",)))
    ],
    "meeting_sealed": [
        scoring.MeetingSealed(meeting="m-1", cycle_name="2026-H1", units=2, checkpoint="ab12", valid=58, void=1)
    ],
    "ranking_published": [scoring.RankingPublished(cycle_name="2026-H1", rows=(RANKED, UNRANKED))],
    "programme_amended": [
        ProgrammeAmended(
            key="window-units", cycle_name="2026-H1", before="a", after="b", reason="属实", document="属实",
            paths=["points.late"],
        )
    ],
    "evaluators_feedback": [scoring.RankingPublished(cycle_name="2026-H1", rows=(RANKED, UNRANKED))],
    "finding_verbatim": [approved("inspection")],
    "finding_summary": [approved("inspection")],
    "circular_issued": [
        circulars.CircularIssued(
            circular="quarter:2026-Q1", kind="quarterly", period="2026-Q1", first=DAY, last=DAY,
            number="民评通〔2026〕1号", title="属实", title_en="Circular", text="属实", text_en="In general\nUnits",
            issued_on=DAY, approved_by="a-1", units=(FIGURES, circulars.UnitFigures(unit="post")),
        )
    ],
    "supervisors_briefing": [
        circulars.BriefingIssued(quarter="2026-Q1", first=DAY, last=DAY, units=units, topics={"shirking": 1})
        for units in ((FIGURES,), ())
    ],
    "consequence_proposed": [
        scoring.ConsequenceProposed(**CONSEQUENCE, review=True, rank=9, composite=Decimal("71.20")),
        scoring.ConsequenceProposed(**CONSEQUENCE, review=False),
    ],
    "consequence_confirmed": [
        scoring.ConsequenceConfirmed(**CONSEQUENCE, due=DAY), scoring.ConsequenceConfirmed(**CONSEQUENCE)
    ],
    "consequence_withdrawn": [scoring.ConsequenceWithdrawn(**CONSEQUENCE)],
}  # fmt: skip
OWN_FACTS = {"unit": "tax", "role": "handler", "person_name": "王芳", "reason": "550", "letter": "l-1", "count": 3}


def matter(data: EventData) -> Matter:
    kind = type(data)
    return matter_of(Event[kind](id="e", source="t", type=kind.TYPE, time=NOW, data=data))  # type: ignore[valid-type]  # known at run time only


def all_facts(data: EventData) -> list[dict[str, Any]]:
    told = matter(data)
    return [{**told.facts, **told.office_facts}, *({**told.facts, **own} for _, own in told.units)]


def templates(language: str) -> set[str]:
    return set(WORDING._templates[language]) - FRAMES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", sorted(SAMPLES))
def test_every_event_is_worded_in_both_languages(template: str, language: str) -> None:
    for data in SAMPLES[template]:
        for facts in all_facts(data):
            item = WORDING.item(template, facts, NAMES, language)
            words = item.subject + item.body
            assert item.subject
            assert item.body.count("\n") >= 1
            assert "None" not in words
            assert "{{" not in words
            if language == "en":
                assert not [line for line in item.subject.split() if line.startswith("_")]
                own = (
                    "拖延",
                    "材料不全",
                    "重复",
                    "末位",
                    "属实",
                    "少于30份",
                    "邮政所",
                    "清河税务所",
                    "会堂",
                    "民评通〔2026〕1号",
                )
                for theirs in own:  # what officials and the register wrote stays as it was written
                    words = words.replace(theirs, "")
                words = words.translate({ord(c): None for c in "".join(r.label.zh for r in PROGRAMME.points.rules)})
                assert words.isascii() or not any("\u4e00" <= c <= "\u9fff" for c in words), words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", ["address_failed", "notice_failed", "notice_uncertain"])
def test_letters_about_letters_are_worded(template: str, language: str) -> None:
    for unit in ("tax", None):
        assert "l-1" in WORDING.item(template, {**OWN_FACTS, "unit": unit}, NAMES, language).body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("expired", [False, True])
@pytest.mark.parametrize("unit", ["tax", None])
def test_the_end_of_a_term_is_worded(language: str, expired: bool, unit: str | None) -> None:
    facts = {"unit": unit, "role": "main_leader", "person_name": "王芳", "until": "2026-06-30", "expired": expired}
    item = WORDING.item("term_expiring", facts, NAMES, language)
    assert "王芳" in item.body
    assert ("空缺" in item.subject or "Vacant" in item.subject) is expired


def test_there_is_a_sample_of_every_event_and_a_template_in_both_languages() -> None:
    assert {type(data) for samples in SAMPLES.values() for data in samples} == set(MATTERS)
    own = {"address_failed", "notice_failed", "notice_uncertain", "term_expiring"}
    assert templates("zh") == templates("en") == set(SAMPLES) | own


def test_what_notify_takes_from_the_bus_is_what_is_told_shown_or_kept() -> None:
    assert set(CONSUMES["notify"]) == {*HEARD, UnitRegistered}
    assert set(MATTERS) <= set(HEARD)


def test_facts_can_be_stored() -> None:
    import json

    for samples in SAMPLES.values():
        for data in samples:
            for facts in all_facts(data):
                assert json.loads(json.dumps(facts)) == facts


def test_an_unknown_unit_is_named_by_its_key() -> None:
    facts = all_facts(SAMPLES["case_lapsed"][0])[0]
    assert "tax" in WORDING.item("case_lapsed", facts, {}, "zh").body


def test_a_corrected_ranking_is_another_matter() -> None:
    first, again, corrected = (
        matter(scoring.RankingPublished(cycle_name="2026-H1", rows=rows)).key
        for rows in ((RANKED,), (RANKED,), (RANKED, UNRANKED))
    )
    assert first == again != corrected


def desk_with(**rule: Any) -> None:
    rules = (NoticeRule.model_validate({"event": "rectification.case.opened", "template": "case_opened"} | rule),)
    make_desk(PROGRAMME.model_copy(update={"notices": rules}), sender="a@b.example", domain="b.example")


def test_a_rule_with_an_unknown_template_or_event_is_refused_at_the_start() -> None:
    desk_with(tells=["handler"])
    for field, wrong in {"template": "no_such", "event": "scoring.pool.frozen"}.items():
        with pytest.raises(Refusal) as refused:
            desk_with(tells=["handler"], **{field: wrong})
        assert refused.value.field == f"notices.1.{field}"


def test_a_rule_that_would_show_a_unit_an_unapproved_matter_is_refused() -> None:
    with pytest.raises(Refusal, match="I7"):
        desk_with(event="intake.transfer.requested", template="transfer_requested", tells=["handler"])


@pytest.mark.parametrize("tells", [["main_leader"], ["leading_group", "superior"]])
def test_s14_a_rule_that_would_tell_a_unit_of_its_rank_before_the_publication_is_refused(tells: list[str]) -> None:
    desk_with(event="scoring.consequence.proposed", template="consequence_proposed", tells=["leading_group"])
    with pytest.raises(Refusal, match="S14"):
        desk_with(event="scoring.consequence.proposed", template="consequence_proposed", tells=tells)


def test_a_rule_that_would_tell_of_disclosures_to_others_than_the_auditor_is_refused() -> None:
    with pytest.raises(Refusal, match="auditor"):
        desk_with(event="intake.identity.disclosed", template="identity_disclosed", tells=["auditor", "office"])


def test_a_rule_that_would_tell_of_a_referral_to_others_than_the_discipline_organ_is_refused() -> None:
    desk_with(event="intake.matter.referred", template="matter_referred", tells=["discipline"])
    for others in (["discipline", "office"], ["main_leader"], ["superior"]):
        with pytest.raises(Refusal, match="I15"):
            desk_with(event="intake.matter.referred", template="matter_referred", tells=others)


def test_our_own_events_are_told_to_the_office_only() -> None:
    assert {own.TYPE for own in OWN} and "operator" in OFFICE_ROLES
    with pytest.raises(Refusal):
        desk_with(event="notify.notice.failed", template="notice_failed", tells=["main_leader"])
