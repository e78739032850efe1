"""Letters signed in the name of the domain (DKIM): another's verifier accepts them; the same letter, the same bytes."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import dkim as judge
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from services.notify.dkim import Signer, relaxed_body, signer
from services.notify.domain.attachment import Attachment
from services.notify.domain.letter import Letter, compose
from services.notify.settings import NotifySettings
from shared.errors import Refusal

RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()
LETTER = Letter(
    id="l-1", sender_name="评议办", sender="office@minping.example", name="王芳", email="wang@tax.example",
    subject="逾期通知：2026-000001 号", text="王芳：\n\n. 一行\n\n此致\n\n", language="zh",
    at=datetime(2026, 3, 31, 1, tzinfo=UTC), domain="minping.example",
)  # fmt: skip
KEYS = {"rsa": RSA, "ed25519": ED}


def record(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    """What the DNS would say of a key."""
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    public = key.public_key().public_bytes(form.Encoding.Raw, form.PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)


def accepted(message: bytes, kind: str) -> bool:
    asked: list[bytes] = []

    def dns(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return record(KEYS[kind])

    try:
        done = bool(judge.DKIM(message).verify(dnsfunc=dns))
    except judge.ValidationError:
        return False
    assert asked == [b"mail2026._domainkey.minping.example."]
    return done


@pytest.fixture(params=["rsa", "ed25519"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("attached", [False, True])
def test_a_signed_letter_is_accepted_by_anothers_verifier(kind: str, attached: bool) -> None:
    file = Attachment("转办单.docx", "application/octet-stream", bytes(range(256)) * 40)
    message = Signer(KEYS[kind], "mail2026", "minping.example").sign(compose(LETTER, [file] if attached else []))
    assert accepted(message, kind)
    assert all(len(line) < 79 for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n"))


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"tax.example", b"evil.example"), (b"Date: Tue, 31", b"Date: Mon, 30"), (b"\r\n\r\n", b"\r\n\r\nAAAA")],
)
def test_a_letter_changed_on_the_way_is_not(kind: str, before: bytes, after: bytes) -> None:
    message = Signer(KEYS[kind], "mail2026", "minping.example").sign(compose(LETTER))
    assert before in message
    assert not accepted(message.replace(before, after, 1), kind)


def test_a_second_field_of_a_name_added_on_the_way_breaks_the_signature(kind: str) -> None:
    message = Signer(KEYS[kind], "mail2026", "minping.example").sign(compose(LETTER))
    assert not accepted(b"Subject: another\r\n" + message, kind)


def test_a_gateway_that_adds_blanks_and_a_line_of_its_own_does_no_harm(kind: str) -> None:
    message = Signer(KEYS[kind], "mail2026", "minping.example").sign(compose(LETTER))
    assert accepted(b"Received: by mx\r\n" + message.replace(b"Auto-Submitted: ", b"Auto-Submitted:   "), kind)


def test_n3_a_second_try_is_the_same_letter_byte_for_byte(kind: str) -> None:
    one = Signer(KEYS[kind], "mail2026", "minping.example")
    assert one.sign(compose(LETTER)) == one.sign(compose(LETTER))


def test_the_relaxed_body_is_that_of_the_standard() -> None:
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"  # RFC 6376, 3.4.5
    assert relaxed_body(b"\r\n\r\n") == b""
    assert relaxed_body(b"no end") == b"no end\r\n"


def settings(tmp_path: Path, **more: object) -> NotifySettings:
    nothing = tmp_path / "none"
    fields = {"mail_from": "office@minping.example", "dkim_selector": "mail2026"}
    return NotifySettings(
        database_url="sqlite://", nats_user="n", nats_password_file=nothing, token_public_key_file=nothing,
        **(fields | more),  # type: ignore[arg-type]  # checked by pydantic
    )  # fmt: skip


def pem(tmp_path: Path, key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    file = tmp_path / "dkim.key"
    file.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()))
    return file


def test_the_settings_name_key_selector_and_domain(tmp_path: Path) -> None:
    assert signer(settings(tmp_path)) is None
    found = signer(settings(tmp_path, dkim_key_file=pem(tmp_path, ED), dkim_domain="gov.example"))
    assert found is not None
    assert (found.selector, found.domain) == ("mail2026", "gov.example")
    own = signer(settings(tmp_path, dkim_key_file=pem(tmp_path, RSA)))
    assert own is not None
    assert own.domain == "minping.example"


def test_a_key_that_cannot_sign_is_refused(tmp_path: Path) -> None:
    wrong = pem(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    (junk := tmp_path / "junk").write_text("no key")
    for file in (wrong, junk, tmp_path / "nowhere"):
        with pytest.raises(Refusal) as refused:
            signer(settings(tmp_path, dkim_key_file=file))
        assert refused.value.field == "dkim_key_file"
    for selector in ("", "mail 2026", "x\r\nBcc: a"):
        with pytest.raises(Refusal) as refused:
            signer(settings(tmp_path, dkim_key_file=pem(tmp_path, ED), dkim_selector=selector))
        assert refused.value.field == "dkim_selector"
