"""What a page of the bulletin needs besides its items: the names of units."""

from collections.abc import Iterable

from sqlmodel import Session

from services.notify.domain.bulletin import Item
from services.notify.store import bulletin
from services.notify.store import directory as people
from shared.language import Language


def names_for(session: Session, items: Iterable[Item]) -> dict[str, dict[str, str]]:
    """Names of all units that these items are about."""
    return people.names(session, {unit for item in items for unit in item.units})


def units_shown(session: Session, language: Language) -> list[tuple[str, str]]:
    """Units that some item is about, with their names, by name."""
    keys = bulletin.units(session)
    names = people.names(session, keys)
    return sorted(((key, names.get(key, {}).get(language, key)) for key in keys), key=lambda pair: pair[1])
