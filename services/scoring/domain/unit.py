"""Units to be appraised (S1), checked against the programme."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.errors import Refusal
from shared.programme.parts import Scope
from shared.programme.schema import Programme

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit. `scope` is the concrete set it is ranked in, such as `township:清河镇` or `approval-centre`."""

    key: str
    name: str
    category: str
    scope: str
    name_en: str = ""
    township: str | None = None
    parent: str | None = None


def register(
    programme: Programme,
    *,
    key: str,
    name: str,
    category: str,
    scope: str | None = None,
    name_en: str = "",
    township: str | None = None,
    parent: str | None = None,
) -> Unit:
    """A unit as the programme allows it; raises Refusal naming the field.

    Without `scope` it is the only scope of the category that the unit's township fits.
    """
    if not _KEY.fullmatch(key):
        raise Refusal("unit", key, "no key: letters, digits, - and _, at most 48", "choose another key")
    if not name.strip():
        raise Refusal("name", name, "empty", "give the unit's name")
    programme.category(category)
    rule = programme.scope(scope) if scope else _only_scope(programme, category, township)
    if category not in rule.categories:
        remedy = f"scope {rule.key} ranks: {', '.join(rule.categories)}"
        raise Refusal("scope", rule.key, f"does not rank category {category}", remedy)
    concrete = programme.scope_of(rule.key, township)
    return Unit(key, name.strip(), category, concrete, name_en.strip(), township, parent)


def _only_scope(programme: Programme, category: str, township: str | None) -> Scope:
    fitting = [s for s in programme.scopes if category in s.categories and bool(township) == bool(s.each)]
    if len(fitting) != 1:
        known = ", ".join(s.key for s in programme.scopes)
        raise Refusal("scope", None, f"category {category} has no single scope", f"name one of: {known}")
    return fitting[0]


def check_parents(units: Iterable[Unit], known: Mapping[str, str | None]) -> None:
    """Nobody is his own ancestor. `known`: units registered before and their parents. Raises Refusal.

    A parent need not be appraised itself: the competent department often is not.
    """
    parents = dict(known)
    parents.update((u.key, u.parent) for u in units)
    for key in parents:
        seen = {key}
        step = parents[key]
        while step is not None:
            if step in seen:
                raise Refusal(f"units.{key}.parent", step, "the parents form a circle", "correct the parent")
            seen.add(step)
            step = parents.get(step)
