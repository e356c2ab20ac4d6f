"""Merkle trees over hashed leaves (`rfc-editor.org/rfc/rfc9162#name-merkle-trees`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over hashed leaves; that of no leaves is the hash of nothing."""
    level = list(leaves)
    while len(level) > 1:
        level = _next_level(level)
    return level[0] if level else hashlib.sha256().digest()


def path_to_root(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings from a leaf up to the root."""
    level, path = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _next_level(level), index // 2
    return path


def root_of_path(leaf: bytes, index: int, tree_size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a hashed leaf and its siblings lead to; None when the path does not fit the tree."""
    if not 0 <= index < tree_size:
        return None
    result, last, siblings = leaf, tree_size - 1, list(path)
    while last > 0:
        if index ^ 1 <= last:
            if not siblings:
                return None
            sibling = siblings.pop(0)
            result = _node(sibling, result) if index & 1 else _node(result, sibling)
        index, last = index // 2, last // 2
    return None if siblings else result


def _next_level(level: Sequence[bytes]) -> list[bytes]:
    # The last one of an odd number goes up as it is; that gives the same tree as splitting at powers of two.
    paired = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return paired + [level[-1]] * (len(level) % 2)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
