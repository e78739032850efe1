"""Two boxes of cards, where a programme weighs ordinary people and the others instead of counting them alike (S5, S7).

Who is of which class is known by the stratum; which card somebody took out of the box nobody knows, as with one box.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlmodel import Session

from services.scoring.store import meetings as store
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import drawn_of
from shared.errors import Refusal

ONE = "all"


def class_of(desk: Desk, stratum: str) -> str:
    """The class of card that somebody of a stratum takes."""
    ordinary = stratum in desk.programme.pool.ordinary
    return next((c.key for c in desk.programme.meeting.card_classes if c.ordinary == ordinary), ONE)


def label_of(desk: Desk, stratum: str) -> str | None:
    """What stands on the box for a stratum; None where there is one box."""
    ordinary = stratum in desk.programme.pool.ordinary
    return next((c.label.zh for c in desk.programme.meeting.card_classes if c.ordinary == ordinary), None)


def listed(
    desk: Desk, session: Session, name: str, cards: Sequence[str], classes: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(hash, class) of the cards that tellers bring: enough in every box. Raises Refusal."""
    known = {c.key for c in desk.programme.meeting.card_classes} or {ONE}
    if bool(classes) != (known != {ONE}) or (classes and cards):
        remedy = f"print them with --class for {', '.join(sorted(known))}" if known != {ONE} else "print one class"
        raise Refusal("cards", len(cards) or len(classes), "are not of this programme's classes", remedy)
    if strange := sorted(set(classes.values()) - known):
        raise Refusal("classes", strange, "no such class of card", f"use {', '.join(sorted(known))}")
    found = list(classes.items()) or [(card, ONE) for card in cards]
    have = Counter(card_class for _, card_class in found)
    needed = Counter(class_of(desk, s.stratum) for s in drawn_of(session, name).strata for _ in s.seated)
    for card_class, seats in sorted(needed.items()):
        if have[card_class] < seats:
            where = "cards" if card_class == ONE else f"cards.{card_class}"
            raise Refusal(where, have[card_class], f"{seats} representatives are drawn", "print more cards")
    return found


def check_returned(desk: Desk, session: Session, name: str) -> None:
    """No class has more ballots than people on the roll: a card of the other box was taken. Raises Refusal (409)."""
    if not desk.programme.meeting.card_classes:
        return
    people = Counter[str]()
    for stratum, number in store.present_by_stratum(session, name).items():
        people[class_of(desk, stratum)] += number
    returned = Counter(card_class for _, card_class, _ in store.ballots(session, name))
    for card_class, number in sorted(returned.items()):
        if number > people[card_class]:
            says = f"{number} ballots, {people[card_class]} people of this class are on the roll"
            raise Refusal(f"classes.{card_class}", number, says, "the vote is void: hold it again", 409)
