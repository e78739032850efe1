"""The minutes of a meeting: what was done when and by whom, the figures, the checkpoint; signed by the guidance group.

The checkpoint on the paper is what ties the hall to the file: whoever kept the minutes can compare any bundle with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from services.scoring.domain.canon import Json, Malformed, canonical, digest, moment
from services.scoring.domain.note import KeyRing, open_note
from services.scoring.domain.reconcile import Counts
from services.scoring.domain.rules import check_key
from shared.errors import Refusal

MINUTES_KIND = "minping.minutes.v1"
MINUTES_ORIGIN = "minping/minutes"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the minutes. `by`: a role or a named office-holder, never a representative."""

    at: datetime
    step: str
    by: str
    says: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes as they are signed; `checkpoint` is the signed note's text and signatures."""

    meeting: str
    title: str
    entries: tuple[Entry, ...]
    counts: Counts
    checkpoint: str

    def to_json(self) -> Json:
        """As it stands in minutes.json."""
        return {
            "kind": MINUTES_KIND,
            "meeting": self.meeting,
            "title": self.title,
            "entries": [{"at": moment(e.at), "step": e.step, "by": e.by, "says": e.says} for e in self.entries],
            "counts": self.counts.to_json(),
            "checkpoint": self.checkpoint,
        }

    def to_bytes(self) -> bytes:
        """minutes.json."""
        return canonical(self.to_json())

    @property
    def note_text(self) -> str:
        """The text that the guidance group signs."""
        return f"{MINUTES_ORIGIN}\n{self.meeting}\n{digest(self.to_bytes())}\n"

    @property
    def qr(self) -> str:
        """What the printed code holds: origin, size and root of the checkpoint."""
        return "\n".join(self.checkpoint.split("\n")[:3]) + "\n"

    def paper(self) -> str:
        """The minutes in Chinese, for printing."""
        c = self.counts
        lines = [self.title, f"大会编号:{self.meeting}", ""]
        lines += [f"{number}. {moment(e.at)}  {e.by}:{e.says}" for number, e in enumerate(self.entries, 1)]
        lines += [
            "",
            f"应到代表 {c.drawn} 人,投票开始时到会 {c.present} 人,其中普通群众 {c.ordinary_present} 人。",
            f"印制评议卡 {c.printed} 张,箱中余 {c.left_in_box} 张,领卡 {c.issued} 人。",
            f"发出 {c.issued} 票 = 收回 {c.returned} 票 + 未用 {c.unused} 票;"
            f"收回 {c.returned} 票 = 有效 {c.valid} 票 + 作废 {c.void} 票。",
            "",
            "封存校验点(请与公布文件核对):",
            *self.qr.rstrip("\n").split("\n"),
            "",
            "指导组:            计票人:            监票人:            ",
        ]
        return "\n".join(lines) + "\n"


def minutes(*, meeting: str, title: str, entries: Sequence[Entry], counts: Counts, checkpoint: str) -> Minutes:
    """Close the minutes. Raises Malformed for no entry or entries out of order."""
    check_key(meeting, "meeting")
    if not entries or any(a.at > b.at for a, b in pairwise(entries)):
        raise Malformed("minutes: no entry, or entries out of order")
    return Minutes(meeting, title, tuple(entries), counts, checkpoint)


def signed_minutes(record: Minutes, note: str, keys: KeyRing) -> tuple[str, ...]:
    """Names that signed the minutes; raises Refusal unless one of the guidance group is among them (S4)."""
    text, names = open_note(note, keys.verifiers())
    if text != record.note_text:
        raise Refusal("minutes", record.meeting, "the signatures are over other minutes", "sign these minutes")
    if not _names(keys, "guidance") & set(names):
        raise Refusal("minutes", list(names), "the guidance group has not signed", "let the guidance group sign", 409)
    return names


def _names(keys: KeyRing, role: str) -> set[str]:
    return {v.name for v in keys.verifiers(role)}
