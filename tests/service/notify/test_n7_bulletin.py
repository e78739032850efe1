"""The bulletin (N7): filled by events, corrected in the open, never anything of who complained, the same if rebuilt."""

import html
import xml.etree.ElementTree as ET
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.notify.domain.recipient import OFFICE
from services.notify.store import bulletin
from services.notify.usecases import make_desk
from shared.contracts import EventData, circulars, scoring
from shared.contracts import rectification as r
from shared.contracts import rectification_duties as d
from shared.contracts import rectification_promises as p
from shared.contracts.publicity import ExposureFollowed
from shared.contracts.scoring import RankedUnit
from shared.identity import ROLES
from tests.support.notify_house import SHANGHAI, House, a_house, furnish, local, opened, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
ATOM = "{http://www.w3.org/2005/Atom}"
WORDS = {"title": "窗口延时服务", "title_en": "Longer hours", "text": "三号窗口午间不停办。\n周六上午照常。"}
NASTY = "<script>alert(1)</script>\u202e&amp;\x07]]>"


def due(unit: str = "tax", **more: Any) -> d.ObligationDue:
    fields: dict[str, Any] = {
        "duty": f"duty:own_plan:2026:{unit}", "obligation": "own_plan", "unit": unit, "period": "2026",
        "title": "年度方案", "due": date(2026, 1, 30), "expires_at": local("2026-01-31T00:00"),
        "standard": ("领导小组和责任人", "措施和时间表"),
    }  # fmt: skip
    return d.ObligationDue(**fields | more)


def met(unit: str = "tax", *, late: bool = False) -> d.ObligationMet:
    return d.ObligationMet(
        duty=f"duty:own_plan:2026:{unit}", obligation="own_plan", unit=unit, period="2026", due=date(2026, 1, 30),
        met=local("2026-01-20T10:00"), late=late,
    )  # fmt: skip


def closed(case: str = "2026-000001", outcome: Any = "solved", **more: Any) -> r.CaseClosed:
    fields: dict[str, Any] = {"case": case, "unit": "tax", "paying_unit": "tax", "outcome": outcome, "late": False}
    return r.CaseClosed(**fields | more)


def promise(**more: Any) -> p.CaseCommitted:
    fields: dict[str, Any] = {
        "case": "2026-000002", "unit": "tax", "commitment": "2026-000002-1", "text": "六月底前开设自助办税区。",
        "person": "局长", "due": date(2026, 6, 30),
    }  # fmt: skip
    return p.CaseCommitted(**fields | more)


def inspected(kind: Any, **more: Any) -> Any:
    fields: dict[str, Any] = {
        "case": "2026-000002", "unit": "tax", "paying_unit": "tax", "evidence": (), "late": False,
        "commitment": "2026-000002-1",
    }  # fmt: skip
    return kind(**fields | more)


def ranking(composite: str = "90.00") -> scoring.RankingPublished:
    row = RankedUnit(unit="tax", name="清河税务所", category="enforcement", scope="township:清河镇", daily=None,
                     concentrated=None, composite=composite, rank=1)  # fmt: skip
    return scoring.RankingPublished(cycle_name="2026-H1", rows=(row,))


EVENTS: list[tuple[str, EventData]] = [
    ("2026-01-02T08:00", due()),
    ("2026-01-20T12:00", met()),
    ("2026-02-02T09:00", promise()),
    ("2026-03-01T09:00", scoring.MeetingAnnounced(
        meeting="m1", cycle_name="2026-H1", units=1, date=date(2026, 3, 20), place="礼堂", unit_keys=("tax",),
        starts_at=local("2026-03-20T09:00"), speak=("tax",))),
    ("2026-03-02T09:00", closed(late=True, late_days=2, topic="shirking")),
    ("2026-03-05T09:00", r.CaseReopened(case="2026-000001", unit="tax", reason="bad_callback", round=2,
                                        due=date(2026, 3, 12), expires_at=local("2026-03-13T00:00"))),
    ("2026-03-06T09:00", ExposureFollowed(
        number="2026-000009", outlet="市电视台", on=date(2026, 3, 5), unit="tax", outcome="已恢复窗口",
        accountability="值班人员书面检讨", statement="向群众道歉", promise="半年内不再发生",
        promise_due=date(2026, 9, 5))),
    ("2026-06-20T09:00", ranking()),
    ("2026-07-02T09:00", inspected(p.CommitmentBroken)),
]  # fmt: skip


async def filled(house: House) -> None:
    for number, (at, event) in enumerate(EVENTS):
        await house.hear(at, event, f"event-{number}")


async def items(web: Web, query: str = "") -> list[dict[str, Any]]:
    return list((await web("GET", f"/bulletin{query}", "")).json()["items"])


async def only(web: Web, kind: str) -> dict[str, Any]:
    [found] = await items(web, f"?kind={kind}")
    return found


async def told(web: Web, kind: str, language: str = "zh") -> str:
    page = await web.page(f"/bulletin/{(await only(web, kind))['id']}", language)
    assert page.status_code == 200
    return html.unescape(page.text)


async def test_n7_the_schedule_says_who_does_what_to_which_standard_by_when(web: Web, house: House) -> None:
    await house.hear("2026-01-02T08:00", due())
    await house.hear("2026-01-02T08:00", due("fire"))
    await house.hear("2026-01-20T12:00", met())
    await house.hear("2026-01-31T00:00", d.ObligationMissed(
        duty="duty:own_plan:2026:fire", obligation="own_plan", unit="fire", period="2026", due=date(2026, 1, 30)
    ))  # fmt: skip
    said = await told(web, "schedule")
    assert "年度政风行风建设方案（2026）" in said
    for line in ("清河税务所：2026年1月30日前完成，责任人：主要负责人。", "完成标准：领导小组和责任人；措施和时间表",
                 "清河税务所：已完成，评议办验收。", "fire：到期未完成（2026年1月30日）。"):  # fmt: skip
        assert line in said
    assert "Qinghe Tax Office: to be done by 30 January 2026; answers for it: the main leader." in await told(
        web, "schedule", "en"
    )


async def test_n7_the_plan_of_the_year_is_a_page_and_the_role_that_answers_is_said_in_both_languages(
    web: Web, house: House
) -> None:
    for language, words in (("zh", ("2026年工作安排", "季度自查暗访", "每季度末前", "各单位")),
                            ("en", ("The plan of 2026", "each quarter, before its end", "Every unit"))):  # fmt: skip
        page = await web.page("/bulletin/plan?year=2026", language)
        assert page.status_code == 200 and all(word in html.unescape(page.text) for word in words)
    assert "/bulletin/plan" in (await web.page("/bulletin")).text
    await house.hear("2026-01-02T08:00", due(person="分管领导"))
    assert "责任人：分管领导。" in await told(web, "schedule")
    assert "answers for it: deputy in charge." in await told(web, "schedule", "en")


async def test_n7_a_task_names_its_decision_and_the_post_that_answers(web: Web, house: House) -> None:
    task = due(
        duty="duty:task:T2026-0001:tax", obligation="task", period="T2026-0001", title="开通一窗通办",
        person="副局长", decision="政务公开会议纪要〔2026〕3号", cooperating_units=("fire",),
    )  # fmt: skip
    await house.hear("2026-01-02T08:00", task)
    said = await told(web, "schedule")
    for line in ("任务分解：开通一窗通办", "责任人：副局长", "依据：政务公开会议纪要〔2026〕3号", "属地单位：fire"):
        assert line in said


async def test_n7_a_promise_stands_with_whether_it_was_kept(web: Web, house: House) -> None:
    await house.hear("2026-02-02T09:00", promise())
    await house.hear("2026-07-02T09:00", inspected(p.CommitmentBroken))
    said = await told(web, "commitment")
    assert "六月底前开设自助办税区。" in said
    assert "践诺检查：未兑现。" in said
    await house.hear("2026-07-09T09:00", inspected(p.CommitmentKept, corrects=True, late=True))
    said = await told(web, "commitment")
    assert "践诺检查：未兑现。" in said, "what was found first stays"
    assert "此前的检查结论作废" in said


async def test_n7_an_outcome_is_published_without_the_complaint(web: Web, house: House) -> None:
    await house.hear("2026-03-01T09:00", opened(topic="shirking"))
    await house.hear("2026-03-02T09:00", closed(late=True, late_days=2, topic="shirking", grades=("satisfied",)))
    said = await told(web, "handling")
    assert "2026-000001号：清河税务所，已解决" in said
    assert "逾期2个工作日办结。" in said
    assert "窗口办事拖延" not in said, "the title is the complainant's"
    await house.hear("2026-03-20T09:00", d.LatenessExcused(
        case="2026-000001", times_closed=1, unit="tax", reason="停电", ruled_by="o-2"
    ))  # fmt: skip
    assert "逾期记录撤销" in await told(web, "handling")


async def test_n7_only_outcomes_that_the_programme_publishes_stand_there(web: Web, house: House) -> None:
    await house.hear("2026-03-02T09:00", closed(outcome="outside_jurisdiction"))
    assert await items(web) == []


async def test_n7_an_exposure_ends_with_outcome_accountability_statement_and_promise(web: Web, house: House) -> None:
    await filled(house)
    said = await told(web, "exposure")
    for words in ("已恢复窗口", "值班人员书面检讨", "向群众道歉", "半年内不再发生", "2026年9月5日", "市电视台"):
        assert words in said


async def test_n7_meeting_and_result_are_announced_and_the_result_links_to_its_page(web: Web, house: House) -> None:
    await filled(house)
    assert "地点：礼堂" in await told(web, "announcement")
    assert "https://results.example/results/2026-H1" in await told(web, "result")
    await house.hear("2026-06-25T09:00", ranking("89.00"))
    assert "更正后重新公布" in await told(web, "result")


async def test_n7_a_result_kept_to_a_circular_is_neither_public_nor_told_to_evaluators(house: House, web: Web) -> None:
    publication = house.desk.programme.publication.model_copy(update={"form": ("circular",)})
    programme = house.desk.programme.model_copy(update={"publication": publication})
    house.desk = make_desk(programme, sender="a@b.example", domain="b.example")
    await house.hold("2026-01-01T08:00", seat(OFFICE, "evaluator", "e-1"))
    await house.hear("2026-06-20T09:00", ranking())
    assert await items(web) == []
    assert {notice["person"] for notice in await house.notices()} == {"li"}


async def test_n7_of_a_rehearsal_nothing_is_announced(web: Web, house: House) -> None:
    await house.hear("2026-03-01T09:00", scoring.MeetingAnnounced(
        meeting="r", cycle_name="2026-H1", date=date(2026, 3, 2), rehearsal=True
    ))  # fmt: skip
    assert await items(web) == []


async def test_n7_a_rebuilt_bulletin_has_the_same_addresses_in_whatever_order_it_heard(
    house: House, web: Web, tmp_path: Path
) -> None:
    await filled(house)
    answer = await web("POST", "/bulletin/announcements", "office", json=WORDS)
    await web("POST", f"/bulletin/{answer.json()['id']}/withdrawal", "office", json={"reason": "重复发布"})
    office = house.events(circulars.BulletinEntered)
    at = here(answer.json()["published_at"])
    first = [(one.id, one.published_at, one.updated_at, [e.key for e in one.entries]) for one in await read(house)]
    async with a_house(f"sqlite:///{tmp_path / 'again.db'}") as other:
        await furnish(other)
        await other.hear(at, office[1])
        for when, event in (*reversed(EVENTS), *EVENTS):
            await other.hear(when, event)
        await other.hear(at, office[0])
        again = [(one.id, one.published_at, one.updated_at, [e.key for e in one.entries]) for one in await read(other)]
    assert again == first


def here(instant: str) -> str:
    """An instant as the house is told it."""
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).replace(tzinfo=None).isoformat()


async def read(house: House) -> list[Any]:
    return await house.unit.read(bulletin.every)


async def test_n7_what_the_office_enters_is_there_at_once_and_once_when_the_event_comes_back(
    house: House, web: Web
) -> None:
    answer = await web("POST", "/bulletin/announcements", "office", json=WORDS)
    assert answer.status_code == 200
    [event] = house.events(circulars.BulletinEntered)
    assert event.by == "office"
    await house.hear(here(answer.json()["published_at"]), event)
    assert len((await only(web, "announcement"))["entries"]) == 1


async def test_n7_a_correction_stands_beside_what_it_corrects(house: House, web: Web) -> None:
    await house.hear("2026-02-02T09:00", promise())
    key = (await only(web, "commitment"))["id"]
    given = {"text": "七月底前开设自助办税区。", "reason": "日期录入有误"}
    answer = await web("POST", f"/bulletin/{key}/corrections", "office", json=given)
    assert answer.status_code == 200
    said = await told(web, "commitment")
    assert "<del><bdi>六月底前开设自助办税区。</bdi></del>" in said
    assert "<ins><bdi>七月底前开设自助办税区。</bdi></ins>" in said
    assert "日期录入有误" in said


async def test_n7_a_text_that_named_somebody_is_corrected_and_shown_no_more(house: House, web: Web) -> None:
    await house.hear("2026-02-02T09:00", promise(text="向欧阳锦瑟道歉"))
    key = (await only(web, "commitment"))["id"]
    given = {"text": "向反映人道歉", "reason": "涉及个人信息", "hide": True}
    await web("POST", f"/bulletin/{key}/corrections", "office", json=given)
    data = await web("GET", f"/bulletin/{key}", "")
    for shown in (data, await web.page("/bulletin"), await web.page("/bulletin/feed.atom")):
        assert "欧阳锦瑟" not in shown.text
    assert "欧阳锦瑟" not in await told(web, "commitment")
    assert "向反映人道歉" in await told(web, "commitment")


async def test_n7_a_withdrawn_item_leaves_a_stub_with_its_reason(house: House, web: Web) -> None:
    await house.hear("2026-02-02T09:00", promise())
    key = (await only(web, "commitment"))["id"]
    answer = await web("POST", f"/bulletin/{key}/withdrawal", "office", json={"reason": "案件移交，承诺作废"})
    assert answer.json()["withdrawn"] == "案件移交，承诺作废"
    for shown in (await web.page(f"/bulletin/{key}"), await web.page("/bulletin"),
                  await web.page("/bulletin/feed.atom"), await web("GET", "/bulletin", "")):  # fmt: skip
        assert shown.status_code == 200
        assert "案件移交，承诺作废" in shown.text
        assert "自助办税区" not in shown.text
    again = await web("POST", f"/bulletin/{key}/withdrawal", "office", json={"reason": "又一次"})
    assert again.status_code == 409


async def test_n7_a_unit_contributes_and_the_office_decides_both_on_record(house: House, web: Web) -> None:
    number = (await web("POST", "/contributions", "leader", json=WORDS)).json()["number"]
    assert await items(web) == [], "not before the office approved"
    assert (await web("GET", "/contributions", "leader")).json()["contributions"][0]["state"] == "submitted"
    approved = (await web("POST", f"/contributions/{number}/approval", "office")).json()
    assert (approved["state"], approved["submitted_by"], approved["decided_by"]) == ("approved", "leader-1", "office-1")
    assert "清河税务所供稿" in await told(web, "contribution")
    assert "三号窗口午间不停办。" in await told(web, "contribution")
    assert (await web("POST", f"/contributions/{number}/approval", "office")).status_code == 409
    other = (await web("POST", "/contributions", "leader", json=WORDS | {"title": "又一篇"})).json()["number"]
    refused = (await web("POST", f"/contributions/{other}/refusal", "office", json={"reason": "与评议无关"})).json()
    assert (refused["state"], refused["reason"], refused["item"]) == ("refused", "与评议无关", None)
    assert len(await items(web)) == 1


DOORS: dict[tuple[str, str], tuple[set[str], Any]] = {
    ("POST", "/bulletin/announcements"): ({"office"}, WORDS),
    ("POST", "/bulletin/b-0000000000000000/corrections"): ({"office"}, {"text": "x", "reason": "why"}),
    ("POST", "/bulletin/b-0000000000000000/withdrawal"): ({"office"}, {"reason": "why"}),
    ("POST", "/contributions"): ({"leader"}, WORDS),
    ("GET", "/contributions"): ({"office", "auditor", "leader", "handler"}, None),
    ("POST", "/contributions/C-1/approval"): ({"office"}, None),
    ("POST", "/contributions/C-1/refusal"): ({"office"}, {"reason": "why"}),
}


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_n7_only_these_roles_may_enter_something(web: Web, method: str, path: str) -> None:
    allowed, body = DOORS[method, path]
    may = {role for role in ROLES if (await web(method, path, role, json=body)).status_code != 403}
    assert may == allowed
    assert (await web(method, path, "", json=body)).status_code == 401


async def test_n7_pages_and_kinds_and_units_are_chosen_by_the_address(house: House, web: Web) -> None:
    for number in range(1, 46):
        case = f"2026-{number:06d}"
        unit = "fire" if number % 3 == 0 else "tax"
        await house.hear(f"2026-03-{1 + number // 10:02d}T09:{number:02d}", closed(case, unit=unit))
    await filled(house)
    found: list[str] = []
    query: str | None = "?limit=20&kind=handling"
    while query is not None:
        page = (await web("GET", f"/bulletin{query}", "")).json()
        found += [one["id"] for one in page["items"]]
        query = f"?limit=20&kind=handling&cursor={page['next']}" if page["next"] else None
    assert len(found) == len(set(found)) == 45
    assert len(await items(web, "?unit=fire&limit=100")) == 15
    assert await items(web, "?unit=nobody") == []
    assert (await web("GET", "/bulletin?cursor=x", "")).status_code == 422
    first = await web.page("/bulletin?kind=handling")
    assert first.text.count('<li class="item') == house.desk.programme.bulletin.page
    assert "更早的内容" in first.text
    assert (await web.page("/bulletin?kind=&unit=&cursor=bad")).status_code == 422
    assert (await web.page("/bulletin/b-0123456789abcdef")).status_code == 404


async def test_n7_a_page_that_did_not_change_is_not_sent_again(house: House, web: Web) -> None:
    await filled(house)
    for path in ("/bulletin", "/bulletin/feed.atom", f"/bulletin/{(await only(web, 'exposure'))['id']}"):
        first = await web.page(path)
        assert first.headers["cache-control"] == "public, max-age=60"
        assert "script" not in first.headers["content-security-policy"]
        again = await web.page(path, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        english = await web.page(path, "en", **{"If-None-Match": first.headers["etag"]})
        assert english.status_code == 200, "another language is another page"
    before = (await web.page("/bulletin")).headers["etag"]
    await house.hear("2026-07-20T09:00", closed("2026-000077"))
    assert (await web.page("/bulletin")).headers["etag"] != before


def feed_of(body: bytes) -> ET.Element:
    """A feed that holds to RFC 4287: what must be there, once, and well formed."""
    root = ET.fromstring(body)
    assert root.tag == f"{ATOM}feed"
    for one in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            [text] = one.findall(f"{ATOM}{name}")
            assert text.text
        assert datetime.fromisoformat(str(one.findtext(f"{ATOM}updated"))).tzinfo is not None
        links = [(link.get("rel"), link.get("type")) for link in one.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
        assert all(str(link.get("href")).startswith("https://") for link in one.findall(f"{ATOM}link"))
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    assert all(str(one).startswith("urn:uuid:") for one in ids)
    return root


async def test_n7_the_feed_tells_the_latest_news_under_ids_that_stay(house: House, web: Web) -> None:
    empty = feed_of((await web.page("/bulletin/feed.atom")).content)
    assert empty.findall(f"{ATOM}entry") == []
    await filled(house)
    answer = await web.page("/bulletin/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = feed_of(answer.content)
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 6
    updated = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert updated == sorted(updated, key=str, reverse=True)
    assert root.findtext(f"{ATOM}updated") == updated[0]
    assert "未兑现" in str(entries[0].findtext(f"{ATOM}content")), "a broken promise is news of an old item"
    kept = {entry.findtext(f"{ATOM}id") for entry in entries}
    await house.hear("2026-07-20T09:00", inspected(p.CommitmentKept, corrects=True))
    again = feed_of((await web.page("/bulletin/feed.atom?lang=en")).content)
    assert {entry.findtext(f"{ATOM}id") for entry in again.findall(f"{ATOM}entry")} == kept
    assert len(feed_of((await web.page("/bulletin/feed.atom?kind=result")).content).findall(f"{ATOM}entry")) == 1


async def test_n7_nothing_that_somebody_wrote_runs_or_breaks_the_feed(house: House, web: Web) -> None:
    await house.hear("2026-02-02T09:00", promise(text=f"承诺{NASTY}", person=NASTY))
    await house.hear("2026-03-06T09:00", ExposureFollowed(
        number="2026-000009", outlet=NASTY, on=date(2026, 3, 5), unit="tax", outcome=NASTY, statement=NASTY
    ))  # fmt: skip
    nasty = {"title": NASTY, "title_en": NASTY, "text": f"{NASTY}\n{NASTY}", "text_en": NASTY}
    answer = await web("POST", "/bulletin/announcements", "office", json=nasty)
    key = answer.json()["id"]
    await web("POST", f"/bulletin/{key}/corrections", "office", json={"text": NASTY, "reason": NASTY})
    pages = ["/bulletin", "/bulletin?lang=en", "/bulletin?kind=%3Cscript%3E&unit=%22%3E%3Cscript%3E"]
    pages += [f"/bulletin/{one['id']}" for one in await items(web)]
    for path in pages:
        text = (await web.page(path)).text
        assert "<script" not in text, path
        assert "\u202e" not in text, path
        assert "\x07" not in text, path
    for language in ("zh", "en"):
        root = feed_of((await web.page("/bulletin/feed.atom", language)).content)
        for entry in root.findall(f"{ATOM}entry"):
            assert "<script" not in str(entry.findtext(f"{ATOM}content")), "escaped once more than the XML"


async def test_n7_phones_and_id_numbers_are_taken_out_of_what_is_entered(house: House, web: Web) -> None:
    words = WORDS | {"text": "联系人13987654321，身份证110101199003070097"}
    shown = (await web("POST", "/bulletin/announcements", "office", json=words)).text
    assert "13987654321" not in shown
    assert "110101199003070097" not in shown
