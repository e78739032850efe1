"""Evidence: one row a file, one row for each thing that it belongs to (I1, I9)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from services.intake.store.tables import Base
from shared.errors import Refusal
from shared.tables import UtcDateTime


class Evidence(Base, table=True):
    """A file as it is kept. `original` is the SHA-256 of what was sent, before it was cleaned."""

    sha: str = Field(primary_key=True)
    original: str = Field(index=True)
    media_type: str
    size: int
    kept_at: datetime = Field(sa_type=UtcDateTime)


class Attachment(Base, table=True):
    """A file was given for something; `about` is empty until it is said for what. `released`: a unit may see it."""

    __table_args__ = (Index("ix_attachment_about", "about", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    sha: str = Field(index=True)
    about: str = ""
    key: str = ""
    kind: str
    name: str = ""
    words: str = ""
    by: str
    role: str
    unit: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    released: bool = False
    released_by: str | None = None
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    released_reason: str = ""


def file(session: Session, sha: str) -> Evidence:
    """A kept file. Raises Refusal (404)."""
    found = session.get(Evidence, sha)
    if found is None:
        remedy = "send it with POST /api/v1/evidence; the answer names it"
        raise Refusal("evidence", sha, "no file of this SHA-256 is kept", remedy, 404)
    return found


def attachments(session: Session, *, sha: str = "", about: str = "", key: str = "") -> list[Attachment]:
    """What a file belongs to, or what belongs to a thing; oldest first."""
    page = select(Attachment).order_by(col(Attachment.id))
    if sha:
        page = page.where(col(Attachment.sha) == sha)
    if about:
        page = page.where(col(Attachment.about) == about, col(Attachment.key) == key)
    return list(session.exec(page))


def loose(session: Session, shas: Iterable[str], senders: Collection[str]) -> list[Attachment]:
    """Files that one of these sent and that belong to nothing yet."""
    page = select(Attachment).where(
        col(Attachment.sha).in_(sorted(set(shas))), col(Attachment.about) == "", col(Attachment.by).in_(sorted(senders))
    )
    return list(session.exec(page.order_by(col(Attachment.id))))


def kept(session: Session) -> set[str]:
    """The SHA-256 of every file that has a row."""
    return set(session.exec(select(col(Evidence.sha))))
