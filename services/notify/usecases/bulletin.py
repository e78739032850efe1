"""The bulletin (N7): filled by events, added to by the office, corrected and withdrawn in the open."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from services.notify.domain.bulletin import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Item,
    checked_text,
    is_item,
    item_id,
)
from services.notify.store import bulletin
from services.notify.usecases.bulletin_posts import post_of
from services.notify.usecases.desk import Desk
from shared.contracts import Event
from shared.contracts.circulars import BulletinEntered
from shared.errors import Refusal
from shared.identity import Actor
from shared.scrub import scrub
from shared.store import Tx


@dataclass(frozen=True, slots=True)
class Words:
    """A title and a text, Chinese and, if there is one, English."""

    title: str
    text: str
    title_en: str = ""
    text_en: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of items, and the last one's place if there are more."""

    items: tuple[Item, ...]
    next: str | None


def post(desk: Desk, tx: Tx, event: Event[Any]) -> None:
    """Enter what an event says, once, under the time at which it occurred."""
    made = post_of(desk.programme, event)
    if made is not None:
        bulletin.add(tx.session, made, event.time)


def announce(desk: Desk, tx: Tx, words: Words) -> Item:
    """The office's own announcement. Raises Refusal (422)."""
    said = checked(words)
    about = f"announcement {tx.now.isoformat()} {said.title}"
    return enter(desk, tx, BulletinEntered(about=about, kind="announcement", what="announced", by="", **texts(said)))


def correct(desk: Desk, tx: Tx, item: str, entry: str, words: Words, reason: str, *, hidden: bool) -> Item:
    """Put a correction beside an entry; what it said stays, struck through, unless it is `hidden` because it named
    somebody. Raises Refusal (404, 409 withdrawn, 422)."""
    found = shown(desk, tx.session, item)
    found.must_stand()
    said = checked(words, title_needed=False)
    made = BulletinEntered(
        about=found.about, kind=_kind(found), what="corrected", corrects=found.entry(entry).key, hidden=hidden,
        reason=_reason(reason), by="", **texts(said),
    )  # fmt: skip
    return enter(desk, tx, made)


def withdraw(desk: Desk, tx: Tx, item: str, reason: str) -> Item:
    """Take an item from the bulletin: a stub with the reason stays under its address. Raises Refusal."""
    found = shown(desk, tx.session, item)
    found.must_stand()
    made = BulletinEntered(about=found.about, kind=_kind(found), what="withdrawn", reason=_reason(reason), by="")
    return enter(desk, tx, made)


def enter(desk: Desk, tx: Tx, made: BulletinEntered) -> Item:
    """Publish what somebody of the office enters, and show it at once; the event finds it there when it comes back."""
    actor = tx.actor
    if actor is None:
        raise AssertionError("nobody enters something on the bulletin")
    made = made.model_copy(update={"by": actor.role})
    key = item_id(made.about)
    tx.publish(made, subject=key)
    event = Event[BulletinEntered](id="here", source=tx.source, type=made.TYPE, time=tx.now, data=made)
    entry = post_of(desk.programme, event)
    if entry is None:
        raise AssertionError("what the office enters is always shown")
    bulletin.add(tx.session, entry, tx.now, actor.sub)
    return shown(desk, tx.session, key)


def shown(desk: Desk, session: Session, item: str) -> Item:
    """An item under its permanent id. Raises Refusal (404)."""
    found = bulletin.one(session, item) if is_item(item) else None
    if found is None or found.kind not in desk.programme.bulletin.kinds:
        raise Refusal("item", item, "there is nothing under this address", "see /bulletin", 404)
    return found


def listed(desk: Desk, session: Session, *, kind: str, unit: str, cursor: str, limit: int) -> Listed:
    """A page of the bulletin, the latest first. Raises Refusal for a cursor that is none."""
    found = bulletin.page(
        session, kinds=kinds(desk, kind), unit=unit or None, after=_place(cursor) if cursor else None, limit=limit + 1
    )
    last = found[limit - 1] if len(found) > limit else None
    return Listed(tuple(found[:limit]), f"{last.published_at.timestamp():.6f}~{last.id}" if last else None)


def newest(desk: Desk, session: Session, *, kind: str, unit: str) -> tuple[Item, ...]:
    """What the feed tells, the latest news first."""
    most = desk.programme.bulletin.feed
    return tuple(bulletin.latest(session, kinds=kinds(desk, kind), unit=unit or None, limit=most))


def kinds(desk: Desk, kind: str) -> tuple[str, ...]:
    """The kinds that were asked for, of those that the programme publishes."""
    public = desk.programme.bulletin.kinds
    return tuple(one for one in public if not kind or one == kind)


def checked(words: Words, *, title_needed: bool = True) -> Words:
    """Texts fit to be published: no phone, no ID number, no controls. Raises Refusal (422)."""
    return Words(
        checked_text(scrub(words.title), "title", LONGEST_TITLE, needed=title_needed),
        checked_text(scrub(words.text), "text", LONGEST_TEXT),
        checked_text(scrub(words.title_en), "title_en", LONGEST_TITLE, needed=False),
        checked_text(scrub(words.text_en), "text_en", LONGEST_TEXT, needed=False),
    )


def texts(words: Words) -> dict[str, Any]:
    """As an event carries them."""
    return {"title": words.title, "text": words.text, "title_en": words.title_en, "text_en": words.text_en}


def by_unit(actor: Actor) -> str:
    """The unit for which somebody acts. Raises Refusal (403)."""
    if not actor.unit:
        raise Refusal("unit", None, "the token names no unit", "sign in for a unit", 403)
    return actor.unit


def _kind(item: Item) -> Any:
    return item.kind


def _reason(text: str) -> str:
    return checked_text(scrub(text), "reason", 500)


def _place(cursor: str) -> tuple[Any, str]:
    at, _, item = cursor.partition("~")
    try:
        moment: datetime | None = datetime.fromtimestamp(float(at), UTC)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not is_item(item):
        raise Refusal("cursor", cursor[:80], "is no place in the bulletin", "take `next` of the page before")
    return moment, item
