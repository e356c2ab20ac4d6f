"""Removing a resource (`solidproject.org/TR/protocol#deleting-resources`)."""

from __future__ import annotations

from collections.abc import Callable

from vault.errors import AccessRefused, Conflict
from vault.model.records import MemberMark, ResourceKind, ResourceRecord
from vault.operations.card import is_card
from vault.stores.ports import CatalogueReader


def check_removable(
    view: CatalogueReader, record: ResourceRecord, is_visible: Callable[[MemberMark], bool]
) -> None:
    """Refuse to remove the card, and a container with anything in it.

    Raises:
        Conflict: it is the card, or something that the requester may see lies in it.
        AccessRefused: only what she may not see lies in it; she hears no more than that she may not.
    """
    if is_card(record.identifier):
        raise Conflict("the card is removed with the account only")
    if record.kind is not ResourceKind.CONTAINER:
        return
    is_empty = True
    for member in view.member_marks(record):
        if is_visible(member):
            raise Conflict("the container is not empty")
        is_empty = False
    if not is_empty:
        raise AccessRefused("this is not allowed")
