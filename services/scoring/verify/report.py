"""What `minping verify` says: each check, what it proves, and what does not hold where."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.scoring.domain.canon import Json
from services.scoring.verify.draw_proof import TITLES as DRAW_TITLES

TITLES: Mapping[str, tuple[str, str]] = {
    **DRAW_TITLES,
    "readable": ("文件可读", "the file can be read"),
    "container": ("压缩包每个字节均可由其内容重建", "every byte of the container follows from its members"),
    "members": ("文件齐全,无多余文件", "all members are there and none besides"),
    "manifest": ("封存清单规范且与各文件一致", "the manifest is canonical and agrees with the files beside it"),
    "file": ("文件与封存清单摘要一致", "the file is the one that was sealed"),
    "keys": ("签名公钥齐全", "the key ring is well-formed and complete"),
    "trusted": ("签名公钥为事先公布者", "the keys are the ones published beforehand"),
    "ballots": ("选票叶节点齐全且有序", "one hidden leaf for each valid ballot"),
    "slices": ("公开票面记录齐全、规范且有序", "one public record for each ballot, unit and dimension"),
    "checkpoint": ("校验点与两棵哈希树一致", "the checkpoint's root follows from manifest and ballots"),
    "signatures": ("系统、计票人、监票人均已签名", "system, tellers and scrutineer signed that root"),
    "draw.same": ("抽签与本次大会一致", "the draw is the one of this meeting"),
    "reconciliation": ("发出、收回、有效、作废票数相符,达到法定人数", "roll and boxes agree and there is a quorum"),
    "tally": ("由公开记录重新计票,结果一致", "counting the public records again gives the same tally"),
    "result.signature": ("公布结果已由系统签名并绑定封存", "the result is signed and bound to this seal"),
    "result.form": ("公布结果格式规范", "the result is canonical JSON of the known form"),
    "result.concentrated": ("集中评议得分与计票一致", "the concentrated part is the sealed tally's"),
    "result.daily": ("日常得分由各扣分事项得出", "each daily score follows from its printed lines"),
    "result.interval": ("名次区间与封存一致", "the ranks' intervals are those of the seal"),
    "result.composite": ("综合得分可重算", "each composite follows from its printed inputs"),
    "result.ranking": ("排名可重算", "each rank follows from the composites"),
    "receipt": ("回执所示选票在封存之内", "the receipt's ballot is in the seal"),
    "openings": ("争议开示的选票在封存之内", "the opened ballots are in the seal"),
    "unforeseen": ("核验未能完成", "the verification could not be finished"),
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
    def where(self) -> str:
        """File and record together."""
        return ": ".join(part for part in (self.file, self.record) if part)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome. kind: `bundle`, `draw_proof`, or None for a file that is none of ours."""

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

    def text(self) -> str:
        """For people: Chinese and English, a line a check, failures with file and record."""
        lines = [f"{self.path}"]
        lines += [f"  {name}: {value}" for name, value in self.facts.items()]
        for check in self.checks:
            zh, en = check.title
            what = "  ".join(part for part in (check.where, check.says) if part)
            lines.append(f"{'✓' if check.holds else '✗'} {zh} | {en}" + (f"\n    {what}" if what else ""))
        lines.append(
            {
                0: "结论:全部成立 | all holds",
                1: f"结论:{len(self.failures)} 项不成立 | {len(self.failures)} do not hold: "
                + "; ".join(check.where or check.name for check in self.failures),
                2: "结论:不是本系统的文件 | not a file of ours",
            }[self.exit_code]
        )
        return "\n".join(lines)

    def to_json(self) -> Json:
        """For programs."""
        return {
            "file": self.path,
            "kind": self.kind,
            "exit_code": self.exit_code,
            "facts": dict(self.facts),
            "checks": [
                {
                    "name": c.name,
                    "holds": c.holds,
                    "file": c.file,
                    "record": c.record,
                    "says": c.says,
                    "title": {"zh": c.title[0], "en": c.title[1]},
                }
                for c in self.checks
            ],
        }
