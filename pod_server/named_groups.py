"""Fetching the groups of other servers that access rules name, as anybody may (`solidproject.org/TR/wac#access-subjects`)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pod_server.authentication.errors import CannotFetch
from pod_server.authentication.outbound import FetchedDocument
from vault.access.groups import GroupSight, is_remote
from vault.context import Context
from vault.errors import UnacceptableContent, VaultError
from vault.grants.teams import keep_group
from vault.model.groups import document_of
from vault.rdf.documents import parse
from vault.rdf.groups import read_groups
from vocab.media_types import TURTLE

logger = logging.getLogger(__name__)
Fetch = Callable[[str, str, int], FetchedDocument]
# With the time that fetching takes within a minute.
named_groups_every_s = 45.0
groups_at_once = 8


def refresh_named_groups(context: Context, fetch: Fetch) -> None:
    """Fetch every group of another server that some ACL names; what cannot be had stays as it was, and grows old."""
    with context.catalogue.view() as view:
        sight = GroupSight(view, context.base_url, context.clock().wall_s)
        groups = sorted(group for group in view.named_groups() if is_remote(sight, group))
    with ThreadPoolExecutor(groups_at_once) as pool:
        list(pool.map(partial(_refresh_or_log, context, fetch), groups))


def refresh_named_group(context: Context, fetch: Fetch, group: str) -> None:
    """Fetch a group and keep its members.

    Raises:
        CannotFetch: the document cannot be had.
        VaultError: it does not describe the group, it is too large, or it could not be kept.
    """
    # From before it was asked: what changed on the way is not in it.
    asked_at, limits = context.clock().wall_s, context.limits
    document = document_of(group)
    found = fetch(document, TURTLE, limits.max_group_bytes)
    triples = parse(found.body, found.media_type, found.url)
    described = {one.iri: one for one in read_groups(triples, document, limits.max_group_members)}
    if group not in described:
        raise UnacceptableContent("the document does not describe the group")
    context.catalogue.write(lambda tx: keep_group(context, tx, described[group], asked_at))


def _refresh_or_log(context: Context, fetch: Fetch, group: str) -> None:
    try:
        refresh_named_group(context, fetch, group)
    except (CannotFetch, VaultError) as error:
        # Who named it, and whom, has no place in a log.
        logger.info("a group was not refreshed", extra={"job": "named groups", "error": type(error).__name__})
