"""Settings of the mailbox that bounces and complaints come back to."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.settings import ServiceSettings, read_secret


class MailboxSettings(ServiceSettings):
    """From the environment, `MINPING_…`."""

    imap_host: str = Field(default="", description="server of the mailbox that bounces come back to; empty: none")
    imap_port: int = Field(default=993, ge=1, le=65535, description="its port")
    imap_tls: Literal["none", "starttls", "tls"] = Field(
        default="tls", description="encryption: none only for a server on this machine or a trusted network"
    )
    imap_username: str = Field(default="", description="account of that mailbox")
    imap_password_file: Path | None = Field(default=None, description="file with that account's password")
    imap_folder: str = Field(default="INBOX", description="folder that is read")
    imap_read_folder: str = Field(default="Minping-read", description="folder that reports go to when they are taken")
    imap_other_folder: str = Field(
        default="Minping-other", description="folder for what is no report: a person should look there"
    )
    imap_poll_s: float = Field(default=60.0, gt=0, description="seconds between two looks into the mailbox")
    imap_timeout_s: float = Field(default=30.0, gt=0, description="longest wait for an answer of that server")

    def imap_password(self) -> str:
        """The account's password. Raises Refusal."""
        if self.imap_password_file is None:
            return ""
        return read_secret("imap_password_file", self.imap_password_file).decode().strip()
