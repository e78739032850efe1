"""What becomes of a consequence, a unit's record, and results handed over to other assessments (S12)."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.api.canvassing import Cursor, Limit
from services.scoring.api.scores import Grounds, Ruling
from services.scoring.usecases import courses, unit_record
from services.scoring.usecases.courses import CourseView
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.unit_record import Assessment, CycleRecord, HandoverPage, HandoverView
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "approver", "auditor", "guidance", "higher_office", "leader")


class Evidence(BaseModel):
    """What shows that a consequence was carried out."""

    evidence: str = Field(min_length=1, max_length=5000)


class Proof(BaseModel):
    """What proves that it has had its effect."""

    proof: str = Field(min_length=1, max_length=5000)


class Missing(BaseModel):
    """What the evidence does not show."""

    reason: str = Field(min_length=1, max_length=5000)


class NewHandover(BaseModel):
    """Whose result goes to which assessment."""

    unit: str
    assessment: Assessment


class Receipt(BaseModel):
    """Who received it, and the number or words of the receipt."""

    received_by: str = Field(min_length=1, max_length=200)
    receipt: str = Field(min_length=1, max_length=500)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["results"])
    _course(made, desk)
    _record(made, desk)
    return made


def _course(made: APIRouter, desk: Desk) -> None:
    @made.get("/consequences/{key}")
    async def show(key: str, ask: Query = allow_read(*READERS)) -> CourseView:
        """A consequence and what became of it; a leader sees those of his unit."""
        actor = ask.actor
        return await ask.run(lambda session: courses.shown(desk, session, actor, key))

    @made.post("/consequences/{key}/execution")
    async def execute(
        key: str, given: Evidence, do: Command = allow("office", "approver", "leader")
    ) -> CourseView:  # fmt: skip
        """It was carried out, with evidence: by the office, or by the unit's own leader."""
        return await do.run(lambda tx: courses.execute(desk, tx, key, given.evidence))

    @made.post("/consequences/{key}/return")
    async def send_back(key: str, given: Missing, do: Command = allow("office")) -> CourseView:
        """The evidence is not enough: to be executed by a new deadline."""
        return await do.run(lambda tx: courses.send_back(desk, tx, key, given.reason))

    @made.post("/consequences/{key}/closure")
    async def close(key: str, given: Proof, do: Command = allow("office")) -> CourseView:
        """The office closes it, with proof; never who confirmed or executed it."""
        return await do.run(lambda tx: courses.close(desk, tx, key, given.proof))

    @made.post("/consequences/{key}/appeal")
    async def appeal(key: str, given: Grounds, do: Command = allow("leader")) -> CourseView:
        """The unit's leader contests it, within the programme's working days from the decision."""
        return await do.run(lambda tx: courses.appeal(desk, tx, key, given.grounds))

    @made.post("/consequences/{key}/ruling")
    async def rule(key: str, given: Ruling, do: Command = allow("office", "approver")) -> CourseView:
        """Somebody else than who confirmed, executed or appealed it rules; upheld: it is overturned."""
        return await do.run(lambda tx: courses.rule(desk, tx, key, upheld=given.upheld, reason=given.reason))


def _record(made: APIRouter, desk: Desk) -> None:
    @made.get("/units/{unit}/record")
    async def record(unit: str, ask: Query = allow_read(*READERS)) -> list[CycleRecord]:
        """How the unit stood in every cycle, what followed, and where its results went; latest first."""
        if ask.actor.unit is not None and ask.actor.unit != unit:
            raise Refusal("unit", unit, "is another unit", "see your own unit's record", 403)
        return await ask.run(lambda session: unit_record.record(desk, session, unit))

    @made.post("/cycles/{name}/handovers", status_code=201)
    async def hand_over(name: str, given: NewHandover, do: Command = allow("office")) -> HandoverView:
        """Give a unit's published result to another assessment."""
        return await do.run(lambda tx: unit_record.hand_over(tx, name, given.unit, given.assessment))

    @made.get("/cycles/{name}/handovers")
    async def handovers(
        name: str, cursor: Cursor = 0, limit: Limit = 100,
        ask: Query = allow_read("office", "approver", "auditor", "guidance", "higher_office"),
    ) -> HandoverPage:  # fmt: skip
        """Results of a cycle that were handed over, with their receipts."""
        return await ask.run(lambda session: unit_record.handovers(session, name, after=cursor, limit=limit))

    @made.post("/handovers/{key}/receipt")
    async def receive(key: int, given: Receipt, do: Command = allow("office")) -> HandoverView:
        """The other side's receipt is put on record."""
        return await do.run(lambda tx: unit_record.receive(tx, key, given.received_by, given.receipt))
