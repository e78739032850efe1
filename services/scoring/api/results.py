"""What is published: checkpoint, bundle, receipts, ranking; canvassing and consequences (S6, S10–S12, S14)."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.scoring.api.scores import Grounds, Ruling
from services.scoring.domain.bundle import write_bundle
from services.scoring.store import meetings as store
from services.scoring.store.tables import BundleRow
from services.scoring.usecases import canvassing, consequences, count, ranking
from services.scoring.usecases.canvassing import CanvassingView, NewCanvassing
from services.scoring.usecases.consequences import ConsequenceView
from services.scoring.usecases.count import PublicationView
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.ranking import RankingView
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read, public_read

ZIP = "application/zip"


class Reissue(BaseModel):
    """Why a published ranking is issued again."""

    reason: str = Field(default="", max_length=2000)


class Answer(BaseModel):
    """A leader's written answer to the doubt; needed where a consequence carries a review flag."""

    answer: str = Field(default="", max_length=5000)


class Withdrawal(BaseModel):
    """Why a leader does not confirm."""

    reason: str = Field(min_length=1, max_length=5000)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["results"])
    _seal_endpoints(made, desk)
    _result_endpoints(made, desk)
    return made


def _seal_endpoints(made: APIRouter, desk: Desk) -> None:
    @made.get("/meetings/{meeting}/checkpoint")
    async def checkpoint(meeting: str, ask: Query = public_read) -> Response:
        """The signed checkpoint: public from the seal on."""
        data = await ask.run(lambda session: count.seal_members(session, meeting)["checkpoint.txt"])
        return Response(data, media_type="text/plain; charset=utf-8")

    @made.get("/meetings/{meeting}/sealed-bundle")
    async def sealed_bundle(
        meeting: str, ask: Query = allow_read("office", "teller", "scrutineer", "guidance", "auditor")
    ) -> Response:
        """The sealed bundle before its publication, for those who counted."""
        data = await ask.run(lambda session: write_bundle(count.seal_members(session, meeting)))
        return Response(data, media_type=ZIP)

    @made.get("/meetings/{meeting}/receipts/{token_hash}")
    async def receipt(meeting: str, token_hash: str, ask: Query = public_read) -> Response:
        """Shows that a card's ballot is in the seal, not what it says."""
        data = await ask.run(lambda session: count.receipt(session, meeting, token_hash))
        return Response(data, media_type="application/json")

    @made.get("/meetings/{meeting}/openings")
    async def openings(meeting: str, ask: Query = allow_read("office", "auditor")) -> Response:
        """The ballots encrypted to the dispute key, where the meeting has one."""
        data = await ask.run(lambda session: store.file(session, meeting, "openings.bin"))
        return Response(data, media_type="application/octet-stream")

    @made.post("/meetings/{meeting}/publication")
    async def publish(meeting: str, do: Command = allow("office")) -> PublicationView:
        """Publish the sealed meeting with the cycle's result."""
        return await do.run(lambda tx: count.publish(desk, tx, meeting))

    @made.get("/meetings/{meeting}/bundle")
    async def bundle(meeting: str, ask: Query = public_read) -> Response:
        """The published bundle: check it with `minping verify`."""

        def latest(found: BundleRow | None) -> BundleRow:
            if found is None:
                raise Refusal("meeting", meeting, "is not published", "come back after the publication", 404)
            return found

        row = await ask.run(lambda session: latest(store.latest_bundle(session, store.meeting(session, meeting).name)))
        headers = {"ETag": f'"{row.sha256}"', "Content-Disposition": f'attachment; filename="{meeting}.zip"'}
        return Response(row.data, media_type=ZIP, headers=headers)


def _result_endpoints(made: APIRouter, desk: Desk) -> None:
    @made.post("/cycles/{name}/ranking", status_code=201)
    async def rank(name: str, given: Reissue | None = None, do: Command = allow("office")) -> RankingView:
        """Compute and publish the ranking of a closed cycle; propose its consequences."""
        return await do.run(lambda tx: ranking.rank_cycle(desk, tx, name, given.reason if given else ""))

    @made.get("/cycles/{name}/ranking")
    async def show_ranking(name: str, ask: Query = public_read) -> RankingView:
        """The ranking, once it is published."""
        return await ask.run(lambda session: ranking.ranking_view(session, name))

    @made.post("/canvassing", status_code=201)
    async def establish(given: NewCanvassing, do: Command = allow("office")) -> CanvassingView:
        """The office establishes canvassing, with evidence."""
        return await do.run(lambda tx: canvassing.establish(desk, tx, given))

    @made.post("/canvassing/{key}/appeal")
    async def appeal(key: int, given: Grounds, do: Command = allow("leader")) -> CanvassingView:
        """The unit's leader appeals."""
        return await do.run(lambda tx: canvassing.appeal_canvassing(tx, key, given.grounds))

    @made.post("/canvassing/{key}/ruling")
    async def rule(key: int, given: Ruling, do: Command = allow("office", "approver")) -> CanvassingView:
        """Somebody else than who established it rules."""
        return await do.run(
            lambda tx: canvassing.rule_on_canvassing(tx, key, is_upheld=given.upheld, reason=given.reason)
        )

    @made.get("/consequences")
    async def show_consequences(
        cycle: str, ask: Query = allow_read("office", "approver", "auditor", "guidance", "higher_office")
    ) -> list[ConsequenceView]:
        """The consequences of a cycle and what was decided."""
        return await ask.run(lambda session: consequences.consequences_of(session, cycle))

    @made.post("/consequences/{key}/confirmation")
    async def confirm(key: str, given: Answer | None = None, do: Command = allow("approver")) -> ConsequenceView:
        """A leader confirms; a review flag needs a written answer."""
        answer = given.answer if given else ""
        return await do.run(lambda tx: consequences.confirm_one(desk, tx, key, answer))

    @made.post("/consequences/{key}/withdrawal")
    async def withdraw(key: str, given: Withdrawal, do: Command = allow("approver")) -> ConsequenceView:
        """A leader does not confirm, with a reason."""
        return await do.run(lambda tx: consequences.withdraw_one(tx, key, given.reason))
