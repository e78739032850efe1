"""HTTP: the channels that rules may name (N2). What stands in their URLs is nowhere to be read."""

from fastapi import APIRouter

from services.notify import usecases
from services.notify.domain.channel import EMAIL
from services.notify.models.channels import ChannelOut, ChannelsOut
from services.notify.store import letters
from shared.web import Query, allow_read


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of channels."""

    @router.get("/channels", tags=["channels"])
    async def get_channels(ask: Query = allow_read("office", "operator", "auditor")) -> ChannelsOut:
        """E-mail and the channels of the settings; those that are there no more, as long as something went there."""
        counts = await ask.run(letters.counts_by_channel)
        names = [EMAIL, *sorted({*desk.channels, *counts} - {EMAIL})]
        return ChannelsOut(channels=[_out(desk, name, counts.get(name, {})) for name in names])


def _out(desk: usecases.Desk, name: str, states: dict[str, int]) -> ChannelOut:
    known = desk.channels.get(name)
    if known is None:
        kind = EMAIL if name == EMAIL else "gone"
        return ChannelOut(name=name, kind=kind, personal=name == EMAIL, longest=None, per_minute=None, states=states)
    return ChannelOut(
        name=name,
        kind=known.kind,
        personal=known.personal,
        longest=known.longest,
        per_minute=known.per_minute,
        states=states,
    )
