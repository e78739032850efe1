"""TLS for the terminals: an authority of our own, and a certificate for the names and addresses of this machine.

Browsers encrypt ballots only on pages that came over TLS, and offices have no public names: so tablets are told to
trust this authority. It can sign for nothing but private networks and the names given, whatever becomes of its key.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from deploy.local.keys import write_private
from shared.errors import Refusal

AUTHORITY_YEARS = 10
DAYS = 397
"""A server's certificate; browsers take no longer ones."""
RENEW_BEFORE = timedelta(days=30)
EARLIER = timedelta(hours=1)
"""Clocks of tablets go wrong."""
PRIVATE = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7")
LOCAL = ("localhost", "local")
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files for TLS. `authority` may be given to everybody; the keys stay with their owner (0600)."""

    authority: Path
    chain: Path
    key: Path

    @property
    def fingerprint(self) -> str:
        """The authority's SHA-256, to be compared on the tablet: `AB:CD:…`."""
        found = x509.load_pem_x509_certificate(self.authority.read_bytes())
        return found.fingerprint(hashes.SHA256()).hex(":").upper()


def ensure(folder: Path, now: datetime, given: Sequence[str] = (), here: Sequence[str] = ()) -> Certificates:
    """The certificates of a folder of secrets, made or renewed where needed.

    given: names and addresses that must be in it; here: those of this machine, as far as the authority may sign for
    them. The authority is kept, so that no tablet has to be told again. Raises Refusal for a name it may not sign for.
    """
    files = Certificates(folder / "ca.pem", folder / "hall.pem", folder / "hall.key")
    key_file = folder / "ca.key"
    if not (files.authority.exists() and key_file.exists()):
        _make_authority(files.authority, key_file, (*given, *here), now)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    if authority.not_valid_after_utc - now < RENEW_BEFORE:
        remedy = f"remove {files.authority} and {key_file}, start again, and install the new one on every tablet (/ca)"
        raise Refusal("ca.pem", authority.not_valid_after_utc.isoformat(), "the authority expires", remedy)
    for name in given:
        if not _permits(authority, name):
            remedy = f"leave it out; or remove {files.authority} and {key_file} and tell every tablet anew (/ca)"
            raise Refusal("name", name, "the authority may not sign for it", remedy)
    names = tuple(dict.fromkeys((*given, *(name for name in here if _permits(authority, name)))))
    if not _serves(files, authority, names, now):
        _make_certificate(files, authority, key_file, names, now)
    return files


def _permits(authority: x509.Certificate, name: str) -> bool:
    """Whether the authority may sign for a name, by its own constraints (RFC 5280, 4.2.1.10)."""
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if address := _address(name):
        blocks = [one.value for one in allowed if isinstance(one, x509.IPAddress)]
        return any(
            not isinstance(block, Address) and block.version == address.version and address in block for block in blocks
        )
    domains = [one.value for one in allowed if isinstance(one, x509.DNSName)]
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _serves(files: Certificates, authority: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    """Whether the certificate there is holds: of this authority, for all these names, for some time to come."""
    if not (files.chain.exists() and files.key.exists()):
        return False
    found = x509.load_pem_x509_certificates(files.chain.read_bytes())[0]
    named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        found.issuer == authority.subject
        and found.not_valid_after_utc - now >= RENEW_BEFORE
        and {_general(name) for name in names} <= set(named)
        and _verified(found, authority, names[0], now)
    )


def _verified(found: x509.Certificate, authority: x509.Certificate, name: str, now: datetime) -> bool:
    """Whether a client that trusts the authority would take the certificate for this name."""
    subject = _general(name)
    assert isinstance(subject, x509.DNSName | x509.IPAddress)
    try:
        builder = PolicyBuilder().store(Store([authority])).time(now)
        builder.build_server_verifier(subject).verify(found, [])
    except VerificationError:
        return False
    return True


def _make_authority(file: Path, key_file: Path, names: Sequence[str], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    title = f"Minping {socket.gethostname()} {now:%Y-%m-%d}"
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Minping"), x509.NameAttribute(NameOID.COMMON_NAME, title[:64])]
    )
    addresses = [ip_network(block) for block in PRIVATE]
    more = [ip_network(name) for name in names if _address(name) and not _private(name)]
    allowed: list[x509.GeneralName] = [x509.IPAddress(block) for block in (*addresses, *more)]
    allowed += [x509.DNSName(name) for name in dict.fromkeys((*LOCAL, *(n for n in names if not _address(n))))]
    made = (
        _certificate(subject, subject, key, now, timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _pem(key))
    write_private(file, made.public_bytes(serialization.Encoding.PEM))


def _make_certificate(
    files: Certificates, authority: x509.Certificate, key_file: Path, names: Sequence[str], now: datetime
) -> None:
    signing = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    made = (
        _certificate(subject, authority.subject, key, now, timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        .sign(signing, hashes.SHA256())
    )  # fmt: skip
    write_private(files.key, _pem(key))
    chain = made.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)
    write_private(files.chain, chain)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - EARLIER).not_valid_after(now + life)
    )  # fmt: skip


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=sign_certificates, crl_sign=sign_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _general(name: str) -> x509.GeneralName:
    found = _address(name)
    return x509.IPAddress(found) if found else x509.DNSName(name)


def _address(name: str) -> Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _private(name: str) -> bool:
    found = _address(name)
    return found is not None and any(
        found in block for block in map(ip_network, PRIVATE) if block.version == found.version
    )


def names_here() -> tuple[str, ...]:
    """Names and addresses under which this machine can be reached; those of the network first, then the local ones."""
    host = socket.gethostname().split(".")[0].lower()
    hosts = (host, f"{host}.local") if _HOST.fullmatch(host) else ()
    addresses = [address for address in map(_routed, ("192.0.2.1", "10.255.255.255")) if address]
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, family=socket.AF_INET)
    except socket.gaierror:
        found = []
    addresses += [str(entry[4][0]) for entry in found]
    outside = [address for address in dict.fromkeys(addresses) if not address.startswith("127.")]
    return tuple(dict.fromkeys((*outside, *hosts, "localhost", "127.0.0.1", "::1")))


def addresses(given: Sequence[str], listening: str, port: int) -> list[str]:
    """Where others reach a TLS port of this machine, the best first; this machine itself where it listens on that only.

    given: names that it does not know itself, in place of those it does.
    """
    reached = [] if _local(listening) else [name for name in given or names_here() if not _local(name)]
    hosts = [f"[{name}]" if ":" in name else name for name in reached or ["127.0.0.1"]]
    return [f"https://{host}:{port}" for host in hosts]


def _local(name: str) -> bool:
    """Whether a name means the machine itself, whoever says it."""
    return name in ("localhost", "::1") or name.startswith("127.")


def _routed(towards: str) -> str | None:
    """Our address on the way to another; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((towards, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])
