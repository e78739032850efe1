"""Suggested unit and topic, with confidence and the words that speak for it (I14). A clerk decides, always."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain import topic
from services.intake.domain.suggestion import Guess, Model, What, suggest
from services.intake.models.suggestions import (
    Followed,
    ModelFigures,
    ModelOut,
    Other,
    Suggestion,
    Suggestions,
    SuggestionsPage,
)
from services.intake.rules import Rules
from services.intake.store import learned
from shared.store import Tx

VERSIONS_SHOWN = 5
BOTH: tuple[What, ...] = ("unit", "topic")


def guess_unit(rules: Rules, session: Session, line: store.Complaint) -> Guess | None:
    """The unit that the report itself names, if it is registered; else what past transfers suggest."""
    model = rules.learned.get("unit")
    registered = store.unit_keys(session, [*(model.labels if model else ()), *filter(None, [line.named_unit])])
    found = suggest(model, line.title, line.text, registered) if model else None
    if line.named_unit and line.named_unit in registered:
        others = ((found.key, found.confidence or 0.0), *found.others) if found else ()
        return Guess(
            line.named_unit, None, "named", (line.named_unit,), tuple(o for o in others if o[0] != line.named_unit)
        )
    return found


def guess_topic(rules: Rules, line: store.Complaint) -> Guess | None:
    """What past transfers suggest; before anything is learned, the programme's keywords (I16)."""
    topics = {one.key: one.keywords for one in rules.programme.topics}
    if model := rules.learned.get("topic"):
        return suggest(model, line.title, line.text, topics)
    return topic.suggested(line.title + line.text, topics.items())


def shown(guess: Guess | None) -> Suggestion | None:
    """A guess as the API gives it."""
    if guess is None:
        return None
    return Suggestion(
        key=guess.key,
        confidence=None if guess.confidence is None else round(guess.confidence, 2),
        basis=guess.basis,
        why=list(guess.why),
        others=[Other(key=key, confidence=round(sure, 2)) for key, sure in guess.others],
    )


def listed(rules: Rules, session: Session, after: int, limit: int) -> tuple[SuggestionsPage, int | None]:
    """Suggestions for what waits for a clerk, in order of registration, and the last position of the page."""
    lines = learned.waiting(session, after, limit)
    items = [
        Suggestions(
            number=line.number,
            title=line.title,
            unit=shown(guess_unit(rules, session, line)),
            topic=shown(guess_topic(rules, line)),
        )
        for line in lines
    ]
    return SuggestionsPage(items=items), lines[-1].seq if lines else None


def note_unit(rules: Rules, tx: Tx, line: store.Complaint, chosen: str) -> None:
    """People decided on a unit: what was suggested then stays beside it, so that one can see whether it helps."""
    _note(rules, tx, line, "unit", chosen, lambda: guess_unit(rules, tx.session, line))


def note_topic(rules: Rules, tx: Tx, line: store.Complaint, chosen: str) -> None:
    """People decided on a topic."""
    _note(rules, tx, line, "topic", chosen, lambda: guess_topic(rules, line))


def _note(
    rules: Rules, tx: Tx, line: store.Complaint, what: What, chosen: str, guess: Callable[[], Guess | None]
) -> None:
    if learned.decided_again(tx.session, line.number, what, chosen, tx.now):
        return
    model: Model | None = rules.learned.get(what)
    learned.note(tx.session, line.number, what, guess(), chosen, model.version if model else None, tx.now)


def figures(rules: Rules, session: Session) -> ModelFigures:
    """What is learned, how well it did when it was learned, and how often clerks followed it since."""
    return ModelFigures(
        models={
            what: [
                ModelOut(version=row.version, at=row.at, transfers=row.transfers, figures=row.figures)
                for row in learned.versions(session, what, VERSIONS_SHOWN)
            ]
            for what in BOTH
        },
        decided={what: learned.decided_count(session, what) for what in BOTH},
        learns_from=rules.learn_from,
        followed=[
            Followed(what=what, basis=basis, confidence=band, suggested=count, followed=hits)
            for what, basis, band, count, hits in learned.followed(session)
        ],
    )


def keep(tx: Tx, what: What, transfers: int, said: dict[str, object], weights: bytes, at: datetime) -> int:
    """Keep what was learned, as the next version. Returns its number."""
    before = learned.newest(tx.session, what)
    row = learned.Learned(
        what=what,
        version=before.version + 1 if before else 1,
        at=at,
        transfers=transfers,
        figures=said,
        weights=weights,
    )
    learned.keep(tx.session, row)
    return row.version
