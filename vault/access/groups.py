"""Which groups count for a requester where rules name groups (`solidproject.org/TR/wac#access-subjects`).

A group of this server counts while the person who wrote the ACL may read its document whatever app she uses: rules with
conditions do not help her, nor do groups. One of another server counts while it could be fetched in the last ten minutes.
One that more than doubled since it got access counts for nothing until the owner says yes. Members, and whether a group is
paused, are found by index: the cost does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from vault.access.decide import decide
from vault.access.rules import subject_of
from vault.errors import InvalidIdentifier, UnacceptableContent, Violation
from vault.model.groups import document_of
from vault.model.identifiers import ResourceIdentifier, identifier_from_url
from vault.model.limits import VaultLimits
from vault.model.modes import AccessMode
from vault.model.organisation import group_lifetime_s
from vault.model.requester import Credentials, Requester
from vault.model.rules import Allowed, ClientCondition, CompiledAcl, IssuerCondition, Subject, groups_in
from vault.stores.ports import CatalogueReader
from vocab.namespaces import FOAF


@dataclass(frozen=True, slots=True)
class GroupSight:
    """Where and when groups are looked at: a view, the base URL that this server's groups have, wall seconds."""

    view: CatalogueReader
    base_url: str
    wall_s: int


def with_groups(sight: GroupSight, requester: Requester, subject: Subject) -> Requester:
    """Add to a requester the groups that the rules of a subject name and that count for her, her app and her issuer, and
    take away those that are paused.

    Those of the register are hers already, or she may not act for them.
    """
    credentials = requester.credentials
    if credentials.agent is None or not any(map(groups_in, subject.rules)):
        return requester
    conditions = [c for rule in subject.rules for c in rule.conditions]
    agents = frozenset[str]().union(*(rule.groups for rule in subject.rules))
    clients = frozenset[str]().union(*(c.groups for c in conditions if isinstance(c, ClientCondition)))
    issuers = frozenset[str]().union(*(c.groups for c in conditions if isinstance(c, IssuerCondition)))
    writer = subject.writer or subject.owner
    counting = (
        requester.groups | _counting(sight, agents, credentials.agent, writer),
        _counting(sight, clients, credentials.client, writer),
        _counting(sight, issuers, credentials.issuer, writer),
    )
    paused = _paused(sight, subject, counting[0] & agents | counting[1] | counting[2])
    hers, of_client, of_issuer = (groups - paused for groups in counting)
    return replace(
        requester, groups=hers, client_groups=of_client, issuer_groups=of_issuer, paused_groups=paused
    )


def check_groups(sight: GroupSight, compiled: CompiledAcl, named: Iterable[str], limits: VaultLimits) -> None:
    """Refuse an ACL with too many groups; `named` are those that the storage names already.

    Raises:
        UnacceptableContent: there are too many in it, or too many of other servers in the storage.
    """
    groups = compiled.groups()
    if len(groups) > limits.max_acl_groups:
        raise _too_many(f"an ACL may name at most {limits.max_acl_groups} groups")
    remote = {group for group in groups if is_remote(sight, group)}
    others = {group for group in named if is_remote(sight, group)}
    if remote - others and len(remote | others) > limits.max_remote_groups:
        raise _too_many(f"a storage may name at most {limits.max_remote_groups} groups of other servers")


def is_remote(sight: GroupSight, group: str) -> bool:
    """Whether a group is to be fetched: neither one of this server nor one of the register."""
    return not group.startswith(sight.base_url) and group not in _registered(sight.view)


def _too_many(message: str) -> UnacceptableContent:
    return UnacceptableContent(message, (Violation("agentGroup", "Er staan te veel groepen in."),))


def _registered(view: CatalogueReader) -> frozenset[str]:
    return frozenset(organisation.group for organisation in view.register().organisations)


def _counting(sight: GroupSight, groups: frozenset[str], who: str | None, writer: str) -> frozenset[str]:
    if who is None or not groups:
        return frozenset()
    candidates = groups - _registered(sight.view)
    return frozenset(
        group for group in candidates if sight.view.is_member(group, who) and _counts(sight, group, writer)
    )


def _counts(sight: GroupSight, group: str, writer: str) -> bool:
    if group.startswith(sight.base_url):
        return _may_read(sight, group, writer)
    fetched_at = sight.view.group_fetched_at(group)
    return fetched_at is not None and sight.wall_s - fetched_at <= group_lifetime_s


def _paused(sight: GroupSight, subject: Subject, groups: Iterable[str]) -> frozenset[str]:
    """The groups that more than doubled since the storage gave them access, and wait for a yes."""
    storage = subject.identifier.storage
    return frozenset(group for group in groups if sight.view.is_group_paused(storage, group))


def _may_read(sight: GroupSight, group: str, writer: str) -> bool:
    """Whether the writer of an ACL may read a group of this server, whatever app and issuer she uses."""
    identifier = _identifier(group, sight.base_url)
    storage = None if identifier is None else sight.view.find_storage(identifier.storage)
    if identifier is None or storage is None:
        return False
    subject = subject_of(sight.view, storage, identifier)
    plain = tuple(rule for rule in subject.rules if not rule.conditions and not rule.origins)
    # A card hosted here counts with this server's issuer only; of anybody else's the issuer is not known.
    issuer = storage.issuer if writer == storage.owner else None
    agent = None if writer == FOAF.Agent else writer
    reader = Requester(Credentials(agent, issuer=issuer))
    return isinstance(decide(reader, AccessMode.READ, replace(subject, rules=plain), 0), Allowed)


def _identifier(group: str, base_url: str) -> ResourceIdentifier | None:
    try:
        return identifier_from_url(document_of(group), base_url)
    except InvalidIdentifier:
        return None
