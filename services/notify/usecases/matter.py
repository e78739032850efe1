"""What is told, as far as letters go."""

from dataclasses import dataclass, field
from typing import Any

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Matter:
    """What is told. `key` names the fact itself, so that the same fact in a second event tells nobody twice.

    units: whose roles are told, each with facts of its own; the first is the one that the matter is about.
    everyone: all registered units are told. roles: those that the event itself names (R4).
    office_facts: only for roles of the appraisal office. about: the one unit it is about, if there is one. quiet: of
    this one nobody is told.
    """

    key: str
    facts: Facts
    units: tuple[tuple[str, Facts], ...] = ()
    case: str | None = None
    everyone: bool = False
    roles: tuple[str, ...] = ()
    office_facts: Facts = field(default_factory=dict)
    about: str | None = None
    quiet: bool = False
