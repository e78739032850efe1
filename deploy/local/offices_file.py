"""The file of `minping up --offices FILE`: which offices one machine runs, by which rules, and who files to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from deploy.local.outside import RESERVED
from shared.errors import Refusal
from shared.programme import loader
from shared.programme.check import dotted
from shared.programme.marks import Document, Finding, Said, read
from shared.programme.messages import finding_of, meant
from shared.programme.sources import bundled, source

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
URL = re.compile(r"(nats|tls)://[^\s/@]+")
_AS_DOCUMENTED = Said("照 docs/offices.md 的例子写", "write it as in docs/offices.md")


class Elsewhere(BaseModel):
    """A higher office that does not run on this machine: what its `minping offices admit` printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1)
    user: str = Field(min_length=1)
    password_file: str = Field(min_length=1)


class Office(BaseModel):
    """One office. `files_to`: the key of its higher office in this file; `files_elsewhere`: one on another machine.

    `unit`: its key in the higher office's register of units; without it, the name of its account there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    programme: str
    name: str = ""
    files_to: str = ""
    files_elsewhere: Elsewhere | None = None
    unit: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    offices: tuple[Office, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """The findings of a file become one Refusal that tells all of them, each with its line."""

    path: Path
    document: Document

    def refuse(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        lines = [
            (
                (finding.place or self.document.place(finding.path))[0],
                f"{dotted(finding.path) or 'file'}={finding.value!r}: {finding.reason.en}; {finding.remedy.en}",
            )
            for finding in findings
        ]
        said = " | ".join(f"line {line}: {text}" for line, text in sorted(lines))
        count = "1 error" if len(lines) == 1 else f"{len(lines)} errors"
        raise Refusal("offices", str(self.path), f"{count}: {said}", "mend the file; docs/offices.md has an example")


def read_offices(path: Path) -> tuple[Office, ...]:
    """The offices of a file, in its order, with absolute paths. Raises Refusal naming every error by line and field."""
    if not path.is_file():
        raise Refusal("offices", str(path), "there is no such file", "write one as in docs/offices.md", 404)
    reading = _Reading(path, read(source(path)))
    reading.refuse([_as_documented(finding) for finding in reading.document.findings])
    try:
        written = _File.model_validate(reading.document.data).offices
    except ValidationError as error:
        reading.refuse([_as_documented(finding_of(line, _File)) for line in error.errors(include_url=False)])
        raise
    here = path.expanduser().resolve().parent
    offices = [_with_paths(office, here) for office in written]
    reading.refuse(list(_between(offices)))
    return tuple(offices)


def _with_paths(office: Office, here: Path) -> Office:
    """Paths are those of the file's folder: services run in folders of their own."""
    changed: dict[str, object] = {}
    if office.programme not in bundled() and (programme := here / Path(office.programme).expanduser()).is_file():
        changed["programme"] = str(programme)
    if office.files_elsewhere:
        file = str(here / Path(office.files_elsewhere.password_file).expanduser())
        changed["files_elsewhere"] = office.files_elsewhere.model_copy(update={"password_file": file})
    return office.model_copy(update=changed)


def _as_documented(finding: Finding) -> Finding:
    """Remedies that send to a programme's file send to the page of this one."""
    if finding.path and "bundled programme" not in finding.remedy.en:
        return finding
    return replace(finding, remedy=_AS_DOCUMENTED)


def _between(offices: Sequence[Office]) -> Iterator[Finding]:
    if not offices:
        yield Finding(("offices",), "", Said("至少要有一个机关", "there is no office in it"), _AS_DOCUMENTED)
    first: dict[str, int] = {}
    for number, office in enumerate(offices):
        yield from _of_key(number, office.key, first)
        yield from _of_programme(number, office.programme)
        if office.files_elsewhere:
            yield from _of_elsewhere(number, office, office.files_elsewhere)
    yield from _of_filing(offices)


def _of_elsewhere(number: int, office: Office, higher: Elsewhere) -> Iterator[Finding]:
    path = ("offices", number, "files_elsewhere")
    if office.files_to:
        remedy = Said("files_to 和 files_elsewhere 只留一个", "keep files_to or files_elsewhere")
        yield Finding(path, higher.url, Said("只能有一个上级", "an office has one higher office"), remedy)
    if not URL.fullmatch(higher.url):
        reason = Said("不是消息总线的地址", "is no address of a bus")
        remedy = Said("写成 tls://主机:端口", "write it like tls://city.example.gov:4222, without user and password")
        yield Finding((*path, "url"), higher.url, reason, remedy)
    if not Path(higher.password_file).is_file():
        remedy = Said("放好上级给的密码文件", "put the password file there that the higher office gave")
        reason = Said("没有这个文件", "there is no such file")
        yield Finding((*path, "password_file"), higher.password_file, reason, remedy)


def _of_key(number: int, key: str, first: dict[str, int]) -> Iterator[Finding]:
    path = ("offices", number, "key")
    if not KEY.fullmatch(key):
        reason = Said("只能用小写字母、数字和 -，最多 48 个", "only small letters, digits and -, 48 at most")
        yield Finding(path, key, reason, Said("写成 county-a 这样", "choose a key like county-a"))
    elif key in RESERVED:
        yield Finding(path, key, Said("系统内部已用", "this name is used inside"), Said("换一个", "choose another"))
    elif key in first:
        reason = Said(f"与第 {first[key] + 1} 个相同", f"the same as office {first[key] + 1}")
        yield Finding(path, key, reason, Said("每个机关用自己的键", "give each office a key of its own"))
    first.setdefault(key, number)


def _of_programme(number: int, programme: str) -> Iterator[Finding]:
    try:
        loader.load(programme)
    except Refusal as refusal:
        reason = Said(refusal.reason, refusal.reason)
        yield Finding(("offices", number, "programme"), programme, reason, Said(refusal.remedy, refusal.remedy))


def _of_filing(offices: Sequence[Office]) -> Iterator[Finding]:
    keys = [office.key for office in offices]
    to = {office.key: office.files_to for office in reversed(offices)}  # of two with one key the first
    for number, office in enumerate(offices):
        path = ("offices", number, "files_to")
        if not office.files_to:
            continue
        if office.files_to == office.key:
            reason = Said("不能报给自己", "an office does not file to itself")
            yield Finding(path, office.files_to, reason, Said("写上级的键", "name the higher office"))
        elif office.files_to not in to:
            listed = ", ".join(key for key in keys if key != office.key)
            reason = Said("文件里没有这个机关", "there is no office of this key in the file")
            remedy = meant(office.files_to, keys) or Said(f"可用：{listed}", f"use one of: {listed}")
            yield Finding(path, office.files_to, reason, remedy)
        elif office.key in (way := list(_upward(office.files_to, to))):
            round_ = " → ".join((office.key, *way))
            reason = Said(f"成了圈：{round_}", f"goes round in a circle: {round_}")
            yield Finding(path, office.files_to, reason, Said("删去其中一个", "take one of them out"))


def _upward(key: str, to: dict[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    while key and key not in seen:
        seen.add(key)
        yield key
        key = to.get(key, "")
