"""A representative's receipt (protocol C): it shows that a ballot is in the seal, not what it says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.scoring.domain import merkle
from services.scoring.domain.ballot import Ballot
from services.scoring.domain.canon import canonical
from services.scoring.domain.rehearsal import marked

RECEIPT_KIND = "minping.receipt.v1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A leaf and its path, never the nonce."""

    meeting: str
    leaf: str
    index: int
    size: int
    path: tuple[str, ...]
    rehearsal: bool = False

    def to_bytes(self) -> bytes:
        """The file handed to a representative."""
        data = canonical(
            {
                "kind": RECEIPT_KIND,
                "meeting": self.meeting,
                "leaf": self.leaf,
                "index": self.index,
                "size": self.size,
                "path": list(self.path),
            }
        )
        return marked("receipt.json", data) if self.rehearsal else data


def receipts(
    meeting: str, ballots: Sequence[Ballot], leaves: Sequence[bytes], order: Sequence[bytes], *, rehearsal: bool
) -> Iterator[tuple[str, Receipt]]:
    """(card's hash, receipt) of every ballot with a card; `order`: the data of tree 1's leaves."""
    where = {leaf: index for index, leaf in enumerate(order)}
    paths = merkle.paths(order)
    for ballot, leaf in zip(ballots, leaves, strict=True):
        if ballot.token_hash is not None:
            at = where[leaf]
            path = tuple(node.hex() for node in paths[at])
            yield ballot.token_hash, Receipt(meeting, leaf.hex(), at, len(order), path, rehearsal)
