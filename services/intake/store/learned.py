"""What was learned from past transfers, and what became of the suggestions (I14)."""

import io
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy import select as columns
from sqlmodel import Field, Session, case, col, func, select

from services.intake.domain.suggestion import Guess, Model, What
from services.intake.store.tables import Base, Complaint, Transfer
from shared.tables import JSONType, UtcDateTime

KEPT = 3
"""Models of a kind whose weights are kept; of older ones only the figures."""
BANDS = (0.5, 0.8)


class Learned(Base, table=True):
    """A version of a model with the figures it had when it was made."""

    __table_args__ = (UniqueConstraint("what", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    what: str
    version: int
    at: datetime = Field(sa_type=UtcDateTime)
    transfers: int
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSONType)
    weights: bytes | None = Field(default=None, sa_type=LargeBinary)


class Suggested(Base, table=True):
    """What was suggested when people decided, and what they decided."""

    number: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    key: str | None = None
    confidence: float | None = None
    basis: str | None = None
    version: int | None = None
    chosen: str
    at: datetime = Field(sa_type=UtcDateTime)


def decided(session: Session, what: What, most: int) -> list[tuple[str, str, str]]:
    """Title, text and what people decided of the newest approved transfers, oldest of them first."""
    chosen = col(Transfer.lead_unit) if what == "unit" else col(Complaint.topic)
    page = (
        select(Complaint.title, Complaint.text, chosen)
        .join(Transfer, col(Transfer.number) == col(Complaint.number))
        .where(col(Transfer.state) == "approved", chosen.is_not(None))
        .order_by(col(Complaint.seq).desc())
        .limit(most)
    )
    return [(title, text, key) for title, text, key in session.exec(page) if key][::-1]


def decided_count(session: Session, what: What) -> int:
    """How many approved transfers there are to learn from."""
    chosen = col(Transfer.lead_unit) if what == "unit" else col(Complaint.topic)
    every = (
        select(func.count())
        .select_from(Transfer)
        .join(Complaint, col(Transfer.number) == col(Complaint.number))
        .where(col(Transfer.state) == "approved", chosen.is_not(None))
    )
    return session.exec(every).one()


def newest(session: Session, what: What) -> Learned | None:
    """The newest version of a model."""
    page = select(Learned).where(col(Learned.what) == what).order_by(col(Learned.version).desc()).limit(1)
    return session.exec(page).one_or_none()


def versions(session: Session, what: What, most: int) -> list[Learned]:
    """Versions of a model, newest first."""
    page = select(Learned).where(col(Learned.what) == what).order_by(col(Learned.version).desc()).limit(most)
    return list(session.exec(page))


def keep(session: Session, row: Learned) -> None:
    """Add a version; of old ones only the figures stay."""
    session.add(row)
    session.flush()
    for old in versions(session, row.what, KEPT + 2)[KEPT:]:  # type: ignore[arg-type]  # its own kind
        old.weights = None


def model_of(row: Learned) -> Model:
    """The model as it is used. Raises ValueError if its weights are gone."""
    import numpy as np

    if row.weights is None:
        raise ValueError(f"the weights of {row.what} {row.version} are not kept any more")
    with np.load(io.BytesIO(row.weights), allow_pickle=False) as arrays:
        return Model(
            version=row.version,
            labels=tuple(str(label) for label in arrays["labels"]),
            vocabulary=arrays["vocabulary"],
            idf=arrays["idf"],
            weights=arrays["weights"],
            intercept=arrays["intercept"],
            scale=float(arrays["scale"]),
        )


def decided_again(session: Session, number: str, what: What, chosen: str, at: datetime) -> bool:
    """A decision that was noted before is changed (an amended card); what was suggested then stays. False if new."""
    row = session.get(Suggested, (number, what))
    if row is None:
        return False
    row.chosen, row.at = chosen, at
    return True


def note(
    session: Session, number: str, what: What, guess: Guess | None, chosen: str, version: int | None, at: datetime
) -> None:
    """What was suggested and what was decided."""
    session.add(
        Suggested(
            number=number,
            what=what,
            key=guess.key if guess else None,
            confidence=guess.confidence if guess else None,
            basis=guess.basis if guess else None,
            version=version if guess and guess.basis == "learned" else None,
            chosen=chosen,
            at=at,
        )
    )


def followed(session: Session) -> list[tuple[str, str, str, int, int]]:
    """For each kind, basis and band of confidence: how often something was suggested, and how often it was followed."""
    band = case(
        (col(Suggested.confidence).is_(None), ""),
        (col(Suggested.confidence) < BANDS[0], f"under {BANDS[0]}"),
        (col(Suggested.confidence) < BANDS[1], f"{BANDS[0]} to {BANDS[1]}"),
        else_=f"{BANDS[1]} and more",
    )
    same = func.sum(case((col(Suggested.key) == col(Suggested.chosen), 1), else_=0))
    kinds = (col(Suggested.what), col(Suggested.basis), band)
    rows = session.connection().execute(
        columns(*kinds, func.count(), same).where(col(Suggested.key).is_not(None)).group_by(*kinds).order_by(*kinds)
    )
    return [(what, basis or "", said, int(count), int(hits)) for what, basis, said, count, hits in rows]


def waiting(session: Session, after: int, limit: int) -> list[Complaint]:
    """Complaints that nobody has decided on, after a cursor."""
    page = select(Complaint).where(col(Complaint.seq) > after, col(Complaint.state).in_(("registered", "accepted")))
    return list(session.exec(page.order_by(col(Complaint.seq)).limit(limit)))
