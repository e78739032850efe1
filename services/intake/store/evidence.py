"""Evidence: one row a file, one row for each thing that it belongs to (I1, I9)."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from services.intake.domain.inspection import SOURCE as FINDINGS
from services.intake.store.tables import Base, Complaint
from shared.errors import Refusal
from shared.tables import UtcDateTime


class Evidence(Base, table=True):
    """A file as it is kept. `original` is the SHA-256 of what was sent, before it was cleaned.

    `erased_at`: nothing that it was given for keeps it any more; `unlinked_at`: it is gone from the disk.
    """

    sha: str = Field(primary_key=True)
    original: str = Field(index=True)
    media_type: str
    size: int
    kept_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    unlinked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


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
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def file(session: Session, sha: str) -> Evidence:
    """A kept file. Raises Refusal (404; 410 erased)."""
    found = session.get(Evidence, sha)
    if found is None:
        remedy = "send it with POST /api/v1/evidence; the answer names it"
        raise Refusal("evidence", sha, "no file of this SHA-256 is kept", remedy, 404)
    if found.erased_at is not None:
        reason = f"it was erased on {found.erased_at:%Y-%m-%d}, when its time was over"
        raise Refusal("evidence", sha, reason, "nobody can bring it back", 410)
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
    page = (
        select(Attachment)
        .where(
            col(Attachment.sha).in_(sorted(set(shas))),
            col(Attachment.about) == "",
            col(Attachment.by).in_(sorted(senders)),
        )
        .where(col(Attachment.erased_at).is_(None))
    )
    return list(session.exec(page.order_by(col(Attachment.id))))


def kept(session: Session) -> set[str]:
    """The SHA-256 of every file that is kept."""
    return set(session.exec(select(col(Evidence.sha)).where(col(Evidence.erased_at).is_(None))))


def may_show(number: str | None = None) -> SelectOfScalar[str]:
    """Numbers of complaints with files that may show who complained: given for it by whoever, released by nobody.

    What an inspection found is the office's own record and no complainant's.
    """
    of = select(col(Attachment.key)).where(
        col(Attachment.about) == "complaint", col(Attachment.erased_at).is_(None), col(Attachment.released).is_(False)
    )
    own = select(col(Complaint.number)).where(col(Complaint.source) == FINDINGS)
    of = of.where(col(Attachment.key).not_in(own))
    return of if number is None else of.where(col(Attachment.key) == number)


def unreleased(session: Session, number: str) -> list[Attachment]:
    """The files of a complaint that may show who complained."""
    wanted = may_show(number).with_only_columns(col(Attachment.id))
    mine = select(Attachment).where(col(Attachment.id).in_(wanted))
    return list(session.exec(mine.order_by(col(Attachment.id))))


def unclaimed(session: Session, before: datetime, limit: int) -> list[Attachment]:
    """Files sent before then that were given for nothing, the oldest first."""
    left = select(Attachment).where(
        col(Attachment.about) == "", col(Attachment.erased_at).is_(None), col(Attachment.at) <= before
    )
    return list(session.exec(left.order_by(col(Attachment.at), col(Attachment.id)).limit(limit)))


def erase(session: Session, row: Attachment, at: datetime) -> None:
    """A file belongs to this no more: what its sender called it goes, and the file where nothing else keeps it."""
    row.erased_at, row.name, row.words = at, "", ""
    session.flush()
    others = select(func.count()).where(col(Attachment.sha) == row.sha, col(Attachment.erased_at).is_(None))
    if session.exec(others).one() == 0:
        session.get_one(Evidence, row.sha).erased_at = at


def to_unlink(session: Session, limit: int) -> list[str]:
    """Erased files that are still on the disk."""
    left = select(col(Evidence.sha)).where(col(Evidence.erased_at).is_not(None), col(Evidence.unlinked_at).is_(None))
    return list(session.exec(left.order_by(col(Evidence.sha)).limit(limit)))


def unlinked(session: Session, shas: Iterable[str], at: datetime) -> None:
    """These are gone from the disk."""
    for row in session.exec(select(Evidence).where(col(Evidence.sha).in_(sorted(shas)))):
        row.unlinked_at = at
