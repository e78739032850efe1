"""What a change of the directory does to what has not gone yet: it goes to whom it belongs now (N1)."""

from typing import Any

from sqlalchemy import RowMapping

from services.notify.domain.channel import address_on, route_of
from services.notify.domain.letter import notice_id
from services.notify.domain.recipient import Directory, told
from services.notify.store import cases, letters, moves, notices
from services.notify.store import directory as people
from services.notify.usecases.desk import Desk
from services.notify.usecases.envelopes import Envelopes, Planned
from services.notify.usecases.routes import also_tell, moved_way
from shared.store import Tx


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
    found: list[dict[str, Any]] = []
    for row in waiting:
        values = _new_address(desk, tx, directory, row, carried.get(row["letter"]), envelopes)
        if values is not None:
            notices.change(tx.session, row["id"], values)
            gone.append(_move(tx, row, values))
            moved += 1
            if row["state"] == "unaddressed" and values["state"] == "planned":
                found.append({**row, **values})
    envelopes.write()
    for notice in found:
        also_tell(desk, tx, directory, notice)
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
    of = directory.by(route_of(row["rule"]), desk.channels)
    right = told(of, row["unit"], row["role"], desk.calendar.local_date(due), fields)
    here = {(a.person, address_on(a.holder, row["channel"], desk.channels)) for a in right}
    if letter is not None and (letter["person"], letter["email"]) in here:
        return None
    already = notices.told_already(tx.session, row["matter"], row["template"], row["channel"]) - {row["person"]}
    answer = next((a for a in right if a.person not in already), None)
    if answer is None and right:
        return {"state": "void", "letter": None, "reason": "whoever answers now was told already"}
    if answer is None and row["state"] == "unaddressed":
        return None
    holder = answer.holder if answer else None
    anew = Planned(
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
        why=answer.why if answer else "",
    )
    notice = moved_way(desk, tx, of, anew, row["channel"])
    if notice is None:
        return {"state": "void", "letter": None, "reason": "whoever answers now is told by his other channels"}
    return {
        "id": notice_id(notice.key),
        "key": notice.key,
        "person": holder.person if holder else "",
        "name": holder.name if holder else "",
        "state": "planned" if holder else "unaddressed",
        "letter": envelopes.letter_for(notice),
        "due": due,
        "why": notice.why,
        "channel": notice.channel,
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
