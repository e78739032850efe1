"""DKIM (RFC 6376): our letters signed in the name of the office's domain.

Both ways of signing give the same signature for the same letter, and the signature bears no time of its own: a second
try of a letter is the same letter, byte for byte (N3).
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.notify.smtp_settings import SmtpSettings
from shared.errors import Refusal
from shared.settings import read_secret

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,250}[A-Za-z0-9])?")
SHORTEST_RSA = 1024
ONCE = ("from", "to", "subject", "date", "message-id")
"""Signed once more than they are there: a second field of such a name, added on the way, breaks the signature."""

_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n)")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key, where its public half stands in the DNS, and the domain it speaks for."""

    key: RSAPrivateKey | Ed25519PrivateKey
    selector: str
    domain: str

    def sign(self, message: bytes) -> bytes:
        """The letter with its `DKIM-Signature` in front; `message` has CRLF at every line's end."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = [field.partition(b":") for field in re.split(rb"\r\n(?![ \t])", head)]
        names = [name.strip().lower().decode("ascii") for name, _, _ in fields]
        signed = [*names, *(name for name in ONCE if name in names)]
        algorithm = "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"
        body_hash = b64encode(sha256(relaxed_body(body)).digest()).decode("ascii")
        unsigned = (
            f"v=1; a={algorithm}; c=relaxed/relaxed; d={self.domain};\r\n s={self.selector};\r\n"
            f" h={_folded(':'.join(signed), ':')};\r\n bh={body_hash};\r\n b="
        )
        # a verifier takes several fields of one name from below; each of ours is there once, the further ones are none
        lines = [relaxed_field(name, value) + b"\r\n" for name, _, value in fields]
        what = b"".join(lines) + relaxed_field(b"DKIM-Signature", unsigned.encode("ascii"))
        signature = b64encode(self._signature(what)).decode("ascii")
        return f"DKIM-Signature: {unsigned}{_folded(signature)}\r\n".encode("ascii") + message

    def _signature(self, what: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(what, PKCS1v15(), SHA256())
        return self.key.sign(sha256(what).digest())  # RFC 8463 signs the hash


def relaxed_field(name: bytes, value: bytes) -> bytes:
    """RFC 6376, 3.4.2: a header field without its line's end."""
    flat = _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.strip().lower() + b":" + flat


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4: blanks made one, none at the end of a line, no empty lines at the end."""
    flat = _BLANKS.sub(b" ", _BLANKS_AT_END.sub(b"", body)).rstrip(b"\r\n")
    return flat + b"\r\n" if flat else b""


def _folded(text: str, after: str = "", width: int = 68) -> str:
    """Cut into lines; with `after` only behind that character."""
    if not after:
        return "\r\n ".join(text[start : start + width] for start in range(0, len(text), width))
    lines = [""]
    for part in re.split(f"(?<={after})", text):
        if len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\r\n ".join(lines)


def signer(settings: SmtpSettings) -> Signer | None:
    """The signer that the settings ask for, if they do. Raises Refusal for a key or a name that cannot be used."""
    if settings.dkim_key_file is None:
        return None
    domain = settings.dkim_domain or settings.mail_domain()
    for field, value in (("dkim_selector", settings.dkim_selector), ("dkim_domain", domain)):
        if not NAME.fullmatch(value):
            raise Refusal(field, value, "not a name in the DNS", "write it like mail2026 or minping.example")
    try:
        key = load_pem_private_key(read_secret("dkim_key_file", settings.dkim_key_file), None)
    except (ValueError, TypeError):
        key = None
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= SHORTEST_RSA):
        return Signer(key, settings.dkim_selector, domain)
    remedy = f"make one with `openssl genrsa 2048` (at least {SHORTEST_RSA} bits) and publish its public half"
    raise Refusal("dkim_key_file", str(settings.dkim_key_file), "not an RSA or Ed25519 key without password", remedy)
