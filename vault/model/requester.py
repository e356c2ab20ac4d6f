"""Who asks: what authentication established, and what the register and the limits of apps add to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vault.model.modes import ALL_MODES, AccessMode
from vault.model.rules import RefusalReason


@dataclass(frozen=True, slots=True)
class Credentials:
    """What authentication established; all None for an anonymous request.

    `expires_at` is when the token stops counting (seconds since the epoch). `is_local` says that the issuer
    is this server's own; `is_trusted_client` that the client then gets its rights by configuration. `sign_outs` is how
    often the agent had ended everything when the token was made.
    """

    agent: str | None = None
    client: str | None = None
    issuer: str | None = None
    expires_at: int | None = None
    is_local: bool = False
    is_trusted_client: bool = False
    sign_outs: int = 0


ANONYMOUS = Credentials()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a request says of itself: the purpose as sent, with what it satisfies, and the origin.

    `purposes` is the declared purpose and all broader ones; empty for an unknown concept.
    """

    purpose: str | None = None
    purposes: frozenset[str] = frozenset()
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """One request as the vault meets it: who asks, what the request says of itself, and its trace id."""

    credentials: Credentials
    declared: Declared
    trace_id: str


@dataclass(frozen=True, slots=True)
class AppLimit:
    """What an app may do at most for an agent of this server, whatever the access rules give her.

    `containers` are paths within a storage that end in a slash, None for everywhere. `services` are type names
    of the storage description ("AccessGrantService"). Control is given by `AccessMode.CONTROL` in `modes`. From
    `until_s` on (wall seconds, None: never) it gives nothing.
    """

    modes: frozenset[AccessMode]
    containers: tuple[str, ...] | None
    services: frozenset[str]
    until_s: int | None = None


SERVICES = frozenset(
    {
        "AccessRequestService",
        "AccessGrantService",
        "PreviewService",
        "InvitationService",
        "RelocationService",
        "JournalService",
        "VersionService",
    }
)
EVERYTHING = AppLimit(ALL_MODES, None, SERVICES)
NOTHING = AppLimit(frozenset(), (), frozenset())


@dataclass(frozen=True, slots=True)
class Requester:
    """An agent as `decide` sees her.

    `organisations` are the IRIs of the organisations for which she acts right now (in the register, not
    suspended, issuer and client registered, agent in the workers' group, group known to be fresh); `groups` are
    those organisations' worker groups, and with `client_groups` and `issuer_groups` the groups that count for what is
    asked (see `vault.access.groups`). `paused_groups` would count, but wait for the owner's yes. `limit` is None for agents of other issuers.
    """

    credentials: Credentials
    declared: Declared = Declared()
    organisations: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    not_acting: Mapping[str, RefusalReason] = field(default_factory=dict)
    limit: AppLimit | None = None
    client_groups: frozenset[str] = frozenset()
    issuer_groups: frozenset[str] = frozenset()
    paused_groups: frozenset[str] = frozenset()

    @property
    def agent(self) -> str | None:
        """The WebID, None when anonymous."""
        return self.credentials.agent
