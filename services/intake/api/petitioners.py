"""Who is left out of the rates, determined by two persons (I5); how long who complained is kept, and holds (I3)."""

from typing import Literal

from fastapi import APIRouter

from services.intake.api.paging import Behind, Limit
from services.intake.api.vault import allowed
from services.intake.domain import mark
from services.intake.models import ReasonIn
from services.intake.models.keys import KeysOut
from services.intake.models.petitioners import ExclusionIn, ExclusionOut, ExclusionPage, RetentionOut
from services.intake.rules import Rules
from services.intake.usecases import excluding, resealing, retention
from shared.web import Command, Query, allow, allow_read

KEEPERS = ("custodian", "office")


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["petitioners"])

    @api.post("/petitioners/exclusions", status_code=201)
    async def propose(body: ExclusionIn, do: Command = allow("clerk")) -> ExclusionOut:
        """Propose that a serial or unreasonable petitioner be left out of the rates, with reasons."""
        return await do.run(lambda tx: excluding.propose(tx, do.actor, body.number, body.reason))

    @api.get("/petitioners/exclusions")
    async def list_exclusions(
        state: Literal["proposed", "excluded", "rejected", "restored"] | None = None,
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read("clerk", "office", "auditor"),
    ) -> ExclusionPage:
        """Determinations with their reasons, by complaint numbers; who it is stays in the vault."""
        start = mark.read(cursor)
        return await ask.run(lambda session: excluding.listed(session, state, start, limit))

    @api.post("/petitioners/exclusions/{key}/confirmation")
    async def confirm(key: str, body: ReasonIn, do: Command = allow("office")) -> ExclusionOut:
        """Confirm it; never one's own proposal. From now his grades are recorded, but count in no rate."""
        return await allowed(do, lambda tx: excluding.decide(tx, do.actor, key, body.reason, confirm=True))

    @api.post("/petitioners/exclusions/{key}/rejection")
    async def reject(key: str, body: ReasonIn, do: Command = allow("office")) -> ExclusionOut:
        """Reject the proposal, with the reason."""
        return await allowed(do, lambda tx: excluding.decide(tx, do.actor, key, body.reason, confirm=False))

    @api.post("/petitioners/exclusions/{key}/restoration")
    async def restore(key: str, body: ReasonIn, do: Command = allow("office")) -> ExclusionOut:
        """Take it back: his grades count again."""
        return await do.run(lambda tx: excluding.restore(tx, do.actor, key, body.reason))

    @api.get("/complaints/{number}/retention")
    async def show_retention(number: str, ask: Query = allow_read(*KEEPERS, "clerk", "auditor")) -> RetentionOut:
        """Until when who complained is kept, what starts the period anew or stops it, and what was erased."""
        now = ask.now
        return await ask.run(lambda session: retention.shown(rules, session, number, now))

    @api.post("/complaints/{number}/hold", status_code=201)
    async def hold(number: str, body: ReasonIn, do: Command = allow(*KEEPERS)) -> RetentionOut:
        """Hold it: nothing of the matter is erased until another person lifts the hold."""
        return await do.run(lambda tx: retention.place(rules, tx, do.actor, number, body.reason))

    @api.post("/complaints/{number}/hold/lifting")
    async def lift(number: str, body: ReasonIn, do: Command = allow(*KEEPERS)) -> RetentionOut:
        """Lift the hold; never one's own. The period counts anew from now."""
        return await allowed(do, lambda tx: retention.lift(rules, tx, do.actor, number, body.reason))

    @api.get("/vault/keys")
    async def show_keys(ask: Query = allow_read("operator", "auditor", "custodian")) -> KeysOut:
        """The vault's keys by name, and how much is still sealed to an old one: the progress of a rotation."""
        return await ask.run(lambda session: resealing.keys(rules, session))

    return api
