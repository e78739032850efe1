"""The event map as a picture (SVG), drawn from the topology: a lane for each service, an arrow for what flows."""

from collections import defaultdict
from html import escape

from shared.bus.topology import CONSUMES, SERVICES, subject_of
from shared.contracts import EVENTS

LANES = {
    "outside": ("热线 · 终端 outside", "#4b5563"),
    "intake": ("受理 intake", "#b45309"),
    "rectification": ("整改 rectification", "#047857"),
    "scoring": ("评分 scoring", "#1d4ed8"),
    "notify": ("通知 notify", "#7c3aed"),
}
GAP, LEFT, TOP, LINE = 260, 120, 90, 17
ORDER = tuple(LANES)


def flows() -> dict[tuple[str, str], list[str]]:
    """What each party gives each other one: (giver, taker) → names of events, without the services' prefixes."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for taker in SERVICES:
        for kind in CONSUMES[taker]:
            words = subject_of(kind).split(".")
            giver, name = ("outside", words[2]) if words[1] == "inbox" else (words[1], ".".join(words[2:-1]))
            found[giver, taker].append(name)
    found["intake", "outside"].append("receipt.issued")
    found["scoring", "outside"].append("receipt (ballot, filing)")
    return dict(sorted(found.items(), key=lambda item: (ORDER.index(item[0][0]), ORDER.index(item[0][1]))))


def picture() -> str:
    """The SVG document."""
    y, rows = TOP + 20, []
    for (giver, taker), names in flows().items():
        text, height = _row(giver, taker, names, y)
        rows.append(text)
        y += height
    width = LEFT * 2 + GAP * (len(ORDER) - 1)
    lanes = "".join(_lane(name, y) for name in ORDER)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 20}" font-family="sans-serif">\n'
        f"<title>Event map: {len(EVENTS)} kinds of event between four services and the outside</title>\n"
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#111827"/></marker></defs>\n'
        f'<rect width="{width}" height="{y + 20}" fill="#ffffff"/>\n{lanes}{"".join(rows)}</svg>\n'
    )


def _x(name: str) -> int:
    return LEFT + GAP * ORDER.index(name)


def _lane(name: str, bottom: int) -> str:
    x, (label, colour) = _x(name), LANES[name]
    return (
        f'<path d="M{x} {TOP - 20}V{bottom}" stroke="{colour}" stroke-width="3" stroke-opacity="0.45"/>\n'
        f'<rect x="{x - 100}" y="24" width="200" height="46" rx="8" fill="{colour}"/>'
        f'<text x="{x}" y="53" fill="#fff" font-size="17" text-anchor="middle">{escape(label)}</text>\n'
    )


def _row(giver: str, taker: str, names: list[str], y: int) -> tuple[str, int]:
    """An arrow with its events above it, and the height it takes."""
    start, end = _x(giver), _x(taker)
    fitting = max(1, (abs(end - start) - 20) // 150)
    lines = [" · ".join(names[i : i + fitting]) for i in range(0, len(names), fitting)]
    middle, tip = (start + end) // 2, 4 if end > start else -4
    text = "".join(
        f'<text x="{middle}" y="{y + LINE * (i + 1)}" font-size="13" fill="#111827" text-anchor="middle" stroke="#fff" '
        f'stroke-width="4" paint-order="stroke">{escape(line)}</text>\n'
        for i, line in enumerate(lines)
    )
    at = y + LINE * len(lines) + 8
    arrow = f'<path d="M{start + tip} {at}H{end - tip}" stroke="#111827" stroke-width="1.5" marker-end="url(#a)"/>\n'
    return arrow + text, LINE * len(lines) + 24
