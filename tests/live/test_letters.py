"""Letters against a real SMTP server that misbehaves (T7): at most one copy a notice and person, unknowns in doubt."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from services.notify import sender as sending
from shared.clock import SystemClock
from tests.support.mail_server import Answer, MailServer, answer_and_die, drop, garbage, hang, keep_and_drop
from tests.support.notify_house import House, bare_house, database_url, furnish, local, opened, passed
from tests.support.posting import Post, posting, settings
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
__all__ = ["bare_house", "database_url"]


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def post(bare_house: House, mail: MailServer) -> AsyncIterator[Post]:
    await furnish(bare_house)
    async with posting(bare_house, settings(mail.port)) as running:
        yield running


async def test_a_letter_arrives_once_and_reads_as_written(post: Post, mail: MailServer) -> None:
    await post.house.hear("2026-03-31T00:00", passed())
    await post.done()
    assert (mail.copies("wang"), mail.copies("li")) == (1, 1)
    message = message_from_bytes(mail.letters[0][1], policy=policy.default)
    assert "逾期通知" in message["Subject"]
    assert "2026-000001号" in message.get_content()  # type: ignore[attr-defined]  # an EmailMessage by its policy
    assert mail.connections == 1


@pytest.mark.parametrize("kept", [True, False])
async def test_an_unanswered_final_dot_is_uncertain_and_never_resent(post: Post, mail: MailServer, kept: bool) -> None:
    mail.answers["DATA"] = [keep_and_drop if kept else drop]
    await post.house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await until(lambda: mail.copies("op") == 1, "the operator is told")
    await post.done()
    assert await post.states() == {"wang": "uncertain"}
    post.move("2026-06-30T09:00")
    await post.done()
    assert mail.copies("wang") == int(kept)


async def test_silence_after_the_final_dot_is_uncertain(post: Post, mail: MailServer) -> None:
    mail.answers["DATA"] = [hang]
    await post.house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await until(lambda: mail.copies("op") == 1)
    assert await post.states() == {"wang": "uncertain"}
    assert mail.copies("wang") == 0


async def test_an_answer_that_is_none_is_uncertain(post: Post, mail: MailServer) -> None:
    mail.answers["DATA"] = [garbage]
    await post.house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await until(lambda: mail.copies("op") == 1)
    assert await post.states() == {"wang": "uncertain"}


async def test_a_server_that_dies_after_its_answer_took_the_letter(post: Post, mail: MailServer) -> None:
    mail.answers["DATA"] = [answer_and_die]
    await post.house.hear("2026-03-31T00:00", passed())
    await until(lambda: len(mail.letters) == 2)
    await post.done()
    assert (mail.copies("wang"), mail.copies("li")) == (1, 1)
    assert set((await post.states()).values()) == {"sent"}


@pytest.mark.parametrize("phase", ["MAIL", "RCPT"])
@pytest.mark.parametrize("fault", [drop, hang], ids=["drop", "hang"])
async def test_a_connection_lost_before_the_letter_costs_nothing(
    post: Post, mail: MailServer, phase: str, fault: Answer
) -> None:
    mail.answers[phase] = [fault]
    await post.house.hear("2026-03-31T00:00", passed())
    await until(lambda: len(mail.letters) == 2)
    await post.done()
    assert (mail.copies("wang"), mail.copies("li")) == (1, 1)
    assert set((await post.states()).values()) == {"sent"}


@pytest.mark.parametrize("phase", ["RCPT", "DATA"])
async def test_a_temporary_refusal_is_tried_again_by_the_services_clock(
    post: Post, mail: MailServer, phase: str
) -> None:
    mail.answers[phase] = ["450 come again", "451 come again"]
    await post.house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await post.done()
    assert (await post.states(), mail.copies("wang")) == ({"wang": "planned"}, 0)
    for moment, copies in [("09:05", 0), ("09:19", 0), ("09:20", 1), ("10:20", 1)]:
        post.move(f"2026-03-31T{moment}")
        await post.done()
        assert mail.copies("wang") == copies, moment
    assert await post.states() == {"wang": "sent"}


async def test_a_refused_address_leads_to_the_next_in_line(post: Post, mail: MailServer) -> None:
    mail.answers["RCPT"] = ["550 no such user"]
    await post.house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await until(lambda: mail.copies("li") == 1)
    await post.done()
    assert await post.states() == {"wang": "failed", "li": "sent"}
    assert mail.copies("op") == 1


async def test_a_refused_letter_leads_to_the_next_in_line(post: Post, mail: MailServer) -> None:
    mail.answers["DATA"] = ["554 not wanted"]
    await post.house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await until(lambda: mail.copies("li") == 1)
    await post.done()
    assert await post.states() == {"wang": "failed", "li": "sent"}


@pytest.mark.parametrize("answer", ["421 closing", "550 sender not allowed", "452 full"])
async def test_a_server_that_refuses_us_says_nothing_about_the_letters(
    post: Post, mail: MailServer, answer: str
) -> None:
    mail.answers["MAIL"] = [answer, answer]
    await post.house.hear("2026-03-31T00:00", passed())
    await until(lambda: "smtp" in post.sender.degraded(), "readiness says so")
    await until(lambda: len(mail.letters) == 2)
    await post.done()
    assert (mail.copies("wang"), mail.copies("li")) == (1, 1)
    assert post.sender.degraded() == {}


async def test_letters_wait_while_the_server_is_away_and_then_all_go_once(bare_house: House, mail: MailServer) -> None:
    await furnish(bare_house)
    await mail.stop()
    async with posting(bare_house, settings(mail.port)) as post:
        for number in range(10):
            await bare_house.hear("2026-03-31T00:00", passed(f"2026-1000{number:02d}"))
        await until(lambda: "connect" in post.sender.degraded().get("smtp", ""))
        await until(lambda: post.sender.in_hand() == 0, "nobody is kept waiting for a server that is away")
        await mail.start()
        await until(lambda: len(mail.letters) == 20)
        await post.done()
    assert len(set(mail.ids())) == len(mail.ids()) == 20


async def test_a_wrong_host_leaves_the_service_alive(bare_house: House) -> None:
    await furnish(bare_house)
    wrong = settings(25, smtp_host="no-such-host.invalid")
    async with posting(bare_house, wrong) as post:
        await bare_house.hear("2026-03-31T00:00", passed())
        await until(lambda: "no-such-host.invalid" in post.sender.degraded().get("smtp", ""))
        assert set((await post.states()).values()) == {"planned"}


async def test_a_stop_in_the_middle_leaves_nothing_in_doubt(bare_house: House, mail: MailServer) -> None:
    await furnish(bare_house)
    for number in range(200):
        await bare_house.hear("2026-03-31T00:00", passed(f"2026-{number:06d}"))
    async with posting(bare_house, settings(mail.port)):
        await until(lambda: len(mail.letters) > 20)
    assert len(mail.letters) < 400
    async with posting(bare_house, settings(mail.port)) as post:
        await post.done()
    assert len(set(mail.ids())) == len(mail.ids()) == 400


async def test_a_digest_gathers_what_is_still_coming(bare_house: House, mail: MailServer) -> None:
    await furnish(bare_house)
    async with posting(bare_house, settings(mail.port), quiet_s=1) as post:
        post.move("2026-03-10T12:00")
        for number in range(1, 31):
            await post.house.hear("2026-03-09T10:00", opened(f"2026-{number:06d}"))
        await post.done()
    assert (mail.copies("wang"), mail.copies("li")) == (1, 1)


async def test_n4_a_backlog_of_days_is_one_digest_a_person_however_it_trickles_in(
    bare_house: House, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bus catches up after an outage, and any moment would be a lull: the digests wait for the end of it."""
    monkeypatch.setattr(sending, "CATCHING_UP_QUIET_S", 0.6)
    await furnish(bare_house)
    async with posting(bare_house, settings(mail.port), quiet_s=0, clock=Stands()) as post:
        for day in range(9, 13):
            for number in range(5):
                await post.house.hear(f"2026-03-{day:02d}T10:00", opened(f"2026-{day:03d}{number:03d}"))
        await until(lambda: len(mail.letters) == 2)
        await post.done()
    assert (mail.copies("wang"), mail.copies("li")) == (1, 1)
    assert len(await bare_house.notices(state="sent")) == 40


class Stands(SystemClock):
    """The system's clock, as it stood one Monday morning."""

    def now(self) -> datetime:
        return local("2026-03-16T10:00").astimezone(UTC)
