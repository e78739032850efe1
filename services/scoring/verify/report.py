"""What `minping verify` says: what was checked, against what, what does not hold where, what it proves and what not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.scoring.domain.canon import Json
from services.scoring.domain.rehearsal import MEMBER
from services.scoring.verify.titles import AGAINST, NOT_PROVED, PROVES, TITLES

_KINDS = {
    "bundle": ("封存包", "sealed bundle"),
    "draw_proof": ("抽签证明", "proof of a draw"),
    "published": ("公布的结果", "published result"),
}
_FACTS = {
    "rehearsal": ("注意", "note"),
    "meeting": ("大会", "meeting"),
    "sealed_at": ("封存时间", "sealed at"),
    "checkpoint": ("校验点（请与会议记录核对）", "checkpoint, compare it with the minutes"),
    "cycle": ("评议周期", "cycle"),
    "version": ("版本", "version"),
    "key": ("签名公钥（请与事先公布的核对）", "key, compare it with the one published before"),
    "pool_hash": ("封冻名册摘要", "hash of the frozen pool"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked. `file` and `record` say where; `says` what was found."""

    name: str
    holds: bool
    file: str = ""
    record: str = ""
    says: str = ""

    @property
    def title(self) -> tuple[str, str]:
        """What it proves, in Chinese and English."""
        return TITLES[self.name]

    @property
    def against(self) -> tuple[str, str] | None:
        """Against what it is checked, where that says more than the title."""
        return AGAINST.get(self.name)

    @property
    def where(self) -> str:
        """File and record together."""
        return ": ".join(part for part in (self.file, self.record) if part)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome. kind: `bundle`, `draw_proof`, `published`, or None for a file that is none of ours."""

    path: str
    kind: str | None
    checks: tuple[Check, ...]
    facts: Mapping[str, str]

    @property
    def exit_code(self) -> int:
        """0 all holds · 1 something does not · 2 not a file of ours."""
        if self.kind is None:
            return 2
        return 0 if self.checks and all(check.holds for check in self.checks) else 1

    @property
    def failures(self) -> tuple[Check, ...]:
        """What does not hold."""
        return tuple(check for check in self.checks if not check.holds)

    @property
    def rehearsal(self) -> bool:
        """Whether the file is of a rehearsal (S16)."""
        return "rehearsal" in self.facts

    def text(self) -> str:
        """For people, Chinese first: a line a check, failures with file and record, what it proves and what not."""
        zh, en = _KINDS.get(self.kind or "", ("未知文件", "unknown file"))
        lines = [f"民评核验报告 | minping verify: {zh} {en} {self.path}".rstrip()]
        if self.rehearsal:
            lines.append(f"★★★ 演练 {MEMBER}：不是真实评议 | not a real vote ★★★")
        for name, value in self.facts.items():
            label = _FACTS.get(name, (name, name))
            lines.append(f"  {label[0]} {label[1]}: {value}")
        lines += ["", "核验了什么 | what was checked", *self._checked()]
        if self.kind is not None:
            lines += ["", "全部成立时，这证明 | if all of it holds, this proves"]
            lines += [f"  + {zh}\n    {en}" for zh, en in PROVES[self.kind]]
            lines += ["", "这不能证明 | what it does not prove"]
            lines += [f"  - {zh}\n    {en}" for zh, en in NOT_PROVED[self.kind]]
        return "\n".join((*lines, "", self.conclusion))

    def _checked(self) -> Iterator[str]:
        same = [c.file for c in self.checks if c.name == "file" and c.holds]
        for check in self.checks:
            if check.name == "file" and check.holds and check.file != same[0]:
                continue  # said once for all of them
            zh, en = check.title
            yield f"{'✓' if check.holds else '✗ 不成立'} {zh} | {en}"
            if check.holds:
                what = f"{len(same)} 个文件 files: {', '.join(same)}" if check.name == "file" else check.says
            else:
                place = [f"文件 file {check.file}"] if check.file else []
                place += [f"记录 record {check.record}"] if check.record else []
                what = "；".join((*place, check.says)) if check.says else "；".join(place)
            if what:
                yield f"    {what}"
            if check.against:
                yield f"    依据 against: {check.against[0]} | {check.against[1]}"

    @property
    def conclusion(self) -> str:
        """The last line, which says the exit code in words."""
        named = "; ".join(check.where or check.name for check in self.failures)
        said = {
            0: "结论：全部成立 | all holds",
            1: f"结论：{len(self.failures)} 项不成立 | {len(self.failures)} do not hold: {named}",
            2: "结论：不是本系统的文件 | not a file of ours",
        }[self.exit_code]
        return f"{said} ★ 演练 {MEMBER}" if self.rehearsal else said

    def to_json(self) -> Json:
        """For programs."""
        return {
            "file": self.path,
            "kind": self.kind,
            "exit_code": self.exit_code,
            "rehearsal": self.rehearsal,
            "conclusion": self.conclusion,
            "facts": dict(self.facts),
            "checks": [
                {
                    "name": c.name,
                    "holds": c.holds,
                    "file": c.file,
                    "record": c.record,
                    "says": c.says,
                    "title": {"zh": c.title[0], "en": c.title[1]},
                    "against": None if c.against is None else {"zh": c.against[0], "en": c.against[1]},
                }
                for c in self.checks
            ],
            "proves": [{"zh": zh, "en": en} for zh, en in PROVES.get(self.kind or "", ())],
            "does_not_prove": [{"zh": zh, "en": en} for zh, en in NOT_PROVED.get(self.kind or "", ())],
        }
