"""A new storage: root, public card, and the containers that every vault has (`solidproject.org/TR/protocol#storage-resource`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode, Triple

from vault.context import Context
from vault.model.identifiers import ResourceIdentifier, StorageId
from vault.model.modes import ALL_MODES, AccessMode
from vault.model.operation import Body
from vault.model.records import NewRevision, ResourceKind, StorageRecord
from vault.model.rules import CompiledAcl, Rule
from vault.operations.access_rules import PreparedAcl, prepare_acl, put_acl
from vault.operations.card import CARD_PATH, card_triples, owner_of
from vault.operations.content import keep, keep_nothing
from vault.rdf.documents import serialize
from vault.stores.ports import CatalogueTransaction
from vocab.concepts import fixed_containers
from vocab.media_types import TURTLE
from vocab.namespaces import ACL, FOAF, RDF


@dataclass(frozen=True, slots=True)
class PreparedResource:
    """A resource whose bytes are durable, not yet in the catalogue."""

    identifier: ResourceIdentifier
    key: str
    new: NewRevision
    acl: PreparedAcl | None = None


@dataclass(frozen=True, slots=True)
class PreparedStorage:
    """A storage of which all objects are durable: it comes to be with `create_storage`."""

    record: StorageRecord
    resources: tuple[PreparedResource, ...]


def prepare_storage(
    context: Context, storage: StorageId, name: str, create_key: Callable[[StorageId], None]
) -> PreparedStorage:
    """Make the key and the first objects of a storage; `name` is how its owner wants to be called."""
    create_key(storage)
    root = ResourceIdentifier(storage, "")
    owner = owner_of(root.url(context.base_url))
    card = ResourceIdentifier(storage, CARD_PATH)
    own = Rule(_name(context, root, "owner"), ALL_MODES, agents=frozenset({owner}))
    own_card = Rule(_name(context, card, "owner"), ALL_MODES, agents=frozenset({owner}))
    public = Rule(_name(context, card, "public"), frozenset({AccessMode.READ}), everyone=True)
    containers = (_container(context, storage, found.path) for found in fixed_containers())
    resources = (
        _container(context, storage, "", _acl(context, root, CompiledAcl((own,), (own,)))),
        *sorted(containers, key=lambda made: made.identifier),
        _card(context, card, _acl(context, card, CompiledAcl((own_card, public)))),
    )
    return PreparedStorage(StorageRecord(storage, owner, context.issuer_url, name, 1), resources)


def create_storage(tx: CatalogueTransaction, prepared: PreparedStorage) -> None:
    """Let a prepared storage come to be, in the transaction that also makes its owner's account."""
    tx.create_storage(prepared.record)
    for resource in prepared.resources:
        kind = ResourceKind.CONTAINER if resource.identifier.is_container else ResourceKind.DOCUMENT
        record = tx.create_resource(resource.identifier, kind, resource.new, resource.key)
        if resource.acl is not None:
            put_acl(tx, record, None, resource.acl)


def _container(
    context: Context, storage: StorageId, path: str, acl: PreparedAcl | None = None
) -> PreparedResource:
    empty = keep_nothing(context, TURTLE, None)
    return PreparedResource(ResourceIdentifier(storage, path), context.new_id(), empty, acl)


def _card(context: Context, card: ResourceIdentifier, acl: PreparedAcl) -> PreparedResource:
    storage_url = ResourceIdentifier(card.storage, "").url(context.base_url)
    body = serialize(card_triples(storage_url, context.issuer_url), TURTLE)
    key = context.new_id()
    return PreparedResource(card, key, keep(context, card, key, Body(TURTLE, iter((body,))), None), acl)


def _acl(context: Context, subject: ResourceIdentifier, compiled: CompiledAcl) -> PreparedAcl:
    key = context.new_id()
    triples = acl_triples(compiled, subject.url(context.base_url))
    return PreparedAcl(key, prepare_acl(context, subject.acl, key, triples, None), compiled)


def _name(context: Context, subject: ResourceIdentifier, name: str) -> str:
    return f"{subject.acl.url(context.base_url)}#{name}"


def acl_triples(compiled: CompiledAcl, subject_url: str) -> Iterable[Triple]:
    """The Authorizations of plain rules, the other way round from compiling them."""
    for predicate, rules in ((ACL.accessTo, compiled.access_to), (ACL.default, compiled.default)):
        for rule in rules:
            node = NamedNode(rule.authorization)
            yield Triple(node, NamedNode(RDF.type), NamedNode(ACL.Authorization))
            yield Triple(node, NamedNode(predicate), NamedNode(subject_url))
            if rule.everyone:
                yield Triple(node, NamedNode(ACL.agentClass), NamedNode(FOAF.Agent))
            for agent in rule.agents:
                yield Triple(node, NamedNode(ACL.agent), NamedNode(agent))
            for mode in rule.modes:
                yield Triple(node, NamedNode(ACL.mode), NamedNode(mode.value))
