"""HTTP: the bulletin as data for everybody, what the office enters on it, what units contribute (N7)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Parameter

from services.notify import usecases
from services.notify.models import bulletin as forms
from services.notify.store import contributions as store
from services.notify.usecases import bulletin, contributions
from shared.identity import OF_A_UNIT
from shared.programme.bulletin import BulletinKind
from shared.web import Command, Query, allow, allow_read, public_read

Limit = Annotated[int, Parameter(ge=1, le=200)]
Place = Annotated[str, Parameter(max_length=100)]
States = Literal["submitted", "approved", "refused"]


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of the bulletin."""

    @router.get("/bulletin", tags=["bulletin"])
    async def get_items(
        kind: BulletinKind | None = None, unit: Place = "", cursor: Place = "", limit: Limit = 20,
        ask: Query = public_read,
    ) -> forms.ItemsOut:  # fmt: skip
        """Items of the bulletin, the latest first."""
        found = await ask.run(
            lambda session: bulletin.listed(desk, session, kind=kind or "", unit=unit, cursor=cursor, limit=limit)
        )
        return forms.ItemsOut(items=[forms.ItemOut.of(item) for item in found.items], next=found.next)

    @router.get("/bulletin/{item}", tags=["bulletin"])
    async def get_item(item: str, ask: Query = public_read) -> forms.ItemOut:
        """One item under its permanent id."""
        return forms.ItemOut.of(await ask.run(lambda session: bulletin.shown(desk, session, item)))

    @router.post("/bulletin/announcements", tags=["bulletin"])
    async def announce(words: forms.WordsIn, do: Command = allow("office")) -> forms.ItemOut:
        """An announcement of the office."""
        return await do.run(lambda tx: forms.ItemOut.of(bulletin.announce(desk, tx, words.words())))

    @router.post("/bulletin/{item}/corrections", tags=["bulletin"])
    async def correct(item: str, given: forms.CorrectionIn, do: Command = allow("office")) -> forms.ItemOut:
        """Correct an entry; what it said stays beside it, struck through, with reason and date."""
        return await do.run(
            lambda tx: forms.ItemOut.of(
                bulletin.correct(desk, tx, item, given.entry, given.words(), given.reason, hidden=given.hide)
            )
        )

    @router.post("/bulletin/{item}/withdrawal", tags=["bulletin"])
    async def withdraw(item: str, given: forms.WithdrawalIn, do: Command = allow("office")) -> forms.ItemOut:
        """Withdraw an item; a stub with the reason stays under its address."""
        return await do.run(lambda tx: forms.ItemOut.of(bulletin.withdraw(desk, tx, item, given.reason)))

    _contributions(router, desk)


def _contributions(router: APIRouter, desk: usecases.Desk) -> None:
    @router.post("/contributions", tags=["bulletin"])
    async def submit(words: forms.WordsIn, do: Command = allow("leader")) -> forms.ContributionOut:
        """A unit's leader hands in a text for the bulletin; the office decides."""
        return await do.run(lambda tx: _out(contributions.submit(desk, tx, words.words(), do.actor)))

    @router.get("/contributions", tags=["bulletin"])
    async def get_contributions(
        state: States | None = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Limit = 100,
        ask: Query = allow_read("office", "auditor", *OF_A_UNIT),
    ) -> forms.ContributionsOut:
        """Contributions with who decided what; a unit sees its own."""
        own = bulletin.by_unit(ask.actor) if ask.actor.role in OF_A_UNIT else None
        rows = await ask.run(lambda session: store.page(session, unit=own, state=state, after=cursor, limit=limit))
        following = str(rows[-1].seq) if len(rows) == limit else None
        return forms.ContributionsOut(contributions=[_out(row) for row in rows], next=following)

    @router.post("/contributions/{number}/approval", tags=["bulletin"])
    async def approve(number: str, do: Command = allow("office")) -> forms.ContributionOut:
        """Publish a contribution as it was handed in."""
        return await do.run(lambda tx: _out(contributions.approve(desk, tx, number, do.actor)))

    @router.post("/contributions/{number}/refusal", tags=["bulletin"])
    async def refuse(number: str, given: forms.RefusalIn, do: Command = allow("office")) -> forms.ContributionOut:
        """Refuse a contribution, with a reason that the unit reads."""
        return await do.run(lambda tx: _out(contributions.refuse(tx, number, given.reason, do.actor)))


def _out(row: store.Contribution) -> forms.ContributionOut:
    return forms.ContributionOut(**row.model_dump(exclude={"seq"}))
