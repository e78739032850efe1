"""The seal (S6, protocol C): two trees, a manifest, a checkpoint that people sign, receipts and openings.

Tree 1: leaf 0 is the manifest (manifest.json), the others are SHA-256(JCS(ballot with its nonce)), sorted: they hide
what they hold. Tree 2 has one record a ballot, unit and dimension, each with its own nonce, sorted: everybody can
count again, nobody can find a whole ballot in it. The checkpoint signs tree 1's root, and with it everything.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring

from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain import merkle
from services.scoring.domain.ballot import Ballot, BallotForm, ballot_form
from services.scoring.domain.bundle import RESULT
from services.scoring.domain.canon import Entropy, Json, Malformed, canonical, digest, moment
from services.scoring.domain.cards import CardList
from services.scoring.domain.note import KeyRing, assemble, open_note
from services.scoring.domain.openings import encrypt_openings
from services.scoring.domain.receipt import Receipt, receipts
from services.scoring.domain.reconcile import Counts, Problem, reconcile
from services.scoring.domain.rehearsal import HEAD, marked
from services.scoring.domain.rules import Rules, UnitEntry, units_bytes
from services.scoring.domain.tally import Tally, count, shuffled
from shared.errors import Refusal

SEAL_KIND = "minping.seal.v1"
NONCE_BYTES = 16
MANIFEST, CHECKPOINT, SLICES, CARDS_NOTE = "manifest.json", "checkpoint.txt", "slices.jsonl", "cards_note.txt"
SEALED_FILES = (
    *("ballots.txt", "draw_proof.json", "keys.json", "reconciliation.json", "rules.json"),
    *(SLICES, "tally.json", "units.json"),
)
"""What the manifest lists, besides the cards' note and extra files of the caller's."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed meeting before people sign its checkpoint.

    files: every member of the bundle but checkpoint.txt. checkpoint: the text to sign. receipts: token hash → receipt.
    openings: all ballots with their nonces, encrypted to the dispute key (None without one). Secret parts are left
    out of repr.
    """

    meeting: str
    files: Mapping[str, bytes] = field(repr=False)
    checkpoint: str
    tally: Tally = field(repr=False)
    receipts: Mapping[str, Receipt] = field(repr=False)
    openings: bytes | None = field(repr=False)

    @property
    def root(self) -> str:
        """Root of tree 1, base64 as in the checkpoint."""
        return self.checkpoint.split("\n")[2]


def origin(programme: str, cycle: str, meeting: str, rehearsal: bool) -> str:
    """First line of the checkpoint. A rehearsal says so and can never pass for the real thing (S16)."""
    return "/".join(("minping", *(("rehearsal",) if rehearsal else ()), programme, cycle, meeting))


def seal(
    *,
    meeting: str,
    rules: Rules,
    units: tuple[UnitEntry, ...],
    ballots: Sequence[Ballot],
    counts: Counts,
    draw_proof: bytes,
    keys: KeyRing,
    sealed_at: datetime,
    entropy: Entropy,
    dispute_key: ec.EllipticCurvePublicKey | None = None,
    cards: CardList | None = None,
    rehearsal: bool = False,
    extras: Mapping[str, Json] | None = None,
    cards_note: bytes | None = None,
) -> Sealed:
    """Count the ballots and seal them. Afterwards destroy the ballot key, the ballots and this entropy.

    Raises Refusal where the figures do not agree or there is no quorum (the vote is void or run again), and where the
    key ring has no system, no scrutineer or fewer tellers than the rules ask for. `extras`: further JSON files
    (`<name>.json`) to bind into the seal. `cards_note`: the note by which tellers signed the list of cards beforehand.
    """
    problems = reconcile(counts, rules)
    if cards is not None and len(cards.classes) != counts.printed:
        problems += (Problem("cards", f"printed {counts.printed} ≠ {len(cards.classes)} on the signed list of cards"),)
    if problems:
        raise Refusal(
            "reconciliation",
            [p.name for p in problems],
            "; ".join(p.says for p in problems),
            "the vote is void" if any(p.voids for p in problems) else "vote again",
            409,
        )
    if len(ballots) != counts.valid:
        raise Refusal("ballots", len(ballots), f"the count says {counts.valid} valid", "seal what was counted", 409)
    check_ring(keys, rules)
    form = ballot_form(meeting, rules, units)
    tally = count(ballots, rules, units)
    leaves, openings = _leaves(form, ballots, entropy)
    slices = slice_lines(form, ballots, [c.key for c in rules.classes], entropy, rehearsal=rehearsal)
    opened = (
        None
        if dispute_key is None
        else encrypt_openings(dispute_key, meeting, openings, rules.choices, rehearsal=rehearsal)
    )
    files = {
        "ballots.txt": b"".join(leaf.hex().encode() + b"\n" for leaf in sorted(leaves)),
        "draw_proof.json": draw_proof,
        "keys.json": keys.to_bytes(),
        "reconciliation.json": counts.to_bytes(),
        "rules.json": rules.to_bytes(),
        SLICES: b"".join(line + b"\n" for line in slices),
        "tally.json": tally.to_bytes(entropy(NONCE_BYTES)),
        "units.json": units_bytes(units),
    }
    for name, extra in (extras or {}).items():
        if not name.endswith(".json") or name in (*SEALED_FILES, MANIFEST, RESULT):
            raise Malformed(f"extra file {name!r} needs a name of its own ending in .json")
        files[name] = canonical(extra)
    if cards_note is not None:
        files[CARDS_NOTE] = cards_note
    if rehearsal:
        files = {name: data if name == SLICES else marked(name, data) for name, data in files.items()}
    manifest = canonical(
        {
            "kind": SEAL_KIND,
            "meeting": meeting,
            "programme": rules.programme,
            "cycle": rules.cycle,
            "rehearsal": rehearsal,
            "sealed_at": moment(sealed_at),
            "units": [u.id for u in units],
            "counts": {
                "issued": counts.issued,
                "returned": counts.returned,
                "unused": counts.unused,
                "valid": counts.valid,
                "void": counts.void,
            },
            "files": {name: digest(data) for name, data in sorted(files.items())},
            "slices": {"size": len(slices), "root": merkle.root(slices).hex()},
            "cards": None if cards is None else {"size": len(cards.classes), "root": cards.root},
            "openings": None if opened is None else digest(opened),
        }
    )
    if rehearsal:
        manifest = marked(MANIFEST, manifest)
    order = [manifest, *sorted(leaves)]
    tree = merkle.Tree()
    for leaf in order:
        tree.add(leaf)
    return Sealed(
        meeting=meeting,
        files={MANIFEST: manifest, **files},
        checkpoint=checkpoint_text(origin(rules.programme, rules.cycle, meeting, rehearsal), tree.size, tree.root()),
        tally=tally,
        receipts=dict(receipts(meeting, ballots, leaves, order, rehearsal=rehearsal)),
        openings=opened,
    )


def check_ring(keys: KeyRing, rules: Rules) -> None:
    """Check that a key ring can sign a seal; raises Refusal naming the role that is short."""
    for role, least in (("system", 1), ("teller", max(rules.tellers_needed, 3)), ("scrutineer", 1)):
        have = len(keys.verifiers(role))
        if have < least:
            raise Refusal(f"keys.{role}", have, f"at least {least} are needed", f"enrol the {role}'s key", 409)


def checkpoint_text(first_line: str, size: int, root: bytes) -> str:
    """A C2SP checkpoint: origin, size, root in base64."""
    return f"{first_line}\n{size}\n{base64.b64encode(root).decode()}\n"


def ballot_leaf(opening: Mapping[str, Json]) -> bytes:
    """Data of a ballot's leaf in tree 1: SHA-256(JCS(ballot with its nonce))."""
    return bytes.fromhex(digest(canonical(opening)))


def _leaves(
    form: BallotForm, ballots: Sequence[Ballot], entropy: Entropy
) -> tuple[list[bytes], list[Mapping[str, Json]]]:
    nonces = entropy(NONCE_BYTES * len(ballots))
    openings: list[Mapping[str, Json]] = []
    for number, ballot in enumerate(ballots):
        openings.append(
            {
                "meeting": form.meeting,
                "class": ballot.card_class,
                "marks": ballot.marks(form),
                "nonce": nonces[NONCE_BYTES * number : NONCE_BYTES * (number + 1)].hex(),
            }
        )
    leaves = [ballot_leaf(opening) for opening in openings]
    return leaves, list(shuffled(openings, entropy))


def slice_lines(
    form: BallotForm, ballots: Sequence[Ballot], classes: Sequence[str], entropy: Entropy, *, rehearsal: bool = False
) -> list[bytes]:
    """Records of tree 2 in canonical JSON, sorted. With one class of card the class is left out."""
    starts = slice_starts(form.units, form.dimensions, form.choices, classes, rehearsal=rehearsal)
    nonces = entropy(NONCE_BYTES * len(ballots) * len(form.units) * len(form.dimensions)).hex().encode()
    lines, at = [], 0
    for ballot in ballots:
        for unit, row in zip(form.units, ballot.rows, strict=True):
            for dimension, choice in zip(form.dimensions, row, strict=True):
                head, tail = starts[unit, dimension, ballot.card_class, choice]
                lines.append(head + nonces[at : at + 32] + tail)
                at += 32
    lines.sort()
    return lines


def slice_starts(
    units: Iterable[str],
    dimensions: Iterable[str],
    choices: Iterable[str],
    classes: Sequence[str],
    *,
    rehearsal: bool = False,
) -> dict[tuple[str, str, str, str], tuple[bytes, bytes]]:
    """What stands before and after the nonce in each kind of slice (members in the order of RFC 8785).

    `encode_basestring` escapes as RFC 8785 does; a test compares these lines with the library's.
    """
    quote, first = encode_basestring, "{" + (HEAD if rehearsal else "")
    found = {}
    for card_class in classes:
        start = f'{first}"class":{quote(card_class)},' if len(classes) > 1 else first
        for dimension in dimensions:
            for choice in choices:
                head = f'{start}"dimension":{quote(dimension)},"grade":{quote(choice)},"nonce":"'
                for unit in units:
                    found[unit, dimension, card_class, choice] = (head.encode(), f'","unit":{quote(unit)}}}'.encode())
    return found


def assemble_checkpoint(sealed: Sealed, lines: Iterable[str], keys: KeyRing, rules: Rules) -> str:
    """The signed checkpoint from signature lines over `sealed.checkpoint`.

    Raises Refusal until the system, the scrutineer and enough tellers have signed, and Malformed for a signature that
    does not hold.
    """
    note = assemble(sealed.checkpoint, lines)
    _, names = open_note(note, keys.verifiers())
    missing = missing_signatures(names, keys, rules)
    if missing:
        raise Refusal("signatures", list(names), "; ".join(missing), "let them sign the checkpoint", 409)
    return note


def missing_signatures(names: Iterable[str], keys: KeyRing, rules: Rules) -> tuple[str, ...]:
    """Which signatures a checkpoint still needs: the system, the scrutineer, at least 3 tellers."""
    roles = keys.roles()
    signed = [roles.get(name) for name in names]
    needed = {"system": 1, "teller": max(rules.tellers_needed, 3), "scrutineer": 1}
    return tuple(
        f"{role}: {signed.count(role)} of {least} signed"
        for role, least in needed.items()
        if signed.count(role) < least
    )
