"""Settings of the mail server: where it is, how it is trusted, what it bears, how our letters are signed."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field

from services.notify.domain.letter import checked_address
from shared.errors import Refusal
from shared.settings import ServiceSettings, read_secret


class SmtpSettings(ServiceSettings):
    """From the environment, `MINPING_…`."""

    smtp_host: str = Field(default="127.0.0.1", description="mail server that takes our letters")
    smtp_port: int = Field(default=25, ge=1, le=65535, description="its port")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="none", description="encryption: none only for a server on this machine or a trusted network"
    )
    smtp_ca_file: Path | None = Field(
        default=None, description="PEM file of the authority that alone vouches for the server; by default the system's"
    )
    smtp_username: str = Field(default="", description="account on the mail server, if it wants one")
    smtp_password_file: Path | None = Field(default=None, description="file with that account's password")
    smtp_auth: Literal["auto", "plain", "login", "cram-md5"] = Field(
        default="auto", description="how the account is proved: auto takes the first that the server offers"
    )
    smtp_timeout_s: float = Field(default=30.0, gt=0, description="longest wait for an answer of the server")
    smtp_final_timeout_s: float = Field(
        default=300.0,
        gt=0,
        description="longest wait for its verdict on a whole letter; then it is in doubt",
    )
    smtp_connections: int = Field(
        default=2, ge=1, le=20, description="letters on their way at the same time, each on a connection of its own"
    )
    smtp_letters_per_connection: int = Field(
        default=100, ge=1, description="letters after which a connection is made anew"
    )
    smtp_rate: str = Field(
        default="", description="most letters that the server bears, like `60/minute; 1000/hour`; empty: no limit"
    )
    smtp_rate_per_domain: str = Field(
        default="", description="the same for the letters to one domain of recipients, like `20/minute`"
    )
    dkim_key_file: Path | None = Field(
        default=None, description="PEM key (RSA or Ed25519) that letters are signed with (DKIM); none: not signed"
    )
    dkim_selector: str = Field(default="", description="name of that key in the DNS: SELECTOR._domainkey.DOMAIN")
    dkim_domain: str = Field(default="", description="domain that signs; by default that of mail_from")
    mail_from: str = Field(default="minping@localhost", description="address that letters come from")

    def sender(self) -> str:
        """The sender's address. Raises Refusal."""
        return checked_address(self.mail_from, "mail_from")

    def mail_domain(self) -> str:
        """Right-hand side of Message-IDs."""
        return self.sender().rpartition("@")[2]

    def smtp_password(self) -> str | None:
        """The account's password. Raises Refusal: not readable, or it would cross a network unencrypted (X10)."""
        if self.smtp_username and self.smtp_tls == "none" and not is_loopback(self.smtp_host):
            raise Refusal(
                "smtp_tls", self.smtp_tls, f"the password would go to {self.smtp_host} unencrypted",
                "set starttls (port 587) or tls (port 465)",
            )  # fmt: skip
        if self.smtp_password_file is None:
            return None
        return read_secret("smtp_password_file", self.smtp_password_file).decode().strip()


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
