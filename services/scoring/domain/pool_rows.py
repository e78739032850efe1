"""A pool's list as the office keeps it, row by row (S2): which column holds what, and every row taken or refused.

Two stages. In the office, `raw_rows` reads the table: names become salted hashes there and ages become bands. Then
`take_rows`, in the service or offline, holds each row against the programme and the registered units. No row is lost:
each is taken, or refused with its number, field and reason.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.scoring.domain.canon import Malformed
from services.scoring.domain.pool import Candidate, PoolProblem, check_townships
from services.scoring.domain.rules import check_key
from shared.errors import Refusal
from shared.programme.schema import Programme
from shared.scrub import scrub

EMPLOYED, RELATED, DECLARED = "employed", "related", "declared"
KINDS = (EMPLOYED, RELATED, DECLARED)
"""Of a conflict of interest: employed by the unit, related to it, or declared without saying which."""

_HEADERS = {
    "id": "登记号 登记编号 评议员编号 编号 证号 id registration_id",
    "stratum": "身份类别 代表类别 类别 身份 stratum",
    "township": "乡镇 乡镇街道 街道 所属乡镇 township",
    "name": "姓名 name",
    EMPLOYED: "任职被评单位 任职单位 employed_by employed",
    RELATED: "亲属任职单位 关系单位 related_to related",
    DECLARED: "利害关系单位 回避单位 conflicts declared",
    "attribute:gender": "性别 gender sex",
    "attribute:age": "年龄 年龄段 age age_group",
    "attribute:village": "村 社区 村社区 行政村 village",
}
REQUIRED = ("id", "stratum")
_AGE_BANDS = ((18, 34), (35, 49), (50, 64))
_ATTRIBUTE = re.compile(r"attribute:[A-Za-z0-9_\u4e00-\u9fff]{1,32}")
_SEPARATORS = re.compile(r"\s*[、,，;；|\n]\s*")
LONGEST = 64


@dataclass(frozen=True, slots=True)
class RawMember:
    """A row as the office's table has it, without its name. `conflicts`: (kind, unit's key or name)."""

    row: int
    id: str
    stratum: str
    township: str | None = None
    name_hash: str | None = None
    conflicts: tuple[tuple[str, str], ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: number, field, what stands there, why, what to do."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Member:
    """A row that is taken, with the kinds of its conflicts: unit → kind."""

    row: int
    candidate: Candidate
    kinds: Mapping[str, str]


def columns(header: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Field → position. given: column → field, from the command line. Raises Refusal for what is missing or unknown."""
    names = [name.strip().casefold() for name in header]
    found: dict[str, int] = {}
    for column, target in given.items():
        if target not in _HEADERS and not _ATTRIBUTE.fullmatch(target):
            known = ", ".join((*_HEADERS, "attribute:NAME"))
            raise Refusal("--map", f"{column}={target}", "no such field", f"use one of: {known}")
        if column.strip().casefold() not in names:
            raise Refusal("--map", column, "the file has no such column", f"it has: {', '.join(header)}")
        found[target] = names.index(column.strip().casefold())
    for target, known in _HEADERS.items():
        at = next((names.index(n) for n in known.split() if n in names and names.index(n) not in found.values()), None)
        if target not in found and at is not None:
            found[target] = at
    for name in REQUIRED:
        if name not in found:
            reason, remedy = f"no column holds the {name}", f"say which one does: --map COLUMN={name}"
            raise Refusal("header", ", ".join(header), reason, remedy)
    return found


def raw_rows(
    rows: Iterable[tuple[int, Sequence[str]]], at: Mapping[str, int], hash_name: Callable[[str, str], str] | None
) -> list[RawMember]:
    """Rows of the office's table (number, cells). hash_name(id, name): None where names are not asked for at all."""

    def one(number: int, cells: Sequence[str]) -> RawMember:
        said = {name: cells[place].strip() if place < len(cells) else "" for name, place in at.items()}
        name = said.get("name", "")
        return RawMember(
            row=number,
            id=said["id"],
            stratum=said["stratum"],
            township=said.get("township") if "township" in at else None,
            name_hash=hash_name(said["id"], name) if hash_name and name and said["id"] else None,
            conflicts=tuple((kind, unit) for kind in KINDS for unit in _SEPARATORS.split(said.get(kind, "")) if unit),
            attributes={
                key.partition(":")[2]: _band(value) if key == "attribute:age" else value
                for key, value in said.items()
                if key.startswith("attribute:") and value
            },
        )

    return [one(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]


def _band(age: str) -> str:
    """An age as its band: nobody's exact age is needed for a quota. What is no number is a band already."""
    if not age.isdigit():
        return age
    years = int(age)
    if years < _AGE_BANDS[0][0]:
        return f"under-{_AGE_BANDS[0][0]}"
    return next((f"{low}-{high}" for low, high in _AGE_BANDS if years <= high), f"{_AGE_BANDS[-1][1] + 1}+")


def take_rows(
    rows: Sequence[RawMember], strata: Mapping[str, str], units: Mapping[str, str] | None
) -> tuple[list[Member], list[Refused]]:
    """Every row taken or refused. strata: key or label → key. units: key or name → key; None: not known, keys as given.

    Of two rows with one registration id the first is taken.
    """
    taken: list[Member] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    for row in rows:
        found = _take(row, strata, units, seen)
        if isinstance(found, Refused):
            refused.append(found)
        else:
            seen[row.id] = row.row
            taken.append(found)
    return taken, refused


def check_registration_id(value: str) -> str:
    """An id that may be published: the office's own number. Raises Refusal; an identity number is not shown again."""
    hidden = scrub(value)
    if hidden != value:
        remedy = "registration ids are published: give everybody a number of the office's own"
        raise Refusal("id", hidden, "is an identity card's or telephone number", remedy)
    try:
        return check_key(value, "id")
    except Malformed as error:
        raise Refusal("id", value, "is no registration id", "letters, digits and . _ : -, at most 64") from error


def _take(
    row: RawMember, strata: Mapping[str, str], units: Mapping[str, str] | None, seen: Mapping[str, int]
) -> Member | Refused:
    def no(name: str, value: str, reason: str, remedy: str) -> Refused:
        return Refused(row.row, name, value[:LONGEST], reason, remedy)

    if not row.id:
        return no("id", "", "no registration id", "give everybody one")
    try:
        check_registration_id(row.id)
    except Refusal as refusal:
        return no("id", str(refusal.value), refusal.reason, refusal.remedy)
    if row.id in seen:
        return no("id", row.id, f"was registered in row {seen[row.id]} already", "take one of the rows out")
    if row.stratum not in strata:
        return no("stratum", row.stratum, "no such stratum", f"one of: {', '.join(sorted(set(strata.values())))}")
    if row.township is not None and not 0 < len(row.township) <= LONGEST:
        return no("township", row.township, "no township, though the list has them", "fill it in")
    if row.name_hash is not None and not re.fullmatch("[0-9a-f]{64}", row.name_hash):
        return no("name_hash", row.name_hash, "is no SHA-256 in hex", "let `minping draw pool import` make it")
    for key, value in row.attributes.items():
        if not _ATTRIBUTE.fullmatch(f"attribute:{key}") or not 0 < len(value) <= LONGEST:
            return no(f"attribute:{key}", value, "is no attribute with a value of 1 to 64 characters", "correct it")
    kinds: dict[str, str] = {}
    for kind, unit in row.conflicts:
        if kind not in KINDS:
            return no("conflicts", kind, "no such kind of conflict", f"one of: {', '.join(KINDS)}")
        if units is not None and unit not in units:
            return no(kind, unit, "no such unit is registered", "use the key or the exact name of a registered unit")
        kinds[units[unit] if units is not None else unit] = kind
    candidate = Candidate(
        row.id, strata[row.stratum], row.name_hash, frozenset(kinds), row.township, dict(row.attributes)
    )
    return Member(row.row, candidate, kinds)


def strata_of(programme: Programme) -> dict[str, str]:
    """Key, Chinese or English label → key of the strata."""
    return {said: s.key for s in programme.pool.strata for said in (s.label.zh, s.label.en, s.key) if said}


def problems_of(programme: Programme, members: Sequence[Candidate]) -> tuple[PoolProblem, ...]:
    """What is wrong with a pool by the programme's sizes and shares, township by township."""
    rule = programme.pool
    return check_townships(
        members, least=rule.least, most=rule.most, shares={s.key: s.share for s in rule.strata},
        ordinary=rule.ordinary,
    )  # fmt: skip


def by_township(taken: Sequence[Member]) -> dict[str, dict[str, int]]:
    """Township (empty: the list names none) → stratum → people."""
    found: dict[str, dict[str, int]] = {}
    for member in taken:
        strata = found.setdefault(member.candidate.township or "", {})
        strata[member.candidate.stratum] = strata.get(member.candidate.stratum, 0) + 1
    return {township: dict(sorted(strata.items())) for township, strata in sorted(found.items())}
