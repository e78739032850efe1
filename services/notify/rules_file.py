"""The rules of a programme's file as a table for an office, and back into the file (N2). Needs no running service."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.notify.documents.kinds import KINDS
from services.notify.domain.row_errors import RowError
from services.notify.domain.rule_table import AS_ESCALATED, Known, columns, line_of, read_rows, row_of
from services.notify.event_labels import LABELS
from services.notify.terms import TERMS
from services.notify.usecases import following
from services.notify.wording import FRAMES, HERE
from shared.errors import Refusal
from shared.programme import Programme
from shared.programme.check import parse
from shared.programme.parts import NoticeRule
from shared.programme.rewriting import list_part, with_list

PART = "notices"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a table makes of a programme's file. With errors `text` is the file as it was.

    added, removed: rules as lines of the file. passed_over: columns that nothing is taken from.
    """

    text: str
    rules: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    errors: tuple[RowError, ...]
    passed_over: tuple[str, ...]


def known(programme: Programme, channels: Collection[str] = ()) -> Known:
    """What the cells of a table may name. channels: of the house; those that the programme names count too."""
    zh = TERMS["zh"]
    roles = {key.removeprefix("role:"): label for key, label in zh.items() if key.startswith("role:")}
    templates = {file.stem for file in (HERE / "zh").glob("*.j2")} & {file.stem for file in (HERE / "en").glob("*.j2")}
    named = {name for rule in programme.notices for name in (*rule.channels, *rule.fallback_channels)}
    return Known(
        {name: LABELS.get(name, "") for name in sorted(following.events())},
        {following.AS_ESCALATED: AS_ESCALATED, **roles},
        frozenset(templates - FRAMES),
        {key: kind.zh for key, kind in KINDS.items()},
        frozenset({*named, *channels} - {"email"}),
    )


def rows(programme: Programme, text: str) -> list[list[object]]:
    """A programme's rules as rows of the table, with the remarks of its file."""
    words = known(programme)
    remarks = list_part(text, PART).remarks
    return [
        row_of(number, rule.model_dump(mode="json"), remarks[number - 1] if number <= len(remarks) else "", words)
        for number, rule in enumerate(programme.notices, 1)
    ]


def take(
    text: str, header: Sequence[str], given: Iterable[tuple[int, Mapping[str, str]]], channels: Collection[str] = ()
) -> Taken:
    """A programme's file with the rules of a table. Raises Refusal for the header, or a file that is no programme."""
    programme = _programme(text)
    found, errors = read_rows(header, given, known(programme, channels))
    before = [line_of(rule.model_dump(mode="json"), "") for rule in programme.notices]
    part = list_part(text, PART)
    # a rule that is as it was keeps its line in the file, spaces and all
    kept = dict(zip(zip(before, part.remarks, strict=True), part.entries, strict=True))
    seen: dict[str, int] = {}
    lines: list[str] = []
    for number, values, remark in found:
        try:
            _check(values)
        except Refusal as refusal:
            errors.append(RowError(number, refusal.field, str(refusal.value)[:80], refusal.reason, refusal.remedy))
            continue
        bare = line_of(values, "")
        if bare in seen:
            errors.append(RowError(number, "event", values["event"], f"row {seen[bare]} is the same", "leave one out"))
            continue
        seen[bare] = number
        lines.append(kept.get((bare, remark), line_of(values, remark)))
    added = tuple(line.strip() for line in seen if line not in before)
    removed = tuple(line.strip() for line in before if line not in seen)
    used = set(columns(header).values())
    passed_over = tuple(column for column in header if column.strip() and column not in used)
    errors.sort(key=lambda error: error.row)
    new = text if errors else with_list(text, PART, lines)
    if not errors:
        _only_the_rules_changed(programme, _programme(new))
    return Taken(new, len(lines), added, removed, tuple(errors), passed_over)


def write(file: Path, text: str) -> None:
    """Put the new file in the place of the old one, whole or not at all. Raises Refusal."""
    made = file.with_name(f".{file.name}.new")
    try:
        made.write_text(text, encoding="utf-8")
        made.chmod(file.stat().st_mode)
        made.replace(file)
    except OSError as error:
        raise Refusal("programme", str(file), f"cannot be written: {error.strerror}", "check its folder") from error


def _check(values: Mapping[str, Any]) -> None:
    try:
        rule = NoticeRule.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "event"
        raise Refusal(field, str(first.get("input"))[:80], first["msg"], "mend the row") from error
    following.check_rule("", rule, None)


def _programme(text: str) -> Programme:
    programme, problems = parse(text)
    if programme is None:
        first = problems[0]
        raise Refusal("programme", f"line {first.line}", f"{first.field}: {first.reason.en}",
                      "mend the file first: `minping programme check FILE`")  # fmt: skip
    return programme


def _only_the_rules_changed(before: Programme, after: Programme) -> None:
    if before.model_copy(update={PART: ()}) != after.model_copy(update={PART: ()}):
        raise AssertionError("writing the rules changed another part of the programme")
