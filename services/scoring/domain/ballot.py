"""The ballot (S5, protocol B): its form, its encryption to the meeting's key, and what makes one void.

HPKE (RFC 9180), base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Meeting and card are bound in `info`,
so a ciphertext opens only under the card it was cast with. All ballots of a meeting have the same length.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.scoring.domain.canon import Json, Malformed, canonical, parse_canonical
from services.scoring.domain.rules import Rules, UnitEntry, check_key
from shared.errors import Refusal

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_BALLOT = b"minping.ballot.v1"
_STEP = 256
POINT_BYTES, TAG_BYTES = 65, 16
Marks = Mapping[str, Mapping[str, str]]
"""unit → dimension → grade or the abstention, by keys."""


def public_bytes(public: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point, 65 bytes: what `@hpke/core` imports as a raw key."""
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_text(public: ec.EllipticCurvePublicKey) -> str:
    """The public key as base64url without padding."""
    return base64.urlsafe_b64encode(public_bytes(public)).decode().rstrip("=")


def public_from_text(value: str) -> ec.EllipticCurvePublicKey:
    """Read `public_text`; raises Malformed."""
    try:
        data = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
    except (ValueError, binascii.Error) as error:
        raise Malformed(f"is no P-256 public key: {error}") from error


@dataclass(frozen=True)
class BallotForm:
    """What a ballot of a meeting holds: every unit, in each every dimension, one of the choices."""

    meeting: str
    units: tuple[str, ...]
    dimensions: tuple[str, ...]
    choices: tuple[str, ...]
    abstain: str

    @cached_property
    def size(self) -> int:
        """Bytes of every ballot before encryption: the longest one, rounded up to 256."""
        longest = max(self.choices, key=lambda c: len(c.encode()))
        full = {u: dict.fromkeys(self.dimensions, longest) for u in self.units}
        return -(-len(canonical({"meeting": self.meeting, "marks": full})) // _STEP) * _STEP

    @property
    def sealed_size(self) -> int:
        """Bytes of every encrypted ballot."""
        return POINT_BYTES + self.size + TAG_BYTES

    def to_json(self) -> Json:
        """What a terminal needs to show the ballot and to pad it."""
        return {
            "meeting": self.meeting,
            "units": list(self.units),
            "dimensions": list(self.dimensions),
            "choices": list(self.choices),
            "abstain": self.abstain,
            "size": self.size,
        }


def ballot_form(meeting: str, rules: Rules, units: tuple[UnitEntry, ...]) -> BallotForm:
    """The form of a meeting's ballot."""
    return BallotForm(
        check_key(meeting, "meeting"),
        tuple(u.id for u in units),
        tuple(d.key for d in rules.dimensions),
        rules.choices,
        rules.abstain,
    )


@dataclass(frozen=True, slots=True)
class Ballot:
    """A valid ballot, opened. `rows[i][j]`: choice for unit i in dimension j of the form. repr shows nothing."""

    card_class: str = field(repr=False)
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    token_hash: str | None = field(default=None, repr=False)

    def marks(self, form: BallotForm) -> dict[str, dict[str, str]]:
        """The ballot by keys, every unit and dimension in it."""
        return {
            unit: dict(zip(form.dimensions, row, strict=True)) for unit, row in zip(form.units, self.rows, strict=True)
        }


@dataclass(frozen=True, slots=True)
class Void:
    """A ballot that does not count, and why (one of VOID_REASONS)."""

    token_hash: str
    reason: str


VOID_REASONS = {
    "wrong_size": "has another length than every ballot of the meeting",
    "unreadable": "does not open with the meeting's key and this card",
    "not_canonical": "is no canonical JSON of the ballot's form",
    "other_meeting": "is for another meeting",
    "unknown_unit": "names a unit that is not on the ballot",
    "unknown_dimension": "names a dimension that is not on the ballot",
    "unknown_grade": "holds a grade that is not on the ballot",
    "spoiled": "is a paper that two people found spoiled",
}


def _info(meeting: str, token_hash: str) -> bytes:
    return b"\x1f".join((_BALLOT, meeting.encode(), token_hash.encode()))


def encode_ballot(form: BallotForm, marks: Marks) -> bytes:
    """The ballot before encryption: canonical JSON, padded with spaces to the meeting's size."""
    data = canonical({"meeting": form.meeting, "marks": marks})
    if len(data) > form.size:
        raise Refusal("marks", len(data), f"a ballot has at most {form.size} bytes", "use the ballot's keys only")
    return data.ljust(form.size)


def seal_ballot(public: ec.EllipticCurvePublicKey, form: BallotForm, token_hash: str, marks: Marks) -> bytes:
    """Encrypt a ballot as a terminal does: 65 bytes of key ‖ ciphertext. Each call gives other bytes."""
    return SUITE.encrypt(encode_ballot(form, marks), public, info=_info(form.meeting, token_hash))


def seal_spoiled(public: ec.EllipticCurvePublicKey, form: BallotForm, token_hash: str) -> bytes:
    """A paper that two people found spoiled (S16), as long as every ballot; it is counted as void."""
    data = canonical({"meeting": form.meeting, "spoiled": True}).ljust(form.size)
    return SUITE.encrypt(data, public, info=_info(form.meeting, token_hash))


def read_marks(form: BallotForm, data: bytes) -> tuple[tuple[str, ...], ...] | str:
    """Rows of a decrypted ballot, or the reason why it is void. What is not marked counts as the abstention."""
    try:
        value = parse_canonical(data.rstrip(b" "))
    except Malformed:
        return "not_canonical"
    if not isinstance(value, Mapping) or value.keys() not in ({"meeting", "marks"}, {"meeting", "spoiled"}):
        return "not_canonical"
    if value["meeting"] != form.meeting:
        return "other_meeting"
    if "spoiled" in value:
        return "spoiled" if value["spoiled"] is True else "not_canonical"
    return _rows(form, value["marks"])


def _rows(form: BallotForm, marks: Json) -> tuple[tuple[str, ...], ...] | str:
    if not isinstance(marks, Mapping):
        return "not_canonical"
    units, dimensions, choices = set(form.units), set(form.dimensions), set(form.choices)
    if not marks.keys() <= units:
        return "unknown_unit"
    for row in marks.values():
        if not isinstance(row, Mapping):
            return "not_canonical"
        if not row.keys() <= dimensions:
            return "unknown_dimension"
        if not all(isinstance(grade, str) and grade in choices for grade in row.values()):
            return "unknown_grade"
    rows = []
    for unit in form.units:
        row = marks.get(unit, {})
        assert isinstance(row, Mapping)  # checked above
        rows.append(tuple(str(row.get(d, form.abstain)) for d in form.dimensions))
    return tuple(rows)


def check_marks(form: BallotForm, marks: Marks) -> tuple[tuple[str, ...], ...]:
    """Rows of marks typed in by people; raises Refusal where `open_ballot` would find the ballot void."""
    rows = _rows(form, marks)
    if isinstance(rows, str):
        place = ".".join(("marks", *_unknown(form, marks)))
        raise Refusal(place, rows, VOID_REASONS[rows], "use the ballot's units, dimensions and grades")
    return rows


def _unknown(form: BallotForm, marks: Marks) -> tuple[str, ...]:
    """The first unit, or unit and dimension, that is not on the ballot or has another grade."""
    for unit, row in marks.items():
        if unit not in form.units:
            return (unit,)
        for dimension, grade in row.items():
            if dimension not in form.dimensions or grade not in form.choices:
                return (unit, dimension)
    return ()


def open_ballot(
    private: ec.EllipticCurvePrivateKey, form: BallotForm, token_hash: str, ciphertext: bytes, card_class: str = "all"
) -> Ballot | Void:
    """Decrypt and check one ballot. Never raises for what a terminal may have sent."""
    if len(ciphertext) != form.sealed_size:
        return Void(token_hash, "wrong_size")
    try:
        data = SUITE.decrypt(ciphertext, private, info=_info(form.meeting, token_hash))
    except (InvalidTag, ValueError):  # a point that is not on the curve is a ValueError
        return Void(token_hash, "unreadable")
    rows = read_marks(form, data)
    return Void(token_hash, rows) if isinstance(rows, str) else Ballot(card_class, rows, token_hash)


@dataclass(frozen=True, slots=True)
class Opened:
    """All ballots of a meeting, opened in memory."""

    valid: tuple[Ballot, ...]
    void: tuple[Void, ...]

    @property
    def void_reasons(self) -> dict[str, int]:
        """How many are void for which reason."""
        found: dict[str, int] = {}
        for void in self.void:
            found[void.reason] = found.get(void.reason, 0) + 1
        return dict(sorted(found.items()))


def open_all(
    private: ec.EllipticCurvePrivateKey, form: BallotForm, cast_ballots: Iterable[tuple[str, str, bytes]]
) -> Opened:
    """Open every ballot of (token hash, class of card, ciphertext); raises Malformed for a card that stands twice."""
    valid: list[Ballot] = []
    void: list[Void] = []
    seen: set[str] = set()
    for token_hash, card_class, ciphertext in cast_ballots:
        if token_hash in seen:
            raise Malformed(f"card {token_hash[:8]}… stands twice among the ballots")
        seen.add(token_hash)
        opened = open_ballot(private, form, token_hash, ciphertext, card_class)
        if isinstance(opened, Void):
            void.append(opened)
        else:
            valid.append(opened)
    return Opened(tuple(valid), tuple(void))
