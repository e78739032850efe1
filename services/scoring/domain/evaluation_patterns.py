"""What is unusual among online evaluations (S13, protocol D): flags with figures, never verdicts; nothing is dropped.

A flag holds what goes beyond a limit of the programme, and only that: the first few from a device, of a minute or on
end are ordinary. An evaluation stands in one flag at most, so that no two of them set it apart twice.
"""

import enum
import hashlib
import hmac
import ipaddress
import json
import math
from dataclasses import dataclass

LONGEST_AGENT = 300
SURE = 1e-3
"""A string is flagged where chance makes one as long in fewer than so many of all runs."""
CAREFUL = 2.0
"""Standard errors by which the share of the same answers may lie above what was seen."""
BEFORE, BEFORE_ALIKE = 50, 45
"""What is supposed before anything is known of a unit: of 50 evaluations 45 say the same in every dimension."""


class Kind(enum.StrEnum):
    """What is unusual, in the order in which an evaluation is counted to one of them."""

    DEVICE = "device"
    """many evaluations of a unit from one device"""
    STRING = "string"
    """one after the other with the very same answers, longer than chance makes it"""
    BURST = "burst"
    """many of a unit in one minute"""


class State(enum.StrEnum):
    """What the office has decided of a flag; nothing but `set_apart` changes a figure."""

    OPEN = "open"
    KEPT = "kept"
    SET_APART = "set_apart"


@dataclass(frozen=True, slots=True)
class Seen:
    """Of what a flag is: cycle, unit, section and form as counts are kept by, the kind, and which of the kind.

    subject: a device's key, the answers as they are packed, or a local day.
    """

    key: tuple[str, str, str, int]
    kind: Kind
    subject: str

    @property
    def number(self) -> int:
        """The number of the flag: the same whenever the same is seen again. 53 bits, so that any program reads it."""
        said = json.dumps([*self.key, self.kind, self.subject], ensure_ascii=False).encode()
        return int.from_bytes(hashlib.sha256(said).digest()[:7], "big") >> 3


def device_text(address: str, agent: str) -> str:
    """What tells devices apart: the network's address (of IPv6 the subscriber's half) and the browser's own name."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address}\x1f{agent[:LONGEST_AGENT]}"
    if found.version == 6 and found.ipv4_mapped is None:
        found = ipaddress.ip_network((int(found), 64), strict=False).network_address
    return f"{found}\x1f{agent[:LONGEST_AGENT]}"


def device_key(salt: bytes, unit: str, device: str) -> bytes:
    """A device as it is known to one unit in one cycle: nothing of it can be told, or compared, without the salt."""
    return hmac.digest(salt, f"{unit}\x1f{device}".encode("utf-8", "replace"), "sha256")[:16]


def unlikely(run: int, others: int, alike: int) -> bool:
    """Whether chance hardly makes `run` evaluations on end that say the same.

    others: evaluations of the unit besides these; alike: how many of them, at most, say the same. The expected number
    of such runs is at most (others + 1) · p^run, where p is taken as high as the others leave likely: a unit with which
    nearly everybody is content has long strings.
    """
    seen = others + BEFORE
    share = (alike + BEFORE_ALIKE) / seen
    high = min(share + CAREFUL * math.sqrt(share * (1 - share) / seen), 1 - 1e-9)
    return math.log(others + 1) + run * math.log(high) < math.log(SURE)


def told(kind: Kind, number: int, most: int, limit: int) -> tuple[str, str]:
    """Why something was flagged, in Chinese and English. most: of a device, on end, or in the fullest minute."""
    match kind:
        case Kind.DEVICE:
            return (
                f"同一设备对本单位评价 {most} 次，超过 {limit} 次，超出的 {number} 份列在此处",
                f"{most} evaluations of this unit from one device, more than {limit}: the {number} beyond stand here",
            )
        case Kind.STRING:
            return (
                f"连续 {most} 份评价逐项完全相同（从 {limit} 份起查看），偶然出现的可能极小，其中 {number} 份列在此处",
                f"{most} evaluations on end with the very same answers (looked at from {limit}), longer than chance "
                f"makes it: {number} of them stand here",
            )
    return (
        f"一分钟内最多到达 {most} 份，超过 {limit} 份；这一天各分钟超出的 {number} 份列在此处",
        f"up to {most} arrived within a minute, more than {limit}: the {number} beyond, of all this day, stand here",
    )
