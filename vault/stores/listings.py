"""Members of a container: marks to tell what is seen of it, and pages of what is listed, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import bindparam, or_, select

from vault.model.identifiers import StorageId
from vault.model.records import Member, MemberMark, MemberPage, ResourceKind, ResourceRecord
from vault.stores.driver import Statement
from vault.stores.ports import Cipher
from vault.stores.schema import resource, revision
from vault.stores.tables import Row, Tables

_IS_MEMBER = or_(
    resource.c.kind == ResourceKind.CONTAINER.value, resource.c.kind == ResourceKind.DOCUMENT.value
)
_MARKS = Statement(
    select(resource.c.key, resource.c.revision, resource.c.acl_key)
    .where(resource.c.parent == bindparam("key"), _IS_MEMBER)
    .order_by(resource.c.number)
)
_PAGE = Statement(
    select(
        resource.c.key,
        resource.c.revision,
        resource.c.acl_key,
        resource.c.number,
        resource.c.kind,
        resource.c.path,
        revision.c.media_type,
        revision.c.size,
        revision.c.modified_ms,
    )
    .select_from(resource.join(revision, revision.c.id == resource.c.revision))
    .where(resource.c.parent == bindparam("key"), resource.c.number > bindparam("after"), _IS_MEMBER)
    .order_by(resource.c.number)
    .limit(bindparam("size"))
)


def marks(tables: Tables, container: ResourceRecord) -> Iterator[MemberMark]:
    """The marks of all members, oldest first, streamed; nothing is decrypted for them."""
    return tables.stream(_MARKS, key=container.key)


def page(
    tables: Tables,
    container: ResourceRecord,
    after: int,
    size: int,
    is_listed: Callable[[MemberMark], bool],
) -> MemberPage:
    """Members after a place, of at most so many those that are listed."""
    rows = tables.all(_PAGE, key=container.key, after=after, size=size)
    last = rows[-1][3] if len(rows) == size else None
    listed = [row for row in rows if is_listed(row[:3])]
    return MemberPage(_open(tables.cipher, container.identifier.storage, listed), last)


def _open(cipher: Cipher, storage: StorageId, rows: list[Row]) -> Iterator[Member]:
    for key, _, _, _, kind, path, media_type, size, modified_ms in rows:
        name = cipher.decrypt(storage, f"path:{key}", path).decode()
        yield Member(name, kind == ResourceKind.CONTAINER.value, media_type, size, modified_ms)
