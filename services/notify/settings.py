"""Settings of notify, beside those that every service has: the mail server and the letters' sender."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from services.notify.domain.letter import checked_address
from shared.settings import ServiceSettings, read_secret


class NotifySettings(ServiceSettings):
    """From the environment, `MINPING_…`."""

    smtp_host: str = Field(default="127.0.0.1", description="mail server that takes our letters")
    smtp_port: int = Field(default=25, ge=1, le=65535, description="its port")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(
        default="none", description="encryption: none only for a server on this machine or a trusted network"
    )
    smtp_username: str = Field(default="", description="account on the mail server, if it wants one")
    smtp_password_file: Path | None = Field(default=None, description="file with that account's password")
    smtp_timeout_s: float = Field(default=30.0, gt=0, description="longest wait for an answer of the server")
    mail_from: str = Field(default="minping@localhost", description="address that letters come from")
    mail_from_name: str = Field(default="", description="name beside it; by default the programme's office")
    mail_language: Literal["zh", "en"] = Field(
        default="zh", description="language of letters to people for whom the directory names none"
    )
    letters_at_once: int = Field(default=8, ge=1, le=100, description="letters claimed by one commit")
    digest_quiet_s: float = Field(
        default=0.2, ge=0, description="a digest whose hour has come waits for so long a lull in new notices"
    )
    digest_wait_s: float = Field(default=5.0, ge=0, description="but at most so long")

    def sender(self) -> str:
        """The sender's address. Raises Refusal."""
        return checked_address(self.mail_from, "mail_from")

    def mail_domain(self) -> str:
        """Right-hand side of Message-IDs."""
        return self.sender().rpartition("@")[2]

    def smtp_password(self) -> str | None:
        """The account's password. Raises Refusal."""
        if self.smtp_password_file is None:
            return None
        return read_secret("smtp_password_file", self.smtp_password_file).decode().strip()
