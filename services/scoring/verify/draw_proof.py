#!/usr/bin/env python3
"""Checks a draw_proof.json: python3 draw_proof.py FILE

One file, Python's standard library alone: no database, no network, nothing of the rest of this project. Whoever
doubts a draw can read these lines and run them anywhere. Exit 0: all holds; 1: something does not, it is named;
2: not a draw proof.

也可单独运行:只用 Python 标准库,即可核对抽签全过程。
"""

import base64
import hashlib
import hmac
import io
import json
import re
import sys
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

KIND = "minping.draw_proof.v1"
POOL_KIND = "minping.draw_pool.v1"
ALGORITHM = "hmac-sha256-order.v1"
PANEL_ALGORITHM = "panel-lottery.v1"
LEAST_DICE = 20
LEAST_ORDINARY = Fraction(3, 4)
MARKERS = (b'"minping.draw_proof.v1"', b'"minping.draw_pool.v1"', b'"hmac-sha256-order.v1"', b"minping/draw/freeze")

TITLES = {
    "draw.form": ("抽签文件格式规范", "the proof is canonical JSON of the known form"),
    "draw.pool": ("抽签前已冻结评议员库", "the pool file is the one whose hash was published"),
    "draw.seats": ("普通群众席位不少于四分之三", "seats fit the pool, at least 75% for ordinary people"),
    "draw.freeze": ("冻结在先、开奖在后并经签名", "the pool was signed before its entropy could exist"),
    "draw.witnesses": ("见证人承诺与揭示一致", "each witness revealed what was committed, or was replaced by dice"),
    "draw.dice": ("现场掷骰不少于规定次数", "enough ten-sided dice were thrown"),
    "draw.seed": ("随机种子由全部公开输入算出", "the seed follows from all published inputs"),
    "draw.panels": ("预选方案均合各项名额", "every panel that was proposed keeps the seats and the crossing quotas"),
    "draw.chances": ("每人都有中签机会", "everybody stands in a panel, so everybody could be drawn"),
    "draw.pick": ("方案由随机种子选定", "the panel is the one that the seed picks"),
    "draw.order": ("抽签结果可由任何人重算", "the ordered lists follow from the seed"),
    "draw.signatures": ("抽签结果已签名", "the proof is signed by the system and those present"),
}


class Finding(NamedTuple):
    """One thing that was checked."""

    name: str
    holds: bool
    record: str
    says: str


class Wrong(ValueError):
    """What does not hold: the record and why."""

    def __init__(self, record: str, says: str) -> None:
        super().__init__(f"{record}: {says}")
        self.record, self.says = record, says


# -- canonical JSON (RFC 8785) for objects, lists, strings, whole numbers, true, false, null -------------------------


def jcs(value: Any) -> bytes:
    """The canonical form."""
    return _jcs(value).encode("utf-8")


def _jcs(value: Any) -> str:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_jcs(value[k])}" for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_jcs, value)) + "]"
    if isinstance(value, str | bool | None) or (isinstance(value, int) and abs(value) < 2**53):
        return json.dumps(value, ensure_ascii=False)
    raise Wrong("proof", f"holds a {type(value).__name__} that our files never hold")


def _no_float(text: str) -> NoReturn:
    raise Wrong("proof", f"number {text[:20]} is no whole number")


def _whole(text: str) -> int:
    return int(text) if len(text) <= 17 else _no_float(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({k for k, _ in pairs}) != len(pairs):
        raise Wrong("proof", "a member stands twice")
    return dict(pairs)


def parse(data: bytes) -> Any:
    """Strict JSON that is in its canonical form."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_whole,
            object_pairs_hook=_unique,
        )
        again = jcs(value)
    except Wrong:
        raise
    except (ValueError, RecursionError) as error:
        raise Wrong("proof", f"is no JSON: {error}") from error
    if again != data:
        at = next((i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b), min(len(again), len(data)))
        raise Wrong("proof", f"is not in canonical form at byte {at}")
    return value


# -- Ed25519 verification (RFC 8032, section 5.1.7) -------------------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_Point = tuple[int, int, int, int]


def _add(p: _Point, q: _Point) -> _Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _decode(data: bytes) -> _Point | None:
    y = int.from_bytes(data, "little") & (1 << 255) - 1
    sign = data[31] >> 7
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _encode(point: _Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is that key's over the message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, scalar = _decode(public), int.from_bytes(signature[32:], "little")
    base = _decode((4 * pow(5, -1, _P) % _P).to_bytes(32, "little"))
    if key is None or base is None or scalar >= _L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    negative = (_P - key[0], key[1], 1, _P - key[3])
    return _encode(_add(_times(scalar, base), _times(k, negative))) == signature[:32]


# -- signed notes (C2SP) -----------------------------------------------------------------------------------------------

Verify = Callable[[bytes, bytes, bytes], bool]


def _base64(text: str, record: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong(record, "is no base64") from error
    if base64.b64encode(data).decode() != text:
        raise Wrong(record, "is not the one spelling of its base64")
    return data


def _keys(entries: Any) -> dict[str, tuple[str, bytes, bytes]]:
    """name → (role, key id, public key)."""
    found: dict[str, tuple[str, bytes, bytes]] = {}
    for number, entry in enumerate(_list(entries, "keys")):
        record = f"keys[{number}]"
        key = _members(entry, record, "role vkey")
        name, _, rest = _text(key["vkey"], record).partition("+")
        id_hex, _, encoded = rest.partition("+")
        data = _base64(encoded, record)
        own = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
        if len(data) != 33 or data[0] != 1 or own.hex() != id_hex or not name or re.search(r"\s", name):
            raise Wrong(record, "is no Ed25519 vkey whose id fits its key")
        if name in found or any(data[1:] == other[2] for other in found.values()):
            raise Wrong(record, "name or key stands twice")
        found[name] = (_text(key["role"], record), own, data[1:])
    return found


def _signed(note: Any, text: str, keys: dict[str, tuple[str, bytes, bytes]], record: str, verify: Verify) -> list[str]:
    """Names that signed the note, which must be over this text."""
    got, gap, tail = _text(note, record).rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise Wrong(record, "is no signed note")
    if got + "\n" != text:
        raise Wrong(record, "is over another text than the one expected")
    names: list[str] = []
    for number, line in enumerate(tail[:-1].split("\n"), 1):
        where = f"{record}, signature {number}"
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—":
            raise Wrong(where, "is malformed")
        data = _base64(parts[2], where)
        if parts[1] not in keys or keys[parts[1]][1] != data[:4] or len(data) != 68:
            raise Wrong(where, f"is by no key of the proof ({parts[1]})")
        if parts[1] in names:
            raise Wrong(where, f"{parts[1]} signed twice")
        if not verify(keys[parts[1]][2], text.encode(), data[4:]):
            raise Wrong(where, f"the signature of {parts[1]} does not hold")
        names.append(parts[1])
    if not any(keys[name][0] == "system" for name in names):
        raise Wrong(record, "the system's signature is missing")
    return names


# -- reading ---------------------------------------------------------------------------------------------------------


def _members(value: Any, record: str, names: str, optional: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong(record, "is no object")
    must, may = set(names.split()), set(optional.split())
    wrong = sorted((must - value.keys()) | (value.keys() - must - may))
    if wrong:
        raise Wrong(f"{record}.{wrong[0]}", "is missing or unknown")
    return value


def _text(value: Any, record: str) -> str:
    if not isinstance(value, str) or not value:
        raise Wrong(record, "is no text")
    return value


def _list(value: Any, record: str) -> list[Any]:
    if not isinstance(value, list):
        raise Wrong(record, "is no list")
    return value


def _number(value: Any, record: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Wrong(record, "is no whole number")
    return value


def _time(value: Any, record: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value, record))
    except ValueError as error:
        raise Wrong(record, "is no time") from error
    if moment.utcoffset() is None:
        raise Wrong(record, "is a time without its zone")
    return moment


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# -- the checks ------------------------------------------------------------------------------------------------------


class Proof:
    """A proof under check. `meeting`, `drawn`, `ordinary` and `system` are for whoever compares it with a bundle."""

    def __init__(self, data: bytes, verify: Verify = ed25519_verify) -> None:
        self.verify = verify
        value = parse(data)
        names = "kind pool pool_hash freeze_note entropy seed strata keys note"
        self.proof = _members(value, "proof", names, "panel")
        self.pool = _members(
            self.proof["pool"],
            "pool",
            "kind meeting rules_version algorithm frozen_at pool excluded seats ordinary public_entropy witnesses "
            "least_dice",
            "quotas panels",
        )
        if self.proof["kind"] != KIND or self.pool["kind"] != POOL_KIND:
            raise Wrong("kind", f"is not {KIND} with {POOL_KIND}")
        self.crossing = self.pool["algorithm"] == PANEL_ALGORITHM
        if not self.crossing and self.pool["algorithm"] != ALGORITHM:
            raise Wrong("pool.algorithm", f"is neither {ALGORITHM} nor {PANEL_ALGORITHM}")
        for name, part in (("pool.quotas", self.pool), ("pool.panels", self.pool), ("panel", self.proof)):
            if (name.split(".")[-1] in part) is not self.crossing:
                raise Wrong(name, f"does not belong to the algorithm {self.pool['algorithm']}")
        self.meeting = _text(self.pool["meeting"], "pool.meeting")
        self.entropy = _members(self.proof["entropy"], "entropy", "public_value dice witnesses")
        self.keys = _keys(self.proof["keys"])
        self.seats = {
            s: _number(n, f"pool.seats.{s}")
            for s, n in _members(self.pool["seats"], "pool.seats", "", " ".join(self.pool["seats"])).items()
        }
        self.drawn = sum(self.seats.values())
        ordinary = _members(self.pool["ordinary"], "pool.ordinary", "strata least")
        self.ordinary = [_text(s, "pool.ordinary.strata") for s in _list(ordinary["strata"], "pool.ordinary.strata")]
        self.system = [public for role, _, public in self.keys.values() if role == "system"]
        self.people: dict[str, list[str]] = {}
        self.listed: list[dict[str, Any]] = []
        seen: set[str] = set()
        for field in ("pool", "excluded"):
            for number, entry in enumerate(_list(self.pool[field], f"pool.{field}")):
                record = f"pool.{field}[{number}]"
                names = "id stratum" if field == "pool" else "id stratum reason"
                names += " attributes" if self.crossing and field == "pool" else ""
                person = _members(entry, record, names, "name_hash" if field == "pool" else "")
                who, stratum = _text(person["id"], record), _text(person["stratum"], record)
                if who in seen:
                    raise Wrong(record, f"{who} stands twice")
                seen.add(who)
                if field == "pool":
                    self.people.setdefault(stratum, []).append(who)
                    self.listed.append(person)

    def check_pool(self) -> str:
        if self.proof["pool_hash"] != _sha256(jcs(self.pool)):
            raise Wrong("pool_hash", "is not the SHA-256 of the pool file")
        return f"{sum(map(len, self.people.values()))} people, SHA-256 {self.proof['pool_hash']}"

    def check_seats(self) -> str:
        least = _text(self.pool["ordinary"]["least"], "pool.ordinary.least")
        if not re.fullmatch(r"[01](\.[0-9]{1,6})?", least) or Fraction(least) < LEAST_ORDINARY:
            raise Wrong("pool.ordinary.least", "is below 75%")
        if self.seats.keys() != self.people.keys():
            raise Wrong("pool.seats", "does not name the strata of the pool")
        for stratum, seats in self.seats.items():
            if seats > len(self.people[stratum]):
                raise Wrong(f"pool.seats.{stratum}", f"{seats} seats for {len(self.people[stratum])} people")
        people = sum(n for s, n in self.seats.items() if s in self.ordinary)
        if self.drawn == 0 or Fraction(people, self.drawn) < Fraction(least):
            raise Wrong("pool.seats", f"{people} of {self.drawn} seats are for ordinary people, not {least}")
        return f"{people} of {self.drawn} seats are for ordinary people ({', '.join(self.ordinary)})"

    def check_freeze(self) -> str:
        public = _members(self.pool["public_entropy"], "pool.public_entropy", "source cut_off")
        frozen = _time(self.pool["frozen_at"], "pool.frozen_at")
        if _time(public["cut_off"], "pool.public_entropy.cut_off") <= frozen:
            raise Wrong("pool.frozen_at", "is not before the cut-off of the public value")
        text = f"minping/draw/freeze\n{self.meeting}\n{self.proof['pool_hash']}\n{self.pool['frozen_at']}\n"
        names = _signed(self.proof["freeze_note"], text, self.keys, "freeze_note", self.verify)
        return (
            f"frozen {self.pool['frozen_at']}, {public['source']} known from {public['cut_off']}, by {', '.join(names)}"
        )

    def check_witnesses(self) -> str:
        committed = _list(self.pool["witnesses"], "pool.witnesses")
        answers = _list(self.entropy["witnesses"], "entropy.witnesses")
        if not committed or len(committed) != len(answers):
            raise Wrong("entropy.witnesses", "not every witness revealed or was replaced")
        seen, replaced = set(), 0
        for number, (before, after) in enumerate(zip(committed, answers, strict=True)):
            record = f"entropy.witnesses[{number}]"
            promise = _members(before, f"pool.witnesses[{number}]", "witness commitment")
            name = _text(promise["witness"], record)
            if not isinstance(after, dict) or after.get("witness") != name or name in seen:
                raise Wrong(record, f"is not the answer of {name}")
            seen.add(name)
            if "value" in after:
                _members(after, record, "witness nonce value")
                nonce, value = _text(after["nonce"], record), _text(after["value"], record)
                if not re.fullmatch("[0-9a-f]{64}", nonce):
                    raise Wrong(record, "the nonce is not 32 bytes in hex")
                if _sha256(bytes.fromhex(nonce) + value.encode()) != promise["commitment"]:
                    raise Wrong(record, f"what {name} revealed does not fit the commitment")
            else:
                _members(after, record, "witness dice reason")
                _text(after["reason"], record)
                self._dice(after["dice"], f"{record}.dice")
                replaced += 1
        return f"{len(answers)} witnesses, {replaced} replaced by dice"

    def _dice(self, dice: Any, record: str) -> int:
        least = max(_number(self.pool["least_dice"], "pool.least_dice"), LEAST_DICE)
        throws = _list(dice, record)
        for number, digit in enumerate(throws):
            if _number(digit, f"{record}[{number}]") > 9:
                raise Wrong(f"{record}[{number}]", "is no digit")
        if len(throws) < least:
            raise Wrong(record, f"{len(throws)} dice, at least {least} are needed")
        return len(throws)

    def check_dice(self) -> str:
        _text(self.entropy["public_value"], "entropy.public_value")
        return f"{self._dice(self.entropy['dice'], 'entropy.dice')} dice"

    def _seed(self) -> bytes:
        values = [
            {k: answer[k] for k in ("witness", "value", "dice") if k in answer} for answer in self.entropy["witnesses"]
        ]
        mixed = {
            "pool_hash": self.proof["pool_hash"],
            "public_value": self.entropy["public_value"],
            "witness_values": values,
            "dice": self.entropy["dice"],
        }
        return hashlib.sha256(jcs(mixed)).digest()

    def check_seed(self) -> str:
        if self.proof["seed"] != self._seed().hex():
            raise Wrong("seed", "does not follow from pool, public value, witnesses and dice")
        return f"seed {self.proof['seed']}"

    def _panels(self) -> list[list[int]]:
        """The panels as positions in the pool, each ascending."""
        panels = _list(self.pool["panels"], "pool.panels")
        if not panels:
            raise Wrong("pool.panels", "none was proposed")
        for number, panel in enumerate(panels):
            record = f"pool.panels[{number}]"
            places = [_number(place, record) for place in _list(panel, record)]
            if places != sorted(set(places)) or not places or places[-1] >= len(self.listed):
                raise Wrong(record, "is no ascending list of positions in the pool")
        return panels

    def check_panels(self) -> str:
        quotas = _list(self.pool["quotas"], "pool.quotas")
        wanted: dict[tuple[str, str], tuple[int, int]] = {}
        for number, entry in enumerate(quotas):
            record = f"pool.quotas[{number}]"
            quota = _members(entry, record, "attribute value least most")
            key = (_text(quota["attribute"], record), _text(quota["value"], record))
            wanted[key] = (_number(quota["least"], record), _number(quota["most"], record))
        if len(wanted) != len(quotas) or not wanted:
            raise Wrong("pool.quotas", "are none, or one stands twice")
        asked = " ".join({attribute for attribute, _ in wanted})
        for number, person in enumerate(self.listed):
            record = f"pool.pool[{number}].attributes"
            for pair in _members(person["attributes"], record, asked).items():
                if pair not in wanted:
                    raise Wrong(record, f"{pair[0]} {pair[1]!r} has no quota")
        panels = self._panels()
        for number, panel in enumerate(panels):
            sitting = [self.listed[place] for place in panel]
            for stratum, seats in self.seats.items():
                if (have := sum(p["stratum"] == stratum for p in sitting)) != seats:
                    raise Wrong(f"pool.panels[{number}]", f"{have} of {stratum}, the seats are {seats}")
            for (attribute, value), (least, most) in wanted.items():
                have = sum(p["attributes"][attribute] == value for p in sitting)
                if not least <= have <= most:
                    raise Wrong(f"pool.panels[{number}]", f"{have} with {attribute} {value}, not {least} to {most}")
        return f"{len(panels)} panels ({len(set(map(tuple, panels)))} different), {len(wanted)} quotas kept by each"

    def check_chances(self) -> str:
        panels = self._panels()
        counts = [0] * len(self.listed)
        for panel in panels:
            for place in panel:
                counts[place] += 1
        never = [person["id"] for person, count in zip(self.listed, counts, strict=True) if not count]
        if never:
            raise Wrong("pool.panels", f"{', '.join(never)} stand in no panel")

        def shown(count: int) -> str:
            person = self.listed[counts.index(count)]["id"]
            return f"{count}/{len(panels)} ({100 * count / len(panels):.1f}%, {person})"

        return f"chances from {shown(min(counts))} to {shown(max(counts))}"

    def _picked(self) -> int:
        """The panel by rejection sampling: 8 bytes of an HMAC, taken again where they are over the last multiple."""
        count, attempt = len(self._panels()), 0
        while True:
            word = hmac.digest(self._seed(), b"panel\x1f" + str(attempt).encode(), "sha256")[:8]
            found = int.from_bytes(word, "big")
            if found < 2**64 - 2**64 % count:
                return found % count
            attempt += 1

    def check_pick(self) -> str:
        index = self._picked()
        if _number(self.proof["panel"], "panel") != index:
            raise Wrong("panel", f"is {self.proof['panel']!r}, by the seed it is {index}")
        return f"panel {index} of 0 to {len(self._panels()) - 1}"

    def check_order(self) -> str:
        seed = self._seed()
        favoured = {self.listed[place]["id"] for place in self._panels()[self._picked()]} if self.crossing else set()
        lists = _list(self.proof["strata"], "strata")
        names = [entry.get("stratum") if isinstance(entry, dict) else None for entry in lists]
        if names != sorted(self.people):
            raise Wrong("strata", "are not the strata of the pool, each once, in order")
        for entry in lists:
            stratum = entry["stratum"]
            record = f"strata.{stratum}"
            _members(entry, record, "stratum seated alternates")
            seated = _list(entry["seated"], f"{record}.seated")
            alternates = _list(entry["alternates"], f"{record}.alternates")
            prefix = stratum.encode() + b"\x1f"
            numbers = {i: hmac.digest(seed, prefix + i.encode(), "sha256") for i in self.people[stratum]}
            order = sorted(numbers, key=lambda i: (i not in favoured, numbers[i], i))
            for number, (found, right) in enumerate(zip([*seated, *alternates], order, strict=False), 1):
                if found != right:
                    raise Wrong(f"{record}, place {number}", f"is {found!r}, by the seed it is {right!r}")
            if len(seated) != self.seats.get(stratum) or len(seated) + len(alternates) != len(order):
                raise Wrong(record, "has another number of seats or people than the pool file")
        return f"{len(lists)} strata re-drawn"

    def check_signatures(self) -> str:
        body = {k: v for k, v in self.proof.items() if k != "note"}
        text = f"minping/draw/proof\n{self.meeting}\n{_sha256(jcs(body))}\n"
        return "signed by " + ", ".join(_signed(self.proof["note"], text, self.keys, "note", self.verify))


CHECKS = ("pool", "seats", "freeze", "witnesses", "dice", "seed", "panels", "chances", "pick", "order", "signatures")
OF_CROSSING = ("panels", "chances", "pick")


def is_ours(data: bytes) -> bool:
    """Whether the bytes are a draw proof, maybe a damaged one."""
    return sum(marker in data for marker in MARKERS) >= 2


def check(data: bytes, verify: Verify = ed25519_verify) -> tuple[list[Finding], Proof | None]:
    """Everything that was checked; the proof itself where it could be read. Never raises for any bytes."""
    try:
        proof = Proof(data, verify)
    except Wrong as wrong:
        return [Finding("draw.form", False, wrong.record, wrong.says)], None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:  # e.g. a lone surrogate
        return [Finding("draw.form", False, "proof", f"cannot be read: {error}")], None
    findings = [Finding("draw.form", True, "", f"meeting {proof.meeting}, {proof.drawn} seats")]
    for name in CHECKS:
        if name in OF_CROSSING and not proof.crossing:
            continue
        try:
            says = getattr(proof, f"check_{name}")()
            findings.append(Finding(f"draw.{name}", True, "", says))
        except Wrong as wrong:
            findings.append(Finding(f"draw.{name}", False, wrong.record, wrong.says))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            findings.append(Finding(f"draw.{name}", False, name, f"has another form than a draw proof: {error!r}"))
    return findings, proof


def main(arguments: list[str]) -> int:
    """Check one file and say what holds."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console that knows no ✓
    if len(arguments) != 1:
        print("usage: draw_proof.py FILE")
        return 2
    try:
        data = Path(arguments[0]).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a path with a null byte
        print(f"{arguments[0]}: cannot be read 无法读取: {error}")
        return 2
    if not is_ours(data):
        print(f"{arguments[0]}: not a draw proof 不是抽签证明文件")
        return 2
    findings, _ = check(data)
    for finding in findings:
        zh, en = TITLES[finding.name]
        print(f"{'✓' if finding.holds else '✗'} {zh} {en}: {finding.record} {finding.says}")
    return 0 if all(f.holds for f in findings) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
