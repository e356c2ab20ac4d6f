"""The ACLs of a storage as they stand, and as they should stand after a change of grants; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Triple

from vault.access.compile import compile_acl
from vault.context import Context
from vault.grants.graphs import without_others, without_rules
from vault.grants.known import KnownGrant, known_grants
from vault.grants.place import Tree, boundaries_below, place
from vault.model.grant import Grant
from vault.model.identifiers import ResourceIdentifier, StorageId, identifier_from_url
from vault.model.records import ResourceRecord, StorageRecord
from vault.model.rules import CompiledAcl
from vault.rdf.documents import parse
from vault.stores.ports import CatalogueReader
from vocab.media_types import TURTLE

OWN_CARD = "profiel/"


@dataclass(frozen=True, slots=True)
class GrantChange:
    """Grants that are new, and grants as they are from now on.

    `only_owner` also ends what was set by hand for others, `without_app` what was set by hand with that app (an IRI).
    """

    new: tuple[Grant, ...] = ()
    replaced: tuple[Grant, ...] = ()
    only_owner: bool = False
    without_app: str | None = None


NO_CHANGE = GrantChange()


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands and what should stand, by URL of the subject.

    `records` are the ACL resources that exist, `made` those among them that grants brought; `written` are the graphs of
    the others as they stand; `wanted` is what every ACL should say that a grant needs or that a person wrote. `epoch` is
    the access epoch of the storage that all this was true for, `changed` the grants of the change.
    """

    storage: StorageId
    epoch: int
    changed: tuple[KnownGrant, ...]
    grants: tuple[KnownGrant, ...]
    records: Mapping[str, ResourceRecord]
    made: frozenset[str]
    written: Mapping[str, Sequence[Triple]]
    wanted: Mapping[str, Sequence[Triple]]
    in_force: tuple[Grant, ...]

    def writer_of(self, url: str) -> str | None:
        """Who wrote what the ACL of a subject will say: in one that the vault makes stands what is repeated from above."""
        while url not in self.written and (above := _above(url)) is not None:
            url = above
        found = self.records.get(url)
        return None if found is None else found.agent


def lay_out(
    context: Context, view: CatalogueReader, storage: StorageRecord, change: GrantChange = NO_CHANGE
) -> Layout:
    """Work out how the ACLs of a storage should stand after a change."""
    identifier, url = storage.storage, storage_url(context, storage.storage)
    before = known_grants(view, identifier)
    records = {acl.identifier.subject.url(context.base_url): acl for acl in view.own_acls(identifier)}
    after = _after(before, change)
    made = _made_for_grants(records, [*(known.grant for known in before), *(k.grant for k in after)])
    written = {of: _read(context, acl) for of, acl in records.items() if of not in made}
    tree = Tree(url, written, lambda target: _exists(context, view, target))
    after = [_with_boundaries(tree, known, change.new) for known in after]
    if change.only_owner:
        tree = replace(tree, written=_closed(tree, records, storage))
    if change.without_app is not None:
        rules = _rules_of_app(view, records, change.without_app)
        tree = replace(tree, written=_without_app(tree, rules, storage.owner))
    policy_s = context.clock().policy_s
    in_force = tuple(known.grant for known in after if known.grant.is_in_force(policy_s))
    ids = {grant.id for grant in (*change.new, *change.replaced)}
    return Layout(
        identifier,
        view.epochs(identifier).storage,
        tuple(known for known in after if known.grant.id in ids),
        tuple(after),
        records,
        made,
        written,
        place(tree, in_force),
        in_force,
    )


def graph_of_new(
    context: Context, view: CatalogueReader, storage: StorageRecord, identifier: ResourceIdentifier
) -> Sequence[Triple] | None:
    """The ACL that a resource must get in the transaction that creates it; None when it inherits as usual.

    Whoever creates a resource at a path for which `is_boundary` holds asks this, for each new container too: what kept a
    grant out of there, or let it in, holds again.
    """
    layout = lay_out(context, view, storage)
    url = identifier.url(context.base_url)
    tree = Tree(storage_url(context, storage.storage), layout.written, lambda target: target == url)
    return place(tree, layout.in_force).get(url)


def _above(url: str) -> str | None:
    container = url.removesuffix("/").rpartition("/")[0]
    return f"{container}/" if "/" in container else None


def storage_url(context: Context, storage: StorageId) -> str:
    """The URL of a storage, that of its root."""
    return ResourceIdentifier(storage, "").url(context.base_url)


def _after(before: Iterable[KnownGrant], change: GrantChange) -> list[KnownGrant]:
    replaced = {grant.id: grant for grant in change.replaced}
    kept = [
        KnownGrant(replaced[known.grant.id], known.version + 1) if known.grant.id in replaced else known
        for known in before
    ]
    return kept + [KnownGrant(grant, 1) for grant in change.new]


def _made_for_grants(records: Mapping[str, ResourceRecord], grants: Iterable[Grant]) -> frozenset[str]:
    """The ACLs that nobody wrote and that some grant could have needed: others were there from the beginning."""
    places = {url for grant in grants for url in (*grant.terms.targets(), *grant.exceptions)}
    return frozenset(url for url, acl in records.items() if acl.agent is None and url in places)


def _with_boundaries(tree: Tree, known: KnownGrant, new: Iterable[Grant]) -> KnownGrant:
    if known.grant not in new:
        return known
    exceptions = {*known.grant.exceptions, *boundaries_below(tree, known.grant)}
    return replace(known, grant=replace(known.grant, exceptions=tuple(sorted(exceptions))))


def _closed(
    tree: Tree, records: Mapping[str, ResourceRecord], storage: StorageRecord
) -> dict[str, Sequence[Triple]]:
    """The graphs that people wrote with nobody but the owner left in them; the card stays as public as it was."""
    card = tree.storage_url + OWN_CARD
    return {
        url: triples
        if records[url].agent is None or url.startswith(card)
        else without_others(triples, storage.owner)
        for url, triples in tree.written.items()
    }


def _rules_of_app(
    view: CatalogueReader, records: Mapping[str, ResourceRecord], client: str
) -> dict[str, frozenset[object]]:
    """What the rules say that were written with an app, by URL of the subject."""
    found: dict[str, frozenset[object]] = {}
    for url, acl in records.items():
        subject = view.find_resource(acl.identifier.subject)
        compiled = (
            CompiledAcl() if subject is None else view.written_rules(acl.identifier.storage, subject.key)
        )
        both = (*compiled.access_to, *compiled.default)
        found[url] = frozenset(rule.says for rule in both if rule.client == client)
    return found


def _without_app(
    tree: Tree, rules: Mapping[str, frozenset[object]], owner: str
) -> dict[str, Sequence[Triple]]:
    """The graphs that people wrote without what those rules say; the owner keeps what she has herself."""

    def left(url: str, triples: Sequence[Triple]) -> Sequence[Triple]:
        def is_ending(authorization: Sequence[Triple]) -> bool:
            compiled = compile_acl(authorization, url)
            return any(rule.says in rules[url] for rule in (*compiled.access_to, *compiled.default))

        return without_rules(triples, is_ending, owner) if rules[url] else triples

    return {url: left(url, triples) for url, triples in tree.written.items()}


def _read(context: Context, acl: ResourceRecord) -> Sequence[Triple]:
    if acl.stored is None:
        return ()
    storage = acl.identifier.storage
    body = b"".join(context.documents.read(storage, acl.key, acl.revision, acl.stored))
    # Kept as N-Triples, which is Turtle too.
    return parse(body, TURTLE, acl.identifier.url(context.base_url))


def _exists(context: Context, view: CatalogueReader, url: str) -> bool:
    return view.find_resource(identifier_from_url(url, context.base_url)) is not None
