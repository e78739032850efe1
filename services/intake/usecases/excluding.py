"""Serial and unreasonable petitioners: determined by two persons with reasons, openly left out of the rates (I5)."""

import uuid
from collections import Counter

from sqlmodel import Session

from services.intake import store
from services.intake.domain.callback import TaskState
from services.intake.domain.exclusion import Exclusion, decided, restored
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models import Satisfaction, Statistics
from services.intake.models.petitioners import ExcludedFigures, ExclusionOut, ExclusionPage
from services.intake.store.exclusion import Exclusion as Row
from services.intake.store.paging import following
from services.intake.usecases import audit
from services.intake.usecases.disclose import Denied
from shared.contracts.petitioner import PetitionerExcluded, PetitionerRestored
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx


def propose(tx: Tx, actor: Actor, number: str, reason: str) -> ExclusionOut:
    """A clerk proposes it, by one of the petitioner's complaints, with reasons. Raises Refusal (404, 409)."""
    line = store.by_number(tx.session, number)
    if line.petitioner is None:
        remedy = "only who is known again by phone, ID or name can be left out"
        raise Refusal("number", number, "nobody knows whose it is", remedy, 409)
    if known := store.exclusion.open_about(tx.session, line.petitioner):
        raise Refusal("number", number, f"he is {known.state} already, under {known.id}", "see that one", 409)
    row = Row(
        id=uuid.uuid4().hex,
        mark=line.petitioner,
        number=number,
        reason=scrub(reason),
        proposed_by=actor.sub,
        proposed_role=actor.role,
        proposed_at=tx.now,
    )
    tx.session.add(row)
    audit.note(tx, actor, "exclusion_proposed", number, row.reason, row.id)
    return _out(tx.session, row)


def decide(tx: Tx, actor: Actor, key: str, reason: str, *, confirm: bool) -> ExclusionOut | Denied:
    """The office confirms it or not; never who proposed it. An attempt that is refused stays in the audit."""
    row = store.exclusion.exclusion(tx.session, key)
    try:
        state = decided(Exclusion(row.state), proposed_by=row.proposed_by, decided_by=actor.sub, confirm=confirm)
    except Refusal as refusal:
        audit.note(tx, actor, "exclusion_denied", row.number, refusal.reason, row.id)
        return Denied(refusal)
    row.state, row.answer = state.value, scrub(reason)
    store.exclusion.changed(tx.session)
    row.decided_by, row.decided_role, row.decided_at = actor.sub, actor.role, tx.now
    audit.note(tx, actor, f"exclusion_{state.value}", row.number, row.answer, row.id)
    if confirm:
        numbers = store.exclusion.numbers_of(tx.session, row.mark)
        data = PetitionerExcluded(numbers=numbers, reason=row.reason, decided_by=(row.proposed_role, actor.role))
        tx.publish(data, subject=row.number)
    return _out(tx.session, row)


def restore(tx: Tx, actor: Actor, key: str, reason: str) -> ExclusionOut:
    """The office takes it back: his grades count again from now. Raises Refusal (404, 409)."""
    row = store.exclusion.exclusion(tx.session, key)
    row.state = restored(Exclusion(row.state)).value
    store.exclusion.changed(tx.session)
    row.restored_by, row.restored_at, row.restored_reason = actor.sub, tx.now, scrub(reason)
    audit.note(tx, actor, "exclusion_restored", row.number, row.restored_reason, row.id)
    numbers = store.exclusion.numbers_of(tx.session, row.mark)
    data = PetitionerRestored(numbers=numbers, reason=row.restored_reason, decided_by=(actor.role,))
    tx.publish(data, subject=row.number)
    return _out(tx.session, row)


def tell(tx: Tx, number: str, mark: str) -> None:
    """A new complaint of a petitioner who is left out: its grades do not count either."""
    key = store.exclusion.standing(tx.session, mark)
    if key is None:
        return
    row = store.exclusion.exclusion(tx.session, key)
    roles = (row.proposed_role, row.decided_role or "")
    tx.publish(PetitionerExcluded(numbers=(number,), reason=row.reason, decided_by=roles), subject=number)


def listed(session: Session, state: str | None, after: Mark | None, limit: int) -> ExclusionPage:
    """Determinations with their reasons, by complaint numbers; never who it is."""
    rows = store.exclusion.exclusions(session, state=state, after=after, limit=limit)
    end = following(rows, limit, lambda row: (row.proposed_at, row.id))
    return ExclusionPage(items=[_out(session, row) for row in rows], next=end)


def figures(session: Session) -> ExcludedFigures:
    """How many are left out, of how many."""
    return ExcludedFigures(
        petitioners=store.exclusion.excluded_petitioners(session),
        of_petitioners=store.exclusion.known_petitioners(session),
        complaints=store.exclusion.excluded_complaints(session),
        of_complaints=store.exclusion.all_complaints(session),
    )


def statistics(session: Session) -> Statistics:
    """The register's figures, with what rates of satisfaction are taken of and what is left out of them (I1, I5)."""
    found, by_grade = Counter[str](), Counter[str]()
    for state, grade, left_out, count in store.exclusion.answers(session):
        if state == TaskState.GRADED:
            found["excluded" if left_out else "counted"] += count
            if not left_out:
                by_grade[grade or ""] += count
        else:
            found[state] += count
    satisfaction = Satisfaction(
        asked=found.total(),
        open=found[TaskState.OPEN.value],
        not_reached=found[TaskState.NOT_REACHED.value],
        excluded=found["excluded"],
        counted=found["counted"],
        by_grade=dict(by_grade),
    )
    return Statistics(**store.statistics(session), satisfaction=satisfaction, excluded=figures(session))


def _out(session: Session, row: Row) -> ExclusionOut:
    numbers = store.exclusion.numbers_of(session, row.mark)
    return ExclusionOut(**row.model_dump(exclude={"mark"}), numbers=list(numbers))
