"""Closing a resource for everybody but the owner, as if she wrote its ACL herself: grants follow, and stay out."""

from __future__ import annotations

from vault.access.compile import compile_acl
from vault.acl_changes import let_grants_follow
from vault.authorize import Standing
from vault.model.modes import ALL_MODES
from vault.model.records import ResourceRecord
from vault.model.rules import CompiledAcl, Rule
from vault.operations.access_rules import PreparedAcl, prepare_acl, put_acl
from vault.operations.provision import acl_triples
from vault.operations.read import own_triples
from vault.permits import writer
from vault.stores.ports import CatalogueTransaction


def close(tx: CatalogueTransaction, standing: Standing, subject: ResourceRecord) -> None:
    """Let an ACL that names the owner alone govern a resource, and what will inherit from it.

    Its graph is written inside the transaction: whether there is an ACL already is only known there.
    """
    context, acl = standing.context, subject.identifier.acl
    url = subject.identifier.url(context.base_url)
    owner = Rule(f"{acl.url(context.base_url)}#owner", ALL_MODES, agents=frozenset({standing.storage.owner}))
    inherited = (owner,) if subject.identifier.is_container else ()
    triples = list(acl_triples(CompiledAcl((owner,), inherited), url))
    current = tx.find_resource(acl)
    before = None if current is None else own_triples(context, current)
    key = context.new_id() if current is None else current.key
    # In the name of who closes it: what the vault writes itself would give way to the next grant.
    new = prepare_acl(context, acl, key, triples, writer(standing))
    put_acl(tx, subject, current, PreparedAcl(key, new, compile_acl(triples, url)))
    let_grants_follow(tx, standing, acl, before, triples)
