"""践诺: whether a promise was kept, as an inspection with evidence and a survey found it (R8). Pure decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from services.rectification.domain import promise_facts as facts
from services.rectification.domain.case import Case, Signature
from services.rectification.domain.commitment import Commitment, Inspection, Survey, Verdict
from services.rectification.domain.facts import Decision
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspector saw and heard. survey: how many people gave each grade."""

    verdict: Verdict
    findings: str
    evidence: tuple[str, ...]
    survey: Mapping[str, int]


Judged = tuple[Decision, Commitment, Inspection]


def inspect(
    rules: Rules,
    case: Case,
    commitment: Commitment,
    records: Sequence[Inspection],
    found: Found,
    signature: Signature,
    role: str,
    at: datetime,
) -> Judged:
    """Record the first inspection of a promise whose day is over.

    Raises Refusal: 409 too early or inspected already, 403 an officer of a unit of the case, 422 evidence or survey.
    """
    if records:
        reason = f"it was inspected already and found {commitment.verdict}"
        raise Refusal("commitment", commitment.id, reason, "correct that record, with a reason", 409)
    return _record(rules, case, commitment, found, signature, role, at, before=None, reason="")


def correct(
    rules: Rules,
    case: Case,
    commitment: Commitment,
    records: Sequence[Inspection],
    found: Found,
    reason: str,
    signature: Signature,
    role: str,
    at: datetime,
) -> Judged:
    """A new record takes the place of a wrong one; both are kept. It is signed by another person than that one.

    Raises Refusal as `inspect` does, and 409 where there is nothing to correct, 422 without a reason.
    """
    if not records:
        remedy = "record the inspection"
        raise Refusal("commitment", commitment.id, "it was not inspected yet: nothing to correct", remedy, 409)
    before = records[-1]
    if not reason.strip():
        raise Refusal("reason", reason, "a record is corrected with a reason only", "say what was wrong with it")
    if signature.sub == before.by:
        raise Refusal(
            "sub", signature.sub, "who signed the record may not replace it", "let another officer do it", 403
        )
    if at < before.at:
        said = f"lies before {before.at.isoformat()}, when the record to correct was made"
        raise Refusal("time", at.isoformat(), said, "date the action later", 409)
    return _record(rules, case, commitment, found, signature, role, at, before=before, reason=reason.strip())


def survey_of(rules: Rules, counts: Mapping[str, int]) -> Survey:
    """The survey with its mean by the programme's marks, half-up to two places; who does not know is left out of the
    mean, and counted. Any number of answers counts here: the minimum of 30 is for surveys that rank.

    Raises Refusal (422) for a grade that the programme does not have.
    """
    marks = {grade.key: grade.mark for grade in rules.programme.grades}
    known = (*marks, rules.programme.abstain.key)
    for key, count in counts.items():
        if key not in known:
            raise Refusal(f"survey.{key}", key, "the programme has no such grade", f"use: {', '.join(known)}")
        if count < 0:
            raise Refusal(f"survey.{key}", count, "is not a number of people", "count from 0")
    graded = sum(count for key, count in counts.items() if key in marks)
    if not graded:
        return Survey(dict(counts), None)
    total = sum((marks[key] * count for key, count in counts.items() if key in marks), Decimal())
    mean = (total / graded).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Survey(dict(counts), str(mean))


def _record(
    rules: Rules,
    case: Case,
    commitment: Commitment,
    found: Found,
    signature: Signature,
    role: str,
    at: datetime,
    *,
    before: Inspection | None,
    reason: str,
) -> Judged:
    if commitment.withdrawn_at and commitment.verdict is None:
        said = "it was withdrawn when another unit got the case"
        raise Refusal("commitment", commitment.id, said, "nothing: the new unit promises anew", 409)
    if at < commitment.expires_at:
        said = f"the promised day, {commitment.due.isoformat()}, is not over"
        raise Refusal("commitment", commitment.id, said, "inspect it from the day after", 409)
    if signature.unit and signature.unit in case.card.units:
        said = "an officer of a unit of the case may not inspect its promise"
        raise Refusal("unit", signature.unit, said, "let the office or another inspector do it", 403)
    if not found.findings.strip():
        raise Refusal("findings", found.findings, "nothing says what was found", "say what was seen and heard")
    evidence = tuple(piece.strip() for piece in found.evidence if piece.strip())
    if not evidence:
        remedy = "name at least one picture, record or document"
        raise Refusal("evidence", list(found.evidence), "an inspection without evidence proves nothing", remedy)
    inspection = Inspection(
        commitment=commitment.id,
        n=before.n + 1 if before else 1,
        at=at,
        by=signature.sub,
        role=role,
        verdict=found.verdict,
        findings=found.findings.strip(),
        evidence=evidence,
        survey=survey_of(rules, found.survey),
        corrects=before.n if before else None,
        reason=reason,
    )
    judged = replace(commitment, verdict=found.verdict)
    fact = facts.Inspected(at, judged, inspection, before.verdict.value if before else None)
    return Decision(case, (fact,)), judged, inspection
