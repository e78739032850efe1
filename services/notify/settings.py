"""Settings of notify, beside those that every service has: the mail server and the letters' sender."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from services.notify.channel_settings import ChannelSettings
from services.notify.postbox.settings import MailboxSettings
from services.notify.smtp_settings import SmtpSettings


class NotifySettings(SmtpSettings, ChannelSettings, MailboxSettings):
    """From the environment, `MINPING_…`."""

    mail_from_name: str = Field(default="", description="name beside it; by default the programme's office")
    mail_language: Literal["zh", "en"] = Field(
        default="zh", description="language of letters to people for whom the directory names none"
    )
    letters_at_once: int = Field(default=8, ge=1, le=100, description="letters claimed by one commit")
    digest_quiet_s: float = Field(
        default=0.2, ge=0, description="a digest whose hour has come waits for so long a lull in new notices"
    )
    digest_wait_s: float = Field(default=5.0, ge=0, description="but at most so long")
    documents_dir: Path | None = Field(
        default=None, description="folder of the office's own templates of documents, <zh|en>/<kind>.docx"
    )
    documents_mark: str = Field(
        default="民评", min_length=1, max_length=20, description="the office's mark before the numbers of its documents"
    )
    enclosures_mb: float = Field(
        default=5.0, gt=0, le=50, description="documents that a letter carries at most; those after are named by number"
    )
    soffice: str = Field(
        default="", description="LibreOffice, which makes PDF of documents; by default soffice of the path"
    )
    results_url: str = Field(
        default="", description="where people reach the page of results, for links of the bulletin; empty: no links"
    )
