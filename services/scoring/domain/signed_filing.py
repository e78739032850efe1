"""A signed result.json of an office that holds no whole appraisal on Minping: its units and their scores, no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from services.scoring.domain.canon import Json, digest, parse_canonical
from services.scoring.domain.note import Signer, assemble
from services.scoring.domain.parts import PartRule, entered
from services.scoring.domain.points import daily_score
from services.scoring.domain.published import published_bytes, published_note
from services.scoring.domain.result import Numbers, UnitInput, ranking_bytes, rows


@dataclass(frozen=True, slots=True)
class Scored:
    """A unit of a lower office with its composite score, 0–100."""

    unit: str
    name: str
    score: Decimal
    category: str = "department"
    scope: str = "departments"


@dataclass(frozen=True, slots=True)
class SignedResult:
    """result.json and result.json.note."""

    data: bytes
    note: str

    @property
    def sha256(self) -> str:
        """Of the result."""
        return digest(self.data)


def signed_filing(
    *,
    programme: str,
    cycle: str,
    units: Sequence[Scored],
    signer: Signer,
    issued_at: datetime,
    version: int = 1,
    reason: str = "",
) -> SignedResult:
    """A published result as an office signs it: each unit's score is the mark of its one part, `assessment`.

    For an office whose appraisal is not held on Minping, and for one that is played. reason: of a later version.
    """
    rule = PartRule("assessment", "panel")
    numbers = Numbers((("assessment", Decimal(100)),), 30, 3, Decimal(100), Decimal(0), Decimal(5), (rule,))
    about: dict[str, Json] = {"document": f"{programme} {cycle}", "document_sha256": None, "version": version}
    given = [
        UnitInput(
            one.unit, one.name, one.category, one.scope,
            daily_score(one.unit, cycle, (), start=Decimal(100), floor=Decimal(0), most_per_case=Decimal(5)),
            (), None, None, 0, parts={"assessment": entered(rule, {"": one.score}, None, about)},
        )
        for one in units
    ]  # fmt: skip
    kept = cast(dict[str, Json], parse_canonical(ranking_bytes(rows(given, [], numbers), numbers)))
    data = published_bytes(
        {"intervals": None, **kept},
        programme=programme, cycle=cycle, version=version, reason=reason, issued_at=issued_at, key=signer.vkey,
    )  # fmt: skip
    text = published_note(programme, cycle, version, data)
    return SignedResult(data, assemble(text, [signer.sign(text)]))
