"""The directory: who holds which office from when; a change moves what is open to the successor (N1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping

from services.notify.domain.letter import checked_address, checked_header, notice_id
from services.notify.domain.recipient import OFFICE, OFFICE_ROLES, UNIT_ROLES, Directory, Holder, told
from services.notify.store import cases, letters, moves, notices
from services.notify.store import directory as people
from services.notify.usecases.desk import Desk
from services.notify.usecases.envelopes import Envelopes, Planned
from shared.contracts.notify import LeaderChanged
from shared.errors import Refusal
from shared.store import Tx


@dataclass(frozen=True, slots=True)
class Entered:
    """What a change of the directory did."""

    holders: int
    notices_moved: int


def put_holders(desk: Desk, tx: Tx, seats: Sequence[Holder]) -> Entered:
    """Enter terms of office, all or none; then move what is open. Raises Refusal naming row and field."""
    for number, seat in enumerate(seats, 1):
        _check(seat, f"rows.{number}." if len(seats) > 1 else "")
        people.put_holder(tx.session, seat, alone=seat.role in UNIT_ROLES)
        people.revive_address(tx.session, seat.email)
        if not seat.substitute:
            changed = LeaderChanged(
                unit=seat.unit,
                role=seat.role,
                person=seat.person,
                name=seat.name,
                since=seat.since,
                until=seat.until,
            )
            tx.publish(changed, subject=seat.unit)
    moved = sum(readdress(desk, tx, unit) for unit in sorted({seat.unit for seat in seats}))
    return Entered(len(seats), moved)


def _check(seat: Holder, row: str) -> None:
    roles = OFFICE_ROLES if seat.unit == OFFICE else UNIT_ROLES
    if seat.role not in roles:
        raise Refusal(f"{row}role", seat.role, f"not a role of {seat.unit}", f"use one of: {', '.join(sorted(roles))}")
    if seat.until is not None and seat.until < seat.since:
        raise Refusal(f"{row}until", seat.until.isoformat(), "before the first day", "give a later day")
    checked_address(seat.email, f"{row}email")
    checked_header(seat.name, f"{row}name")
    checked_header(seat.person, f"{row}person")


def readdress(desk: Desk, tx: Tx, unit: str) -> int:
    """Give what has not gone yet to whom it belongs now; returns how many notices moved.

    A notice moves when its person no longer answers for (unit, role) on the day it goes, when his address
    changed, or when there was nobody to tell.
    """
    waiting = notices.movable(tx.session, unit)
    if not waiting:
        return 0
    directory = people.directory(tx.session, {row["unit"] for row in waiting if row["unit"]})
    carried = letters.some(tx.session, {row["letter"] for row in waiting if row["letter"]})
    envelopes = Envelopes(tx)
    moved = 0
    gone: list[dict[str, Any]] = []
    for row in waiting:
        values = _new_address(desk, tx, directory, row, carried.get(row["letter"]), envelopes)
        if values is not None:
            notices.change(tx.session, row["id"], values)
            gone.append(_move(tx, row, values))
            moved += 1
    envelopes.write()
    moves.keep(tx.session, gone)
    letters.void_empty(tx.session, carried.keys())
    desk.planned(tx.now)
    return moved


def _new_address(
    desk: Desk, tx: Tx, directory: Directory, row: RowMapping, letter: RowMapping | None, envelopes: Envelopes
) -> dict[str, Any] | None:
    """A notice's new person and letter; None if it stays where it is."""
    due = row["due"] if row["due"] >= tx.now else desk.due(row["urgency"], tx.now)
    fields = desk.fields_of(cases.topic_of(tx.session, row["case"])) if row["case"] else ()
    right = told(directory, row["unit"], row["role"], desk.calendar.local_date(due), fields)
    if letter is not None and (letter["person"], letter["email"]) in {(a.person, a.holder.email) for a in right}:
        return None
    already = notices.told_already(tx.session, row["matter"], row["template"]) - {row["person"]}
    answer = next((a for a in right if a.person not in already), None)
    if answer is None and right:
        return {"state": "void", "letter": None, "reason": "whoever answers now was told already"}
    if answer is None and row["state"] == "unaddressed":
        return None
    holder = answer.holder if answer else None
    notice = Planned(
        row["template"],
        row["urgency"],
        row["matter"],
        row["case"],
        row["unit"],
        row["role"],
        row["facts"],
        holder,
        due,
        rule=row["rule"],
    )
    return {
        "id": notice_id(notice.key),
        "key": notice.key,
        "person": holder.person if holder else "",
        "name": holder.name if holder else "",
        "state": "planned" if holder else "unaddressed",
        "letter": envelopes.letter_for(notice),
        "due": due,
        "why": answer.why if answer else "",
    }


def _move(tx: Tx, row: RowMapping, values: dict[str, Any]) -> dict[str, Any]:
    void = values["state"] == "void"
    return {
        "notice": row["seq"],
        "at": tx.now,
        "from_person": row["person"],
        "from_name": row["name"],
        "to_person": "" if void else values["person"],
        "to_name": "" if void else values["name"],
        "letter": row["letter"],
        "reason": values.get("reason", "the directory changed"),
    }
