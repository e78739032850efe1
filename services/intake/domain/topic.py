"""A topic suggested by the programme's keywords (I14, I16); a clerk decides."""

from collections.abc import Iterable


def suggested(text: str, keywords: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, float] | None:
    """The topic with most keywords in the text (the first of equals) and its share of all hits; None without a hit.

    keywords: (topic, its words), in the programme's order.
    """
    hits = [(topic, sum(word in text for word in words)) for topic, words in keywords]
    total = sum(count for _, count in hits)
    if not total:
        return None
    topic, most = max(hits, key=lambda hit: hit[1])
    return topic, most / total
