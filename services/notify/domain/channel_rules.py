"""Which notices may go by which channels (I3, I7, I15)."""

from collections.abc import Collection
from typing import Literal

from services.notify.domain.channel import EMAIL, Channels
from shared.errors import Refusal

Secrecy = Literal["", "office", "closed"]
"""`closed`: what is told to one role alone; `office`: what no unit may see."""


def check_channels(field: str, named: Collection[str], channels: Channels, secrecy: Secrecy) -> None:
    """Raise Refusal for a channel that is not there, or that would show a notice to more people than its rule names."""
    for name in named:
        if name == EMAIL:
            continue
        if name not in channels:
            there = ", ".join([EMAIL, *sorted(channels)])
            raise Refusal(field, name, "no such channel", f"enter it in MINPING_CHANNELS_FILE, or use one of: {there}")
        if secrecy == "closed":
            raise Refusal(field, name, "told to one role alone: it leaves the house in letters only", "write [email]")
        if secrecy == "office" and not channels[name].personal:
            raise Refusal(
                field, name, "a channel that many share: before approval no unit sees a matter (I7)",
                "use e-mail or a personal channel",
            )  # fmt: skip
