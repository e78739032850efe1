"""What a real mail server asks of us: encryption, an account, patience, small letters, few connections (N3, X10)."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import dkim as judge
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ed25519

from services.notify import channels
from services.notify.channels import SmtpChannel
from services.notify.domain.delivery import Outcome
from services.notify.store import letters
from shared.errors import Refusal
from tests.support.authority import Authority
from tests.support.mail_server import MailServer
from tests.support.notify_house import a_house, furnish, passed
from tests.support.posting import hurry, posting, settings
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
ME, WANG = "office@minping.example", "wang@tax.example"
LETTER = b"From: <office@minping.example>\r\nSubject: x\r\nMessage-ID: <l-1@minping.example>\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[MailServer]:
    mail = MailServer(**options)
    await mail.start()
    try:
        yield mail
    finally:
        await mail.stop()


@asynccontextmanager
async def channel(mail: MailServer, **more: Any) -> AsyncIterator[SmtpChannel]:
    made = SmtpChannel(settings(mail.port, smtp_timeout_s=2, smtp_final_timeout_s=2, **more))
    try:
        yield made
    finally:
        await made.close()


async def send(way: SmtpChannel, message: bytes = LETTER, to: str = WANG) -> Outcome:
    return await way.send(ME, to, message)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_n3_letters_go_encrypted_to_a_server_that_a_private_authority_vouches_for(
    authority: Authority, tls: str
) -> None:
    mail = MailServer(**({"tls_context": authority.server(), "require_starttls": True} if tls == "starttls" else {}))
    mail.implicit_tls = authority.server() if tls == "tls" else None
    await mail.start()
    async with channel(mail, smtp_tls=tls, smtp_ca_file=authority.file) as way:
        assert (await send(way)).kind == "sent"
    assert [to for to, _ in mail.letters] == [WANG]
    await mail.stop()


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["authority", "name", "expired"])
async def test_n3_a_server_with_a_wrong_certificate_gets_no_letter(
    authority: Authority, tmp_path: Path, tls: str, wrong: str
) -> None:
    """T7: certificate wrong."""
    other = Authority(tmp_path, "another")
    context = {
        "authority": lambda: other.server(),
        "name": lambda: authority.server("127.0.0.9"),
        "expired": lambda: authority.server(expired=True),
    }[wrong]()
    mail = MailServer(**({"tls_context": context} if tls == "starttls" else {}))
    mail.implicit_tls = context if tls == "tls" else None
    await mail.start()
    async with channel(mail, smtp_tls=tls, smtp_ca_file=authority.file) as way:
        outcome = await send(way)
    assert (outcome.kind, outcome.phase) == ("unreachable", "connect")
    assert "certificate verify failed" in outcome.reply.lower()
    assert not mail.envelopes
    await mail.stop()


async def test_n3_the_systems_authorities_do_not_vouch_for_a_private_server(authority: Authority) -> None:
    async with serving(tls_context=authority.server()) as mail, channel(mail, smtp_tls="starttls") as way:
        assert "certificate verify failed" in (await send(way)).reply.lower()
        assert not mail.envelopes


async def test_n3_a_server_that_offers_no_encryption_gets_no_letter_where_it_is_wanted() -> None:
    """Whoever strips STARTTLS from its greeting gets nothing either."""
    async with serving() as mail, channel(mail, smtp_tls="starttls") as way:
        outcome = await send(way)
        assert (outcome.kind, outcome.phase) == ("unreachable", "connect")
        assert "STARTTLS" in outcome.reply
        assert not mail.envelopes


async def test_n3_a_server_that_wants_encryption_says_so_and_the_letters_wait(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T7: TLS-only; readiness names the cause, and with the setting mended everybody has his letter."""
    hurry(monkeypatch)
    async with (
        serving(tls_context=authority.server(), require_starttls=True) as mail,
        a_house(f"sqlite:///{tmp_path / 'notify.db'}") as house,
    ):
        await furnish(house)
        await house.hear("2026-03-31T00:00", passed())
        async with posting(house, settings(mail.port)) as post:
            await until(lambda: "STARTTLS" in post.sender.degraded().get("smtp", ""))
            assert set((await post.states()).values()) == {"planned"}
        async with posting(house, settings(mail.port, smtp_tls="starttls", smtp_ca_file=authority.file)) as post:
            await post.done()
            assert await post.states() == {"wang": "sent", "li": "sent"}
        assert (mail.copies("wang"), mail.copies("li")) == (1, 1)


async def account(tmp_path: Path, password: str = "秘密 word") -> dict[str, Any]:
    file = tmp_path / "smtp.password"
    await asyncio.to_thread(file.write_text, password + "\n", "utf-8")
    return {"smtp_username": "minping", "smtp_password_file": file}


@pytest.mark.parametrize(("mechanism", "used"), [("auto", "PLAIN"), ("plain", "PLAIN"), ("login", "LOGIN")])
async def test_n3_the_account_is_proved_over_tls(
    authority: Authority, tmp_path: Path, mechanism: str, used: str
) -> None:
    async with serving(tls_context=authority.server(), require_starttls=True) as mail:
        mail.password = "秘密 word"
        own = await account(tmp_path)
        async with channel(mail, smtp_tls="starttls", smtp_ca_file=authority.file, smtp_auth=mechanism, **own) as way:
            assert (await send(way)).kind == "sent"
        assert mail.logins == [(used, True)]


async def test_n3_a_refused_password_is_tried_once_and_then_left_alone(tmp_path: Path) -> None:
    """T7: auth refused. Three mechanisms and a try a second would have the account locked."""
    async with serving(auth_require_tls=False) as mail, a_house(f"sqlite:///{tmp_path / 'notify.db'}") as house:
        mail.password = "right"
        await furnish(house)
        await house.hear("2026-03-31T00:00", passed())
        wrong = await account(tmp_path, "wrong")
        async with posting(house, settings(mail.port, smtp_timeout_s=3, **wrong)) as post:
            await until(lambda: "535" in post.sender.degraded().get("smtp", ""))
            assert post.sender.degraded()["smtp"].startswith("letters wait: login")
            assert set((await post.states()).values()) == {"planned"}
        assert mail.logins == [("PLAIN", False)]
        right = await account(tmp_path, "right")
        async with posting(house, settings(mail.port, smtp_timeout_s=3, **right)) as post:
            await post.done()
            assert await post.states() == {"wang": "sent", "li": "sent"}


async def test_n3_a_mechanism_that_the_server_does_not_offer_is_named(tmp_path: Path) -> None:
    async with serving(auth_require_tls=False) as mail:
        mail.password = "right"
        own = await account(tmp_path, "right")
        async with channel(mail, smtp_auth="cram-md5", **own) as way:
            outcome = await send(way)
    assert (outcome.kind, outcome.phase) == ("unreachable", "login")
    assert "cram-md5" in outcome.reply
    assert "right" not in outcome.reply


async def test_x10_no_password_crosses_a_network_unencrypted(tmp_path: Path) -> None:
    own = await account(tmp_path)
    with pytest.raises(Refusal) as refused:
        SmtpChannel(settings(25, smtp_host="mail.gov.example", **own))
    assert refused.value.field == "smtp_tls"
    for host in ("localhost", "127.0.0.1", "::1"):
        SmtpChannel(settings(25, smtp_host=host, **own))


async def test_an_authoritys_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (junk := tmp_path / "junk.pem").write_text("no certificate")
    for file in (junk, tmp_path / "nowhere.pem"):
        with pytest.raises(Refusal) as refused:
            SmtpChannel(settings(25, smtp_tls="tls", smtp_ca_file=file))
        assert refused.value.field == "smtp_ca_file"


async def test_n3_connections_are_kept_shared_out_and_made_anew_after_some_letters() -> None:
    async with serving() as mail, channel(mail, smtp_connections=3, smtp_letters_per_connection=5) as way:
        outcomes = await asyncio.gather(*(send(way) for _ in range(30)))
        assert {outcome.kind for outcome in outcomes} == {"sent"}
        assert len(mail.letters) == 30
        assert mail.most_at_once <= 3
        assert 6 <= mail.connections <= 9


async def test_n3_a_connection_that_rested_is_asked_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that went away meanwhile costs a NOOP, not a letter."""
    monkeypatch.setattr(channels, "CHECK_AFTER_S", 0)
    async with serving() as mail, channel(mail) as way:
        assert (await send(way)).kind == "sent"
        assert (await send(way)).kind == "sent"
        assert mail.connections == 1
        await mail.stop()
        await mail.start()
        assert (await send(way)).kind == "sent"
        assert (mail.connections, len(mail.letters)) == (2, 3)


async def test_n3_connections_that_nobody_needs_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "REST_S", 0)
    async with serving() as mail, channel(mail) as way:
        await send(way)
        await way.rest()
        await until(lambda: not mail._open, "the server has no connection of ours")


async def test_n3_a_letter_larger_than_the_server_takes_fails_clearly_and_alone(tmp_path: Path) -> None:
    """It would be as large for the next in line: an operator is told instead."""
    async with serving(data_size_limit=600) as mail, a_house(f"sqlite:///{tmp_path / 'notify.db'}") as house:
        await furnish(house)
        await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
        async with posting(house, settings(mail.port)) as post:
            await post.done()
            [notice] = await house.notices(case="2026-000001")
        assert (notice["person"], notice["state"]) == ("wang", "failed")
        assert "the server takes 600" in notice["reason"]
        assert [n["person"] for n in await house.notices(template="notice_failed")] == ["op"]
        assert not mail.envelopes


async def test_n3_the_server_hears_the_size_beforehand() -> None:
    async with serving(data_size_limit=100_000) as mail, channel(mail) as way:
        await send(way)
        assert mail.envelopes == [(ME, [f"SIZE={len(LETTER)}"])]
        mail.answers["MAIL"] = ["552 too big for today"]
        outcome = await send(way)
        assert outcome.kind == "too_large"
        assert (await send(way)).kind == "sent"
        assert mail.connections == 1


async def test_n3_a_server_that_reads_slowly_is_waited_for_while_it_reads() -> None:
    """T7: slow; the whole letter takes longer than one answer may."""
    body = (b"x" * 76 + b"\r\n") * 90_000
    mail = MailServer()
    mail.reads_slowly_s = 0.02
    await mail.start()
    way = SmtpChannel(settings(mail.port, smtp_timeout_s=0.5, smtp_final_timeout_s=30))
    outcome = await send(way, LETTER + body)
    await way.close()
    assert outcome.kind == "sent", outcome
    assert len(mail.letters[0][1]) > len(body)
    await mail.stop()


async def test_n3_what_is_signed_arrives_signed_and_a_second_try_is_the_same_letter(tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    file = tmp_path / "dkim.key"
    file.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    async with serving() as mail, channel(mail, dkim_key_file=file, dkim_selector="m1") as way:
        mail.answers["DATA"] = ["451 again"]
        bodies: list[bytes] = []
        kept = mail.handle_DATA
        mail.handle_DATA = lambda s, e, v: (bodies.append(v.content), kept(s, e, v))[1]  # type: ignore[method-assign]  # to see the refused try too
        assert (await send(way)).kind == "temporary"
        assert (await send(way)).kind == "sent"
    assert bodies[0] == bodies[1] == mail.letters[0][1]
    assert judge.DKIM(bodies[0]).verify(dnsfunc=dns_of(key))


def dns_of(key: ed25519.Ed25519PrivateKey) -> Callable[..., bytes]:
    raw = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    return lambda name, timeout=5: b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw)


@pytest.mark.parametrize(("rate", "domain"), [("6/minute", ""), ("", "3/minute")])
async def test_n4_no_more_letters_than_the_rate_however_many_are_due(tmp_path: Path, rate: str, domain: str) -> None:
    """A backlog drains at the pace the server bears; what is not claimed is not in doubt if the service dies."""
    async with serving() as mail, a_house(f"sqlite:///{tmp_path / 'notify.db'}") as house:
        await furnish(house)
        for number in range(20):
            await house.hear("2026-03-31T00:00", passed(f"2026-{number:06d}", roles=("handler", "superior")))
        configured = settings(mail.port, smtp_rate=rate, smtp_rate_per_domain=domain)
        async with posting(house, configured) as post:
            await until(lambda: len(mail.letters) >= (6 if rate else 3))
            post.sender.moved()
            await until(lambda: post.sender.in_hand() == 1, "the others are still to go")
        counts = await house.unit.read(letters.counts)
        assert len(mail.letters) == (6 if rate else 3)
        assert counts.get("claimed", 0) == 0
