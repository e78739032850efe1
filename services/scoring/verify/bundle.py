"""Checking a bundle: canonical form, both roots, signatures, the draw, reconciliation, the tally, the result."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import cast

from services.scoring.domain import merkle
from services.scoring.domain.bundle import RESULT, RESULT_NOTE
from services.scoring.domain.canon import Json, Malformed, digest, items, kind, members, parse_canonical, text, whole
from services.scoring.domain.note import KeyRing, Verifier, key_ring_from_bytes
from services.scoring.domain.reconcile import Counts, counts_from_bytes, reconcile
from services.scoring.domain.rehearsal import SAYS, unmarked
from services.scoring.domain.rules import Rules, UnitEntry, rules_from_bytes, units_from_bytes
from services.scoring.domain.seal import (
    CARDS_NOTE,
    CHECKPOINT,
    MANIFEST,
    SEAL_KIND,
    SEALED_FILES,
    SLICES,
    checkpoint_text,
    origin,
)
from services.scoring.domain.tally import Cell, Tally
from services.scoring.verify import ceremony, draw_proof, signed
from services.scoring.verify.container import read_container
from services.scoring.verify.report import Check
from services.scoring.verify.result import check_result
from services.scoring.verify.slices import count_slices, retally, tally_difference
from services.scoring.verify.step import At, given
from shared.errors import Refusal

_HEX64 = re.compile(r"[0-9a-f]{64}")
_MANIFEST_MEMBERS = (
    *("kind", "meeting", "programme", "cycle", "rehearsal", "sealed_at", "units", "counts"),
    *("files", "slices", "cards", "openings"),
)


class Bundle:
    """A bundle under check. Each step fills in what later ones need; what cannot be read stays None."""

    def __init__(self, data: bytes, trusted: Collection[str] | None = None) -> None:
        self.checks: list[Check] = []
        self.facts: dict[str, str] = {}
        self.trusted = trusted
        self.manifest: Mapping[str, Json] | None = None
        self.keys: KeyRing | None = None
        self.rules: Rules | None = None
        self.units: tuple[UnitEntry, ...] | None = None
        self.counts: Counts | None = None
        self.leaves: list[bytes] | None = None
        self.cells: Mapping[Cell, int] | None = None
        self.tally: Tally | None = None
        self.root: bytes | None = None
        self.checkpoint: str | None = None
        container = read_container(data)
        self.files = container.files
        self.add("container", container.differs is None, says=container.differs or f"{len(data):,} bytes")
        for name, file, step in (
            ("members", "", self._members),
            ("manifest", MANIFEST, self._manifest),
            ("file", "", self._files),
            ("keys", "keys.json", self._keys),
            ("rules", "rules.json", self._rules),
            ("units", "units.json", self._units),
            ("reconciliation", "reconciliation.json", self._reconciliation),
            ("ballots", "ballots.txt", self._ballots),
            ("slices", SLICES, self._slices),
            ("cards", CARDS_NOTE, lambda: signed.cards(self)),
            ("ceremony", ceremony.CEREMONY, lambda: ceremony.check(self)),
            ("checkpoint", CHECKPOINT, self._checkpoint),
            ("signatures", CHECKPOINT, lambda: signed.checkpoint(self)),
            ("draw.form", "draw_proof.json", self._draw),
            ("tally", "tally.json", self._tally),
            ("trusted", "keys.json", lambda: signed.trusted(self)),
        ):
            self.step(name, file, step)
        if RESULT in self.files or RESULT_NOTE in self.files:
            self.step("result.signature", RESULT_NOTE, lambda: signed.result(self))
            interval = self.files.get("interval.json")  # a result of a rehearsal is refused, so it has no mark
            self.checks += check_result(self.files.get(RESULT, b""), self.tally, self.units, self.manifest, interval)

    def add(self, name: str, holds: bool, file: str = "", record: str = "", says: str = "") -> None:
        """Put a check on record."""
        self.checks.append(Check(name, holds, file, record, says))

    def step(self, name: str, file: str, run: Callable[[], str | None]) -> None:
        """Run one check; a step that answers None has put its own checks on record."""
        try:
            says = run()
        except At as error:
            self.add(name, False, file, error.record, str(error))
        except Refusal as error:
            self.add(name, False, file, error.field, error.reason)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ArithmeticError) as error:
            self.add(name, False, file, "", str(error) or type(error).__name__)
        else:
            if says is not None:
                self.add(name, True, file, says=says)

    def read(self, name: str) -> bytes:
        """A member, without the mark that a rehearsal's files bear; raises Malformed where one is missing."""
        if name not in self.files:
            raise Malformed(f"{name} is missing")
        if self.manifest is not None and self.manifest["rehearsal"] and name not in (CHECKPOINT, SLICES):
            return unmarked(name, self.files[name])
        return self.files[name]

    # -- steps -----------------------------------------------------------------------------------------------------

    def _members(self) -> str:
        present = set(self.files)
        expected = {MANIFEST, CHECKPOINT, *SEALED_FILES}
        for name in sorted(expected - present):
            raise At(name, "is missing")
        extra = present - expected - {RESULT, RESULT_NOTE}
        listed = parse_canonical(self.files[MANIFEST])
        sealed = listed.get("files") if isinstance(listed, Mapping) else None
        for name in sorted(extra):
            if not isinstance(sealed, Mapping) or name not in sealed:
                raise At(name, "is not in the manifest")
        if (RESULT in present) != (RESULT_NOTE in present):
            raise At(RESULT, f"stands without {RESULT_NOTE}, or the other way round")
        return f"{len(present)} members"

    def _manifest(self) -> str:
        value = parse_canonical(self.read(MANIFEST))
        if isinstance(value, Mapping) and value.get("rehearsal") is True:
            self.facts["rehearsal"] = f"演练 REHEARSAL：{SAYS} | not a real vote"
            value = parse_canonical(unmarked(MANIFEST, self.read(MANIFEST)))
        kind(value, SEAL_KIND)
        manifest = members(value, "manifest", _MANIFEST_MEMBERS)
        if not isinstance(manifest["rehearsal"], bool):
            raise At("rehearsal", "is neither true nor false")
        files = manifest["files"]
        if not isinstance(files, Mapping) or not set(SEALED_FILES) <= files.keys():
            raise At("files", "does not list every sealed file")
        self.facts["meeting"] = text(manifest["meeting"], "meeting")
        self.facts["sealed_at"] = text(manifest["sealed_at"], "sealed_at")
        if manifest["rehearsal"] and RESULT in self.files:
            raise At(RESULT, "a rehearsal has no result")
        self.manifest = manifest
        return f"meeting {manifest['meeting']}, sealed {manifest['sealed_at']}"

    def _files(self) -> None:
        manifest = given(self.manifest, MANIFEST)
        for name, sealed in cast(Mapping[str, Json], manifest["files"]).items():
            if name not in self.files:
                self.add("file", False, name, "", "is missing")
            elif digest(self.files[name]) != sealed:
                self.add("file", False, name, "", f"SHA-256 {digest(self.files[name])}, sealed was {sealed}")
            else:
                self.add("file", True, name, "", f"SHA-256 {sealed}")

    def _keys(self) -> str:
        self.keys = key_ring_from_bytes(self.read("keys.json"))
        roles = self.keys.roles()
        return ", ".join(f"{roles[v.name]} {v.name}+{v.id.hex()}" for v in self.keys.verifiers())

    def _rules(self) -> str:
        self.rules = rules_from_bytes(self.read("rules.json"))
        manifest = given(self.manifest, MANIFEST)
        if (self.rules.programme, self.rules.cycle) != (manifest["programme"], manifest["cycle"]):
            raise At("programme", "is not the manifest's")
        return f"{self.rules.programme} {self.rules.cycle}, {len(self.rules.dimensions)} dimensions"

    def _units(self) -> str:
        self.units = units_from_bytes(self.read("units.json"))
        manifest = given(self.manifest, MANIFEST)
        if [u.id for u in self.units] != list(items(manifest["units"], "manifest.units")):
            raise At("units", "are not the manifest's")
        return f"{len(self.units)} units"

    def _reconciliation(self) -> str:
        self.counts = counts = counts_from_bytes(self.read("reconciliation.json"))
        rules = given(self.rules, "rules.json")
        manifest = given(self.manifest, MANIFEST)
        figures = ("issued", "returned", "unused", "valid", "void")
        listed = members(manifest["counts"], "manifest.counts", figures)
        for name in figures:
            if listed[name] != getattr(counts, name):
                raise At(name, f"is {getattr(counts, name)}, the manifest says {listed[name]}")
        problems = reconcile(counts, rules)
        if problems:
            raise At(problems[0].name, "; ".join(p.says for p in problems))
        paper = f", {counts.paper} of them on paper" if counts.paper else ""
        return (
            f"issued {counts.issued} = returned {counts.returned} + unused {counts.unused}; "
            f"returned = valid {counts.valid} + void {counts.void}{paper}; "
            f"drawn {counts.drawn}"
        )

    def _ballots(self) -> str:
        data = self.read("ballots.txt")
        lines = data.decode("ascii").split("\n")
        if lines.pop() != "":
            raise At(f"line {len(lines) + 1}", "does not end in a newline")
        for number, line in enumerate(lines, 1):
            if not _HEX64.fullmatch(line):
                raise At(f"line {number}", "is no SHA-256 in hex")
            if number > 1 and lines[number - 2] >= line:
                raise At(f"line {number}", "is not sorted, or stands twice")
        self.leaves = [bytes.fromhex(line) for line in lines]
        counts = given(self.counts, "reconciliation.json")
        if len(lines) != counts.valid:
            raise At("", f"{len(lines)} ballots, {counts.valid} are valid")
        return f"{len(lines)} ballots"

    def _slices(self) -> str:
        rules = given(self.rules, "rules.json")
        units = given(self.units, "units.json")
        manifest = given(self.manifest, MANIFEST)
        lines = self.read(SLICES).split(b"\n")
        if lines.pop() != b"":
            raise At(f"line {len(lines) + 1}", "does not end in a newline")
        self.cells = count_slices(lines, rules, [u.id for u in units], rehearsal=manifest["rehearsal"] is True)
        tree = merkle.Tree()
        tree.extend(lines)
        listed = members(manifest["slices"], "manifest.slices", ("size", "root"))
        if whole(listed["size"], "manifest.slices.size") != len(lines):
            raise At("", f"{len(lines)} records, the manifest says {listed['size']}")
        if tree.root().hex() != listed["root"]:
            raise At("", f"root {tree.root().hex()}, the manifest says {listed['root']}: some record was changed")
        return f"{len(lines):,} records, root {tree.root().hex()}"

    def _checkpoint(self) -> str:
        note = self.read(CHECKPOINT).decode("utf-8")
        manifest = given(self.manifest, MANIFEST)
        leaves = given(self.leaves, "ballots.txt")
        tree = merkle.Tree()
        tree.add(self.files[MANIFEST])
        for leaf in leaves:
            tree.add(leaf)
        programme, cycle, meeting = (text(manifest[k], k) for k in ("programme", "cycle", "meeting"))
        expected = checkpoint_text(
            origin(programme, cycle, meeting, manifest["rehearsal"] is True), tree.size, tree.root()
        )
        lines = note.split("\n")
        for number, (found, right) in enumerate(zip(lines, expected.split("\n")[:-1], strict=False), 1):
            if found != right:
                raise At(f"line {number}", f"is {found!r}, manifest and ballots give {right!r}")
        if not note.startswith(expected + "\n"):
            raise At("line 4", "something stands between the root and the signatures")
        self.root, self.checkpoint = tree.root(), expected
        self.facts["checkpoint"] = lines[2]
        return f"{lines[0]}, {lines[1]} leaves, root {lines[2]}"

    def _draw(self) -> None:
        data = self.read("draw_proof.json")
        findings, proof = draw_proof.check(data, _fast_verify)
        for finding in findings:
            self.add(finding.name, finding.holds, "draw_proof.json", finding.record, finding.says)
        if proof is not None:
            self.step("draw.same", "draw_proof.json", lambda: self._same_draw(proof))

    def _same_draw(self, proof: draw_proof.Proof) -> str:
        manifest = given(self.manifest, MANIFEST)
        counts = given(self.counts, "reconciliation.json")
        keys, rules = given(self.keys, "keys.json"), given(self.rules, "rules.json")
        if proof.meeting != manifest["meeting"]:
            raise At("pool.meeting", f"is {proof.meeting}, the seal is of {manifest['meeting']}")
        if proof.drawn != counts.drawn:
            raise At("pool.seats", f"sum to {proof.drawn}, the reconciliation says {counts.drawn} were drawn")
        if set(proof.ordinary) != set(rules.ordinary_strata):
            raise At("pool.ordinary", f"are {proof.ordinary}, the rules say {list(rules.ordinary_strata)}")
        if not {v.public for v in keys.verifiers("system")} & set(proof.system):
            raise At("keys", "the system's key is not the one that signed the seal")
        return f"{proof.drawn} drawn"

    def _tally(self) -> str:
        found = self.read("tally.json")
        value = parse_canonical(found)
        nonce = text(value["nonce"], "nonce") if isinstance(value, Mapping) and "nonce" in value else ""
        cells = given(self.cells, SLICES)
        rules = given(self.rules, "rules.json")
        units = given(self.units, "units.json")
        self.tally = tally = retally(cells, rules, units, self.counts)
        right = tally.to_bytes(bytes.fromhex(nonce))
        if right != found:
            raise At(*tally_difference(value, parse_canonical(right)))
        return f"{len(tally.units)} units, {tally.valid} ballots"


def _fast_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """The same as draw_proof's own Ed25519, by the cryptography library."""
    return Verifier("key", public).verify(message, signature)
