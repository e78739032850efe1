"""What follows from a letter that failed, or whose fate is unknown: the next person in line, and an operator (N3)."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from services.notify.domain.recipient import next_in_line
from services.notify.store import cases, notices
from services.notify.store import directory as people
from services.notify.usecases.desk import OWN, Desk
from services.notify.usecases.envelopes import Cause, Planned, enter
from services.notify.usecases.matter import Matter
from services.notify.usecases.planning import plan
from shared.contracts.notify import AddressFailed, NoticeFailed, NoticeUncertain
from shared.store import Tx

Own = type[AddressFailed] | type[NoticeFailed] | type[NoticeUncertain]
_OWN_TYPES = frozenset(kind.TYPE for kind in OWN)


def tell_next_in_line(desk: Desk, tx: Tx, items: Sequence[RowMapping], reason: str) -> None:
    """Plan each notice anew for the next person who answers; where there is nobody, the notice says so."""
    directory = people.directory(tx.session, {item["unit"] for item in items if item["unit"]})
    for item in items:
        due = desk.due(item["urgency"], tx.now)
        already = notices.told_already(tx.session, item["matter"], item["template"])
        day = desk.calendar.local_date(due)
        fields = desk.fields_of(cases.topic_of(tx.session, item["case"])) if item["case"] else ()
        answer = next_in_line(directory, item["unit"], item["role"], day, already, fields)
        if answer is None:
            notices.change(tx.session, item["id"], {"reason": f"{reason} (nobody is next in line)"})
            continue
        follower = Planned(
            item["template"],
            item["urgency"],
            item["matter"],
            item["case"],
            item["unit"],
            item["role"],
            item["facts"],
            answer.holder,
            due,
            follows=item["id"],
            rule=item["rule"],
            why=answer.why,
        )
        enter(desk, tx, [follower], Cause(item["cause"], item["event"], item["cause_at"]))


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
    what = kind.TYPE.removeprefix("minping.notify.").removesuffix(".v1")
    matter = Matter(f"{what} {letter['id']} {letter['tries']}", facts, case=None, about=first["unit"])
    plan(desk, tx, matter, rules, Cause(cause, kind.TYPE, tx.now))
