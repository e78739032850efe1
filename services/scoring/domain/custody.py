"""The sealed result under lock until its publication (S6): what would tell it is encrypted at the count.

Slices, tally and interval are encrypted (HPKE) to a key of their own, split 2 of 5 among the tellers: nobody who holds
the database can read the result while daily scores can still be appealed. Few shares are needed on purpose: the ballots
can never be opened again, so a lost result would be a lost vote. What stays readable (manifest, hidden leaves, figures
of the reconciliation) tells nothing: the tally's hash is salted.
"""

import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain.ballot import SUITE
from services.scoring.domain.canon import Json, Malformed, digest
from services.scoring.domain.rules import rules_from_bytes, units_from_bytes

LOCKED_FILES = ("interval.json", "slices.jsonl", "tally.json")
"""Members of the bundle that tell the result."""
FIGURES_BYTES = 1024
"""Room for the figures of one dimension of one unit, in tally and interval: several times what they take."""


def _info(meeting: str) -> bytes:
    return b"minping.locked-result.v1\x1f" + meeting.encode()


def lock(public: ec.EllipticCurvePublicKey, meeting: str, files: Mapping[str, bytes]) -> bytes:
    """The files that tell the result, for the holders of the key alone."""
    plain = {name: files[name].decode() for name in LOCKED_FILES if name in files}
    return SUITE.encrypt(_of_one_length(plain, files), public, info=_info(meeting))


BESIDE_BYTES = 256
"""One length for what is kept beside the seal, however many digits its figures have."""


def lock_beside(public: ec.EllipticCurvePublicKey, meeting: str, data: bytes) -> bytes:
    """A small JSON file that is kept beside the seal, for the holders of the result's key alone."""
    return SUITE.encrypt(data.ljust(BESIDE_BYTES), public, info=b"beside\x1f" + _info(meeting))


def unlock_beside(private: ec.EllipticCurvePrivateKey, meeting: str, locked: bytes) -> bytes:
    """The file again. Raises Malformed for another key or meeting."""
    try:
        return SUITE.decrypt(locked, private, info=b"beside\x1f" + _info(meeting)).rstrip(b" ")
    except (InvalidTag, ValueError) as error:
        raise Malformed("does not open with this key") from error


def _of_one_length(plain: Mapping[str, str], files: Mapping[str, bytes]) -> bytes:
    """Filled up with spaces to a length that is the same however the hall voted: else it would tell.

    Slices as if every grade were the longest; figures, whose digits vary, to a multiple far above them.
    """
    rules, units = rules_from_bytes(files["rules.json"]), units_from_bytes(files["units.json"])
    size = {choice: len(json.dumps(choice)) for choice in rules.choices}
    slices = plain.get("slices.jsonl", "")
    given = {choice: slices.count(f'"grade":{json.dumps(choice, ensure_ascii=False)},') for choice in rules.choices}
    room = sum((max(size.values()) - size[choice]) * number for choice, number in given.items())
    data = json.dumps(plain).encode()
    figures = len(data) - len(json.dumps(slices))
    most = FIGURES_BYTES * len(units) * len(rules.dimensions)
    return data.ljust(len(data) + room + -figures % most)


def unlock(
    private: ec.EllipticCurvePrivateKey, meeting: str, locked: bytes, sealed: Mapping[str, Json]
) -> dict[str, bytes]:
    """The files again; `sealed`: the manifest's hashes. Raises Malformed for another key, and files never sealed."""
    try:
        found = json.loads(SUITE.decrypt(locked, private, info=_info(meeting)))
    except (InvalidTag, ValueError) as error:
        raise Malformed("does not open with this key") from error
    files = {name: text.encode() for name, text in found.items()}
    for name, data in files.items():
        if name not in LOCKED_FILES or digest(data) != sealed.get(name):
            raise Malformed(f"{name} is not what was sealed")
    return files
