"""Inspections recorded and corrected (I9): each finding becomes a complaint in the same transaction."""

from typing import Any

from services.intake import store
from services.intake.domain import complaint, inspection
from services.intake.domain.complaint import State
from services.intake.domain.evidence import Attachment
from services.intake.domain.inspection import SOURCE, By
from services.intake.domain.quarter import Quarter
from services.intake.domain.scrub import scrub
from services.intake.models import ScreeningIn
from services.intake.models.inspections import (
    CorrectionIn,
    FindingIn,
    InspectionDetail,
    InspectionIn,
)
from services.intake.rules import Rules
from services.intake.store.inspections import Inspection
from services.intake.usecases import evidence, planning
from services.intake.usecases.inspection_versions import keep
from services.intake.usecases.report import Submission, register
from services.intake.usecases.screening import screen
from services.intake.usecases.seeing import shown
from shared.contracts.inbox import ComplaintSubmitted
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.store import Tx


def record(rules: Rules, tx: Tx, given: InspectionIn, actor: Actor) -> InspectionDetail:
    """Record an inspection that was done, with its findings and good practice. Raises Refusal; then nothing was."""
    by = _by(actor)
    own = actor.unit if by == "unit" else None
    unit = tx.session.get(store.Unit, given.unit)
    if unit is None:
        raise Refusal("unit", given.unit, "no unit of this key is registered", "use a key of GET /api/v1/units")
    if own is not None and own not in (unit.key, unit.parent):
        raise Refusal("unit", given.unit, "a unit inspects itself and its own sections", "name your unit", 403)
    _checked(rules, tx, given)
    quarter = str(Quarter.of(given.on))
    key = f"{quarter}-I{store.inspections.inspection_count(tx.session, f'{quarter}-I') + 1:04d}"
    if given.plan:
        _is_target(rules, tx, given, key, actor)
    row = Inspection(
        id=key,
        unit=given.unit,
        place=given.place,
        kind=given.kind,
        by=by,
        by_unit=own,
        on=given.on,
        quarter=quarter,
        plan=given.plan,
        position=given.position,
        good_practice=scrub(given.good_practice),
        recorded_by=actor.sub,
        recorded_at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    row.findings = _become_complaints(rules, tx, row, given.findings, first=1)
    evidence.bind(tx, given.evidence, Attachment("inspection", key), {actor.sub})
    keep(tx, row, _content(given, row.findings), "", actor.sub)
    tx.session.flush()
    return shown(tx.session, key)


def correct(rules: Rules, tx: Tx, key: str, given: CorrectionIn, actor: Actor) -> InspectionDetail:
    """A new version, with its reason; the older ones stay. Findings that were transferred stay too. Raises Refusal."""
    row = store.inspections.inspection(tx.session, key)
    _may_correct(row, actor)
    _checked(rules, tx, given)
    if str(Quarter.of(given.on)) != row.quarter:
        remedy = "record it anew, and withdraw the findings here"
        raise Refusal("on", given.on.isoformat(), f"the record is of {row.quarter}", remedy)
    if unknown := [number for number in given.withdrawn if number not in row.findings]:
        raise Refusal("withdrawn", unknown[0], "it is no finding of this inspection", "see the inspection")
    kept = [number for number in given.withdrawn if not _withdraw(rules, tx, number, given.reason, actor.sub)]
    standing = [number for number in row.findings if number not in given.withdrawn or number in kept]
    row.place, row.kind, row.on, row.version = given.place, given.kind, given.on, row.version + 1
    row.good_practice = scrub(given.good_practice)
    new = _become_complaints(rules, tx, row, given.findings, first=_found_so_far(tx, key) + 1)
    row.findings = standing + new
    evidence.bind(tx, given.evidence, Attachment("inspection", key), {actor.sub})
    keep(tx, row, _content(given, new) | {"withdrawn": given.withdrawn}, scrub(given.reason), actor.sub)
    tx.session.flush()
    return shown(tx.session, key).model_copy(update={"kept": kept})


def _by(actor: Actor) -> By:
    if actor.role in OF_A_UNIT:
        return "unit"
    return "supervisor" if actor.role == "supervisor" else "office"


def _may_correct(row: Inspection, actor: Actor) -> None:
    mine = row.recorded_by == actor.sub or (row.by_unit is not None and row.by_unit == actor.unit)
    if actor.role != "office" and not mine:
        raise Refusal("inspection", row.id, "somebody else recorded it", "ask the office to correct it", 403)
    if actor.role in OF_A_UNIT and row.by != "unit":
        raise Refusal("inspection", row.id, "somebody else recorded it", "ask the office to correct it", 403)


def _checked(rules: Rules, tx: Tx, given: InspectionIn | CorrectionIn) -> None:
    inspection.not_before(given.on, rules.calendar.local_date(tx.now))
    programme = rules.programme.inspections
    places = [place.key for place in programme.places]
    if given.place not in places:
        raise Refusal("place", given.place, "the programme has no such place", f"use {', '.join(places)}")
    answers = {item: answer.answer for item, answer in given.answers.items()}
    inspection.check_answers(answers, [item.key for item in programme.checklist])
    inspection.check_findings(answers, [finding.institution for finding in given.findings])


def _is_target(rules: Rules, tx: Tx, given: InspectionIn, key: str, actor: Actor) -> None:
    """The record fits the plan's target: its unit and its place. Kind and day may have had to change."""
    target = planning.done(rules, tx, given.plan or "", given.position or 0, key, actor)
    if (target.unit, target.place) != (given.unit, given.place):
        raise Refusal("position", given.position, "the target is another unit or place", "see the plan", 409)


def _become_complaints(rules: Rules, tx: Tx, row: Inspection, findings: list[FindingIn], *, first: int) -> list[str]:
    """Each finding a complaint, by the channel of its inspection; numbers in their order."""
    numbers = []
    for n, finding in enumerate(findings, first):
        data = ComplaintSubmitted(
            ticket=f"{row.id}-{n}",
            channel=inspection.channel_of(row.kind, row.by),
            title=finding.title,
            text=finding.text,
            unit=row.unit,
            topic=finding.topic,
            particulars={"inspection": row.id},
            evidence=tuple(finding.evidence),
        )
        receipt = register(rules, tx, Submission(source=SOURCE, data=data, reported_at=tx.now, on_bus=False))
        numbers.append(receipt.number or "")
    return numbers


def _withdraw(rules: Rules, tx: Tx, number: str, reason: str, by: str) -> bool:
    """A finding that does not stand is unfounded, unless it was accepted, joined another or went to its unit."""
    line = store.by_number(tx.session, number)
    if line.lead or State(line.state) not in (State.REGISTERED, State.RETURNED):
        return State(line.state) in complaint.ENDED
    screen(rules, tx, number, ScreeningIn(decision="unfounded", reason=reason), by, corrects=True)
    return True


def _found_so_far(tx: Tx, key: str) -> int:
    return sum(len(version.content["findings"]) for version in store.inspections.versions(tx.session, key))


def _content(given: InspectionIn | CorrectionIn, numbers: list[str]) -> dict[str, Any]:
    """What was recorded, scrubbed, with the numbers that its findings became."""
    content: dict[str, Any] = given.model_dump(mode="json", exclude={"reason", "withdrawn"})
    for answer in content["answers"].values():
        answer["words"] = scrub(answer["words"])
    for finding, number in zip(content["findings"], numbers, strict=True):
        finding |= {"text": scrub(finding["text"]), "title": scrub(finding["title"]), "number": number}
    content["good_practice"] = scrub(content["good_practice"])
    return content
