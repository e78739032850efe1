"""Which matters may take which track (R2): by the channel they came by; nothing said: every matter every track."""

from collections.abc import Iterator
from typing import Any

from shared.programme.marks import Finding, Said, rows
from shared.programme.messages import meant
from shared.programme.values import Code, Part


class Tracks(Part):
    """planned, explained: channels whose matters may take this track; by default those of every channel.

    Every matter may be solved at once: *immediate* has no list.
    """

    planned: tuple[Code, ...] = ()
    explained: tuple[Code, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is said; a programme that says nothing keeps its fingerprint."""
        return bool(self.planned or self.explained)

    def of(self, track: str) -> tuple[str, ...]:
        """The channels of a track; empty: all."""
        return {"planned": self.planned, "explained": self.explained}.get(track, ())


def findings(data: Any) -> Iterator[Finding]:
    """Channels that do not exist."""
    given = data.get("tracks") if isinstance(data, dict) else None
    known = [str(row["key"]) for _, row in rows(data, "channels") if "key" in row]
    for track in ("planned", "explained"):
        listed = given.get(track) if isinstance(given, dict) else None
        for i, value in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(value, str) and value not in known:
                names = ", ".join(known)
                yield Finding(
                    ("tracks", track, i),
                    value,
                    Said("没有这个渠道", "there is no such channel"),
                    meant(value, known) or Said(f"改为其中之一：{names}", f"use one of these: {names}"),
                )
