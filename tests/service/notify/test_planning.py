"""Who is told what and when, on a real store (N1, N2, N4)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.notify.domain.recipient import OFFICE
from shared.contracts import intake, scoring
from shared.contracts.scoring import RankedUnit, RankingPublished, UnitRegistered
from tests.support.notify_house import House, local, opened, passed, seat

pytestmark = pytest.mark.asyncio


async def test_a_new_case_is_told_to_handler_and_main_leader_with_the_next_digest(house: House) -> None:
    await house.hear("2026-03-09T10:00", opened(), "event-1")
    found = await house.notices(case="2026-000001")
    assert {(n["role"], n["person"], n["cause"], n["state"]) for n in found} == {
        ("handler", "wang", "event-1", "planned"), ("main_leader", "li", "event-1", "planned"),
    }  # fmt: skip
    digest = house.desk.programme.working_hours.digest
    assert {n["due"].astimezone(house.desk.calendar.zone) for n in found} == {local(f"2026-03-10T{digest}")}


async def test_a_persons_ordinary_notices_of_a_day_go_in_one_letter(house: House) -> None:
    for number in range(1, 6):
        await house.hear("2026-03-09T10:00", opened(f"2026-00000{number}"))
    sent = await house.post("2026-03-10T12:00")
    assert sorted(letter["person"] for letter in sent) == ["li", "wang"]
    for letter in sent:
        assert all(f"2026-00000{number}" in letter["text"] for number in range(1, 6))
        assert "5项" in letter["subject"]


async def test_an_expiry_notice_goes_in_a_letter_of_its_own(house: House) -> None:
    await house.hear("2026-03-30T10:00", opened("2026-000002"))
    await house.hear("2026-03-31T00:00", passed())
    subjects = [letter["subject"] for letter in await house.post("2026-03-31T09:00") if letter["person"] == "wang"]
    assert len(subjects) == 2
    assert any("逾期通知：2026-000001号" in subject for subject in subjects)


async def test_the_same_event_twice_tells_nobody_twice(house: House) -> None:
    await house.hear("2026-03-09T10:00", opened(), "event-1")
    await house.hear("2026-03-09T10:00", opened(), "event-1")
    assert len(await house.notices()) == 2


async def test_the_same_fact_in_another_event_tells_nobody_twice(house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(), "event-1")
    await house.post("2026-03-31T09:00")
    await house.hear("2026-03-31T00:00", passed(), "event-2")
    assert len(await house.notices()) == 2
    assert await house.post("2026-04-02T09:00") == []


async def test_a_person_in_two_offices_gets_one_letter(house: House) -> None:
    await house.hold("2026-03-01T08:00", seat("tax", "main_leader", "wang", "2026-03-01"))
    await house.hear("2026-03-31T00:00", passed())
    assert [letter["person"] for letter in await house.post("2026-03-31T09:00")] == ["wang"]


async def test_the_main_leader_is_told_even_if_nobody_was_assigned(bare_house: House) -> None:
    await bare_house.hold("2026-01-01T08:00", seat("tax", "main_leader", "li"))
    await bare_house.hear("2026-03-28T00:00", passed(roles=("handler",)))
    assert [n["person"] for n in await bare_house.notices()] == ["li"]


async def test_a_notice_with_nobody_to_tell_waits_for_the_directory(bare_house: House) -> None:
    await bare_house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    assert [(n["state"], n["letter"]) for n in await bare_house.notices()] == [("unaddressed", None)]
    assert await bare_house.post("2026-03-31T09:00") == []
    entered = await bare_house.hold("2026-04-01T12:00", seat("tax", "handler", "wang"))
    assert entered.notices_moved == 1
    assert await bare_house.post("2026-04-01T12:00") == []  # the hour of expiry notices has passed for today
    assert [letter["person"] for letter in await bare_house.post("2026-04-02T09:00")] == ["wang"]


async def test_what_has_not_gone_yet_goes_to_the_successor(house: House) -> None:
    await house.hear("2026-03-09T10:00", opened())
    entered = await house.hold("2026-03-09T15:00", seat("tax", "handler", "sun", "2026-03-10"))
    assert entered.notices_moved == 1
    sent = await house.post("2026-03-10T12:00")
    assert sorted(letter["person"] for letter in sent) == ["li", "sun"]
    assert sorted(n["person"] for n in await house.notices()) == ["li", "sun"]


async def test_a_successor_who_was_told_already_is_not_told_again(house: House) -> None:
    await house.hear("2026-03-09T10:00", opened())
    await house.hold("2026-03-09T15:00", seat("tax", "handler", "li", "2026-03-10"))
    assert [letter["person"] for letter in await house.post("2026-03-10T12:00")] == ["li"]
    assert sorted(n["state"] for n in await house.notices()) == ["sent", "void"]


async def test_a_corrected_address_reaches_what_is_waiting(house: House) -> None:
    await house.hear("2026-03-09T10:00", opened())
    await house.hold("2026-03-09T15:00", seat("tax", "handler", "wang", email="wang@new.example"))
    assert "wang@new.example" in [letter["email"] for letter in await house.post("2026-03-10T12:00")]
    assert len(await house.notices()) == 2


async def test_before_approval_only_the_approver_is_told(house: House) -> None:
    asked = intake.TransferRequested(
        number="2026-000001", card="ZB-1", lead_unit="tax", days=15, due=local("2026-03-12T00:00")
    )
    await house.hear("2026-03-09T10:00", asked)
    assert [(n["person"], n["unit"]) for n in await house.notices()] == [("boss", "tax")]
    [letter] = await house.post("2026-03-10T12:00")
    assert "清河税务所" in letter["text"]
    assert "2026年3月11日前" in letter["text"]


async def test_each_unit_reads_its_own_row_of_the_ranking(house: House) -> None:
    await house.hear("2026-01-02T08:00", UnitRegistered(unit="post", name="邮政所", category="c", scope="s"))
    await house.hold("2026-01-02T08:00", seat("post", "main_leader", "qian"))
    rows = tuple(
        RankedUnit(
            unit=unit, name=name, category="c", scope="s", daily=Decimal("99.00"), concentrated=Decimal("88.50"),
            composite=Decimal(score), rank=rank,
        )
        for unit, name, score, rank in [("tax", "清河税务所", "90.60", 1), ("post", "邮政所", "81.20", 2)]
    )  # fmt: skip
    await house.hear("2026-07-10T10:00", RankingPublished(cycle_name="2026-H1", rows=rows))
    by_person = {letter["person"]: letter["text"] for letter in await house.post("2026-07-13T12:00")}
    assert "90.60" in by_person["li"]
    assert "81.20" not in by_person["li"]
    assert "第2名" in by_person["qian"]


async def test_a_meeting_is_announced_to_every_units_leader(house: House) -> None:
    await house.hear("2026-01-02T08:00", UnitRegistered(unit="post", name="邮政所", category="c", scope="s"))
    await house.hold("2026-01-02T08:00", seat("post", "main_leader", "qian"))
    await house.hear(
        "2026-06-01T10:00",
        scoring.MeetingAnnounced(meeting="m-1", cycle_name="2026-H1", units=2, date=date(2026, 6, 18)),
    )
    assert sorted(n["person"] for n in await house.notices()) == ["li", "qian"]


async def test_s4_each_unit_of_a_meeting_is_told_where_when_and_whether_it_speaks(house: House) -> None:
    for unit, person in (("post", "qian"), ("water", "zhao")):
        await house.hear("2026-01-02T08:00", UnitRegistered(unit=unit, name=unit, category="c", scope="s"))
        await house.hold("2026-01-02T08:00", seat(unit, "main_leader", person))
    told = scoring.MeetingAnnounced(
        meeting="m-1", cycle_name="2026-H1", units=2, date=date(2026, 6, 18), place="清河镇会堂",
        starts_at=datetime(2026, 6, 18, 1, tzinfo=UTC), unit_keys=("tax", "post"), speak=("post",),
    )  # fmt: skip
    await house.hear("2026-06-01T10:00", told)
    letters = {letter["person"]: letter["text"] for letter in await house.post("2026-06-02T12:00")}
    assert sorted(letters) == ["li", "qian"]  # the water station is not voted on
    assert "09:00在清河镇会堂召开" in letters["qian"]
    assert "你单位口头述职" in letters["qian"]
    assert "你单位书面述职" in letters["li"]


async def test_s16_nobody_is_written_to_about_a_rehearsal(house: House) -> None:
    step = {"meeting": "m-1", "cycle_name": "2026-H1", "units": 2, "rehearsal": True}
    await house.hear("2026-06-01T10:00", scoring.MeetingAnnounced(**step, date=date(2026, 6, 18)))
    await house.hear("2026-06-18T10:00", scoring.MeetingSealed(**step, checkpoint="ab12", valid=58, void=1))
    assert await house.notices() == []


async def test_an_english_reader_gets_an_english_letter(house: House) -> None:
    await house.hold("2026-03-01T08:00", seat("tax", "handler", "john", "2026-03-01", language="en"))
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    [letter] = await house.post("2026-03-31T09:00")
    assert letter["text"].startswith("Dear John,")
    assert "Qinghe Tax Office" in letter["text"]
    assert "30 March 2026" in letter["text"]


async def test_a_title_cannot_break_out_of_its_line(house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(title="拖延\r\nBcc: all@x.example\r\n\r\n<script>"))
    for letter in await house.post("2026-03-31T09:00"):
        assert "\nBcc" not in letter["text"]


async def test_an_event_without_a_rule_tells_nobody(house: House) -> None:
    await house.hear("2026-03-09T10:00", intake.TransferRefused(number="2026-000001", card="ZB-1", reason="重复"))
    assert await house.notices() == []


async def test_history_keeps_the_predecessors_term(house: House) -> None:
    from services.notify.store import directory

    await house.hold("2026-03-09T15:00", seat("tax", "handler", "sun", "2026-03-10"))
    rows = await house.unit.read(lambda s: directory.holders(s, "tax", "handler", None))
    assert [(row.person, row.until) for row in rows] == [("wang", date(2026, 3, 9)), ("sun", None)]
    assert OFFICE == "office"
