"""What the citizen looks at before and after she gives: what somebody would see, what she sees, who sees a resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from vault.access.groups import GroupSight, with_groups
from vault.context import Context
from vault.grants.layout import OWN_CARD, GrantChange, lay_out
from vault.grants.receivers import parties_of, receiver_of, requester_for, requesters_of
from vault.grants.visible import Eyes, Visible, look, may_read, resources_of, rules_now, rules_of
from vault.model.grant import Grant
from vault.model.identifiers import ResourceIdentifier
from vault.model.modes import AccessMode
from vault.model.records import StorageRecord
from vault.model.rules import CompiledAcl, Rule
from vault.stores.ports import CatalogueReader
from vocab.concepts import FixedContainer, fixed_containers

_NEVER_SHARED = "mijn/"


@dataclass(frozen=True, slots=True)
class Preview:
    """What somebody sees, the IRIs of the fixed containers in which she sees nothing, and where a grant stays out."""

    visible: tuple[Visible, ...]
    invisible: tuple[str, ...]
    exceptions: tuple[str, ...] = ()

    def digests(self) -> frozenset[str]:
        """What proves that exactly this was shown."""
        return frozenset(found.digest for found in self.visible)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who sees a resource: through which grants, and whether (also) by what was set by hand, with which apps."""

    party: str
    grants: tuple[str, ...]
    is_set_by_hand: bool
    apps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetByHand:
    """What a rule lets somebody do without a grant: at the resource whose ACL says so, or below, written with an app.

    `client` is None where the app is not known.
    """

    party: str
    url: str
    modes: frozenset[AccessMode]
    client: str | None


def preview_grant(context: Context, view: CatalogueReader, storage: StorageRecord, grant: Grant) -> Preview:
    """What the receiver of a draft would see for its purpose once it is given and has begun."""
    layout = lay_out(context, view, storage, GrantChange(new=(grant,)))
    receiver = (receiver_of(grant, view.register()),)
    sight = _sight(context, view)
    now_s = context.clock().policy_s
    start = grant.terms.period.start
    then_s = now_s if start is None else max(now_s, start.seconds)
    now = Eyes(rules_now(context, view, storage), receiver, now_s, sight)
    then = Eyes(rules_of(context, storage, layout), receiver, then_s, sight)
    visible = look(resources_of(view, storage, then.may_see), now, then)
    return Preview(visible, _invisible(visible), layout.changed[0].grant.exceptions)


def what_sees(context: Context, view: CatalogueReader, storage: StorageRecord, party: str) -> Preview:
    """What an agent, or a worker of a group, sees now, for whatever purpose she may name."""
    rules = rules_now(context, view, storage)
    requesters = requesters_of(rules, party, view.register())
    now = Eyes(rules, requesters, context.clock().policy_s, _sight(context, view))
    visible = look(resources_of(view, storage, now.may_see), now, now)
    return Preview(visible, _invisible(visible))


def who_sees(
    context: Context, view: CatalogueReader, storage: StorageRecord, identifier: ResourceIdentifier
) -> tuple[Viewer, ...]:
    """Who can read a resource now, besides its owner."""
    subject = rules_now(context, view, storage).subject(identifier)
    register, policy_s, sight = view.register(), context.clock().policy_s, _sight(context, view)
    found: dict[str, list[Rule]] = {}
    for rule in subject.rules:
        alone = replace(subject, rules=(rule,))
        for party in parties_of(rule):
            requester = with_groups(sight, requester_for(rule, party, register), alone)
            if party != storage.owner and may_read(requester, alone, policy_s):
                found.setdefault(party, []).append(rule)
    return tuple(_viewer(party, rules) for party, rules in sorted(found.items()))


def what_was_set_by_hand(
    context: Context, view: CatalogueReader, storage: StorageRecord
) -> tuple[SetByHand, ...]:
    """What people wrote that lets in others than the owner, by address and party; her card is public and left out."""
    found: dict[tuple[str, str, str | None], frozenset[AccessMode]] = {}
    # One that the vault made only repeats what stands above it.
    written = (acl for acl in view.own_acls(storage.storage) if acl.agent is not None)
    for acl in (acl for acl in written if not acl.identifier.path.startswith(OWN_CARD)):
        url, compiled = acl.identifier.subject.url(context.base_url), view.rules(storage.storage, acl.acl_key)
        for rule, party in _by_hand(compiled, storage.owner):
            key = (url, party, rule.client)
            found[key] = found.get(key, frozenset()) | rule.modes
    ordered = sorted(found.items(), key=lambda item: (*item[0][:2], item[0][2] or ""))
    return tuple(SetByHand(party, url, modes, client) for (url, party, client), modes in ordered)


def _by_hand(compiled: CompiledAcl, owner: str) -> Iterator[tuple[Rule, str]]:
    for rule in (*compiled.access_to, *compiled.default):
        if rule.grant is None:
            yield from ((rule, party) for party in parties_of(rule) if party != owner)


def _sight(context: Context, view: CatalogueReader) -> GroupSight:
    return GroupSight(view, context.base_url, context.clock().wall_s)


def _viewer(party: str, rules: Sequence[Rule]) -> Viewer:
    by_hand = [rule for rule in rules if rule.grant is None]
    grants = sorted({rule.grant for rule in rules if rule.grant is not None})
    apps = sorted({rule.client for rule in by_hand if rule.client is not None})
    return Viewer(party, tuple(grants), is_set_by_hand=bool(by_hand), apps=tuple(apps))


def _invisible(visible: Iterable[Visible]) -> tuple[str, ...]:
    """Whatever is in them: the same containers for everybody who shares the same."""
    seen = {found.record.identifier.path for found in visible}
    return tuple(
        container.iri
        for container in fixed_containers()
        if _can_be_named(container) and not any(path.startswith(container.path) for path in seen)
    )


def _can_be_named(container: FixedContainer) -> bool:
    return container.requestable or container.path == _NEVER_SHARED
