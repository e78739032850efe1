"""What becomes of letters, on a real store (N3): claimed, settled, in doubt, resolved; who is told instead."""

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.usecases import Result, recover, resolve
from shared.contracts.notify import AddressFailed, NoticeFailed, NoticeSent, NoticeUncertain
from shared.errors import Refusal
from tests.support.notify_house import House, local, opened, passed, seat

pytestmark = pytest.mark.asyncio
TEMPORARY = Outcome("temporary", "rcpt", "450 greylisted")
BAD = Outcome("bad_address", "rcpt", "550 no such user")
REFUSED = Outcome("refused", "final dot", "554 rejected")
UNKNOWN = Outcome("uncertain", "final dot", "SMTPServerDisconnected")
AWAY = Outcome("unreachable", "connect", "refused")
NINE = "2026-03-31T09:00"


async def one_letter(house: House, case: str = "2026-000001") -> None:
    await house.hear("2026-03-31T00:00", passed(case, roles=("handler",)))


async def states(house: House) -> dict[str, str]:
    return {n["person"]: n["state"] for n in await house.notices()}


async def test_a_sent_letter_is_published_with_the_event_that_caused_it(house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)), "event-7")
    await house.post(NINE)
    [sent] = house.events(NoticeSent)
    assert (sent.cause, sent.person, sent.role, sent.unit) == ("event-7", "wang", "handler", "tax")
    assert await states(house) == {"wang": "sent"}


async def test_nothing_goes_before_it_is_due(house: House) -> None:
    await one_letter(house)
    assert await house.turn("2026-03-31T08:59") == ()
    assert len(await house.turn(NINE)) == 1


async def test_a_claimed_letter_is_not_claimed_again(house: House) -> None:
    await one_letter(house)
    assert len(await house.turn(NINE)) == 1
    assert await house.turn("2026-04-30T09:00") == ()


async def test_what_was_claimed_when_the_service_died_is_uncertain_and_never_resent(house: House) -> None:
    await one_letter(house)
    await house.turn(NINE)
    assert await house.do(NINE, lambda tx: recover(house.desk, tx, None)) == 1
    assert (await states(house))["wang"] == "uncertain"
    assert [e.person for e in house.events(NoticeUncertain)] == ["wang"]
    later = await house.post("2026-05-30T09:00")
    assert "wang" not in [letter["person"] for letter in later]


async def test_a_journal_tells_the_letter_in_the_air_from_the_others(house: House) -> None:
    for number in range(1, 5):
        await one_letter(house, f"2026-00000{number}")
    first, second, *_ = [e.letter for e in await house.turn(NINE)]
    begun = {first: Outcome("sent", "", "250"), second: None}
    assert await house.do(NINE, lambda tx: recover(house.desk, tx, begun)) == 4
    assert [n["state"] for n in await house.notices(person="wang")].count("uncertain") == 1
    assert len([x for x in await house.post(NINE) if x["person"] == "wang"]) == 2


async def test_an_operator_is_told_of_a_letter_in_doubt(house: House) -> None:
    await one_letter(house)
    sent = await house.post(NINE, wang=UNKNOWN)
    [told] = await house.notices(person="op")
    assert told["template"] == "notice_uncertain"
    assert [("王芳" in x["text"]) for x in sent if x["person"] == "op"] == [True]


async def test_letters_about_letters_raise_no_more_letters(house: House) -> None:
    await one_letter(house)
    await house.post(NINE, wang=UNKNOWN, op=UNKNOWN)
    await house.post("2026-04-02T09:00", op=UNKNOWN)
    assert len(await house.notices()) == 2


async def test_a_temporary_fault_is_tried_again_after_a_while(house: House) -> None:
    await one_letter(house)
    await house.post(NINE, wang=TEMPORARY)
    assert await house.turn("2026-03-31T09:04") == ()
    [again] = await house.post("2026-03-31T09:05")
    assert (again["state"], again["tries"]) == ("sent", 2)
    assert len(house.events(NoticeSent)) == 1


async def test_a_server_that_is_away_costs_no_try_and_no_time(house: House) -> None:
    await one_letter(house)
    for _ in range(40):
        [envelope] = await house.turn(NINE)
        await house.turn(NINE, Result(envelope.letter, AWAY, local(NINE)), limit=0)
    [letter] = await house.post(NINE)
    assert (letter["state"], letter["tries"]) == ("sent", 1)


async def test_a_bad_address_is_reported_and_the_next_in_line_is_told(house: House) -> None:
    await one_letter(house)
    await house.post(NINE, wang=BAD)
    assert [(e.person, e.role) for e in house.events(AddressFailed)] == [("wang", "handler")]
    assert [e.person for e in house.events(NoticeFailed)] == ["wang"]
    follower = (await house.notices(person="li"))[0]
    assert follower["follows"] == (await house.notices(person="wang"))[0]["id"]
    assert {"li": "sent", "op": "sent"}.items() <= (await states(house)).items()


async def test_a_bad_address_is_not_written_to_again_until_the_directory_vouches_for_it(house: House) -> None:
    await one_letter(house)
    await house.post(NINE, wang=BAD)
    await house.hear("2026-04-02T00:00", passed("2026-000002", roles=("handler",)))
    assert [n["person"] for n in await house.notices(case="2026-000002")] == ["li"]
    await house.hold("2026-04-03T10:00", seat("tax", "handler", "wang"))
    await house.hear("2026-04-04T00:00", passed("2026-000003", roles=("handler",)))
    assert [n["person"] for n in await house.notices(case="2026-000003")] == ["wang"]


async def test_the_line_is_followed_to_its_end_and_no_further(house: House) -> None:
    await one_letter(house)
    for day in range(1, 29):
        await house.post(f"2026-04-{day:02d}T09:00", wang=BAD, li=BAD, clerk=BAD, op=BAD)
    assert [n["person"] for n in await house.notices(case="2026-000001")] == ["wang", "li", "clerk"]
    last = (await house.notices(person="clerk", case="2026-000001"))[0]
    assert last["state"] == "failed"
    assert "nobody is next in line" in last["reason"]


async def test_a_refused_letter_tells_the_next_but_keeps_the_address(house: House) -> None:
    await one_letter(house)
    await house.post(NINE, wang=REFUSED)
    assert house.events(AddressFailed) == []
    assert [n["person"] for n in await house.notices(template="notice_failed")] == ["op"]
    await house.hear("2026-04-02T00:00", passed("2026-000002", roles=("handler",)))
    assert [n["person"] for n in await house.notices(case="2026-000002")] == ["wang"]


async def test_a_main_leader_who_was_told_already_is_not_told_again_for_the_handler(house: House) -> None:
    await house.hear("2026-03-31T00:00", passed())
    envelopes = await house.turn(NINE)
    results = [Result(e.letter, BAD if e.recipient.startswith("wang") else UNKNOWN, local(NINE)) for e in envelopes]
    await house.turn(NINE, *results)
    assert sorted(n["person"] for n in await house.notices(case="2026-000001")) == ["clerk", "li", "wang"]


@pytest.mark.parametrize(("decision", "state"), [("sent", "sent"), ("resend", "planned")])
async def test_an_operator_resolves_a_letter_in_doubt(house: House, decision: str, state: str) -> None:
    await one_letter(house)
    await house.post(NINE, wang=UNKNOWN)
    notice = (await house.notices(person="wang"))[0]["id"]
    await house.do("2026-03-31T10:00", lambda tx: resolve(house.desk, tx, notice, decision, "asked him"))  # type: ignore[arg-type]  # parametrised
    assert (await states(house))["wang"] == state
    resent = [x["person"] for x in await house.post("2026-03-31T10:00")]
    assert ("wang" in resent) is (decision == "resend")
    assert [e.person for e in house.events(NoticeSent) if e.person != "op"] == ["wang"]


async def test_only_a_letter_in_doubt_can_be_resolved(house: House) -> None:
    await one_letter(house)
    await house.post(NINE)
    notice = (await house.notices())[0]["id"]
    with pytest.raises(Refusal) as refused:
        await house.do(NINE, lambda tx: resolve(house.desk, tx, notice, "resend", "again"))
    assert refused.value.status == 409


async def test_a_resent_letter_is_the_same_letter(house: House) -> None:
    await one_letter(house)
    [first] = await house.turn(NINE)
    await house.turn(NINE, Result(first.letter, UNKNOWN, local(NINE)))
    notice = (await house.notices(person="wang"))[0]["id"]
    await house.do("2026-04-02T10:00", lambda tx: resolve(house.desk, tx, notice, "resend", "he has nothing"))
    again = [e for e in await house.turn("2026-04-02T10:00") if e.recipient.startswith("wang")]
    assert [e.message for e in again] == [first.message]


async def test_digests_wait_while_told_to_but_urgent_letters_do_not(house: House) -> None:
    await house.hear("2026-03-30T10:00", opened("2026-000009"))
    await one_letter(house)
    early = await house.turn("2026-03-31T12:00", digests=False)
    assert [e.recipient for e in early] == ["wang@tax.example"]
    assert len(await house.turn("2026-03-31T12:00")) == 2


async def test_a_notice_that_comes_after_its_digest_went_has_a_letter_of_its_own(house: House) -> None:
    await house.hear("2026-03-09T10:00", opened("2026-000001"))
    await house.post("2026-03-10T09:30")
    await house.hear("2026-03-09T10:00", opened("2026-000002"))
    [first, second] = await house.post("2026-03-10T09:30")
    assert "2026-000001" not in first["text"] + second["text"]
    assert {letter["state"] for letter in (first, second)} == {"sent"}


async def test_a_letter_that_cannot_be_written_fails_alone(house: House) -> None:
    await one_letter(house)
    await house.hear("2026-03-31T00:00", passed("2026-000002", unit="tax", roles=("main_leader",)))

    def spoil(tx: object) -> None:
        from services.notify.store import notices

        notice = notices.page(tx.session, 0, 10, person="wang")[0]  # type: ignore[attr-defined]  # a Tx
        notices.change(tx.session, notice["id"], {"facts": {}})  # type: ignore[attr-defined]  # a Tx

    await house.do("2026-03-31T01:00", spoil)
    await house.post(NINE)
    found = await states(house)
    assert found["wang"] == "failed"
    assert found["li"] == "sent"


async def test_the_sender_hears_when_the_next_letter_is_due(house: House) -> None:
    house.planned.clear()
    await one_letter(house)
    assert house.planned == [local(NINE)]
