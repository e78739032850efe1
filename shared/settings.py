"""Settings that every service has: frozen, from the environment (`MINPING_…`), secrets from files."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import Refusal


class ServiceSettings(BaseSettings):
    """What any of the four services needs to run."""

    model_config = SettingsConfigDict(env_prefix="MINPING_", frozen=True, extra="ignore")

    database_url: str = Field(description="SQLAlchemy URL: sqlite:///file or postgresql+psycopg://…")
    nats_url: str = Field(default="nats://127.0.0.1:4222", description="broker's address, without credentials")
    nats_user: str = Field(description="the service's user on the broker")
    nats_password_file: Path = Field(description="file with that user's password")
    token_public_key_file: Path = Field(description="PEM of the Ed25519 key that bearer tokens are checked with")
    programme: str = Field(default="window-units", description="key of a bundled programme, or path of a file")
    clock: Literal["system", "simulated"] = Field(default="system", description="which clock to follow")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8600, description="port to listen on")
    tls_port: int = Field(default=0, description="port to answer over TLS as well (0: none); terminals need it")
    tls_host: str = Field(default="", description="address to listen on over TLS; empty: that of host")
    tls_certificate_file: Path | None = Field(default=None, description="PEM certificate with its chain, for tls_port")
    tls_key_file: Path | None = Field(default=None, description="PEM key of that certificate")
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="proxies whose X-Forwarded-For says who called: addresses, networks, with commas; empty: none",
    )
    public_url: str = Field(default="", description="address under which people reach this service")
    valkey_url: str = Field(default="redis://127.0.0.1:6379/0", description="cache for live counters")
    outbox_keep_days: float = Field(
        default=7, gt=0, description="days after which published events leave the outbox: they carry tracking codes"
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    def proxies(self) -> list[str]:
        """The proxies that are believed. Raises Refusal for what is no address: a wildcard would believe everybody."""
        given = [part.strip() for part in self.trusted_proxies.split(",") if part.strip()]
        for part in given:
            try:
                ip_network(part)
            except ValueError:
                remedy = "write it like 10.0.0.5 or 10.1.0.0/16, several with commas"
                raise Refusal("trusted_proxies", part, "it is no address and no network", remedy) from None
        return given

    def nats_password(self) -> str:
        """The broker user's password. Raises Refusal."""
        return read_secret("nats_password_file", self.nats_password_file).decode().strip()

    def token_key(self) -> Ed25519PublicKey:
        """The key that tokens are checked with. Raises Refusal."""
        pem = read_secret("token_public_key_file", self.token_public_key_file)
        key = load_pem_public_key(pem)
        if not isinstance(key, Ed25519PublicKey):
            remedy = "make one with `minping up`, or `openssl genpkey -algorithm ed25519`"
            raise Refusal("token_public_key_file", str(self.token_public_key_file), "not an Ed25519 key", remedy)
        return key


def read_secret(field: str, path: Path) -> bytes:
    """A secret's file. Raises Refusal naming the setting."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(field, str(path), f"cannot be read: {error.strerror}", "check the path and its rights") from error
