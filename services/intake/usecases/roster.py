"""Which leader answers on which show: entered, changed with its history, told to the leader beforehand (I18)."""

import uuid
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from services.intake import store
from services.intake.domain import roster as domain
from services.intake.domain.complaint import State
from services.intake.domain.mark import Mark
from services.intake.domain.publication import WITH_UNIT
from services.intake.domain.roster import Slot
from services.intake.domain.scrub import scrub
from services.intake.models.absences import HandoverIn
from services.intake.models.roster import (
    ChangeOut,
    QuestionOut,
    QuestionsIn,
    Roster,
    ShowChangeIn,
    ShowDetail,
    ShowIn,
    ShowOut,
)
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.store.roster import Question, Show, ShowChange
from shared.contracts.publicity import ShowApproaching
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 100
KEPT = ("name", "outlet", "starts_at", "ends_at", "unit", "leader", "cancelled")


def enter(rules: Rules, tx: Tx, actor: Actor, given: ShowIn) -> ShowDetail:
    """Put a leader on a show. Raises Refusal: unknown unit, a past date, or he is on another show then."""
    show = Show(
        id=uuid.uuid4().hex,
        name=given.name,
        outlet=given.outlet,
        starts_at=given.starts_at.astimezone(UTC),
        ends_at=(given.ends_at or given.starts_at + timedelta(minutes=rules.programme.roster.minutes)).astimezone(UTC),
        unit=given.unit,
        leader=given.leader,
        by=actor.sub,
        at=tx.now,
    )
    _place(rules, tx, show)
    tx.session.add(show)
    tx.session.flush()
    return shown(tx.session, show.id)


def change(rules: Rules, tx: Tx, actor: Actor, key: str, given: ShowChangeIn) -> ShowDetail:
    """Change an entry; what it said before is kept with the reason. The leader is told anew. Raises Refusal."""
    show = _on(tx, key)
    _keep(tx, show, actor, given.reason)
    length = show.ends_at - show.starts_at
    for name, value in given.model_dump(exclude_unset=True, exclude={"reason"}).items():
        if value is not None:
            setattr(show, name, value.astimezone(UTC) if isinstance(value, datetime) else value)
    if given.starts_at and not given.ends_at:
        show.ends_at = show.starts_at + length
    _place(rules, tx, show)
    tx.session.flush()
    return shown(tx.session, key)


def cancel(tx: Tx, actor: Actor, key: str, reason: str) -> ShowDetail:
    """The leader does not come, or the show is off; the entry stays, marked. Raises Refusal."""
    show = _on(tx, key)
    _keep(tx, show, actor, reason)
    show.cancelled, show.warn_at = True, None
    tx.session.flush()
    return shown(tx.session, key)


def put(tx: Tx, actor: Actor, key: str, given: QuestionsIn) -> ShowDetail:
    """Put complaints to a show; one that is there stays. Raises Refusal: unknown, or with the discipline organ."""
    show = _on(tx, key)
    known = {question.number for question in store.roster.questions(tx.session, key)}
    for index, number in enumerate(given.numbers):
        line = store.by_number(tx.session, number)
        if State(line.state) not in WITH_UNIT:
            reason = f"the matter is {line.state}"
            remedy = "only what a unit has, or has solved, is discussed on the air (I7, I15)"
            raise Refusal(f"numbers.{index}", number, reason, remedy, 409)
        if number not in known:
            tx.session.add(Question(show=show.id, number=number, by=actor.sub, at=tx.now))
            known.add(number)
    tx.session.flush()
    return shown(tx.session, key)


def tick(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """Tell the leaders whose show comes up, once for each date; True if there may be more."""
    found = store.roster.to_warn(tx.session, tx.now, AT_ONCE, aside.left("show"))
    for show in found:
        with aside.trying(tx, "show", show.id):
            _tell(tx, show)
    return len(found) == AT_ONCE


def _tell(tx: Tx, show: Show) -> None:
    data = ShowApproaching(
        show=show.id,
        name=show.name,
        outlet=show.outlet,
        unit=show.unit,
        leader=show.leader,
        starts_at=show.starts_at,
        questions=len(store.roster.questions(tx.session, show.id)),
    )
    if show.starts_at > tx.now:  # after a long stop there may be nothing to warn of any more
        tx.publish(data, subject=show.id, time=show.warn_at)
    show.warn_at = None


def hand_over(rules: Rules, tx: Tx, given: HandoverIn, actor: Actor) -> list[str]:
    """Shows to come of a leader who leaves, by the name that stands on the roster; the successor is told like him."""
    if given.role != "leader":
        return []
    moved = []
    for show in store.roster.to_come_of(tx.session, given.leaves, tx.now):
        _keep(tx, show, actor, given.reason)
        show.leader = given.successor
        _warn(rules, show, tx.now)
        moved.append(f"show {show.id}")
    return moved


def listed(session: Session, since: datetime, after: Mark | None, limit: int) -> Roster:
    """Shows to come, the earliest first; those that are off say so."""
    shows = store.roster.shows(session, since, after, limit)
    names = store.units_named(session, [show.unit for show in shows])
    end = following(shows, limit, lambda show: (show.starts_at, show.id))
    return Roster(items=[_out(show, names) for show in shows], next=end)


def shown(session: Session, key: str) -> ShowDetail:
    """An entry with its history and questions. Raises Refusal (404)."""
    show = _row(session, key)
    asked = [store.by_number(session, question.number) for question in store.roster.questions(session, key)]
    return ShowDetail(
        **_out(show, store.units_named(session, [show.unit])).model_dump(),
        by=show.by,
        at=show.at,
        history=[ChangeOut.model_validate(one, from_attributes=True) for one in store.roster.changes(session, key)],
        questions=[
            QuestionOut(number=line.number, title=line.title, state=line.state, outcome=line.outcome) for line in asked
        ],
    )


def _place(rules: Rules, tx: Tx, show: Show) -> None:
    if show.unit not in store.unit_keys(tx.session, [show.unit]):
        remedy = "use a key of GET /api/v1/units"
        raise Refusal("unit", show.unit, "no unit of this key is registered", remedy)
    others = store.roster.of_leader(tx.session, show.unit, show.leader, tx.now)
    domain.placed(
        Slot(show.id, show.starts_at, show.ends_at),
        [Slot(other.id, other.starts_at, other.ends_at) for other in others],
        tx.now,
    )
    _warn(rules, show, tx.now)


def _warn(rules: Rules, show: Show, now: datetime) -> None:
    programme = rules.programme
    show.warn_at = domain.warned_at(
        show.starts_at, programme.roster.warning, programme.working_hours.opens, rules.calendar, now
    )


def _keep(tx: Tx, show: Show, actor: Actor, reason: str) -> None:
    before = show.model_dump(mode="json", include=set(KEPT))
    tx.session.add(ShowChange(show=show.id, before=before, reason=scrub(reason), by=actor.sub, at=tx.now))


def _on(tx: Tx, key: str) -> Show:
    show = _row(tx.session, key)
    if show.cancelled or show.ends_at <= tx.now:
        what = "is off" if show.cancelled else "is over"
        raise Refusal("show", key, f"the show {what}", "enter another one", 409)
    return show


def _row(session: Session, key: str) -> Show:
    show = session.get(Show, key)
    if show is None:
        raise Refusal("show", key, "no show has this id", "see GET /api/v1/roster", 404)
    return show


def _out(show: Show, names: dict[str, store.Unit]) -> ShowOut:
    unit = names.get(show.unit)
    return ShowOut(**show.model_dump(), unit_name=unit.name if unit else show.unit)
