"""Notices to be, and the letters that will carry them (N3, N4)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.notify.domain.channel import EMAIL
from services.notify.domain.letter import digest_key, letter_id, notice_id, notice_key
from services.notify.domain.recipient import OFFICE, Holder
from services.notify.domain.schedule import Urgency, gathered
from services.notify.metrics import NOTICES
from services.notify.store import letters, notices
from services.notify.usecases.desk import Desk
from shared.store import Tx

Rule = dict[str, Any]
"""A rule of the programme as plain values, with its number there."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The event because of which somebody is told (N8), and when that was."""

    id: str
    type: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What is told to the holder of (unit, role), or to nobody yet.

    follows: the notice that failed before. rule: the programme's, as it stands. why: how the person came to be told.
    channel: the way; address: the person's there, by default that of his letters.
    """

    template: str
    urgency: Urgency
    matter: str
    case: str | None
    unit: str | None
    role: str
    facts: dict[str, Any] = field(hash=False)
    holder: Holder | None
    due: datetime
    follows: str | None = None
    rule: Rule | None = field(default=None, hash=False)
    why: str = ""
    channel: str = EMAIL
    address: str = ""

    @property
    def to(self) -> str:
        """Where it goes."""
        return self.address or (self.holder.email if self.holder else "")

    @property
    def key(self) -> str:
        """Unique: a second notice of the same matter to the same person does not come to be (N3)."""
        person = self.holder.person if self.holder else f"?{self.unit or OFFICE}/{self.role}"
        return notice_key(self.matter, self.template, person, self.channel)


def enter(desk: Desk, tx: Tx, wanted: list[Planned], cause: Cause) -> list[Planned]:
    """Write the notices that do not exist yet, each with the letter that will carry it; returns those."""
    known = notices.known(tx.session, [notice.key for notice in wanted])
    new = [notice for notice in wanted if notice.key not in known]
    if not new:
        return []
    envelopes = Envelopes(tx)
    gathering = [notice for notice in new if notice.holder and gathered(notice.urgency)]
    for due in {notice.due for notice in gathering}:
        envelopes.look_up({n.holder.person for n in gathering if n.holder and n.due == due}, due)
    rows = [_row(tx, notice, cause, envelopes.letter_for(notice)) for notice in new]
    envelopes.write()
    notices.add(tx.session, rows)
    for notice in new:
        NOTICES.labels(notice.template).inc()
    desk.planned(min(notice.due for notice in new))
    return new


def _row(tx: Tx, notice: Planned, cause: Cause, letter: str | None) -> dict[str, Any]:
    return {
        "id": notice_id(notice.key),
        "key": notice.key,
        "matter": notice.matter,
        "event": cause.type,
        "cause": cause.id,
        "case": notice.case,
        "unit": notice.unit,
        "role": notice.role,
        "person": notice.holder.person if notice.holder else "",
        "name": notice.holder.name if notice.holder else "",
        "template": notice.template,
        "urgency": notice.urgency,
        "facts": notice.facts,
        "planned_at": tx.now,
        "due": notice.due,
        "state": "planned" if notice.holder else "unaddressed",
        "letter": letter,
        "follows": notice.follows,
        "reason": "",
        "cause_at": cause.at,
        "rule": notice.rule,
        "why": notice.why,
        "channel": notice.channel,
    }


class Envelopes:
    """Finds or makes the letter for each notice: the person's digest of the hour, or a letter of its own."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._new: list[dict[str, Any]] = []
        self._digests: dict[tuple[str, str, datetime], str] = {}
        self._parts: dict[tuple[str, datetime], int] = {}

    def letter_for(self, notice: Planned) -> str | None:
        """The letter's id; None while there is nobody to write to."""
        holder = notice.holder
        if holder is None:
            return None
        if gathered(notice.urgency):
            return self._digest(notice, holder)
        key = letter_id(f"{notice_id(notice.key)}|{notice.to}")
        return self._make(key, notice, holder, digest=False, language=(notice.rule or {}).get("language"))

    def write(self) -> None:
        """Enter the letters that are new."""
        letters.add(self._tx.session, self._new)
        self._new = []

    def look_up(self, people: Collection[str], due: datetime) -> None:
        """Find these people's digests of an hour, all at once."""
        fresh = [person for person in people if (person, due) not in self._parts]
        if not fresh:
            return
        self._parts |= {(person, due): 0 for person in fresh}
        for person, email, letter, state in letters.digests(self._tx.session, fresh, due):
            self._parts[person, due] += 1
            if state == "planned":  # a digest that was tried once stays as it was written
                self._digests[person, email, due] = letter

    def _digest(self, notice: Planned, holder: Holder) -> str:
        self.look_up([holder.person], notice.due)
        seat = (holder.person, notice.to, notice.due)
        if seat not in self._digests:
            self._parts[holder.person, notice.due] += 1
            key = digest_key(*seat, self._parts[holder.person, notice.due])
            self._digests[seat] = self._make(letter_id(key), notice, holder, digest=True)
        return self._digests[seat]

    def _make(self, key: str, notice: Planned, holder: Holder, *, digest: bool, language: str | None = None) -> str:
        self._new.append(
            {
                "id": key,
                "digest": digest,
                "urgency": notice.urgency,
                "channel": notice.channel,
                "person": holder.person,
                "name": holder.name,
                "email": notice.to,
                "language": language or holder.language,
                "due": notice.due,
                "next_try": notice.due,
                "state": "planned",
                "tries": 0,
                "reason": "",
                "subject": "",
                "text": "",
            }
        )
        return key
