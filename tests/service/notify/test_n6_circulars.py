"""Circulars, findings word by word, briefings and feedback (N6, I9, I10, S4): who gets what, with which figures."""

import io
import zipfile
from datetime import date
from email import message_from_bytes, policy
from typing import Any

import pytest

from services.notify.domain.bulletin import item_id
from services.notify.domain.recipient import OFFICE
from services.notify.usecases.quarter_ends import jobs
from shared.contracts import circulars, intake, scoring
from shared.contracts import rectification as r
from shared.contracts import rectification_duties as d
from shared.contracts import rectification_promises as p
from shared.contracts.notify import LeaderChanged
from shared.contracts.scoring import RankedUnit
from shared.errors import Refusal
from shared.identity import ROLES
from shared.programme.parts import NoticeRule
from shared.tick import Aside, run_jobs
from tests.support.notify_house import House, local, opened, passed, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
Q1 = "quarter:2026-Q1"
TEXT = {"title": "第一季度通报", "text": "一、总体情况\n总体向好。"}


def closed(case: str, **more: Any) -> r.CaseClosed:
    fields: dict[str, Any] = {"case": case, "unit": "tax", "paying_unit": "tax", "outcome": "solved", "late": False}
    return r.CaseClosed(**fields | more)


def lapsed(case: str, unit: str = "tax", paying: str = "tax") -> r.CaseLapsed:
    return r.CaseLapsed(case=case, unit=unit, paying_unit=paying, cycle_name="2026-H1", due=date(2026, 3, 1))


def escalated(case: str, step: str) -> r.DeadlineEscalated:
    return r.DeadlineEscalated(**passed(case).model_dump() | {"step": step, "roles": ("leading_group",)})


def broken(kind: Any = p.CommitmentBroken, **more: Any) -> Any:
    fields: dict[str, Any] = {
        "case": "2026-000003", "unit": "tax", "paying_unit": "tax", "evidence": (), "late": False,
        "commitment": "2026-000003-1",
    }  # fmt: skip
    return kind(**fields | more)


@pytest.fixture(autouse=True)
def april(web: Web) -> None:
    """The first quarter is over."""
    web.moves_to("2026-04-09T10:00")


async def quarter(house: House) -> None:
    """A quarter in which the tax office has one of everything, and the fire brigade nothing bad."""
    await house.hear("2026-01-01T08:00", scoring.UnitRegistered(
        unit="fire", name="清河消防站", name_en="Qinghe Fire Station", category="service_window", scope="township"
    ))  # fmt: skip
    for number in (1, 2, 3, 4):
        await house.hear("2026-01-10T09:00", opened(f"2026-00000{number}", topic="shirking"), f"opened-{number}")
    await house.hear("2026-01-10T09:00", opened("2026-000009", "fire"), "opened-9")
    await house.hear("2026-02-01T09:00", closed("2026-000001", late=True, late_days=2, grades=("satisfied",)), "late-1")
    await house.hear("2026-02-02T09:00", closed("2026-000002", grades=("dissatisfied", "satisfied")), "closed-2")
    await house.hear("2026-02-03T09:00", closed("2026-000009", unit="fire", grades=("very_satisfied",)), "closed-9")
    await house.hear("2026-02-10T00:00", escalated("2026-000003", "escalation_3"))
    await house.hear("2026-02-14T00:00", escalated("2026-000003", "escalation_7"), "escalated-3")
    await house.hear("2026-03-01T00:00", lapsed("2026-000004"), "lapsed-4")
    await house.hear("2026-03-02T00:00", broken(), "broken-3")
    await house.hear("2026-03-03T00:00", d.ObligationMissed(
        duty="duty:own_plan:2026:tax", obligation="own_plan", unit="tax", period="2026", due=date(2026, 1, 30)
    ), "missed-1")  # fmt: skip
    await house.hear("2026-04-02T09:00", closed("2026-000003"), "closed-3")


async def tick(house: House, at: str) -> int:
    """The clock moves; how often there was more to do."""
    done = 0
    made = jobs(house.desk)
    while await house.do(at, lambda tx: run_jobs(made, tx, Aside())):
        done += 1
    return done


async def drafted(web: Web) -> dict[str, Any]:
    answer = await web("POST", "/circulars", "office", json={"quarter": "2026-Q1"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def unit_of(found: dict[str, Any], key: str = "tax") -> dict[str, Any]:
    return next(unit for unit in found["units"] if unit["unit"] == key)


async def test_n6_a_draft_counts_every_figure_and_links_each_to_its_event(house: House, web: Web) -> None:
    await quarter(house)
    found = await drafted(web)
    tax = unit_of(found)
    wanted = {"opened": 4, "closed": 2, "solved": 2, "open": 2, "late": 1, "no_result": 1, "broken": 1, "missed": 1,
              "escalated": 1, "graded": 3, "bad": 1, "named": True}  # fmt: skip
    assert {name: tax[name] for name in wanted} == wanted
    counted = {(one["figure"], one["number"], one["event"]) for one in tax["instances"]}
    assert counted == {
        ("late", "2026-000001", "late-1"), ("no_result", "2026-000004", "lapsed-4"),
        ("broken", "2026-000003-1", "broken-3"), ("missed", "duty:own_plan:2026:tax", "missed-1"),
        ("escalated", "2026-000003", "escalated-3"),
    }  # fmt: skip
    assert (unit_of(found, "fire")["named"], unit_of(found, "fire")["closed"]) == (False, 1)
    assert found["topics"] == {"shirking": 4}
    assert "清河税务所：逾期办结1件，到期无结果1件，承诺未兑现1项，任务未完成1项，严重逾期1件" in found["text"]
    assert "满意率75.00%" in found["text"]
    assert "清河消防站" not in found["text"]
    assert "Qinghe Tax Office: closed late: 1" in found["text_en"]
    assert (await drafted(web))["steps"] == found["steps"], "a circular is drafted once"


async def test_n6_what_an_appeal_took_away_or_an_inspection_corrected_counts_no_more(house: House, web: Web) -> None:
    await quarter(house)
    await house.hear("2026-04-03T09:00", d.LatenessExcused(
        case="2026-000001", times_closed=1, unit="tax", reason="停电", ruled_by="o-2"
    ))  # fmt: skip
    await house.hear("2026-04-04T09:00", broken(p.CommitmentKept, corrects=True))
    tax = unit_of(await drafted(web))
    assert (tax["late"], tax["broken"]) == (0, 0)


async def test_n6_of_a_case_that_another_unit_pays_for_only_that_unit_is_named(house: House, web: Web) -> None:
    await quarter(house)
    await house.hear("2026-03-05T00:00", lapsed("2026-000009", "fire", "tax"))
    found = await drafted(web)
    assert (unit_of(found)["no_result"], unit_of(found, "fire")["no_result"]) == (2, 0)


async def test_n6_the_clock_drafts_each_quarter_once_at_its_end(house: House, web: Web) -> None:
    await quarter(house)
    await tick(house, "2026-03-31T23:59")
    assert (await web("GET", "/circulars", "office")).json()["circulars"] == []
    await tick(house, "2026-04-01T00:00")
    await tick(house, "2026-04-01T00:05")
    [only] = (await web("GET", "/circulars", "office")).json()["circulars"]
    assert (only["key"], only["state"]) == (Q1, "draft")
    await tick(house, "2027-01-02T00:00")
    periods = [one["period"] for one in (await web("GET", "/circulars", "office")).json()["circulars"]]
    assert periods == ["2026-Q4", "2026-Q3", "2026-Q2", "2026-Q1"], "a clock that jumps leaves none out"


async def test_n6_a_cycle_that_is_over_gets_its_circular(house: House, web: Web) -> None:
    await quarter(house)
    await house.hear("2026-03-20T00:00", scoring.CycleClosed(
        name="2026-H1", starts=local("2026-01-01T00:00"), ends=local("2026-03-20T00:00")
    ))  # fmt: skip
    found = (await web("GET", "/circulars/cycle:2026-H1", "approver")).json()
    assert (found["kind"], found["first"], unit_of(found)["no_result"]) == ("cycle", "2026-01-01", 1)
    assert "2026-H1评议周期" in found["title"]


async def test_n6_office_edits_a_leader_approves_and_only_then_it_is_issued(house: House, web: Web) -> None:
    await quarter(house)
    await drafted(web)
    assert (await web("POST", f"/circulars/{Q1}/issue", "office")).status_code == 409
    back = await web("POST", f"/circulars/{Q1}/return", "approver", json={"reason": "请补充总体情况"})
    assert back.json()["steps"][-1]["reason"] == "请补充总体情况"
    edited = (await web("PUT", f"/circulars/{Q1}/text", "office", json=TEXT)).json()
    assert edited["text"] == TEXT["text"]
    assert "一、总体情况" in edited["steps"][-1]["before"]["text"], "what the draft said is kept"
    approved = (await web("POST", f"/circulars/{Q1}/approval", "approver")).json()
    assert (approved["state"], approved["number"]) == ("approved", "民评通〔2026〕1号")
    assert (await web("PUT", f"/circulars/{Q1}/text", "office", json=TEXT)).status_code == 409
    await house.hear("2026-03-09T00:00", lapsed("2026-000003"))
    issued = (await web("POST", f"/circulars/{Q1}/issue", "office")).json()
    assert unit_of(issued)["no_result"] == 1, "the figures are those that the leader approved"
    assert [step["what"] for step in issued["steps"]] == ["drafted", "returned", "edited", "approved", "issued"]
    assert (await web("POST", f"/circulars/{Q1}/issue", "office")).status_code == 409


async def issued(house: House, web: Web) -> circulars.CircularIssued:
    await quarter(house)
    await drafted(web)
    await web("POST", f"/circulars/{Q1}/approval", "approver")
    await web("POST", f"/circulars/{Q1}/issue", "office")
    [event] = house.events(circulars.CircularIssued)
    return event  # type: ignore[no-any-return]  # events is untyped


async def test_n6_leaders_and_leading_group_get_it_and_a_named_unit_sees_its_figures(house: House, web: Web) -> None:
    await house.hold("2026-01-01T08:00", seat("fire", "main_leader", "ma"), seat(OFFICE, "leading_group", "chair"))
    event = await issued(house, web)
    await house.hear("2026-04-10T10:00", event, "circular-1")
    await house.hear("2026-04-10T10:00", event, "circular-1-again")
    told = [n for n in await house.notices() if n["template"] == "circular_issued"]
    assert {n["person"] for n in told} == {"li", "ma", "chair"}
    letters = {letter["person"]: letter for letter in await house.post("2026-04-30T18:00")}
    named = letters["li"]["text"]
    assert "贵单位在本期通报中被点名：清河税务所" in named
    assert "2026-000001（逾期办结）" in named
    assert "被点名：" not in letters["ma"]["text"]
    assert "清河税务所：逾期办结1件" in letters["chair"]["text"]


async def enclosed(house: House, at: str) -> dict[str, str]:
    """The text of the document in each person's letter."""
    found = {}
    for envelope in await house.turn(at):
        parts = message_from_bytes(envelope.message, policy=policy.default).iter_attachments()
        for part in parts:
            with zipfile.ZipFile(io.BytesIO(part.get_content())) as file:
                found[envelope.recipient.partition("@")[0]] = file.read("word/document.xml").decode()
    return found


async def test_n6_circular_briefing_and_feedback_go_with_their_documents(house: House, web: Web) -> None:
    await house.hold("2026-01-01T08:00", seat(OFFICE, "supervisor", "guo"), seat(OFFICE, "evaluator", "e-1"))
    event = await issued(house, web)
    await house.hear("2026-04-10T10:00", event)
    await tick(house, "2026-04-10T12:00")
    [briefing] = house.events(circulars.BriefingIssued)
    await house.hear("2026-04-10T12:00", briefing)
    row = RankedUnit(unit="tax", name="清河税务所", category="enforcement", scope="township:清河镇", daily=None,
                     concentrated=None, composite="90.00", rank=1)  # fmt: skip
    await house.post("2026-04-09T10:00")
    letters = await enclosed(house, "2026-04-13T10:00")
    assert "民评通〔2026〕1号" in letters["li"]
    assert "2026年第一季度监督工作简报" in letters["guo"]
    await house.hear("2026-06-20T09:00", scoring.RankingPublished(cycle_name="2026-H1", rows=(row,)))
    assert "关于2026-H1民主评议结果的反馈" in (await enclosed(house, "2026-06-22T10:00"))["e-1"]


async def test_n6_it_stands_on_the_bulletin_with_links_to_what_it_counts(house: House, web: Web) -> None:
    await issued(house, web)
    [item] = (await web("GET", "/bulletin?kind=circular", "")).json()["items"]
    page = (await web.page(f"/bulletin/{item['id']}")).text
    assert "民评通〔2026〕1号" in page
    [late] = [i for i in (await web("GET", "/bulletin?kind=handling", "")).json()["items"] if i["about"].endswith("01")]
    assert f'<a href="/bulletin/{late["id"]}">2026-000001</a>' in page
    for about in ("commitment 2026-000003-1", "schedule own_plan 2026"):
        assert f'<a href="/bulletin/{item_id(about)}">' in page, about
    assert f"/bulletin/{item_id('case 2026-000004')}" not in page, "of a case that is open nothing is published"
    assert ">2026-000004<" in page


async def test_n6_the_document_says_what_the_circular_says(house: House, web: Web) -> None:
    await issued(house, web)
    for language, words in (("zh", "清河税务所"), ("en", "Qinghe Tax Office")):
        answer = await web("GET", f"/circulars/{Q1}/document?language={language}", "auditor")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            text = file.read("word/document.xml").decode()
        assert words in text
        assert "民评通〔2026〕1号" in text


DOORS: dict[tuple[str, str], tuple[set[str], Any]] = {
    ("GET", "/circulars"): ({"office", "approver", "auditor"}, None),
    ("GET", f"/circulars/{Q1}"): ({"office", "approver", "auditor"}, None),
    ("GET", f"/circulars/{Q1}/document"): ({"office", "approver", "auditor"}, None),
    ("POST", "/circulars"): ({"office"}, {"quarter": "2026-Q9"}),
    ("PUT", f"/circulars/{Q1}/text"): ({"office"}, TEXT),
    ("POST", f"/circulars/{Q1}/approval"): ({"approver"}, None),
    ("POST", f"/circulars/{Q1}/return"): ({"approver"}, {"reason": "why"}),
    ("POST", f"/circulars/{Q1}/issue"): ({"office"}, None),
}


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_n6_only_these_roles_have_a_hand_in_it(web: Web, method: str, path: str) -> None:
    allowed, body = DOORS[method, path]
    may = {role for role in ROLES if (await web(method, path, role, json=body)).status_code != 403}
    assert may == allowed


async def test_n6_a_quarter_that_is_not_over_has_no_circular(web: Web) -> None:
    answer = await web("POST", "/circulars", "office", json={"quarter": "2030-Q1"})
    assert (answer.status_code, answer.json()["field"]) == (409, "quarter")
    assert (await web("POST", "/circulars", "office", json={"quarter": "Q1"})).status_code == 422
    assert (await web("GET", "/circulars/quarter:2031-Q1", "office")).status_code == 404


# --- findings (I9)


def approved(origin: Any = "inspection", text: str = "上午十点，三号窗口无人。\n二号窗口在玩手机。") -> Any:
    return intake.TransferApproved(
        number="2026-000007", card="ZB-2026-000007", lead_unit="tax", days=15, channel="inspection", topic="shirking",
        title="窗口无人", text=text, approver_role="approver", origin=origin,
    )  # fmt: skip


async def test_n6_a_finding_goes_word_by_word_to_the_main_leader_and_in_summary_to_the_leading_group(
    house: House,
) -> None:
    await house.hold("2026-01-01T08:00", seat(OFFICE, "leading_group", "chair"))
    await house.hear("2026-03-09T10:00", approved())
    letters = {letter["person"]: letter["text"] for letter in await house.post("2026-03-10T12:00")}
    assert letters.keys() == {"li", "chair"}, "the handler gets the case, not the record"
    assert "  上午十点，三号窗口无人。\n  二号窗口在玩手机。\n" in letters["li"]
    assert "三号窗口" not in letters["chair"]
    assert "2026-000007号，清河税务所，问题类型" in letters["chair"]


async def test_n6_what_no_inspection_found_is_told_by_its_case_alone(house: House) -> None:
    await house.hear("2026-03-09T10:00", approved("complaint"))
    assert await house.notices() == []


# --- briefings (I10) and feedback (S4)


async def test_n6_supervisors_get_a_briefing_each_quarter_after_its_end(house: House) -> None:
    await house.hold("2026-01-01T08:00", seat(OFFICE, "supervisor", "guo"), seat(OFFICE, "supervisor", "hu"))
    await quarter(house)
    await tick(house, "2026-04-03T12:00")
    assert house.events(circulars.BriefingIssued) == []
    await tick(house, "2026-04-10T12:00")
    await tick(house, "2026-04-10T12:05")
    [event] = house.events(circulars.BriefingIssued)
    await house.hear("2026-04-10T12:00", event)
    letters = {letter["person"]: letter["text"] for letter in await house.post("2026-04-30T12:00")}
    assert {"guo", "hu"} <= letters.keys()
    assert "交办问题：5件" in letters["guo"]
    assert "2026-000001" not in letters["guo"], "figures only"


async def test_n6_evaluators_are_told_the_result_when_it_is_published(house: House) -> None:
    await house.hold("2026-01-01T08:00", seat(OFFICE, "evaluator", "e-1"), seat(OFFICE, "evaluator", "e-2"))
    row = RankedUnit(unit="tax", name="清河税务所", category="enforcement", scope="township:清河镇", daily=None,
                     concentrated=None, composite="90.00", rank=1)  # fmt: skip
    await house.hear("2026-06-20T09:00", scoring.RankingPublished(cycle_name="2026-H1", rows=(row,)))
    letters = {letter["person"]: letter["text"] for letter in await house.post("2026-06-30T12:00")}
    assert {"e-1", "e-2"} <= letters.keys()
    assert "清河税务所：第1名（共1个单位），综合得分90.00" in letters["e-1"]


async def test_n6_where_no_evaluators_are_registered_nobody_else_gets_their_letter(house: House) -> None:
    row = RankedUnit(unit="tax", name="清河税务所", category="enforcement", scope="s", daily=None, concentrated=None,
                     composite=None, rank=None)  # fmt: skip
    await house.hear("2026-06-20T09:00", scoring.RankingPublished(cycle_name="2026-H1", rows=(row,)))
    assert [n["template"] for n in await house.notices()] == ["ranking_published"]


async def test_n6_who_evaluates_is_not_told_on_the_bus(house: House) -> None:
    await house.hold("2026-01-02T08:00", seat(OFFICE, "evaluator", "e-1"), seat(OFFICE, "office", "new"))
    assert [event.person for event in house.events(LeaderChanged)] == ["new"]


async def test_n6_supervisors_are_told_only_what_is_public(house: House) -> None:
    from services.notify.usecases import make_desk

    rule = NoticeRule(event="rectification.case.opened", tells=("supervisor",), template="case_opened")
    programme = house.desk.programme.model_copy(update={"notices": (rule,)})
    with pytest.raises(Refusal, match="only what is public"):
        make_desk(programme, sender="a@b.example", domain="b.example")


async def test_n6_a_store_made_anew_has_the_circular_and_gives_the_next_its_number(house: House, web: Web) -> None:
    event = await issued(house, web)
    await house.do("2026-05-01T10:00", forget)
    await house.hear("2026-04-10T10:00", event)
    found = (await web("GET", f"/circulars/{Q1}", "office")).json()
    assert (found["state"], found["number"], unit_of(found)["late"]) == ("issued", "民评通〔2026〕1号", 1)
    await house.hear("2026-03-20T00:00", scoring.CycleClosed(
        name="2026-H1", starts=local("2026-01-01T00:00"), ends=local("2026-03-20T00:00")
    ))  # fmt: skip
    second = (await web("POST", "/circulars/cycle:2026-H1/approval", "approver")).json()
    assert second["number"] == "民评通〔2026〕2号"


async def test_n6_a_draft_made_anew_is_the_circular_that_was_issued_and_is_not_issued_twice(
    house: House, web: Web
) -> None:
    drafted_before = await issued(house, web)
    await house.do("2026-05-01T10:00", forget)
    await tick(house, "2026-05-01T10:00")
    await house.hear("2026-04-10T10:00", drafted_before)
    found = (await web("GET", f"/circulars/{Q1}", "office")).json()
    assert (found["state"], found["number"]) == ("issued", "民评通〔2026〕1号")
    assert (await web("POST", f"/circulars/{Q1}/approval", "approver")).status_code == 409


def forget(tx: Any) -> None:
    """The circulars are gone from the store."""
    from services.notify.store import Base

    for name in ("circular_step", "circular"):
        tx.session.connection().execute(Base.metadata.tables[name].delete())


async def test_n6_nothing_in_an_edited_text_breaks_letter_or_page(house: House, web: Web) -> None:
    nasty = "<script>alert(1)</script>\u202e{{ office }}{% raw %}"
    await quarter(house)
    await drafted(web)
    await web("PUT", f"/circulars/{Q1}/text", "office", json={"title": nasty, "text": f"{nasty}\n.\n{nasty}"})
    await web("POST", f"/circulars/{Q1}/approval", "approver")
    assert (await web("POST", f"/circulars/{Q1}/issue", "office")).status_code == 200
    [event] = house.events(circulars.CircularIssued)
    await house.hear("2026-04-10T10:00", event)
    text = {letter["person"]: letter["text"] for letter in await house.post("2026-04-30T18:00")}["li"]
    assert "{{ office }}{% raw %}" in text, "it is text, not a template"
    assert "\u202e" not in text
    [item] = (await web("GET", "/bulletin?kind=circular", "")).json()["items"]
    assert "<script" not in (await web.page(f"/bulletin/{item['id']}")).text
    document = await web("GET", f"/circulars/{Q1}/document", "office")
    assert document.status_code == 200
