"""A YAML text as plain values, each with the line and column where it stands.

Built on ruamel.yaml's nodes, not on its ready documents: those stop at the first duplicate key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Path = tuple[str | int, ...]
Place = tuple[int, int]

MOST_NODES = 20_000
MOST_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Said:
    """The same in Chinese and English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a path, before its line is known."""

    path: Path
    value: object
    reason: Said
    remedy: Said
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """Values, where they stand (lines and columns from 1), and what is wrong with the YAML itself."""

    data: Any
    places: dict[Path, Place]
    findings: tuple[Finding, ...]
    taken: frozenset[str] = frozenset()

    def writes(self, name: str) -> bool:
        """Whether the file itself writes a part; `taken` are those that it leaves to the programme it extends."""
        return name not in self.taken

    def place(self, path: Path) -> Place:
        """Where a path stands; for one that does not exist, its nearest parent."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


class _Reader:
    def __init__(self, yaml: YAML) -> None:
        self.construct = yaml.constructor
        self.places: dict[Path, Place] = {}
        self.findings: list[Finding] = []
        self.nodes = 0

    def read(self, node: Node, path: Path) -> Any:
        place = (node.start_mark.line + 1, node.start_mark.column + 1)
        self.places.setdefault(path, place)
        self.nodes += 1
        if self.nodes > MOST_NODES or len(path) > MOST_DEPTH:
            # aliases can make a small file endless
            raise _TooLarge
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path, place)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, ScalarNode):
                self.findings.append(
                    Finding(
                        path,
                        "?",
                        Said("字段名必须是一个词", "a field's name is a single word"),
                        Said("改成“名字: 值”", "write `name: value`"),
                        place,
                    )
                )
                continue
            key = str(key_node.value)
            if key in values:
                first = self.places[(*path, key)]
                self.findings.append(
                    Finding(
                        (*path, key),
                        key,
                        Said(f"字段重复，第 {first[0]} 行已有", f"the field stands twice, first in line {first[0]}"),
                        Said("只留一个", "keep one of them"),
                        place,
                    )
                )
                continue
            self.places[(*path, key)] = place
            values[key] = self.read(value_node, (*path, key))
        return values

    def _scalar(self, node: Node, path: Path, place: Place) -> Any:
        try:
            return self.construct.construct_object(node)
        except (YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-30
            self.findings.append(
                Finding(
                    path,
                    str(node.value),
                    Said("这个值读不懂", f"the value cannot be read: {str(error).splitlines()[0]}"),
                    Said("检查日期是否存在，或给文字加引号", "check that the date exists, or put text in quotes"),
                    place,
                )
            )
            return None


class _TooLarge(Exception):
    """More values than a programme can have."""


def _whole(value: object, reason: Said, remedy: Said, place: Place) -> Document:
    return Document(None, {}, (Finding((), value, reason, remedy, place),))


def _too_large() -> Document:
    return _whole(
        "",
        Said("内容过多或嵌套过深", f"more than {MOST_NODES} values or {MOST_DEPTH} levels"),
        Said("检查 & 和 * 引用", "check anchors (&) and aliases (*)"),
        (1, 1),
    )


def read(text: str) -> Document:
    """The values of a YAML text. A syntax error ends the reading there: it is then the only finding."""
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        # an open bracket is told where it was opened, not at the end of the file where it is missed
        unclosed = "flow" in (error.context or "") and error.context_mark is not None
        mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(filter(None, (error.context, error.problem)))
        lines = text.splitlines()
        shown = lines[place[0] - 1].strip() if place[0] <= len(lines) else ""
        return _whole(
            shown,
            Said("YAML 写法有误，从这里起读不下去", f"not YAML from here on: {what}"),
            Said(
                "检查缩进、引号、括号和冒号后的空格；改好再查其余", "mend indent, quotes or brackets; then check again"
            ),
            place,
        )
    except YAMLError as error:  # a control character: no mark
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        return _whole(
            "",
            Said("文件中有不可见的控制字符", f"not YAML: {str(error).splitlines()[0]}"),
            Said("删掉这一行的不可见字符", "remove the invisible character in that line"),
            (line, 1),
        )
    except RecursionError:
        return _too_large()
    if node is None:
        return _whole(
            "",
            Said("文件是空的", "the file is empty"),
            Said("从自带的方案复制一份来改", "start from a copy of a bundled programme"),
            (1, 1),
        )
    reader = _Reader(yaml)
    try:
        data = reader.read(node, ())
    except _TooLarge:
        return _too_large()
    return Document(data, reader.places, tuple(reader.findings))


def rows(data: Any, *path: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The mappings of a list at a path, with their paths; nothing where the shape is another."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    if isinstance(data, list):
        for i, item in enumerate(data):
            if isinstance(item, dict):
                yield (*path, i), item


def number(value: object) -> Decimal | None:
    """A number or a percentage as it is written; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    text = str(value).strip()
    try:
        parsed = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        return None
    return parsed if parsed.is_finite() else None


def sums_to(path: Path, listed: list[Any], name: str, whole: Decimal, shown: str) -> Iterator[Finding]:
    """That these rows' numbers of one name sum to a whole; an empty list passes."""
    values = [number(row.get(name)) for row in listed]
    total = sum((v for v in values if v is not None), Decimal(0))
    if values and None not in values and total != whole:
        unit = "%" if whole == 1 else ""
        got = f"{(total * 100 if whole == 1 else total).normalize():f}{unit}"
        yield Finding(
            path,
            got,
            Said(f"各项 {name} 合计是 {got}，应为 {shown}", f"the {name}s sum to {got}, not to {shown}"),
            Said(f"调整各项，使合计为 {shown}", f"change them so that they sum to {shown}"),
        )
