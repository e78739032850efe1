"""What differs between two programmes, entry by entry, as an office reads it before it amends one.

Lists whose entries have a key are compared by key, so that a new topic does not shift all that follow it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.programme.schema import Programme

Kind = Literal["added", "removed", "changed", "moved"]

WORDING = frozenset({"label", "name", "office", "keywords", "advice", "basis"})
"""Fields that people read: a change of these changes no figure and no date."""

IDENTITY: tuple[tuple[str, ...], ...] = (("key",), ("year",), ("event", "template", "tells"), ("days",))
"""What names an entry of a list, the first that it has."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `path` is dotted, entries by what names them: `topics[delay].label.zh`.

    before, after: plain JSON values; None where there is none. moved: the entry stands elsewhere in its list, which
    counts where order does (grades, escalation, notices). wording: only words that people read.
    """

    path: str
    kind: Kind
    before: Any
    after: Any
    wording: bool

    def as_json(self) -> dict[str, Any]:
        """The change as JSON values."""
        return {
            "path": self.path, "kind": self.kind, "before": self.before, "after": self.after, "wording": self.wording
        }  # fmt: skip


def differences(before: Programme, after: Programme) -> list[Change]:
    """All differences in the order of the programme's fields; empty when both are the same rules.

    Defaults count as if they were written: a file that spells one out differs in nothing.
    """
    return list(_compared(before.model_dump(mode="json"), after.model_dump(mode="json"), "", wording=False))


def _compared(before: Any, after: Any, path: str, *, wording: bool) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            inside = f"{path}.{name}" if path else name
            yield from _compared(before.get(name), after.get(name), inside, wording=wording or name in WORDING)
    elif _named(before) and _named(after) and (before or after):
        yield from _entries(before, after, path, wording=wording)
    else:
        kind: Kind = "added" if before is None else "removed" if after is None else "changed"
        yield Change(path, kind, before, after, wording)


def _entries(before: Sequence[Any], after: Sequence[Any], path: str, *, wording: bool) -> Iterator[Change]:
    old, new = ({_name(row): row for row in rows} for rows in (before, after))
    for name in dict.fromkeys((*old, *new)):
        inside = f"{path}[{name}]"
        if name not in new:
            yield Change(inside, "removed", old[name], None, wording)
        elif name not in old:
            yield Change(inside, "added", None, new[name], wording)
        else:
            yield from _compared(old[name], new[name], inside, wording=wording)
    stay = [[name for name in rows if name in old and name in new] for rows in (old, new)]
    if stay[0] != stay[1]:
        yield Change(path, "moved", stay[0], stay[1], wording)


def _named(rows: Any) -> bool:
    """Whether a list's entries can be told apart by name."""
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return False
    names = [_name(row) if isinstance(row, Mapping) else None for row in rows]
    return None not in names and len(set(names)) == len(names)


def _name(row: Mapping[str, Any]) -> str | None:
    for fields in IDENTITY:
        if all(field in row for field in fields):
            values = (row[field] for field in fields)
            return " ".join("+".join(v) if isinstance(v, list) else str(v) for v in values)
    return None
