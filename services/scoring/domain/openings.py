"""Openings for a dispute (protocol C): every ballot with its nonce, encrypted to a key of its own, split 4 of 5.

The ballot key is destroyed at the seal; without this nothing but hashes of whole ballots would be left.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain.ballot import SUITE
from services.scoring.domain.canon import Json, canonical
from services.scoring.domain.rehearsal import marked

OPENINGS_KIND = "minping.openings.v1"


def _info(meeting: str) -> bytes:
    return b"minping.openings.v1\x1f" + meeting.encode()


def encrypt_openings(
    public: ec.EllipticCurvePublicKey,
    meeting: str,
    ballots: Sequence[Mapping[str, Json]],
    choices: Sequence[str],
    *,
    rehearsal: bool = False,
) -> bytes:
    """The openings, encrypted to the dispute key; the manifest holds their SHA-256.

    Filled up with spaces as if every mark were the longest of the choices: the length would tell how the hall voted.
    """
    data = openings_file(meeting, ballots, rehearsal=rehearsal)
    size = {choice: len(canonical(choice)) for choice in choices}
    room = sum(max(size.values()) - size[mark] for ballot in ballots for mark in _marks(ballot))
    return SUITE.encrypt(data.ljust(len(data) + room), public, info=_info(meeting))


def _marks(ballot: Mapping[str, Json]) -> Iterator[str]:
    for row in cast(Mapping[str, Mapping[str, str]], ballot["marks"]).values():
        yield from row.values()


def openings_file(meeting: str, ballots: Sequence[Mapping[str, Json]], *, rehearsal: bool = False) -> bytes:
    """The openings as `minping verify --openings` reads them; some of the ballots will do."""
    data = canonical({"kind": OPENINGS_KIND, "meeting": meeting, "ballots": list(ballots)})
    return marked("openings.json", data) if rehearsal else data


def decrypt_openings(private: ec.EllipticCurvePrivateKey, meeting: str, openings: bytes) -> bytes:
    """The openings file; raises cryptography's InvalidTag for another key, meeting or file."""
    return SUITE.decrypt(openings, private, info=_info(meeting)).rstrip(b" ")
