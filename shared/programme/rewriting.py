"""One part of a programme's file written anew; everything else in it stays as it is, byte for byte, comments too."""

from collections.abc import Sequence
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class ListPart:
    """A part that is a list: the lines before its entries, each entry as it stands and its remark, the lines after."""

    before: tuple[str, ...]
    entries: tuple[str, ...]
    remarks: tuple[str, ...]
    after: tuple[str, ...]


def list_part(text: str, name: str) -> ListPart:
    """A list of the file at its top level. Raises Refusal where the file has none of this name.

    An entry's remark is the comment behind it, or on lines of their own before it.
    """
    lines = text.splitlines(keepends=True)
    key, value = _found(text, name)
    if isinstance(value, SequenceNode) and not value.value:  # `notices: []`: the list begins on the key's own line
        return ListPart((*lines[: key.start_mark.line], f"{name}:\n"), (), (), tuple(lines[key.start_mark.line + 1 :]))
    if not isinstance(value, SequenceNode) or value.flow_style:
        raise Refusal(name, "", "is no list with an entry a line", "write it as a list, each entry behind a dash")
    entries: list[str] = []
    remarks: list[str] = []
    first = end = key.start_mark.line + 1
    for entry in value.value:
        remarks.append(_remark(lines, end, entry))
        start, end = end, _last_line(entry) + 1
        entries.append("".join(lines[start:end]).rstrip("\n"))
    return ListPart(tuple(lines[:first]), tuple(entries), tuple(remarks), tuple(lines[end:]))


def with_list(text: str, name: str, entries: Sequence[str]) -> str:
    """The file with other entries in a list, each given as its lines. Raises Refusal as `list_part` does."""
    part = list_part(text, name)
    if not entries:
        return "".join((*part.before[:-1], f"{name}: []\n", *part.after))
    return "".join((*part.before, *(f"{entry}\n" for entry in entries), *part.after))


def _found(text: str, name: str) -> tuple[Node, Node]:
    try:
        root = YAML().compose(text)
    except YAMLError as error:
        raise Refusal("programme", "", f"is no YAML: {error}", "see `minping programme check`") from error
    if isinstance(root, MappingNode):
        for key, value in root.value:
            if key.value == name:
                return key, value
    raise Refusal("programme", name, "the file has no such part", f"write `{name}: []` where it is to stand")


def _last_line(entry: Node) -> int:
    """The line on which an entry ends; the end of a block stands at the beginning of what follows it."""
    mark = entry.end_mark
    if isinstance(entry, (MappingNode, SequenceNode)) and not entry.flow_style and entry.value:
        last = entry.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return int(mark.line) - (1 if mark.column == 0 and mark.line > entry.start_mark.line else 0)


def _remark(lines: Sequence[str], after: int, entry: Node) -> str:
    own = [line.strip().lstrip("#").strip() for line in lines[after : entry.start_mark.line]]
    behind = ""
    if getattr(entry, "flow_style", False):
        behind = lines[entry.end_mark.line][entry.end_mark.column :].strip()
    return " ".join(part for part in (*own, behind.lstrip("#").strip()) if part)
