"""Documents with letters (N5): made once, numbered without gaps, attached, corrected by versions; drafts inside."""

import io
from datetime import date
from email import message_from_bytes, policy
from typing import Any

import docx
import pytest

from services.notify.domain.recipient import OFFICE
from services.notify.store import documents as store
from services.notify.store import letters
from services.notify.usecases import documents
from shared.contracts import EventData, circulars, inspection, intake, opinions, scoring
from shared.contracts import rectification_promises as p
from shared.contracts.scoring import RankedUnit
from shared.errors import Refusal
from tests.support.notify_house import House, local, opened, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
TEXT = "三号窗口每天下午四点就没有人了。\n希望按公示的时间办公。"
CARD: dict[str, Any] = {"card": "2026-000001-1", "channel": "hotline_air", "days": 15, "text": TEXT}


def requested(**more: Any) -> intake.TransferRequested:
    fields: dict[str, Any] = {
        "number": "2026-000001", "card": "2026-000001-1", "lead_unit": "tax", "days": 15, "title": "窗口办事拖延",
        "text": TEXT, "channel": "hotline_air", "advice": "请三号窗口立即恢复全日值守。",
        "due": local("2026-03-12T00:00"),
    }  # fmt: skip
    return intake.TransferRequested(**fields | more)


def ranking(*units: str) -> scoring.RankingPublished:
    rows = tuple(
        RankedUnit(
            unit=unit, name=unit, category="enforcement", scope="township", daily="92.5", concentrated="88.31",
            composite="89.15", rank=rank, rank_low=rank + 1, rank_high=rank,
        )
        for rank, unit in enumerate(units, 1)
    )  # fmt: skip
    return scoring.RankingPublished(cycle_name="2026", rows=rows)


def committed() -> p.CaseCommitted:
    return p.CaseCommitted(
        case="2026-000001", unit="tax", commitment="2026-000001-1", text="六月底前开设自助办税区。",
        person="李强（局长）", due=date(2026, 6, 30),
    )  # fmt: skip


def text_of(body: bytes) -> str:
    paragraphs = docx.Document(io.BytesIO(body)).element.body.iter()
    return "".join(piece.text or "" for piece in paragraphs if piece.tag.endswith("}t"))


async def letters_to(house: House, person: str, at: str) -> list[Any]:
    """The letters to a person that are due, as the mail server gets them."""
    return [
        message_from_bytes(envelope.message, policy=policy.default)
        for envelope in await house.turn(at)
        if envelope.recipient.startswith(f"{person}@")
    ]


def files(letter: Any) -> dict[str, bytes]:
    return {part.get_filename(): part.get_payload(decode=True) for part in letter.iter_attachments()}


async def register(house: House, **wanted: str) -> list[dict[str, Any]]:
    states = ("draft", "valid", "superseded", "withdrawn")
    return [dict(row) for row in await house.unit.read(lambda s: store.page(s, None, 1000, states, **wanted))]


async def test_n5_the_card_and_the_recommendation_go_with_the_letter_to_the_main_leader(house: House) -> None:
    """Filled from the case, numbered, named by number in the letter; every reader gets the same bytes."""
    await house.hear("2026-03-09T10:00", opened(**CARD))
    [to_leader] = await letters_to(house, "li", "2026-03-10T12:00")
    found = files(to_leader)
    assert set(found) == {"登记转办卡 民评转〔2026〕1号.docx", "整改建议书 民评建〔2026〕1号.docx"}
    card = text_of(found["登记转办卡 民评转〔2026〕1号.docx"])
    for said in (
        "2026-000001-1",
        "窗口办事拖延",
        "三号窗口每天下午四点就没有人了。",
        "清河税务所",
        "15个工作日",
        "限时解决",
    ):
        assert said in card, said
    letter = text_of(found["整改建议书 民评建〔2026〕1号.docx"])
    assert "请于2026年3月30日前办结" in letter and "2026年3月9日" in letter
    body = to_leader.get_body().get_content()
    assert "附件：" in body and "1. 登记转办卡 民评转〔2026〕1号" in body


async def test_n5_a_document_is_made_once_and_a_second_try_is_the_same_bytes(house: House) -> None:
    """The same fact in another event, and a letter that is tried again, find the document that is there."""
    await house.hear("2026-03-09T10:00", opened(**CARD), "event-1")
    await house.hear("2026-03-09T10:00", opened(**CARD), "event-2")
    first = await house.turn("2026-03-10T12:00")
    made = await register(house)
    assert [row["number"] for row in made] == ["民评建〔2026〕1号", "民评转〔2026〕1号"]

    def again(tx: Any) -> None:
        for envelope in first:
            letters.change(tx.session, envelope.letter, {"state": "retry", "next_try": local("2026-03-10T12:05")})

    await house.do("2026-03-10T12:01", again)
    second = await house.turn("2026-03-10T12:10")
    assert {e.letter: e.message for e in second} == {e.letter: e.message for e in first}
    assert await register(house) == made


async def test_n5_numbers_run_by_kind_and_year_without_a_gap(house: House) -> None:
    """Each series begins at 1 every year; a document that could not be made takes no number."""
    for case in range(1, 4):
        await house.hear(f"2026-03-0{case}T10:00", opened(f"2026-00000{case}", **CARD))
    await house.hear("2027-01-04T10:00", opened("2027-000001", **CARD))
    cards = await register(house, kind="transfer_card")
    assert [row["number"] for row in reversed(cards)] == [
        "民评转〔2026〕1号", "民评转〔2026〕2号", "民评转〔2026〕3号", "民评转〔2027〕1号",
    ]  # fmt: skip
    with pytest.raises(Refusal, match="cannot be without it"):
        await house.do("2026-03-05T10:00", lambda tx: documents.by_hand(house.desk, tx, "commitment", {}, "zh", None))
    await house.hear("2026-03-06T10:00", committed())
    [promise] = await register(house, kind="commitment")
    assert promise["number"] == "民评诺〔2026〕1号"


async def test_n5_before_approval_there_is_a_draft_without_a_number_that_no_unit_sees(house: House, web: Web) -> None:
    """A clerk fetches, edits and prints it (I6); the approver gets it with his letter."""
    await house.hear("2026-03-09T10:00", requested())
    found = (await web("GET", "/documents?case=2026-000001", "clerk")).json()["documents"]
    assert {(row["kind"], row["state"], row["number"]) for row in found} == {
        ("transfer_card", "draft", ""), ("recommendation_letter", "draft", ""),
    }  # fmt: skip
    card = next(row for row in found if row["kind"] == "transfer_card")
    body = await web("GET", f"/documents/{card['id']}.docx", "clerk")
    assert "草稿" in text_of(body.content) and "三号窗口每天下午四点" in text_of(body.content)
    for role in ("leader", "handler"):
        assert (await web("GET", "/documents?case=2026-000001", role)).json()["documents"] == []
        assert (await web("GET", f"/documents/{card['id']}.docx", role)).status_code == 404
    [to_approver] = await letters_to(house, "boss", "2026-03-10T12:00")
    assert set(files(to_approver)) == {"登记转办卡 2026-000001.docx", "整改建议书 2026-000001.docx"}

    await house.hear("2026-03-11T10:00", opened(**CARD))
    found = (await web("GET", "/documents?case=2026-000001", "leader")).json()["documents"]
    assert {row["number"] for row in found} == {"民评转〔2026〕1号", "民评建〔2026〕1号"}
    letter = next(row for row in found if row["kind"] == "recommendation_letter")
    words = text_of((await web("GET", f"/documents/{letter['id']}.docx", "leader")).content)
    assert "草稿" not in words and "请三号窗口立即恢复全日值守。" in words  # the clerk's own advice


async def test_n5_a_correction_is_another_version_and_a_withdrawn_number_is_never_given_again(
    house: House, web: Web
) -> None:
    """The old version stays as it was; the reason stands on the new one."""
    await house.hear("2026-03-09T10:00", opened(**CARD))
    [card] = (await web("GET", "/documents?kind=transfer_card", "auditor")).json()["documents"]
    old = (await web("GET", f"/documents/{card['id']}.docx", "office")).content
    wrong = {"facts": {"title": "窗口提前下班"}, "reason": "事项名称写错"}
    made = await web("POST", f"/documents/{card['id']}/correction", "office", json=wrong)
    new = made.json()
    assert (made.status_code, new["number"], new["version"], new["state"]) == (200, card["number"], 2, "valid")
    words = text_of((await web("GET", f"/documents/{new['id']}.docx", "office")).content)
    assert "窗口提前下班" in words and "事项名称写错" in words
    assert (await web("GET", f"/documents/{card['id']}.docx", "office")).content == old
    assert (await web("GET", f"/documents/{card['id']}", "office")).json()["state"] == "superseded"
    assert (await web("POST", f"/documents/{card['id']}/correction", "office", json=wrong)).status_code == 409
    unknown = await web("POST", f"/documents/{new['id']}/correction", "office", json=wrong | {"facts": {"x": "y"}})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "facts.x")

    gone = await web("POST", f"/documents/{new['id']}/withdrawal", "office", json={"reason": "重复交办"})
    assert (gone.json()["state"], gone.json()["reason"]) == ("withdrawn", "重复交办")
    [to_leader] = await letters_to(house, "li", "2026-03-10T12:00")
    assert set(files(to_leader)) == {"整改建议书 民评建〔2026〕1号.docx"}
    await house.hear("2026-03-11T10:00", opened("2026-000002", **CARD))
    assert (await register(house, kind="transfer_card"))[0]["number"] == "民评转〔2026〕2号"


async def test_n5_a_digest_carries_what_fits_and_names_the_rest(house: House, web: Web) -> None:
    """Each document once, up to the limit; those after it by number and place, in the same letter."""
    for case in range(1, 13):
        await house.hear("2026-03-09T10:00", opened(f"2026-{case:06}", **CARD))
    [to_leader] = await letters_to(house, "li", "2026-03-10T12:00")
    found = files(to_leader)
    assert len(found) == documents.MOST_FILES == 20
    words = to_leader.get_body().get_content()
    assert words.count("民评转〔2026〕") + words.count("民评建〔2026〕") == 24
    place = next(line for line in words.splitlines() if "/api/v1/documents/" in line).split()[-1]
    assert (await web("GET", place.removeprefix("/api/v1"), "leader")).status_code == 200


async def test_n5_each_event_of_the_programme_makes_its_kind(house: House) -> None:
    """Announcement, result, opinion, criticism, commitment, appointment: each on its own event, to its own reader."""
    await house.hold(
        "2026-01-01T08:00",
        seat(OFFICE, "supervisor", "JD-0001", name="赵监督"),
        seat(OFFICE, "evaluator", "PY-0001", name="钱评议"),
        seat(OFFICE, "leading_group", "chief"),
    )
    figures = circulars.UnitFigures(unit="tax", opened=9, closed=7, late=2, named=True)
    quarter = {"first": date(2026, 1, 1), "last": date(2026, 3, 31)}
    told: list[tuple[EventData, str, tuple[str, ...]]] = [
        (scoring.MeetingAnnounced(
            meeting="m", cycle_name="2026", units=1, date=date(2026, 11, 20), place="市民中心", unit_keys=("tax",),
            starts_at=local("2026-11-20T09:00"), speak=("tax",),
        ), "meeting_announcement", ("2026年11月20日09:00", "市民中心", "清河税务所")),
        (ranking("tax", "post"), "result_notice", (
            "清河税务所", "89.15", "第1名（同一排名范围共2个单位）", "第1名至第2名"
        )),
        (opinions.OpinionIssued(
            opinion="o-1", cycle_name="2026", unit="tax", author="office", strengths=("办事公开",),
            problems=(opinions.OpinionProblem(item=1, text="窗口提前下班"),), recommendations=("落实A、B岗",),
            signed_by="leading_group", issued_on=date(2026, 12, 1),
        ), "appraisal_opinion", ("办事公开", "窗口提前下班", "落实A、B岗", "2026年12月1日", "领导小组")),
        (scoring.ConsequenceConfirmed(
            consequence="c-1", cycle_name="2026", unit="tax", kind="circulated_criticism", reason="综合排名末位",
            answer="已作书面复核", due=date(2026, 12, 31),
        ), "circulated_criticism", ("对清河税务所予以通报批评", "综合排名末位", "已作书面复核", "2026年12月31日")),
        (ranking("tax", "post"), "evaluators_feedback", ("各位评议员：", "清河税务所", "89.15")),
        (circulars.CircularIssued(
            circular="quarter:2026-Q1", kind="quarterly", period="2026-Q1", number="民评通〔2026〕5号",
            title="一季度通报",
            text="第一段。\n第二段。", issued_on=date(2026, 4, 8), approved_by="boss", units=(figures,), **quarter,
        ), "circular", ("民评通〔2026〕5号", "一季度通报", "第二段。", "2026年4月8日")),
        (circulars.BriefingIssued(quarter="2026-Q1", units=(figures,), **quarter),
         "supervisors_briefing", ("监督员工作简报", "交办9件", "清河税务所")),
        (committed(), "commitment", ("六月底前开设自助办税区。", "李强（局长）", "2026年6月30日")),
        (inspection.SupervisorAppointed(
            supervisor="JD-0001", kind="special_inspector", appointed_by="office", letter="聘1号",
            letter_date=date(2026, 3, 1), since=date(2026, 3, 2), until=date(2028, 3, 1),
        ), "letter_of_appointment", ("赵监督", "特邀监察员", "2028年3月1日", "聘1号")),
    ]  # fmt: skip
    for data, kind, said in told:
        await house.hear("2026-03-09T10:00", data)
        row = next(row for row in await register(house, kind=kind) if row["unit"] in ("tax", None))
        [body] = (await house.unit.read(lambda s, row=row: store.bodies(s, [row["id"]]))).values()
        for words in said:
            assert words in text_of(body), (kind, words)
    other = scoring.ConsequenceConfirmed(
        consequence="c-2", cycle_name="2026", unit="tax", kind="admonition_talk", reason="两年末位"
    )
    await house.hear("2026-03-09T10:00", other)
    assert len(await register(house, kind="circulated_criticism")) == 1
    assert [row["number"] for row in await register(house, kind="circular")] == ["民评通〔2026〕5号"]


async def test_n5_a_document_that_cannot_be_made_stops_no_letter(house: House) -> None:
    """The letter goes, says what is missing, and no number is gone."""

    class Broken:
        def render(self, *_: Any) -> bytes:
            raise Refusal("zh/transfer_card.docx", "", "cannot be filled in", "mend the template")

    object.__setattr__(house.desk, "press", Broken())
    await house.hear("2026-03-09T10:00", opened(**CARD))
    [to_leader] = await letters_to(house, "li", "2026-03-10T12:00")
    assert "以下文件未能生成" in to_leader.get_content() and "登记转办卡" in to_leader.get_content()
    assert await register(house) == []


async def test_n5_the_office_makes_one_by_hand_and_the_caller_who_repeats_gets_the_same(house: House, web: Web) -> None:
    """A letter of appointment with a name; what the system gives cannot be given."""
    facts = {"name": "王芳", "honorific": "同志", "role": "监督员", "since": "2026-03-02", "until": "2028-03-01"}
    body = {"kind": "letter_of_appointment", "facts": facts, "signed_on": "2026-03-02"}
    first, again = [
        await web("POST", "/documents", "office", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert first.status_code == 201 and first.json() == again.json()
    words = text_of((await web("GET", f"/documents/{first.json()['id']}.docx", "office")).content)
    assert "王芳同志" in words and "2026年3月2日" in words and "民评办〔2026〕1号" in words
    for wrong in ({"number": "民评聘〔2026〕9号"}, {"draft": True}, {"wage": "1"}):
        refused = await web("POST", "/documents", "office", json=body | {"facts": facts | wrong})
        assert refused.status_code == 422 and refused.json()["field"].startswith("facts.")
    assert (await web("POST", "/documents", "office", json=body | {"kind": "circular"})).status_code == 422


async def test_n5_without_libreoffice_pdf_is_refused_clearly_and_the_docx_is_there(
    house: House, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """501, and what to do instead."""
    monkeypatch.setenv("PATH", "/nowhere")
    await house.hear("2026-03-09T10:00", opened(**CARD))
    [card] = (await web("GET", "/documents?kind=transfer_card", "office")).json()["documents"]
    answer = await web("GET", f"/documents/{card['id']}.pdf", "office")
    assert answer.status_code == 501 and "docx" in answer.json()["remedy"]
    got = await web("GET", f"/documents/{card['id']}.docx", "office")
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E7%99%BB")
    assert len(got.content) == card["size"]


async def test_n5_a_unit_sees_its_own_documents_and_what_is_for_all(house: House, web: Web) -> None:
    """Not those of another unit."""
    await house.hear("2026-03-09T10:00", opened(**CARD))
    await house.hear("2026-03-09T10:00", opened("2026-000002", "post", **CARD))
    await house.hear("2026-03-09T10:00", scoring.ConsequenceConfirmed(
        consequence="c-1", cycle_name="2026", unit="post", kind="circulated_criticism", reason="末位"
    ))  # fmt: skip
    await house.hold("2026-03-01T08:00", seat("post", "main_leader", "sun"))
    seen = (await web("GET", "/documents", "leader")).json()["documents"]
    assert {(row["kind"], row["unit"]) for row in seen} == {
        ("transfer_card", "tax"), ("recommendation_letter", "tax"), ("circulated_criticism", "post"),
    }  # fmt: skip
    everything = (await web("GET", "/documents?limit=2", "office")).json()
    rest = (await web("GET", f"/documents?cursor={everything['next']}", "office")).json()
    assert len(everything["documents"]) + len(rest["documents"]) == 5
    other = next(row for row in rest["documents"] + everything["documents"] if row["unit"] == "post")
    if other["kind"] != "circulated_criticism":
        assert (await web("GET", f"/documents/{other['id']}", "leader")).status_code == 404
