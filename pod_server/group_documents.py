"""Fetching the documents of groups of other servers, through the guarded way out; see `docs/reference/groups.md`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pyoxigraph import Triple

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from pod_server.authentication.uris import origin_of
from pod_server.back_off import BackOff
from vault.access.groups import GroupSight, is_remote
from vault.context import Context
from vault.errors import NoSuchResource, UnacceptableContent, VaultError
from vault.grants.teams import keep_group, keep_workers
from vault.model.groups import document_of
from vault.model.organisation import Organisation
from vault.rdf.documents import parse
from vault.rdf.groups import read_groups
from vault.rdf.workers import read_workers
from vault.stores.ports import CatalogueTransaction
from vocab.media_types import TURTLE

logger = logging.getLogger(__name__)
Fetch = Callable[[str, str, int], FetchedDocument]
groups_at_once = 8


def refresh_workers(context: Context, organisation: Organisation, fetch: Fetch) -> None:
    """Fetch the workers of an organisation and keep them.

    Raises:
        CannotFetch: the document cannot be had.
        VaultError: it is not the group that was asked for, it is too large, or it could not be kept.
    """
    # From before it was asked: what changed on the way is not in it.
    asked_at = context.clock().wall_s
    workers = read_workers(_fetch_document(context, fetch, organisation.group), organisation.group)

    def change(tx: CatalogueTransaction) -> None:
        register = tx.register()
        now = register.find(organisation.iri)
        if now is None or now.group != organisation.group:
            raise NoSuchResource("the organisation changed in the register meanwhile")
        if (register.membership(organisation.iri).fetched_at or 0) <= asked_at:
            keep_workers(context, tx, now, workers, asked_at)

    context.catalogue.write(change)


def refresh_named_group(context: Context, fetch: Fetch, group: str) -> None:
    """Fetch a group and keep its members.

    Raises:
        CannotFetch: the document cannot be had.
        VaultError: it does not describe the group, it is too large, or it could not be kept.
    """
    asked_at, most = context.clock().wall_s, context.limits.max_group_members
    triples = _fetch_document(context, fetch, group)
    described = {one.iri: one for one in read_groups(triples, document_of(group), most)}
    if group not in described:
        raise UnacceptableContent("the document does not describe the group")
    context.catalogue.write(lambda tx: keep_group(context, tx, described[group], asked_at))


def refresh_now(fetch: Fetch, context: Context, group: str) -> None:
    """Fetch a group of the register, or one of another server that some rule names, whether its turn has come or not.

    Raises:
        CannotFetch, VaultError: see `refresh_workers` and `refresh_named_group`.
    """
    with context.catalogue.view() as view:
        organisations = [one for one in view.register().organisations if one.group == group]
        is_other = is_remote(GroupSight(view, context.base_url, context.clock().wall_s), group)
    for organisation in organisations:
        refresh_workers(context, organisation, fetch)
    if is_other:
        refresh_named_group(context, fetch, group)


def refresh_all(context: Context, back_off: BackOff, refreshes: Mapping[str, Callable[[], None]]) -> None:
    """Do what fetches each of these groups, some at a time; one that cannot be had stays as it was, grows old, and is
    tried again later and later."""
    back_off.forget_all_but(refreshes)
    due = [name for name in refreshes if back_off.is_due(name, context.clock().wall_s)]
    with ThreadPoolExecutor(groups_at_once) as pool:
        list(pool.map(partial(_refresh_or_log, context, back_off, refreshes), due))


def _refresh_or_log(
    context: Context, back_off: BackOff, refreshes: Mapping[str, Callable[[], None]], name: str
) -> None:
    try:
        refreshes[name]()
    except (CannotFetch, VaultError) as error:
        back_off.failed(name, context.clock().wall_s)
        # Which one it is can be seen in the register, or in an ACL; who named it, and whom, has no place in a log.
        logger.warning("a group was not refreshed", extra={"job": "groups", "error": type(error).__name__})
    else:
        back_off.worked(name)


def _fetch_document(context: Context, fetch: Fetch, group: str) -> Iterable[Triple]:
    found = fetch(document_of(group), TURTLE, context.limits.max_group_bytes)
    # Whatever a server redirects to elsewhere says nothing of its own groups, not even by their full names.
    if origin_of(found.url) != origin_of(group):
        raise UnacceptableContent("another server answered")
    return parse(found.body, found.media_type, found.url)
