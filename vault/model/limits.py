"""How much the vault takes on: sizes in bytes, times in seconds; settings of the server, with safe defaults."""

from __future__ import annotations

from dataclasses import dataclass

from vault.errors import StorageFull

_MIB = 1024 * 1024
_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class VaultLimits:
    """Limits that hold whatever road a change takes.

    `quota_bytes` is all that a storage keeps, old revisions included; `grantee_quota_bytes` what one other agent may
    fill of it. What was removed and what was replaced is kept for `removed_kept_s` and `revisions_kept_s`.
    `journal_kept_s` is how long lines of the journal keep what they say; after that only their hashes are kept.
    `max_intake_bytes` is how much of the journal may wait to be sealed, for all storages together.
    Groups count what one ACL may name, what a storage may name of other servers, and the members and bytes of one of them.
    """

    max_rdf_bytes: int = 4 * _MIB
    max_triples: int = 100_000
    max_patch_bytes: int = 256 * 1024
    max_patch_matches: int = 10_000
    max_acl_groups: int = 50
    max_remote_groups: int = 50
    max_group_members: int = 5_000
    max_group_bytes: int = 512 * 1024
    quota_bytes: int = 20 * 1024 * _MIB
    grantee_quota_bytes: int = 2 * 1024 * _MIB
    removed_kept_s: int = 90 * _DAY
    revisions_kept_s: int = 365 * _DAY
    journal_kept_s: int = 5 * 365 * _DAY
    max_intake_bytes: int = 64 * _MIB


@dataclass(frozen=True, slots=True)
class Usage:
    """What a storage keeps in bytes, and what of it one agent filled: None for its owner and for the vault itself."""

    in_all: int
    by_agent: int | None


def check_room(limits: VaultLimits, usage: Usage, more_bytes: int) -> None:
    """Refuse what does not fit any more.

    Raises:
        StorageFull: who is full, and the way out.
    """
    if usage.by_agent is not None and usage.by_agent + more_bytes > limits.grantee_quota_bytes:
        raise StorageFull(
            "your part of this storage is full, earlier versions and removed documents included: "
            "keep it elsewhere, or ask the owner to store it"
        )
    if usage.in_all + more_bytes > limits.quota_bytes:
        raise StorageFull(
            f"the storage is full: it may keep {limits.quota_bytes} bytes, earlier versions and removed documents "
            "included. Room comes back when those are no longer kept, or from whoever runs this server"
        )
