"""A meeting besides its vote: announcement, statements, questions, departures, the record (S4)."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.usecases import announcing, fact_sheets, hall, questions, record, screen, statements
from services.scoring.usecases.announcing import AnnouncementView, Announcing, Speakers, SpeakersView
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.fact_sheets import FactSheet, SheetText
from services.scoring.usecases.hall import Departed
from services.scoring.usecases.questions import Answer, Deferral, NewQuestion, QuestionsView, QuestionView
from services.scoring.usecases.record import RecordView, StepsView
from services.scoring.usecases.screen import ScreenView
from services.scoring.usecases.statements import Delivery, StatementsView, StatementText, StatementView
from services.scoring.usecases.steps import MeetingView
from shared.web import Command, Query, allow, allow_read, public_read


class Reason(BaseModel):
    """Why."""

    reason: str = Field(min_length=1, max_length=2000)


class Leaving(BaseModel):
    """A representative who leaves, and why."""

    representative: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=1, max_length=500)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["proceedings"])

    @made.post("/{meeting}/speakers", status_code=201)
    async def name_speakers(meeting: str, wanted: Speakers, do: Command = allow("office")) -> SpeakersView:
        """Name the units that speak, with the reason; without this the lot decides at the announcement."""
        return await do.run(lambda tx: announcing.name_speakers(desk, tx, meeting, wanted))

    @made.post("/{meeting}/fact-sheets/{unit}")
    async def write_sheet(meeting: str, unit: str, given: SheetText, do: Command = allow("office")) -> SheetText:
        """Write on a unit's fact sheet, before the announcement."""
        return await do.run(lambda tx: fact_sheets.write(tx, meeting, unit, given))

    @made.get("/{meeting}/fact-sheets/{unit}/draft")
    async def draft_sheet(
        meeting: str, unit: str, ask: Query = allow_read("office", "guidance", "auditor")
    ) -> FactSheet:
        """A fact sheet as it would be announced now."""
        now = ask.now
        return await ask.run(lambda session: fact_sheets.draft(session, meeting, unit, now))

    @made.get("/{meeting}/fact-sheets")
    async def show_sheets(meeting: str, ask: Query = public_read) -> list[FactSheet]:
        """The fact sheets of all units, from the announcement on."""
        return await ask.run(lambda session: fact_sheets.announced(session, meeting))

    @made.get("/{meeting}/fact-sheets/{unit}")
    async def show_sheet(meeting: str, unit: str, ask: Query = public_read) -> FactSheet:
        """The fact sheet of a unit, from the announcement on."""
        found = await ask.run(lambda session: fact_sheets.announced(session, meeting, unit))
        return found[0]

    @made.post("/{meeting}/announcement")
    async def announce(meeting: str, wanted: Announcing, do: Command = allow("office")) -> MeetingView:
        """Announce units, procedure, place and time."""
        return await do.run(lambda tx: announcing.announce(desk, tx, meeting, wanted))

    @made.get("/{meeting}/announcement")
    async def announced(meeting: str, ask: Query = public_read) -> AnnouncementView:
        """What was announced, and how those who speak were chosen."""
        return await ask.run(lambda session: announcing.announcement_view(desk, session, meeting))

    @made.post("/{meeting}/departures", status_code=201)
    async def depart(meeting: str, given: Leaving, do: Command = allow("clerk")) -> Departed:
        """Somebody leaves before the ballots open: struck from the roll, the card back into the box."""
        return await do.run(lambda tx: hall.depart(desk, tx, meeting, given.representative, given.reason))

    @made.get("/{meeting}/screen")
    async def show_screen(meeting: str, ask: Query = public_read) -> ScreenView:
        """What the hall's screen shows: steps, ordinary share, alternates to call, turnout; never a result."""
        return await ask.run(lambda session: screen.screen(desk, session, meeting))

    @made.post("/{meeting}/statements-opening")
    async def open_statements(meeting: str, do: Command = allow("office")) -> MeetingView:
        """Open the statements."""
        return await do.run(lambda tx: statements.open_statements(tx, meeting))

    @made.get("/{meeting}/statements")
    async def show_statements(meeting: str, ask: Query = public_read) -> StatementsView:
        """Who speaks, who wrote, who is missing; texts from the opening of the statements on."""
        return await ask.run(lambda session: statements.statements_view(session, meeting))

    @made.post("/{meeting}/statements/{unit}/text", status_code=201)
    async def hand_in(
        meeting: str, unit: str, given: StatementText, do: Command = allow("leader", "office")
    ) -> StatementView:
        """Hand in the written statement of a unit, before the statements open."""
        return await do.run(lambda tx: statements.hand_in(tx, meeting, unit, given))

    @made.post("/{meeting}/statements/{unit}/delivery", status_code=201)
    async def deliver(
        meeting: str, unit: str, given: Delivery, do: Command = allow("office", "clerk")
    ) -> StatementView:
        """Record a spoken statement as given, with who presided."""
        return await do.run(lambda tx: statements.deliver(tx, meeting, unit, given))

    @made.post("/{meeting}/statements/{unit}/excuse", status_code=201)
    async def excuse(meeting: str, unit: str, given: Reason, do: Command = allow("office")) -> StatementsView:
        """Excuse a unit from speaking; the next in the order speaks."""
        return await do.run(lambda tx: statements.excuse(tx, meeting, unit, given.reason))

    @made.post("/{meeting}/questions-opening")
    async def open_questions(meeting: str, do: Command = allow("office")) -> MeetingView:
        """Open the questions: everybody chosen has spoken or is excused."""
        return await do.run(lambda tx: statements.open_questions(tx, meeting))

    @made.get("/{meeting}/questions")
    async def show_questions(meeting: str, ask: Query = public_read) -> QuestionsView:
        """The questions, their answers and promises. Who asked is not kept."""
        return await ask.run(lambda session: questions.questions_view(session, meeting))

    @made.post("/{meeting}/questions", status_code=201)
    async def put_question(meeting: str, given: NewQuestion, do: Command = allow("office", "clerk")) -> QuestionView:
        """Write down what a representative asks a unit."""
        return await do.run(lambda tx: questions.ask(tx, meeting, given))

    @made.post("/{meeting}/questions/{number}/answer")
    async def answer(
        meeting: str, number: int, given: Answer, do: Command = allow("office", "clerk", "leader")
    ) -> QuestionView:
        """Write down the answer given on the spot."""
        return await do.run(lambda tx: questions.answer(tx, meeting, number, given))

    @made.post("/{meeting}/questions/{number}/deferral")
    async def defer(
        meeting: str, number: int, given: Deferral, do: Command = allow("office", "leader")
    ) -> QuestionView:
        """The leader promises a date: it becomes a case with exactly that date."""
        return await do.run(lambda tx: questions.defer(desk, tx, meeting, number, given))

    @made.get("/{meeting}/record")
    async def show_record(
        meeting: str, ask: Query = allow_read("guidance", "office", "auditor", "teller", "scrutineer")
    ) -> RecordView:
        """Every step: what, who, when, why."""
        return await ask.run(lambda session: record.record_view(session, meeting))

    @made.get("/{meeting}/steps")
    async def show_steps(meeting: str, ask: Query = public_read) -> StepsView:
        """Steps and times, without persons."""
        return await ask.run(lambda session: record.steps_view(session, meeting))

    return made
