"""Every error of a programme file at once, each with line, column, field, value, reason and remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from shared.programme import (
    composite,
    contradictions,
    dates,
    ledger,
    obligations,
    phases,
    questionnaire,
    rollup,
    rounds,
    rules,
    tracks,
)
from shared.programme.extending import extended
from shared.programme.marks import Document, Finding, Path, Said, read
from shared.programme.messages import finding_of
from shared.programme.schema import Programme
from shared.programme.sources import source


@dataclass(frozen=True, slots=True)
class Problem:
    """One error. `field` is dotted, list entries by number from 1: `topics[3].dimension`. Line, column from 1."""

    line: int
    column: int
    field: str
    value: str
    reason: Said
    remedy: Said

    def __str__(self) -> str:
        shown = f" = {self.value}" if self.value else ""
        return (
            f"{self.line}:{self.column} {self.field or '文件 · file'}{shown}\n"
            f"    {self.reason.zh}；{self.remedy.zh}\n"
            f"    {self.reason.en}; {self.remedy.en}"
        )

    def as_json(self) -> dict[str, object]:
        """The problem as JSON values."""
        return {
            "line": self.line,
            "column": self.column,
            "field": self.field,
            "value": self.value,
            "reason": {"zh": self.reason.zh, "en": self.reason.en},
            "remedy": {"zh": self.remedy.zh, "en": self.remedy.en},
        }


def check(path: str | File) -> list[Problem]:
    """All errors of a bundled programme or of a file, in the order of its lines; empty when it is right.

    Raises Refusal when there is no such file or it is not UTF-8.
    """
    return parse(source(path))[1]


def parse(text: str) -> tuple[Programme | None, list[Problem]]:
    """The programme in a YAML text, or None with everything that is wrong with it."""
    document = extended(read(text))
    if document.data is None:
        return None, [_problem(document, finding) for finding in document.findings]
    programme: Programme | None = None
    schema: list[Finding] = []
    try:
        programme = Programme.model_validate(document.data)
    except ValidationError as error:
        lines = error.errors(include_url=False)
        # a list whose only entry is malformed counts as empty too: telling the entry is enough
        parents = {tuple(line["loc"])[:-1] for line in lines}
        schema = [
            finding_of(line, Programme)
            for line in lines
            if not (line["type"] == "too_short" and tuple(line["loc"]) in parents)
        ]
    found = [*_first_a_path(document.findings, schema), *_between_fields(document.data)]
    if programme is not None:  # what cannot be held is told once every field is well formed by itself
        found += contradictions.findings(programme, document.writes)
    problems = sorted((_problem(document, finding) for finding in found), key=lambda p: (p.line, p.column, p.field))
    return (None if problems else programme), problems


def _between_fields(data: Any) -> Iterator[Finding]:
    yield from rules.findings(data)
    yield from dates.findings(data)
    yield from obligations.findings(data)
    yield from phases.findings(data)
    yield from composite.findings(data)
    yield from rounds.findings(data)
    yield from rollup.findings(data)
    yield from tracks.findings(data)
    yield from ledger.findings(data)
    yield from questionnaire.findings(data)


def _first_a_path(yaml: tuple[Finding, ...], schema: list[Finding]) -> Iterator[Finding]:
    """A value that could not be read has been told already; the schema need not call it missing too."""
    told = {finding.path for finding in yaml}
    yield from yaml
    yield from (finding for finding in schema if finding.path not in told)


def _problem(document: Document, finding: Finding) -> Problem:
    line, column = finding.place or document.place(finding.path)
    value = "" if finding.value is None else str(finding.value)
    return Problem(line, column, dotted(finding.path), value[:80], finding.reason, finding.remedy)


def dotted(path: Path) -> str:
    """`topics[3].dimension` for people, who count from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text
