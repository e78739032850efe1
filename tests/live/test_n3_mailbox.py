"""Bounces read back from a real IMAP mailbox: once, in order, and again after the server was away (N3)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from services.notify.postbox.imap import Mailbox
from services.notify.postbox.reader import BounceReader
from services.notify.postbox.settings import MailboxSettings
from services.notify.usecases import Result
from shared.clock import SimulatedClock
from shared.errors import Refusal
from tests.support.imap_server import PASSWORD, USER, ImapServer
from tests.support.notify_house import SENT, House, bare_house, database_url, furnish, local, passed
from tests.support.reports import complaint, delivery_report
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
__all__ = ["bare_house", "database_url"]

DOMAIN = "minping.example"
AWAY = b"From: li@tax.example\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n"
TEN = local("2026-04-01T10:00")


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    made = ImapServer()
    made.start()
    yield made
    made.stop()


@pytest.fixture
async def mailbox(server: ImapServer) -> ImapServer:
    await until(lambda: asyncio.to_thread(server.is_up), "the mailbox")
    with server.client() as client:
        for folder in ("INBOX", "Minping-read", "Minping-other"):
            if client.folder_exists(folder):
                client.select_folder(folder)
                client.delete_messages(client.search("ALL"))
                client.expunge()
    return server


def settings(tmp_path: Path, port: int, **more: Any) -> MailboxSettings:
    secret = tmp_path / "imap-password"
    secret.write_text(PASSWORD)
    nothing = tmp_path / "none"
    fields: dict[str, Any] = {
        "database_url": "sqlite://", "nats_user": "notify", "nats_password_file": nothing,
        "token_public_key_file": nothing, "imap_host": "127.0.0.1", "imap_port": port, "imap_tls": "none",
        "imap_username": USER, "imap_password_file": secret, "imap_poll_s": 0.05, "imap_timeout_s": 5,
    }  # fmt: skip
    return MailboxSettings(**(fields | more))


@asynccontextmanager
async def reading(house: House, configured: MailboxSettings) -> AsyncIterator[BounceReader]:
    reader = BounceReader(configured)
    running = asyncio.create_task(reader.run(house.desk, house.unit, SimulatedClock(TEN, TEN, 1)))
    try:
        yield reader
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def house(bare_house: House) -> House:
    await furnish(bare_house)
    return bare_house


async def sent(house: House, case: str = "2026-000001") -> str:
    await house.hear("2026-03-31T00:00", passed(case, roles=("handler",)))
    await house.post("2026-03-31T09:00")
    [notice] = await house.notices(case=case, person="wang")
    return str(notice["letter"])


async def states(house: House) -> dict[str, str]:
    return {n["person"]: n["state"] for n in await house.notices(case="2026-000001")}


async def test_n3_a_bounce_in_the_mailbox_tells_the_next_in_line_and_is_moved(
    house: House, mailbox: ImapServer, tmp_path: Path
) -> None:
    letter = await sent(house)
    mailbox.put(
        AWAY,
        delivery_report(letter, DOMAIN, "wang@tax.example", action="delayed", status="4.4.1", own="<soft@m>"),
        delivery_report(letter, DOMAIN, "wang@tax.example"),
        complaint(letter, DOMAIN),
        delivery_report(letter, DOMAIN, "wang@tax.example", action="delivered", status="2.0.0", own="<good@m>"),
    )
    async with reading(house, settings(tmp_path, mailbox.port)) as reader:
        await until(lambda: reader.looks > 0, "the mailbox is read")
    assert await states(house) == {"wang": "failed", "li": "planned"}
    assert [mailbox.count(f) for f in ("INBOX", "Minping-read", "Minping-other")] == [0, 4, 1]


async def test_n3_a_report_that_was_taken_but_not_moved_counts_once(
    house: House, mailbox: ImapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = await sent(house)
    mailbox.put(delivery_report(letter, DOMAIN, "wang@tax.example"))
    move, lost = Mailbox.move, [OSError("the connection is lost between the commit and the move")]

    def lose_once(self: Mailbox, numbers: Any, folder: str) -> None:
        if lost:
            raise lost.pop()
        move(self, numbers, folder)

    monkeypatch.setattr(Mailbox, "move", lose_once)
    async with reading(house, settings(tmp_path, mailbox.port)) as reader:
        await until(lambda: reader.looks > 0, "the mailbox is read")
    assert not lost
    assert await states(house) == {"wang": "failed", "li": "planned"}
    assert mailbox.count("Minping-read") == 1
    assert len(await house.notices(person="op")) == 1


async def test_n3_a_bounce_that_is_faster_than_the_commit_stays_for_the_next_look(
    house: House, mailbox: ImapServer, tmp_path: Path
) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    [envelope] = await house.turn("2026-03-31T09:00")
    mailbox.put(delivery_report(envelope.letter, DOMAIN, "wang@tax.example"), AWAY)
    async with reading(house, settings(tmp_path, mailbox.port)) as reader:
        await until(lambda: reader.looks > 1, "the mailbox is read")
        assert [mailbox.count(f) for f in ("INBOX", "Minping-other")] == [1, 1]
        await house.turn("2026-03-31T09:00", Result(envelope.letter, SENT, local("2026-03-31T09:00")))
        await until(lambda: mailbox.count("INBOX") == 0, "it is taken")
    assert await states(house) == {"wang": "failed", "li": "planned"}


async def test_n3_many_reports_are_all_taken_and_a_server_without_move_will_do(
    house: House, mailbox: ImapServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from imapclient import IMAPClient

    able = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, what: what != "MOVE" and able(self, what))
    for number in range(1, 4):
        await sent(house, f"2026-00000{number}")
    found = [str(n["letter"]) for n in await house.notices(person="wang")]
    mailbox.put(*(
        delivery_report(found[n % 3], DOMAIN, "wang@tax.example", own=f"<{n}@m>") for n in range(27)
    ))  # fmt: skip
    async with reading(house, settings(tmp_path, mailbox.port)) as reader:
        await until(lambda: reader.looks > 0, "the mailbox is read")
    assert [n["state"] for n in await house.notices(person="wang")] == ["failed"] * 3
    assert [mailbox.count(f) for f in ("INBOX", "Minping-read")] == [0, 27]


async def test_n3_a_mailbox_that_is_away_is_said_and_read_when_it_is_back(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = await sent(house)
    server = ImapServer()
    async with reading(house, settings(tmp_path, server.port)) as reader:
        await until(reader.degraded, "the mailbox is away")
        server.start()
        try:
            await until(lambda: asyncio.to_thread(server.is_up), "the mailbox")
            server.put(delivery_report(letter, DOMAIN, "wang@tax.example"))
            await until(lambda: server.count("Minping-read") == 1, "the bounce is taken")
            await until(lambda: not reader.degraded(), "all is well")
        finally:
            server.stop()
    assert await states(house) == {"wang": "failed", "li": "planned"}


async def test_n3_a_wrong_password_is_said_and_shown_nowhere(
    house: House,
    mailbox: ImapServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    configured = settings(tmp_path, mailbox.port, imap_username="somebody")
    async with reading(house, configured) as reader:
        await until(reader.degraded, "refused")
        said = str(reader.degraded())
    out = capfd.readouterr()
    for where in (said, out.out, out.err, caplog.text):
        assert PASSWORD not in where


async def test_n3_a_house_without_a_mailbox_reads_none_and_one_folder_is_not_both(house: House, tmp_path: Path) -> None:
    none = BounceReader(settings(tmp_path, 1, imap_host=""))
    await none.run(house.desk, house.unit, SimulatedClock(TEN, TEN, 1))
    assert none.degraded() == {}
    with pytest.raises(Refusal):
        BounceReader(settings(tmp_path, 1, imap_read_folder="INBOX"))
