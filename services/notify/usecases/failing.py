"""What follows from a letter that failed, or whose fate is unknown: the next person in line, and an operator (N3)."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping

from services.notify.domain.channel import route_of
from services.notify.domain.recipient import Directory, next_in_line
from services.notify.store import cases, notices
from services.notify.store import directory as people
from services.notify.usecases.desk import Desk
from services.notify.usecases.envelopes import Cause, Planned, enter
from services.notify.usecases.following import OWN
from services.notify.usecases.matter import Matter
from services.notify.usecases.planning import plan
from services.notify.usecases.routes import fallback, on_each_way, told_otherwise
from services.notify.usecases.tracing import alarm_matter
from shared.contracts.notify import AddressFailed, NoticeFailed, NoticeUncertain
from shared.store import Tx

Own = type[AddressFailed] | type[NoticeFailed] | type[NoticeUncertain]
_OWN_TYPES = frozenset(kind.TYPE for kind in OWN)


def tell_next_in_line(desk: Desk, tx: Tx, items: Sequence[RowMapping], reason: str) -> None:
    """Plan each notice anew: for the same person by the rule's next fallback, then for the next person who answers.

    Not while the person is told the same by another channel that has not failed. Where there is nobody, the notice
    says so.
    """
    directory = people.directory(tx.session, {item["unit"] for item in items if item["unit"]})
    for item in items:
        otherwise = told_otherwise(tx, item)
        if otherwise is not None:
            notices.change(tx.session, item["id"], {"reason": f"{reason} (told by {otherwise})"})
            continue
        followers = _followers(desk, tx, directory, item)
        if not followers:
            notices.change(tx.session, item["id"], {"reason": f"{reason} (nobody is next in line)"})
        enter(desk, tx, followers, Cause(item["cause"], item["event"], item["cause_at"]))


def _followers(desk: Desk, tx: Tx, directory: Directory, item: RowMapping) -> list[Planned]:
    due = desk.due(item["urgency"], tx.now)
    anew = Planned(
        item["template"],
        item["urgency"],
        item["matter"],
        item["case"],
        item["unit"],
        item["role"],
        item["facts"],
        None,
        due,
        follows=item["id"],
        rule=item["rule"],
    )
    again = fallback(desk, tx, directory, item, anew)
    if again is not None:
        return [again]
    of = directory.by(route_of(item["rule"]), desk.channels)
    already = notices.told_already(tx.session, item["matter"], item["template"])
    fields = desk.fields_of(cases.topic_of(tx.session, item["case"])) if item["case"] else ()
    answer = next_in_line(of, item["unit"], item["role"], desk.calendar.local_date(due), already, fields)
    if answer is None:
        return []
    return on_each_way(desk, of, replace(anew, holder=answer.holder, why=answer.why))


def tell_operators(
    desk: Desk, tx: Tx, kind: Own, letter: RowMapping, items: Sequence[RowMapping], reason: str, cause: str
) -> None:
    """Tell who the programme names about a letter in trouble; letters about letters raise no more letters."""
    rules = desk.rules.get(kind.TYPE, ())
    if not rules or all(item["event"] in _OWN_TYPES for item in items):
        return
    first = items[0]
    facts = {
        "unit": first["unit"],
        "role": first["role"],
        "person_name": letter["name"],
        "reason": reason,
        "letter": letter["id"],
        "count": len(items),
    }
    matter = Matter(alarm_matter(kind, letter["id"], letter["tries"]), facts, case=None, about=first["unit"])
    plan(desk, tx, matter, rules, Cause(cause, kind.TYPE, tx.now))
