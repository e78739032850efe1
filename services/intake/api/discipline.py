"""The discipline organ: exposures are verified by it, suspected misconduct is handed to it (I8, I15)."""

from typing import Literal

from fastapi import APIRouter

from services.intake.api.paging import Behind, Cursor, Limit, after, following
from services.intake.domain import mark
from services.intake.models import ReasonIn
from services.intake.models.exposures import CoverageIn, ExposureList, ExposureOut, VerificationIn
from services.intake.models.referrals import (
    ConclusionIn,
    MisconductIn,
    ReferralDetail,
    ReferralOut,
    ReferralPage,
    ReferralReceiptIn,
)
from services.intake.rules import Rules
from services.intake.usecases import exposing, referring
from shared.web import Command, Query, allow, allow_read

READERS = ("clerk", "office", "approver", "discipline", "auditor")


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["discipline"])

    @api.post("/complaints/{number}/verification")
    async def verify(number: str, body: VerificationIn, do: Command = allow("discipline")) -> ExposureOut:
        """What the discipline office found of an exposure, once; only a verified one can be transferred."""
        return await do.run(lambda tx: exposing.verify(rules, tx, number, body, do.actor.sub))

    @api.post("/complaints/{number}/coverage", status_code=201)
    async def follow_up(number: str, body: CoverageIn, do: Command = allow("clerk", "office")) -> ExposureOut:
        """Follow-up coverage: outcome, accountability, the leader's statement and public promise."""
        return await do.run(lambda tx: exposing.follow_up(rules, tx, number, body, do.actor.sub))

    @api.get("/exposures")
    async def list_exposures(
        state: Literal["unverified", "verified", "unfounded", "outstanding", "finished"] = "outstanding",
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read(*READERS),
    ) -> ExposureList:
        """Exposures, oldest first; `outstanding`: verified, and their outcome was not followed up in the media."""
        now, start = ask.now, mark.read(cursor)
        return await ask.run(lambda session: exposing.listed(session, state, start, limit, now))

    @api.get("/exposures/{number}")
    async def get_exposure(number: str, ask: Query = allow_read(*READERS)) -> ExposureOut:
        """One exposure with its finding and its coverage."""
        now = ask.now
        return await ask.run(lambda session: exposing.shown(session, number, now))

    @api.post("/complaints/{number}/referral", status_code=201)
    async def refer(
        number: str, body: MisconductIn, do: Command = allow("clerk", "office", "discipline")
    ) -> ReferralOut:
        """Hand suspected misconduct to the discipline organ; the accused unit never learns of it."""
        return await do.run(lambda tx: referring.refer(rules, tx, do.actor, number, body))

    @api.post("/complaints/{number}/referral/receipt")
    async def receive(number: str, body: ReferralReceiptIn, do: Command = allow("discipline")) -> ReferralOut:
        """The organ's own number and the day it took the matter."""
        return await do.run(lambda tx: referring.receive(rules, tx, do.actor, number, body))

    @api.post("/complaints/{number}/referral/outcome")
    async def conclude(number: str, body: ConclusionIn, do: Command = allow("discipline")) -> ReferralOut:
        """What came of it; `returned` sends what remains back to screening."""
        return await do.run(lambda tx: referring.conclude(tx, do.actor, number, body))

    @api.post("/complaints/{number}/referral/reading")
    async def read(number: str, body: ReasonIn, do: Command = allow("office")) -> ReferralDetail:
        """The office reads a referral, for a reason; the reading is on record."""
        return await do.run(lambda tx: referring.read(tx, do.actor, number, body.reason), remember=False)

    @api.get("/complaints/{number}/referral")
    async def get_referral(number: str, ask: Query = allow_read("discipline")) -> ReferralDetail:
        """A referral with what it is about, and who else has read it."""
        return await ask.run(lambda session: referring.shown(session, number))

    @api.get("/referrals")
    async def list_referrals(
        state: Literal["referred", "received", "concluded"] | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
        ask: Query = allow_read("discipline"),
    ) -> ReferralPage:
        """What was handed to the organ, oldest first."""
        start = after(cursor)
        items, last = await ask.run(lambda session: referring.listed(session, state=state, after=start, limit=limit))
        return ReferralPage(items=items, next=following(last, len(items), limit))

    return api
