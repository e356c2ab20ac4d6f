"""Fetching the groups of other servers that access rules name, as anybody may (`solidproject.org/TR/wac#access-subjects`)."""

from __future__ import annotations

from functools import partial

from pod_server.back_off import BackOff
from pod_server.group_documents import Fetch, refresh_all, refresh_named_group
from vault.access.groups import GroupSight, is_remote
from vault.context import Context

# With the time that fetching takes within a minute.
named_groups_every_s = 45.0


def refresh_named_groups(context: Context, fetch: Fetch, back_off: BackOff) -> None:
    """Fetch every group of another server that some ACL names; what cannot be had stays as it was, and grows old."""
    with context.catalogue.view() as view:
        sight = GroupSight(view, context.base_url, context.clock().wall_s)
        groups = sorted(group for group in view.named_groups() if is_remote(sight, group))
    refresh_all(
        context, back_off, {group: partial(refresh_named_group, context, fetch, group) for group in groups}
    )
