"""The store made anew from the events (N3, T3): the same notices to the same people, and nothing goes out.

Events are heard again in the order of the stream. Our own among them (`notice.sent`, `failed`, `uncertain`, `dropped`)
say what became of each notice and whom it went to, whoever the directory names today. Of what was due and of which no
event tells anything it is not known whether it went: it is *uncertain*, for somebody to decide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import RowMapping

from services.notify.domain.delivery import IN_FLIGHT_LOST
from services.notify.domain.letter import letter_id, notice_id, notice_key
from services.notify.domain.recipient import Holder
from services.notify.store import letters, notices, rebuilding, suppressions
from services.notify.usecases.desk import Desk
from services.notify.usecases.failing import tell_next_in_line, tell_operators
from services.notify.usecases.hearing import HEARD, hear
from services.notify.usecases.planning import register_unit
from services.notify.usecases.suppressing import suppress, vouch
from shared.contracts import Event, EventData
from shared.contracts.notify import (
    AddressFailed,
    LeaderChanged,
    NoticeDropped,
    NoticeFailed,
    NoticeSent,
    NoticeUncertain,
)
from shared.contracts.scoring import UnitRegistered
from shared.store import Tx

Fate = NoticeSent | NoticeFailed | NoticeUncertain | NoticeDropped
FATES = (NoticeSent, NoticeFailed, NoticeUncertain, NoticeDropped)
TAKEN: tuple[type[EventData], ...] = (UnitRegistered, *HEARD, *FATES, AddressFailed, LeaderChanged)
"""Kinds of events that a store is made of."""

_STATES: dict[type[Any], Literal["sent", "failed", "uncertain", "void"]] = {
    NoticeSent: "sent", NoticeFailed: "failed", NoticeUncertain: "uncertain", NoticeDropped: "void",
}  # fmt: skip
_TOLD_OTHERWISE = ("rcpt: 5", "hard bounce", "suppressed, ")
"""Reasons for which operators hear of the address, or have heard of it before, not of the letter."""

_NOBODY_ELSE = ("size:", "mail: 552", "cannot be written")
"""Reasons for which the next in line is not told: his letter would fare the same."""


@dataclass
class Rebuild:
    """One pass over the stream. `evidence`: by the event that caused it, what our own events tell of notices.

    words: changes of suppressed addresses that no event tells of, in their order.
    """

    desk: Desk
    evidence: dict[str, list[Fate]] = field(default_factory=dict)
    unexplained: list[str] = field(default_factory=list)
    words: list[dict[str, Any]] = field(default_factory=list)
    _alarmed: set[tuple[str, int, str]] = field(default_factory=set)
    _failed: dict[str, RowMapping] = field(default_factory=dict)

    def witness(self, events: Iterable[Event[Any]]) -> None:
        """First pass: remember what our own events tell."""
        for event in events:
            if isinstance(event.data, FATES):
                self.evidence.setdefault(event.data.cause, []).append(event.data)

    def take(self, tx: Tx, event: Event[Any]) -> None:
        """Second pass: one event, in a transaction of its own time whose own events are thrown away."""
        while self.words and self.words[0]["at"] <= event.time:
            suppressions.again(tx.session, self.words.pop(0))
        match event.data:
            case UnitRegistered():
                register_unit(tx, event)
            case NoticeSent() | NoticeFailed() | NoticeUncertain() | NoticeDropped():
                self._settle(tx, event)
            case AddressFailed():
                self._suppress(tx, event)
            case LeaderChanged():
                self._vouch(tx, event.data.person)
            case _:
                hear(self.desk, tx, event)

    def _reconcile(self, tx: Tx, cause: str) -> None:
        """Whom the events name was told, not whom the directory would name today."""
        told = self.evidence.get(cause)
        if not told:
            return
        rows = rebuilding.of_cause(tx.session, cause)
        known, named = {row["id"] for row in rows}, {one.notice for one in told}
        free = [row for row in rows if row["id"] not in named]
        for one in told:
            if one.notice in known:
                continue
            row = next((row for row in free if _seat(row) == (one.unit, one.role) and _is(row, one)), None)
            if row is not None:
                free.remove(row)
                known.add(one.notice)
                notices.change(tx.session, row["id"], self._renamed(tx, row, one))

    def _renamed(self, tx: Tx, row: RowMapping, one: Fate) -> dict[str, Any]:
        key = notice_key(row["matter"], row["template"], one.person, row["channel"])
        holder = rebuilding.holder(tx.session, one.person)
        return {
            "id": one.notice, "key": key, "person": one.person, "name": holder["name"] if holder else one.person,
            "state": "planned", "letter": self._letter(tx, letter_id(f"{one.notice}|rebuilt"), row, holder, one.person),
        }  # fmt: skip

    def _found(self, tx: Tx, one: Fate) -> RowMapping | None:
        row = rebuilding.notice(tx.session, one.notice)
        if row is not None:
            return row
        self._reconcile(tx, one.cause)
        row = rebuilding.notice(tx.session, one.notice)
        if row is not None:
            return row
        likes = [row for row in rebuilding.of_cause(tx.session, one.cause) if _seat(row) == (one.unit, one.role)]
        like = next((row for row in likes if _is(row, one)), None)
        if like is None:
            return None
        follows = next((row["id"] for row in reversed(likes) if row["state"] == "failed"), None)
        rebuilding.copy_notice(tx.session, like, self._renamed(tx, like, one) | {"follows": follows, "reason": ""})
        return rebuilding.notice(tx.session, one.notice)

    def _settle(self, tx: Tx, event: Event[Any]) -> None:
        one: Fate = event.data
        row = self._found(tx, one)
        if row is None:
            self.unexplained.append(one.notice)
            return
        state, reason = _STATES[type(one)], getattr(one, "reason", "")
        if state == "void":
            notices.change(tx.session, row["id"], {"state": "void", "letter": None, "reason": reason})
            return
        holder = rebuilding.holder(tx.session, one.person)
        key = self._letter(tx, one.letter or row["letter"], row, holder, one.person)
        values: dict[str, Any] = {"state": state, "reason": reason, "settled_at": event.time}
        letters.change(tx.session, key, values | ({"tries": one.tries} if one.tries else {}))
        notices.change(tx.session, row["id"], {"state": state, "reason": reason, "letter": key})
        if state != "sent":
            self._follow(tx, event, key, reason)

    def _follow(self, tx: Tx, event: Event[Any], key: str, reason: str) -> None:
        """Who is told instead, and which operators: as it was planned then."""
        kind, one = type(event.data), event.data
        letter = letters.some(tx.session, [key])[key]
        item = rebuilding.notice(tx.session, one.notice)
        if item is None:
            raise LookupError(one.notice)
        if kind is NoticeFailed:
            self._failed[one.person] = letter
        first = (key, one.tries, kind.TYPE) not in self._alarmed
        self._alarmed.add((key, one.tries, kind.TYPE))
        if first and not (kind is NoticeFailed and reason.startswith(_TOLD_OTHERWISE)):
            tell_operators(self.desk, tx, kind, letter, self._together(tx, one, item), reason, event.id)
        if kind is NoticeFailed and not reason.startswith(_NOBODY_ELSE):
            tell_next_in_line(self.desk, tx, [item], reason)

    def _together(self, tx: Tx, one: Fate, item: RowMapping) -> list[RowMapping]:
        """The notice with the others of its letter."""
        found = notices.of_letters(tx.session, [one.letter])[one.letter] if one.letter else []
        return [item, *(row for row in found if row["id"] != item["id"])]

    def _suppress(self, tx: Tx, event: Event[AddressFailed]) -> None:
        named = letters.some(tx.session, [event.data.letter]).get(event.data.letter)
        letter = named or self._failed.get(event.data.person)
        items = notices.of_letters(tx.session, [letter["id"]])[letter["id"]] if letter else []
        if letter is None or not items:
            return
        before = len(tx.outgoing)
        if suppress(self.desk, tx, letter, items, "refused", event.data.reason):
            rebuilding.recause(tx.session, tx.outgoing[before]["id"], event.id)

    def _vouch(self, tx: Tx, person: str) -> None:
        """Whoever was entered anew gets letters again."""
        row = rebuilding.holder(tx.session, person)
        if row is not None:
            names = ("unit", "role", "person", "name", "email", "since")
            vouch(tx, Holder(**{name: row[name] for name in names}, contacts=row["contacts"]))

    def _letter(self, tx: Tx, key: str, row: RowMapping, holder: RowMapping | None, person: str) -> str:
        """The letter of this id; made if it is not there, like the one that the notice is in."""
        if letters.some(tx.session, [key]):
            return key
        like = letters.some(tx.session, [row["letter"]]).get(row["letter"]) if row["letter"] else None
        due = row["due"]
        values: dict[str, Any] = dict(like) if like else {
            "digest": row["urgency"] == "ordinary", "urgency": row["urgency"], "channel": row["channel"],
            "language": self.desk.language, "due": due, "next_try": due,
        }  # fmt: skip
        if holder is not None and (like is None or like["person"] != person):
            values |= {"email": holder["email"], "name": holder["name"], "language": holder["language"]}
        fresh = {"id": key, "person": person, "state": "planned", "tries": 0, "subject": "", "text": "", "reason": ""}
        rebuilding.put_letter(tx.session, {"email": "", "name": person} | values | fresh)
        return key

    def finish(self, tx: Tx, stopped_at: datetime, old: Mapping[str, RowMapping]) -> int:
        """What no event tells of: as the old store knew it; else uncertain if it was due when the service stopped, and
        planned if not. Returns how many letters are uncertain by that."""
        for row in rebuilding.unsettled(tx.session):
            was = old.get(row["id"])
            if was is not None and was["letter_state"] == "sent":
                # its event waited in the old store's outbox
                self._apart(tx, row, {"state": "sent", "tries": was["tries"], "settled_at": was["settled_at"]}, "sent")
            elif was is not None and was["letter_state"] in ("planned", "retry"):
                open_ = {"state": was["letter_state"], "tries": was["tries"], "next_try": was["next_try"]}
                if open_["state"] == "retry" or row["letter_state"] != "planned":
                    self._apart(tx, row, open_, "planned")
            elif row["letter_state"] != "planned":
                self._apart(tx, row, {"state": "planned"}, "planned")
        rebuilding.forget_empty(tx.session)
        kept = {row["letter"] for row in rebuilding.unsettled(tx.session) if _waits(old.get(row["id"]))}
        lost = [row for row in rebuilding.open_letters(tx.session, stopped_at) if row["id"] not in kept]
        for letter in lost:
            letters.change(tx.session, letter["id"], {"state": "uncertain", "reason": IN_FLIGHT_LOST})
            notices.settle(tx.session, letter["id"], "uncertain", IN_FLIGHT_LOST)
        return len(lost)

    def _apart(self, tx: Tx, row: RowMapping, values: Mapping[str, Any], state: str) -> None:
        """A letter of its own for a notice whose planned letter tells of others."""
        holder = rebuilding.holder(tx.session, row["person"])
        key = self._letter(tx, letter_id(f"{row['id']}|rebuilt"), row, holder, row["person"])
        letters.change(tx.session, key, values)
        notices.change(tx.session, row["id"], {"letter": key, "state": state})


def _waits(was: RowMapping | None) -> bool:
    return was is not None and was["letter_state"] in ("planned", "retry")


def _seat(row: RowMapping) -> tuple[str | None, str]:
    return row["unit"], row["role"]


def _is(row: RowMapping, one: Fate) -> bool:
    """Whether the notice that an event names is this one, but for its person."""
    return notice_id(notice_key(row["matter"], row["template"], one.person, row["channel"])) == one.notice
