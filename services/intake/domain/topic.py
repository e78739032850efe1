"""A topic suggested by the programme's keywords (I14, I16), before anything is learned; a clerk decides."""

from collections.abc import Iterable

from services.intake.domain.suggestion import OTHERS, Guess


def suggested(text: str, keywords: Iterable[tuple[str, tuple[str, ...]]]) -> Guess | None:
    """The topic with most keywords in the text (the first of equals) and its share of all hits; None without a hit.

    keywords: (topic, its words), in the programme's order.
    """
    hits = [(topic, tuple(word for word in words if word in text)) for topic, words in keywords]
    total = sum(len(found) for _, found in hits)
    if not total:
        return None
    (best, why), *others = sorted(hits, key=lambda hit: -len(hit[1]))
    return Guess(
        key=best,
        confidence=len(why) / total,
        basis="keywords",
        why=why,
        others=tuple((key, len(found) / total) for key, found in others[:OTHERS] if found),
    )
