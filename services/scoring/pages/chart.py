"""The doubt of a rank as a picture of ours: a scale of all ranks, the interval as a bar, the rank as a dot (S10).

SVG made here, no script and no style inside: colours come from the style sheet, so that dark pages and paper fit.
"""

from dataclasses import dataclass

from markupsafe import Markup

_WIDTH, _HEIGHT, _DOT, _MOST_TICKS = 200.0, 18.0, 5.5, 12


@dataclass(frozen=True, slots=True)
class Span:
    """The picture, and the ranks it shows."""

    svg: Markup
    low: int
    high: int


def span(rank: int | None, low: int | None, high: int | None, of: int, *, wide: bool = False) -> Span | None:
    """The interval of a rank among `of`; None where there is no rank or no interval. wide: with figures below."""
    if rank is None or low is None or high is None or of < 1:
        return None
    step = _WIDTH / of
    middle = _HEIGHT / 2

    def x(place: int) -> float:
        return (place - 0.5) * step

    ticks = [place for place in range(1, of + 1) if of <= _MOST_TICKS or place in (1, of) or place % _every(of) == 0]
    parts = [f'<line class="axis" x1="0" y1="{middle:g}" x2="{_WIDTH:g}" y2="{middle:g}"/>']
    parts += [f'<line class="tick" x1="{x(t):.1f}" y1="3" x2="{x(t):.1f}" y2="{_HEIGHT - 3:g}"/>' for t in ticks]
    left, right = x(low) - min(step / 2, 4), x(high) + min(step / 2, 4)
    parts.append(f'<rect class="bar" x="{left:.1f}" y="5" width="{right - left:.1f}" height="8" rx="4"/>')
    parts.append(f'<circle class="dot" cx="{x(rank):.1f}" cy="{middle:g}" r="{_DOT:g}"/>')
    height = _HEIGHT
    if wide:
        height += 12
        near = [t for t in ticks if t in (1, of) or (abs(t - of) * step > 14 and (t - 1) * step > 14)]
        parts += [f'<text x="{x(t):.1f}" y="{height - 2:g}" text-anchor="middle">{t}</text>' for t in near]
    box = f'viewBox="0 0 {_WIDTH:g} {height:g}"'
    return Span(Markup(f'<svg class="span" {box} aria-hidden="true">{"".join(parts)}</svg>'), low, high)


def _every(of: int) -> int:
    """Ticks at round places, at most a dozen."""
    return next(step for step in (5, 10, 20, 50, 100, 500, 1000, of) if of / step <= _MOST_TICKS)
