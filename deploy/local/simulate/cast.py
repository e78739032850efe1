"""Who takes part in a simulated year: units, their leaders, the office, the pool; invented from programme and seed.

Everything follows from what the programme writes (categories, scopes, groups, strata), so that a new programme has a
cast without a line of code. Names and addresses are invented; the addresses end in `.example` (RFC 2606).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from shared.programme import Programme
from shared.programme.parts import Scope

FIELDS = (
    ("市场监管", "Market Supervision", "market"), ("自然资源", "Land", "land"), ("卫生健康", "Health", "health"),
    ("人社", "Social Security", "social"), ("住建", "Housing", "housing"), ("交通运输", "Transport", "transport"),
    ("教育", "Education", "education"), ("税务", "Tax", "tax"), ("公安", "Police", "police"),
    ("民政", "Civil Affairs", "civil"), ("水务", "Water", "water"), ("农业农村", "Agriculture", "farming"),
    ("城管", "Urban Management", "urban"), ("文旅", "Culture and Tourism", "culture"), ("司法", "Justice", "justice"),
    ("供电", "Power Supply", "power"), ("应急", "Emergency", "emergency"), ("林业", "Forestry", "forestry"),
    ("环保", "Environment", "environment"), ("商务", "Commerce", "commerce"),
)  # fmt: skip
"""A unit's field of work: Chinese, English, key."""

TOWNSHIPS = ("青石镇", "白桥镇")
COUNTIES = ("云山县", "云水县", "云安区", "云平市", "云和县", "云丰县", "云宁区", "云兴市")
SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹潘葛范彭鲁韦苗方俞任袁柳史唐薛雷贺倪汤罗"
GIVEN = (
    "建国",
    "志强",
    "晓红",
    "文静",
    "卫东",
    "丽华",
    "永平",
    "海燕",
    "国栋",
    "春梅",
    "立新",
    "秀英",
    "明远",
    "思源",
    "长青",
)
UNIT_ROLES = (
    ("handler", "承办人"),
    ("main_leader", "主要负责人"),
    ("deputy_in_charge", "分管负责人"),
    ("superior", "上级分管领导"),
)
OFFICE_ROLES = (
    ("leading_group", "领导小组成员", 2), ("office", "评议办工作人员", 1), ("approver", "评议办主任", 1),
    ("discipline", "纪检监察联络员", 1), ("auditor", "审计监督员", 1), ("operator", "系统值班", 1),
    ("supervisor", "政风行风监督员", 2), ("evaluator", "评议员", 2),
)  # fmt: skip
LEAST_RANKED = 3
"""A scope of fewer units has no last one (domain: Ranks)."""


@dataclass(frozen=True, slots=True)
class CastUnit:
    """A unit, and how it is: `standing` 0–1 what people think of it, `diligence` 0–1 how often it is in time."""

    key: str
    name: str
    name_en: str
    category: str
    scope: str
    township: str | None
    parent: str | None
    group: str | None
    key_unit: bool
    standing: float
    diligence: float

    def registered(self) -> dict[str, object]:
        """As scoring registers it."""
        return {
            "unit": self.key, "name": self.name, "name_en": self.name_en, "category": self.category,
            "scope": self.scope, "township": self.township, "parent": self.parent, "group": self.group,
            "key_unit": self.key_unit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder of an office: a row of the directory."""

    unit: str
    role: str
    person: str
    name: str
    title: str
    email: str


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A member of the pool."""

    id: str
    name: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them. `worst` is the unit of the first scope that people think least of, year after year."""

    units: tuple[CastUnit, ...]
    holders: tuple[Holder, ...]
    pool: tuple[Evaluator, ...]
    worst: str

    def unit(self, key: str) -> CastUnit:
        """A unit by key."""
        return next(one for one in self.units if one.key == key)

    def holder(self, unit: str, role: str) -> Holder:
        """The first holder of a role in a unit (or `office`)."""
        return next(one for one in self.holders if (one.unit, one.role) == (unit, role))


def cast(programme: Programme, seed: int) -> Cast:
    """The cast of a programme: the same for the same programme and seed."""
    chance = Random(f"{seed} cast")
    units = tuple(_units(programme, chance))
    holders = tuple(_holders(units, chance))
    members = tuple(_pool(programme, chance))
    worst = min(
        (one for one in units if one.scope == units[0].scope and not one.key_unit), key=lambda one: one.standing
    )
    return Cast(units, holders, members, worst.key)


def _units(programme: Programme, chance: Random) -> Iterator[CastUnit]:
    """Enough units in every concrete scope for a ranking with a last one; the first of the first scope is the worst."""
    fields = iter(list(FIELDS) * 9)
    named: dict[str, int] = {}
    bureaus: list[str] = []
    first = True
    for scope in programme.scopes:
        for place in _places(programme, scope):
            for category in _categories(scope):
                zh, en, key = next(fields)
                named[key] = named.get(key, 0) + 1
                unit = f"{key}-{named[key]}"
                parent = bureaus[len(named) % len(bureaus)] if bureaus and _is_section(category) else None
                township = place if scope.each == "township" else None
                group = place if scope.each == "group" else _group_of(programme, scope, category)
                name = _name(zh, category, township, named[key])
                standing = 0.1 if first else chance.uniform(0.72, 0.95)
                diligence = 0.35 if first else chance.uniform(0.75, 0.97)
                name_en = _name_en(en, category, township, named[key])
                yield CastUnit(
                    unit, name, name_en, category, scope.key, township, parent, group, scope.key_units,
                    standing, diligence,
                )  # fmt: skip
                first = False
                if not _is_section(category):
                    bureaus.append(unit)


def _is_section(category: str) -> bool:
    return category in ("section", "post", "division")


def _places(programme: Programme, scope: Scope) -> tuple[str | None, ...]:
    if scope.each == "township":
        return TOWNSHIPS
    if scope.each == "group":
        return tuple(group.key for group in programme.groups)
    return (None,)


def _categories(scope: Scope) -> list[str]:
    """The scope's categories, again and again until a ranking of it has a last one."""
    rounds = -(-(LEAST_RANKED + 1) // len(scope.categories))
    return [category for _ in range(rounds) for category in scope.categories]


def _group_of(programme: Programme, scope: Scope, category: str) -> str | None:
    """The group that bears the scope's or the category's name, else the first one without such a namesake."""
    if not programme.groups:
        return None
    keys = [group.key for group in programme.groups]
    for wish in (scope.key, category):
        for key in keys:
            if key.split("-")[0] == wish.split("-")[0]:
                return key
    return keys[0]


def _name(field: str, category: str, township: str | None, number: int) -> str:
    if township:
        return f"{township}{field}所" if number == 1 else f"{township}{field}{number}所"
    if "window" in category:
        return f"审批中心{field}窗口" if number == 1 else f"审批中心{field}{number}号窗口"
    if "county" in category or "city" in category:
        return (
            f"{COUNTIES[(number * 3 + len(field)) % len(COUNTIES)]}{field}局"
            if number > 1
            else f"{COUNTIES[len(field)]}{field}局"
        )
    kind = "科" if _is_section(category) else "局"
    return f"{field}{kind}" if number == 1 else f"{field}{number}{kind}"


def _name_en(field: str, category: str, township: str | None, number: int) -> str:
    kind = "Window" if "window" in category else "Section" if _is_section(category) else "Bureau"
    name = f"{field} {'Station' if township else kind}"
    return name if number == 1 else f"{name} {number}"


def _person(chance: Random) -> str:
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def _holders(units: tuple[CastUnit, ...], chance: Random) -> Iterator[Holder]:
    for unit in units:
        for role, title in UNIT_ROLES:
            person = f"{unit.key}-{role.replace('_', '-')}"
            yield Holder(unit.key, role, person, _person(chance), title, f"{role}@{unit.key}.yunxi.example")
    for role, title, number in OFFICE_ROLES:
        for one in range(1, number + 1):
            person = f"{role.replace('_', '-')}-{one}"
            yield Holder("office", role, person, _person(chance), title, f"{person}@yunxi.example")


def _pool(programme: Programme, chance: Random) -> Iterator[Evaluator]:
    """As many members as the pool's upper bound, split by the strata's shares, the remainder to the first."""
    pool = programme.pool
    counts = {one.key: int(pool.most * one.share) for one in pool.strata}
    counts[pool.strata[0].key] += pool.most - sum(counts.values())
    number = 0
    for stratum, count in counts.items():
        for _ in range(count):
            number += 1
            yield Evaluator(f"E{number:03d}", _person(chance), stratum)
