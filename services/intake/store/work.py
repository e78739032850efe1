"""Questions about work on complaints: cards, callbacks, repairs, the vault, and the figures over all of it."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Audit, Callback, Complaint, Disclosure, Link, Repair, Transfer, Unit
from shared.errors import Refusal

WAITING = ("requested", "reassigning")
"""States of a card that waits for an approver."""

WITH_UNIT = ("approved", "reassigning")
"""States of a card that has passed the gate: before that no unit sees it (I7)."""


def transfers(
    session: Session, *, state: str | None, overdue_at: datetime | None, after: Mark | None, limit: int
) -> list[Transfer]:
    """Transfer cards, oldest first. overdue_at: only those that wait although their time is over (I7)."""
    page = paged(select(Transfer), Transfer.requested_at, Transfer.number, after, limit)
    if overdue_at is not None:
        page = page.where(col(Transfer.state).in_(WAITING), col(Transfer.due) <= overdue_at)
    elif state:
        page = page.where(col(Transfer.state) == state)
    return list(session.exec(page))


def callbacks(session: Session, *, state: str | None, case: str | None, after: int, limit: int) -> list[Callback]:
    """Callback tasks after a cursor, of one state or case if given."""
    page = select(Callback).where(col(Callback.id) > after).order_by(col(Callback.id)).limit(limit)
    if state:
        page = page.where(col(Callback.state) == state)
    if case:
        page = page.where(col(Callback.case) == case)
    return list(session.exec(page))


def callbacks_by_due(session: Session, after: Mark | None, limit: int) -> list[Callback]:
    """Open tasks, those whose period ends first at the front."""
    still = select(Callback).where(col(Callback.state) == "open")
    return list(session.exec(paged(still, Callback.expires_at, Callback.id, after, limit)))


def newest_round(session: Session, case: str) -> int:
    """The newest round of a case about which anybody was to be asked, 0 before the first."""
    rounds = select(func.max(col(Callback.round))).where(col(Callback.case) == case)
    return session.exec(rounds).one() or 0


def open_callbacks(session: Session, case: str, through_round: int) -> list[Callback]:
    """Tasks of a case that are still open, up to a round."""
    still = select(Callback).where(
        col(Callback.case) == case, col(Callback.state) == "open", col(Callback.round) <= through_round
    )
    return list(session.exec(still))


def task(session: Session, case: str, number: str) -> Callback:
    """The newest task of a petitioner in a case. Raises Refusal (404)."""
    mine = select(Callback).where(col(Callback.case) == case, col(Callback.number) == number)
    found = session.exec(mine.order_by(col(Callback.round).desc()).limit(1)).one_or_none()
    if found is None:
        raise Refusal("callback", f"{case}/{number}", "nobody asked for it", "see GET /api/v1/callbacks", 404)
    return found


def task_of(session: Session, number: str) -> Callback | None:
    """The newest task of a complaint, in whatever case."""
    mine = select(Callback).where(col(Callback.number) == number).order_by(col(Callback.id).desc()).limit(1)
    return session.exec(mine).one_or_none()


def task_by_code(session: Session, code_hash: str) -> Callback | None:
    """The task of a one-time code."""
    return session.exec(select(Callback).where(col(Callback.code_hash) == code_hash)).one_or_none()


def links(session: Session, number: str) -> list[Link]:
    """Links of a complaint, also those undone."""
    return list(session.exec(select(Link).where(col(Link.number) == number).order_by(col(Link.id))))


def repairs(session: Session, *, mended: bool, after: Mark | None, limit: int) -> list[Repair]:
    """Reports kept for repair, oldest first."""
    done = col(Repair.number).is_not(None) if mended else col(Repair.number).is_(None)
    return list(session.exec(paged(select(Repair).where(done), Repair.kept_at, Repair.id, after, limit)))


def repair_by_fingerprint(session: Session, source: str, fingerprint: str) -> Repair | None:
    """The same broken report, kept before."""
    same = select(Repair).where(col(Repair.source) == source, col(Repair.fingerprint) == fingerprint)
    return session.exec(same).one_or_none()


def disclosures(
    session: Session, *, state: str | None, requester: str | None, after: Mark | None, limit: int
) -> list[Disclosure]:
    """Requests to open the vault, oldest first."""
    page = paged(select(Disclosure), Disclosure.requested_at, Disclosure.id, after, limit)
    if state:
        page = page.where(col(Disclosure.state) == state)
    return list(session.exec(page.where(col(Disclosure.requester) == requester) if requester else page))


def last_audit(session: Session) -> Audit | None:
    """The newest audit entry."""
    return session.exec(select(Audit).order_by(col(Audit.position).desc()).limit(1)).one_or_none()


def audit_entries(session: Session, *, after: int, limit: int) -> list[Audit]:
    """Audit entries after a position."""
    page = select(Audit).where(col(Audit.position) > after).order_by(col(Audit.position)).limit(limit)
    return list(session.exec(page))


def steps_since(session: Session, step: str, who: str, since: datetime) -> int:
    """How often somebody took a step of the audit since then."""
    taken = select(func.count()).where(col(Audit.step) == step, col(Audit.who) == who, col(Audit.at) > since)
    return session.exec(taken).one()


def statistics(session: Session) -> dict[str, Any]:
    """The register's figures: `received = registered + repeated + kept_for_repair`."""
    kept = session.exec(select(func.count()).select_from(Repair).where(col(Repair.number).is_(None))).one()
    rows = session.exec(
        select(
            col(Complaint.channel), func.count(), func.count(col(Complaint.lead)), func.sum(col(Complaint.repeats))
        ).group_by(col(Complaint.channel))
    ).all()
    by_channel = {
        channel: {"registered": count, "linked": linked, "repeated": int(repeats or 0)}
        for channel, count, linked, repeats in sorted(rows)
    }
    totals = {key: sum(line[key] for line in by_channel.values()) for key in ("registered", "repeated", "linked")}
    received = totals["registered"] + totals["repeated"] + kept
    return {"received": received, **totals, "kept_for_repair": kept, "by_channel": by_channel}


def gauges(session: Session, at: datetime) -> dict[str, int]:
    """What waits now: approvals, overdue ones, callbacks, repairs."""
    waiting = select(func.count()).select_from(Transfer).where(col(Transfer.state).in_(WAITING))
    asked = select(func.count()).select_from(Callback).where(col(Callback.state) == "open")
    kept = select(func.count()).select_from(Repair).where(col(Repair.number).is_(None))
    return {
        "approvals_pending": session.exec(waiting).one(),
        "approvals_overdue": session.exec(waiting.where(col(Transfer.due) <= at)).one(),
        "callbacks_open": session.exec(asked).one(),
        "kept_for_repair": session.exec(kept).one(),
    }


def units(session: Session) -> list[Unit]:
    """All registered units."""
    return list(session.exec(select(Unit).order_by(col(Unit.key))))
