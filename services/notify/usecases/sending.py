"""Letters on their way (N3): claimed before the mail server hears of them, settled by what it did.

Everything here runs in transactions of the single writer; the sender (sender.py) connects between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from jinja2 import TemplateError
from sqlalchemy import RowMapping

from services.notify.brief import brief
from services.notify.domain.attachment import Attachment
from services.notify.domain.channel import EMAIL
from services.notify.domain.delivery import Outcome, Settled, resolved, settle
from services.notify.domain.letter import Letter, compose
from services.notify.domain.pace import Budget
from services.notify.metrics import LETTERS, RETRIES
from services.notify.store import attempts, letters, notices, suppressions
from services.notify.store import directory as people
from services.notify.usecases import documents
from services.notify.usecases.catching_up import catch_up
from services.notify.usecases.desk import Desk
from services.notify.usecases.failing import tell_next_in_line, tell_operators
from services.notify.usecases.fates import publish_fate, publish_sent
from services.notify.usecases.suppressing import suppress
from shared.contracts.notify import NoticeFailed, NoticeUncertain
from shared.errors import Refusal
from shared.store import Tx

IN_DOUBT = Outcome("uncertain", "claimed", "the service stopped while the letter was on its way")
NOT_BEGUN = Outcome("unreachable", "claimed", "the service stopped before the letter was begun")
FINAL = frozenset({"sent", "failed", "uncertain"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A claimed letter, ready to go. `due`: when it was to go. subject: where the message does not carry it."""

    letter: str
    recipient: str
    message: bytes
    due: datetime
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a letter, and when."""

    letter: str
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """What to send next, how many letters are due besides, and since when the oldest."""

    envelopes: tuple[Envelope, ...]
    waiting: int
    oldest: datetime | None


def take_turn(
    desk: Desk,
    tx: Tx,
    results: Sequence[Result],
    limit: int | Budget,
    *,
    digests: bool,
    channel: str = EMAIL,
    punctual: bool = True,
) -> Turn:
    """Settle what was sent and claim what goes next on a channel, in one commit. `digests` False: they wait.

    punctual: nothing is late, as in a simulation, where a letter goes as of its moment; else see `catching_up` (N4).
    """
    settle_all(desk, tx, results)
    budget = limit if isinstance(limit, Budget) else Budget(limit)
    since = None if punctual else desk.going_since(tx.now)
    due = []
    if budget.letters:
        due = letters.due(
            tx.session, tx.now, budget.letters, digests=digests, closed=budget.closed, channel=channel, since=since
        )
    if not punctual:
        due = catch_up(desk, tx, due)
    due = [row for row in due if budget.take(row["email"])]
    envelopes = _claim(desk, tx, due) if due else ()
    waiting, oldest = letters.waiting(tx.session, tx.now, channel, since)
    return Turn(envelopes, waiting, oldest)


def _claim(desk: Desk, tx: Tx, due: Sequence[RowMapping]) -> tuple[Envelope, ...]:
    carried = notices.of_letters(tx.session, [row["id"] for row in due])
    names = _names(tx, carried.values())
    closed = suppressions.among(tx.session, {row["email"] for row in due})
    envelopes: list[Envelope] = []
    claimed: list[dict[str, Any]] = []
    for row in due:
        items = carried[row["id"]]
        if not items:
            letters.change(tx.session, row["id"], {"state": "void"})
            continue
        if row["email"] in closed:
            _fail_unsent(tx, row, items, f"suppressed, {closed[row['email']]}")
            tell_next_in_line(desk, tx, items, f"suppressed, {closed[row['email']]}")
            continue
        try:
            letter = _write(desk, row, items, names)
            enclosed = documents.attachments_of(desk, tx, dict(row), items)
            letter = replace(letter, text=letter.text + enclosed.note)
            envelopes.append(_envelope(row, letter, enclosed.files))
        except (Refusal, TemplateError, ValueError, TypeError, LookupError) as error:
            # a letter that cannot be written fails alone and loudly; the next in line would fail as well
            cause = _fail_unsent(tx, row, items, f"cannot be written: {error}")
            tell_operators(desk, tx, NoticeFailed, row, items, f"cannot be written: {error}", cause)
            continue
        claimed.append({"letter": row["id"], "subject": letter.subject, "text": letter.text})
    letters.claim(tx.session, claimed)
    return tuple(envelopes)


def _envelope(row: RowMapping, letter: Letter, files: Sequence[Attachment]) -> Envelope:
    if row["channel"] == EMAIL:
        return Envelope(row["id"], row["email"], compose(letter, files), row["next_try"])
    return Envelope(row["id"], row["email"], letter.text.encode(), row["next_try"], letter.subject)


def _names(tx: Tx, carried: Any) -> dict[str, dict[str, str]]:
    keys: set[str] = set()
    for rows in carried:
        for row in rows:
            keys.update(unit_keys(row["facts"]))
    return people.names(tx.session, keys)


def unit_keys(facts: dict[str, Any]) -> set[str]:
    """Keys of the units that facts name."""
    keys = {facts[name] for name in ("unit", "lead_unit", "territorial") if facts.get(name)}
    keys.update(facts.get("cooperating") or ())
    rows = [facts["row"]] if facts.get("row") else facts.get("rows") or []
    keys.update(row["unit"] for row in rows)
    return keys


def _write(desk: Desk, row: RowMapping, items: Sequence[RowMapping], names: dict[str, dict[str, str]]) -> Letter:
    language, at = row["language"], row["due"].astimezone(desk.calendar.zone)
    worded = [
        desk.wording.item(item["template"], item["facts"], names, (item["rule"] or {}).get("language") or language)
        for item in items
    ]
    channel = desk.channels.get(row["channel"])
    if channel is None or channel.kind == "webhook":
        subject, text = desk.wording.letter(row["name"], worded, at, language)
    else:
        subject, text = "", brief(desk.wording, channel, row["name"], worded, items, language)
    return Letter(
        id=row["id"],
        sender_name=desk.sender_name,
        sender=desk.sender,
        name=row["name"],
        email=row["email"],
        subject=subject,
        text=text,
        language=language,
        at=at,
        domain=desk.domain,
    )


def preview(desk: Desk, session: Any, row: RowMapping, items: Sequence[RowMapping]) -> tuple[str, str]:
    """Subject and text of a letter: as sent, or as it would be sent now."""
    if row["text"] or not items:
        return row["subject"], row["text"]
    keys = set().union(*(unit_keys(item["facts"]) for item in items))
    letter = _write(desk, row, items, people.names(session, keys))
    return letter.subject, letter.text


def settle_all(desk: Desk, tx: Tx, results: Sequence[Result]) -> None:
    """Record what became of claimed letters, publish it, and see to what follows from a failure."""
    if not results:
        return
    keys = [result.letter for result in results]
    found, carried = letters.some(tx.session, keys), notices.of_letters(tx.session, keys)
    for result in results:
        row = found[result.letter]
        if row["state"] != "claimed":
            raise ValueError(f"{result.letter} was sent, but it is {row['state']}, not claimed")
        settled = settle(result.outcome, tries=row["tries"], due=row["due"], now=tx.now)
        _record(tx, row, settled, result)
        _follow(desk, tx, row, carried[result.letter], settled, result)
    _keep_tries(tx, results)


def _keep_tries(tx: Tx, results: Sequence[Result]) -> None:
    """Each try with time, phase and reply (N8); a server that stays away for days does not swell the store."""
    tries = [
        {"letter": r.letter, "kind": r.outcome.kind, "phase": r.outcome.phase, "reply": r.outcome.reply, "at": r.at}
        for r in results
    ]
    attempts.keep(
        tx.session, [one for one in tries if one["kind"] != "unreachable" or not attempts.again(tx.session, one)]
    )


def _record(tx: Tx, row: RowMapping, settled: Settled, result: Result) -> None:
    LETTERS.labels(result.outcome.kind).inc()
    values: dict[str, Any] = {"state": settled.state, "reason": settled.reason}
    if settled.next_try is not None:
        RETRIES.inc()
        values["next_try"] = settled.next_try
        if result.outcome.kind == "unreachable":
            values |= {"next_try": row["next_try"], "tries": row["tries"] - 1}  # it says nothing about the letter
    else:
        values["settled_at"] = result.at
    letters.change(tx.session, row["id"], values)
    if settled.state in FINAL:
        notices.settle(tx.session, row["id"], settled.state, settled.reason)


def _follow(desk: Desk, tx: Tx, row: RowMapping, items: Sequence[RowMapping], settled: Settled, result: Result) -> None:
    match settled.state:
        case "sent":
            publish_sent(tx, items, result.at, row["tries"])
        case "uncertain":
            causes = [publish_fate(tx, NoticeUncertain, item, settled.reason, row["tries"]) for item in items]
            tell_operators(desk, tx, NoticeUncertain, row, items, settled.reason, causes[0])
        case "failed":
            causes = [publish_fate(tx, NoticeFailed, item, settled.reason, row["tries"]) for item in items]
            if result.outcome.kind == "bad_address":
                suppress(desk, tx, row, items, "refused", settled.reason)
            else:
                tell_operators(desk, tx, NoticeFailed, row, items, settled.reason, causes[0])
            if result.outcome.kind != "too_large":  # it would be as large for the next
                tell_next_in_line(desk, tx, items, settled.reason)


def _fail_unsent(tx: Tx, row: RowMapping, items: Sequence[RowMapping], reason: str) -> str:
    """A letter that does not even go; returns the id of the event that says so."""
    LETTERS.labels("unsent").inc()
    letters.change(tx.session, row["id"], {"state": "failed", "reason": reason, "settled_at": tx.now})
    notices.settle(tx.session, row["id"], "failed", reason)
    causes = [publish_fate(tx, NoticeFailed, item, reason, row["tries"]) for item in items]
    return causes[0]


def recover(desk: Desk, tx: Tx, begun: Mapping[str, Outcome | None] | None, *, channel: str = EMAIL) -> int:
    """At start: a letter that was claimed when the service stopped may have gone; it is uncertain (N3).

    begun: letters known to have been begun, with their outcome if it is known; then those not in it were not begun.
    None: nothing is known. Returns how many letters were claimed.
    """
    found = [row["id"] for row in letters.in_state(tx.session, "claimed", channel)]

    def outcome(letter: str) -> Outcome:
        if begun is None:
            return IN_DOUBT
        return begun[letter] or IN_DOUBT if letter in begun else NOT_BEGUN

    settle_all(desk, tx, [Result(letter, outcome(letter), tx.now) for letter in found])
    return len(found)


def resolve(desk: Desk, tx: Tx, notice: str, decision: Literal["sent", "resend"], reason: str) -> str:
    """An operator says what became of an uncertain letter, or has it sent again; returns the letter's id.

    Raises Refusal: 404 no such notice, 409 its letter is not uncertain.
    """
    row = notices.find(tx.session, notice)
    if row is None:
        raise Refusal("notice", notice, "no such notice", "look it up under /api/v1/notices", 404)
    letter = row["letter"]
    state = resolved(row["letter_state"] or row["state"], decision)
    values: dict[str, Any] = {"state": state, "reason": f"{decision}: {reason}"}
    if decision == "sent":
        values["settled_at"] = tx.now
        publish_sent(tx, notices.of_letters(tx.session, [letter])[letter], tx.now)
    else:
        values |= {"next_try": tx.now, "settled_at": None}
    letters.change(tx.session, letter, values)
    notices.settle(tx.session, letter, "sent" if decision == "sent" else "planned", values["reason"])
    who = tx.actor.sub if tx.actor else ""
    letters.resolve(tx.session, {"letter": letter, "decision": decision, "reason": reason, "actor": who, "at": tx.now})
    LETTERS.labels(f"resolved_{decision}").inc()
    desk.planned(tx.now)
    return str(letter)
