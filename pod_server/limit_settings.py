"""Every limit that an operator can set, in one table: how far it may go, and what is answered over it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pod_server.http.limits import Limits
from vault.model.identifiers import max_path_length
from vault.model.limits import VaultLimits

_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3
_DAY = 24 * 3600
_VAULT_FIELDS = frozenset(field.name for field in dataclasses.fields(VaultLimits))


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit: least and most that it may be set to, the answer over it, and what it limits."""

    name: str
    least: int
    most: int
    answer: str
    meaning: str

    @property
    def default(self) -> float:
        """What counts when nothing is set."""
        value: float = getattr(VaultLimits() if self.name in _VAULT_FIELDS else Limits(), self.name)
        return value


LIMITS = (
    Limit("max_body_bytes", _KIB, 1024 * _GIB, "413", "a body, streamed to where it is kept"),
    Limit("max_rdf_bytes", _KIB, 256 * _MIB, "413", "a body of linked data, which is read in memory"),
    Limit("max_triples", 1, 10_000_000, "413", "the triples of one document"),
    Limit("max_patch_bytes", _KIB, 16 * _MIB, "413", "a patch"),
    Limit("max_patch_matches", 1, 1_000_000, "422", "the ways in which the condition of a patch may match"),
    Limit("max_acl_groups", 0, 10_000, "422", "the groups that one ACL may name"),
    Limit(
        "max_remote_groups",
        0,
        10_000,
        "422",
        "the groups of other servers that the ACLs of a storage may name",
    ),
    Limit("max_group_members", 1, 1_000_000, "nobody is in it", "the members of a group that an ACL names"),
    Limit("max_group_bytes", _KIB, 16 * _MIB, "nobody is in it", "the document of a group on another server"),
    Limit("max_head_bytes", _KIB, 60 * _KIB, "431", "all headers of a request together"),
    Limit("max_head_lines", 20, 98, "431", "the number of headers of a request"),
    Limit("max_path_bytes", 64, max_path_length, "414", "a path, storage included, as it is sent"),
    Limit("max_query_bytes", 64, 32 * _KIB, "414", "the query of a URL"),
    Limit("grace_s", 0, _DAY, "408", "how long a body may take to begin"),
    Limit("least_bytes_per_s", 1, _GIB, "408", "how fast a body must come at least, on average"),
    Limit(
        "max_request_s", 1, 30 * _DAY, "408, or the answer ends", "how long a body may come, and an answer go"
    ),
    Limit("max_concurrent", 1, 65_536, "503", "requests that a worker process answers at a time"),
    Limit("max_concurrent_per_agent", 1, 65_536, "429", "those of one agent with one app, or of one address"),
    Limit(
        "max_refusals_per_minute", 1, 100_000_000, "429", "answers 401, 403 and 404 to one of them, a worker"
    ),
    Limit("quota_bytes", _MIB, 1024**2 * _GIB, "507", "all that a storage keeps, old revisions included"),
    Limit("grantee_quota_bytes", 0, 1024**2 * _GIB, "507", "what one other agent may fill of a storage"),
    Limit("removed_kept_s", 0, 3660 * _DAY, "-", "how long what was removed can be brought back"),
    Limit("revisions_kept_s", 0, 3660 * _DAY, "-", "how long an old revision is kept"),
    Limit("journal_kept_s", _DAY, 36_600 * _DAY, "-", "how long lines of the journal keep what they say"),
    Limit("max_intake_bytes", _MIB, 64 * _GIB, "503", "lines of the journal that may wait to be sealed"),
)
_BY_NAME: Mapping[str, Limit] = {limit.name: limit for limit in LIMITS}


class WrongLimit(ValueError):
    """A limit is set to what it cannot be."""


def is_limit(name: str) -> bool:
    """Whether a setting is one of the limits."""
    return name in _BY_NAME


def read_limit(name: str, value: Any) -> float:
    """Read what a limit is set to, from a file or (as text) from the environment.

    Raises:
        WrongLimit: no number, or out of bounds.
    """
    limit = _BY_NAME[name]
    try:
        number = float(value) if isinstance(limit.default, float) else int(value)
    except (TypeError, ValueError):
        raise WrongLimit(f"{name}: {value!r} is not a number") from None
    if isinstance(value, bool) or number != float(str(value)) or not limit.least <= number <= limit.most:
        raise WrongLimit(f"{name}: {value!r} must be a number from {limit.least} to {limit.most}")
    return float(number) if isinstance(limit.default, float) else int(number)


def http_limits(chosen: Mapping[str, float]) -> Limits:
    """The limits on requests, of those that were set."""
    values: dict[str, Any] = {n: value for n, value in chosen.items() if n not in _VAULT_FIELDS}
    return Limits(**values)


def vault_limits(chosen: Mapping[str, float]) -> VaultLimits:
    """The limits of the vault, of those that were set."""
    values: dict[str, Any] = {n: value for n, value in chosen.items() if n in _VAULT_FIELDS}
    return VaultLimits(**values)
