"""Merkle trees as in RFC 9162, section 2.1 (SHA-256; 0x00 before a leaf, 0x01 before a node)."""

import hashlib
from collections.abc import Iterable, Sequence

_sha256 = hashlib.sha256
_WIDTH = 1024
"""Leaves of the subtrees that are hashed level by level."""


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf's data."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return _sha256(b"\x01" + left + right).digest()


class Tree:
    """Root of a growing list of leaves, in memory of the order of its depth."""

    def __init__(self) -> None:
        self.size = 0
        self._full: list[tuple[int, bytes]] = []  # (leaves under it, hash) of complete subtrees, left to right

    def add(self, data: bytes) -> None:
        """Append a leaf."""
        self.add_hash(_sha256(b"\x00" + data).digest())

    def add_hash(self, leaf: bytes) -> None:
        """Append a leaf by its leaf hash."""
        self._push(1, leaf)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Append many leaves: complete subtrees are hashed level by level, which is faster."""
        at = 0
        while at < len(leaves):
            if self.size % _WIDTH or len(leaves) - at < _WIDTH:
                self.add(leaves[at])
                at += 1
                continue
            level = [_sha256(b"\x00" + data).digest() for data in leaves[at : at + _WIDTH]]
            while len(level) > 1:
                pairs = iter(level)
                level = [_sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            self._push(_WIDTH, level[0])
            at += _WIDTH

    def _push(self, width: int, subtree: bytes) -> None:
        """Append a complete subtree, whose width divides the size so far."""
        full = self._full
        self.size += width
        while full and full[-1][0] == width:
            subtree = _sha256(b"\x01" + full.pop()[1] + subtree).digest()
            width *= 2
        full.append((width, subtree))

    def root(self) -> bytes:
        """Root of the leaves so far; SHA-256 of nothing for an empty tree."""
        if not self._full:
            return _sha256(b"").digest()
        result = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            result = node_hash(left, result)
        return result


def root(leaves: Iterable[bytes]) -> bytes:
    """Root over the leaves' data."""
    tree = Tree()
    tree.extend(leaves if isinstance(leaves, list) else list(leaves))
    return tree.root()


def paths(leaves: Sequence[bytes]) -> tuple[tuple[bytes, ...], ...]:
    """Inclusion path (siblings from the leaf up) of every leaf, given the leaves' data."""
    level = [leaf_hash(data) for data in leaves]
    found: list[list[bytes]] = [[] for _ in leaves]
    under = [[i] for i in range(len(leaves))]
    while len(level) > 1:
        above: list[bytes] = []
        above_under: list[list[int]] = []
        for i in range(0, len(level) - 1, 2):
            for leaf in under[i]:
                found[leaf].append(level[i + 1])
            for leaf in under[i + 1]:
                found[leaf].append(level[i])
            above.append(node_hash(level[i], level[i + 1]))
            above_under.append(under[i] + under[i + 1])
        if len(level) % 2:  # the last one has no sibling on this level and moves up as it is
            above.append(level[-1])
            above_under.append(under[-1])
        level, under = above, above_under
    return tuple(tuple(path) for path in found)


def root_from_path(data: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Root that a leaf's path leads to (RFC 9162, 2.1.3.2); None where the path does not fit index and size."""
    if not 0 <= index < size:
        return None
    at, last, result = index, size - 1, leaf_hash(data)
    for sibling in path:
        if last == 0:
            return None
        if at % 2 or at == last:
            result = node_hash(sibling, result)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        at, last = at >> 1, last >> 1
    return result if last == 0 else None
