"""By which channels a notice goes: all that its rule names, and the fallbacks in their order (N2, N3)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import RowMapping

from services.notify.domain.channel import EMAIL, address_on, route_of, ways
from services.notify.domain.recipient import Directory, line
from services.notify.store import notices
from services.notify.usecases.desk import Desk
from services.notify.usecases.envelopes import Cause, Planned, enter
from shared.store import Tx

NOT_FAILED = frozenset({"planned", "sent", "uncertain"})


def on_each_way(desk: Desk, directory: Directory, notice: Planned) -> list[Planned]:
    """A notice once for each channel on which its person is told; as it is while there is nobody to tell."""
    if notice.holder is None:
        return [notice]
    of = directory.by(route_of(notice.rule), desk.channels)
    return [on_way(desk, notice, channel) for channel in of.ways(notice.holder)]


def on_way(desk: Desk, notice: Planned, channel: str) -> Planned:
    """The notice on one channel."""
    if notice.holder is None or channel == EMAIL:
        return replace(notice, channel=EMAIL, address="")
    return replace(notice, channel=channel, address=address_on(notice.holder, channel, desk.channels) or "")


def moved_way(desk: Desk, tx: Tx, directory: Directory, notice: Planned, channel: str) -> Planned | None:
    """A notice that moves to another person: on the channel it had if that reaches him, else on another of his.

    None: he is told on all his channels already.
    """
    if notice.holder is None:
        return notice
    found = directory.ways(notice.holder)
    if channel in found:
        return on_way(desk, notice, channel)
    possible = [on_way(desk, notice, way) for way in found]
    known = notices.known(tx.session, [one.key for one in possible])
    return next((one for one in possible if one.key not in known), None)


def also_tell(desk: Desk, tx: Tx, directory: Directory, notice: Mapping[str, Any]) -> None:
    """A notice has found its person at last, on one channel: he is told by the others of its rule too."""
    of = directory.by(route_of(notice["rule"]), desk.channels)
    day = desk.calendar.local_date(notice["due"])
    here = (a for a in line(of, notice["unit"], notice["role"], day) if a.person == notice["person"])
    answer = next(here, None)
    if answer is None:
        return
    anew = Planned(
        notice["template"],
        notice["urgency"],
        notice["matter"],
        notice["case"],
        notice["unit"],
        notice["role"],
        notice["facts"],
        answer.holder,
        notice["due"],
        rule=notice["rule"],
        why=answer.why,
    )
    enter(desk, tx, on_each_way(desk, of, anew), Cause(notice["cause"], notice["event"], notice["cause_at"]))


def told_otherwise(tx: Tx, item: RowMapping) -> str | None:
    """Another channel on which the person of a failed notice is told the same, if that has not failed; the first."""
    found = notices.by_channel(tx.session, item["matter"], item["template"], item["person"])
    return next((channel for channel in sorted(found) if found[channel] in NOT_FAILED), None)


def fallback(desk: Desk, tx: Tx, directory: Directory, item: RowMapping, notice: Planned) -> Planned | None:
    """The failed notice for the same person by the rule's next fallback; None: there is none, or he left the office.

    notice: as it would be planned anew, without a person.
    """
    route = route_of(item["rule"])
    if not route.then:
        return None
    day = desk.calendar.local_date(notice.due)
    here = (a for a in line(directory, item["unit"], item["role"], day) if a.person == item["person"])
    answer = next(here, None)
    if answer is None:
        return None
    tried = notices.by_channel(tx.session, item["matter"], item["template"], item["person"])
    found = ways(answer.holder, route, desk.channels, directory.dead_addresses, tried)
    return on_way(desk, replace(notice, holder=answer.holder, why=answer.why), found[0]) if found else None
