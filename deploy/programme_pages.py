"""A page for each programme that ships: every mechanism beside where it stands in the file, the particular first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.local.simulate.mechanism import Mechanism, Proof
from deploy.local.simulate.mechanisms import MECHANISMS
from shared.programme import Programme, load
from shared.programme.extending import FIELD, OWN
from shared.programme.marks import Document, Path, read
from shared.programme.sources import bundled, source

FOLDER = "../../shared/programme"
MOST = 6
YEARS = 2
"""As many as it takes to see every mechanism."""
_STEP = re.compile(r"([a-z_]+)(?:\[([^\]]+)\])?(?:\.|$)")
HEAD = """# {zh} · `{key}`

{en} · {office}

{extends}

Written by `python -m deploy.reference` from the file and from the catalogue of mechanisms; a test keeps it current.
由程序按方案文件和机制目录生成。一年的模拟运行（`minping simulate --programme {key}`）必须让下面每一项都出现。
*A simulated year (`minping simulate --programme {key}`) must show each of these.*
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: the file, the path as people write it, the line."""

    file: str
    path: str
    line: int

    def link(self) -> str:
        """As a link into the file."""
        return f"[`{self.path}`]({FOLDER}/{self.file}.yaml#L{self.line})"


class File:
    """A programme's file and the one that it extends."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.own: Document = read(source(key))
        named = self.own.data.get(FIELD)
        self.base_key = str(named) if named else ""
        self.base: Document | None = read(source(self.base_key)) if named else None

    def places(self, where: str) -> list[Place]:
        """Every place that a path means, in the file that holds its part: own parts stand for the others', whole."""
        top = where.split(".")[0].split("[")[0]
        if top in self.own.data:
            file, document = self.key, self.own
        elif self.base is not None and top not in OWN:
            file, document = self.base_key, self.base
        else:
            return []
        found = _found(document.data, list(_STEP.findall(where)), ())
        return [Place(file, _said(document.data, path), document.place(path)[0]) for path in found]

    def is_own(self, mechanism: Mechanism) -> bool:
        """Whether a mechanism stands in this file itself."""
        return any(place.file == self.key for where in mechanism.where for place in self.places(where))


def pages() -> dict[str, str]:
    """By key the page of each programme that ships."""
    return {key: page(key) for key in bundled()}


def page(key: str) -> str:
    """The page of a programme. Raises Refusal for a file with an error."""
    programme, file = load(key), File(key)
    extends = (
        f"沿用 [`{file.base_key}`]({file.base_key}.md)：本文件没有写的部分与它相同。"
        "*What the file does not write is that one's.*"
        if file.base_key
        else "其他方案可以沿用本方案。*Other programmes extend this one.*"
    )
    head = HEAD.format(
        zh=programme.name.zh, en=programme.name.en, key=key, extends=extends,
        office=f"{programme.office.zh} {programme.office.en}",
    )  # fmt: skip
    particular = [one for one in MECHANISMS if one.particular and one.of(programme)]
    particular.sort(key=lambda one: not file.is_own(one))
    general = [one for one in MECHANISMS if not one.particular]
    return "\n".join((
        head,
        "## 本方案特有的 What is particular to it\n",
        _table(("机制 mechanism", "怎么看出来 shown by", "写在哪里 where it stands"),
               (_particular(one, programme, file) for one in particular)),
        "## 各项机制 Every mechanism\n",
        _table(("号", "机制 mechanism", "怎么看出来 shown by", "写在哪里 where it stands"),
               (_general(one, programme, file) for one in general)),
    ))  # fmt: skip


def _particular(one: Mechanism, programme: Programme, file: File) -> tuple[str, ...]:
    return f"**{one.zh}** {one.en}", _shown(one.proofs(programme, YEARS)), _where(one, file)


def _general(one: Mechanism, programme: Programme, file: File) -> tuple[str, ...]:
    if not one.of(programme):
        lacks = "、".join(f"`{where}`" for where in one.where[:2])
        return one.key, f"{one.zh} {one.en}", "—", f"本方案没有 not part of this programme ({lacks})"
    return one.key, f"{one.zh} {one.en}", _shown(one.proofs(programme, YEARS)), _where(one, file)


def _shown(proofs: Sequence[Proof]) -> str:
    said = [f"{proof.zh} {proof.en}" for proof in proofs[:MOST]]
    more = [f"…共 {len(proofs)} 项 of {len(proofs)}"] if len(proofs) > MOST else []
    return "；<br>".join((*said, *more))


def _where(one: Mechanism, file: File) -> str:
    if not one.where:
        return "各方案相同 the same for every programme"
    places = list(dict.fromkeys(place for where in one.where for place in file.places(where)))
    if not places:
        return f"没有写，按缺省 not written, the default holds: {'、'.join(f'`{where}`' for where in one.where)}"
    inherited = "" if any(place.file == file.key for place in places) else "沿用 inherited: "
    more = f" …共 {len(places)} 处 places" if len(places) > MOST else ""
    return inherited + "<br>".join(f"{place.link()} {place.line}" for place in places[:MOST]) + more


def _found(value: Any, steps: list[tuple[str, str]], path: Path) -> Iterator[Path]:
    if not steps:
        yield path
        return
    (name, condition), rest = steps[0], steps[1:]
    if not isinstance(value, dict) or name not in value:
        return
    inner = value[name]
    if not condition:
        yield from _found(inner, rest, (*path, name))
    elif isinstance(inner, list):
        for number, entry in enumerate(inner):
            if _holds(entry, condition):
                yield from _found(entry, rest, (*path, name, number))


def _holds(entry: Any, condition: str) -> bool:
    """Whether an entry of a list fits `a.b` (says something) or `a.b=value`."""
    name, given, wanted = condition.partition("=")
    return any(str(value) == wanted if given else bool(value) for value in _values(entry, name.split(".")))


def _values(value: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(value, list) and names:
        for entry in value:
            yield from _values(entry, names)
    elif not names:
        yield value
    elif isinstance(value, dict) and names[0] in value:
        yield from _values(value[names[0]], names[1:])


def _said(data: Any, path: Path) -> str:
    """A path as people read it: an entry of a list by its key, template or event."""
    out = ""
    for step in path:
        data = data[step]
        if isinstance(step, int):
            name = next((data[key] for key in ("key", "template", "event") if key in data), step)
            out += f"[{name}]"
        else:
            out += f".{step}" if out else step
    return out


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
