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
    """A unit. `scope` is the concrete set it is ranked in, such as `township:清河镇` or `approval-centre`.

    `parent`: its competent department. `key_unit`: appraised with more scrutiny, ranked once, among the key units.
    """

    key: str
    name: str
    category: str
    scope: str
    name_en: str = ""
    township: str | None = None
    parent: str | None = None
    group: str | None = None
    key_unit: bool = False


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
    group: str | None = None,
    key_unit: bool = False,
) -> Unit:
    """A unit as the programme allows it; raises Refusal naming the field.

    Without `scope` it is the only scope of the category that the unit's township or group fits; a key unit's is a
    scope of key units.
    """
    if not _KEY.fullmatch(key):
        raise Refusal("unit", key, "no key: letters, digits, - and _, at most 48", "choose another key")
    if not name.strip():
        raise Refusal("name", name, "empty", "give the unit's name")
    programme.category(category)
    if group is not None:
        programme.group(group)
    rule = programme.scope(scope) if scope else _only_scope(programme, category, township, group, key_unit=key_unit)
    if rule.key_units is not key_unit:
        ranks = "key units only" if rule.key_units else "no key units: they are ranked once, in a scope of their own"
        remedy = "choose another scope; one of the programme's with `key_units: true` ranks key units"
        raise Refusal("key_unit", key_unit, f"scope {rule.key} ranks {ranks}", remedy)
    if category not in rule.categories:
        remedy = f"scope {rule.key} ranks: {', '.join(rule.categories)}"
        raise Refusal("scope", rule.key, f"does not rank category {category}", remedy)
    concrete = programme.scope_of(rule.key, township, group)
    return Unit(key, name.strip(), category, concrete, name_en.strip(), township, parent, group, key_unit)


def _only_scope(
    programme: Programme, category: str, township: str | None, group: str | None, *, key_unit: bool
) -> Scope:
    named = {"township": township, "group": group}
    of_category = [s for s in programme.scopes if category in s.categories and s.key_units is key_unit]
    fitting = [s for s in of_category if s.each and named[s.each]]
    fitting = fitting or [s for s in of_category if not s.each and (key_unit or not township)]
    if len(fitting) != 1:
        known = ", ".join(s.key for s in programme.scopes)
        which = f"category {category} of key units" if key_unit else f"category {category}"
        raise Refusal("scope", None, f"{which} has no single scope", f"name one of: {known}")
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
