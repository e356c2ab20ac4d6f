"""Tables of the catalogue. Clear: random ids, sizes, times, media types, containment. `sealed` columns are encrypted.

A hash column holds a keyed hash, by which a value is found without standing on disk.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

metadata = MetaData()


def _number() -> Column[int]:
    """A row number that tells the order of creation; never used twice."""
    return Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


# One row. `epoch` moves with register, limits and sign-outs; `register` with each fetched group as well.
server = Table(
    "server",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("register", BigInteger, nullable=False),
)

# `erase_at_s` is empty while the storage is in sight. `paused_but` is empty while its rules count; else they do not, but for
# those of the resource with this key.
storage = Table(
    "storage",
    metadata,
    _number(),
    Column("id", String(16), nullable=False, unique=True),
    Column("epoch", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("erase_at_s", BigInteger),
    Column("paused_but", String(16)),
    sqlite_autoincrement=True,
)

# `path_hash` is of the path without its last slash, so that the index itself keeps `a` and `a/` apart.
# `parent` is the key of the container, for an auxiliary resource that of its subject.
resource = Table(
    "resource",
    metadata,
    _number(),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("key", String(16), nullable=False, unique=True),
    Column("path_hash", LargeBinary(16), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("kind", String(9), nullable=False),
    Column("parent", String(16), ForeignKey("resource.key")),
    Column("revision", String(16), ForeignKey("revision.id"), nullable=False),
    Column("acl_key", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    UniqueConstraint("storage", "path_hash"),
    sqlite_autoincrement=True,
)
Index("resource_parent", resource.c.parent, resource.c.number)
# So that a revision can go without looking through all resources for one that has it.
Index("resource_revision", resource.c.revision)

# Revisions stay when their resource goes. `ordinal` counts those of one resource in the order in which they became
# current; `replaced_ms` is empty for the last one. `charged` says that `usage` counts it
# for who wrote it. `sealed` holds the hash of the plain bytes and who wrote them.
revision = Table(
    "revision",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("resource", String(16), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("media_type", String, nullable=False),
    Column("object", String(16)),
    Column("size", BigInteger, nullable=False),
    Column("modified_ms", BigInteger, nullable=False),
    Column("replaced_ms", BigInteger),
    Column("charged", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index("revision_resource", revision.c.resource, revision.c.ordinal, unique=True)
Index("revision_object", revision.c.object)
Index("revision_replaced", revision.c.replaced_ms)

# What a resource was when it was removed, its auxiliary resources too; `revision` is its last, `sealed` who removed it.
# A row stays when the resource comes back under its old `key`: then `restored_ms` tells when.
removed = Table(
    "removed",
    metadata,
    _number(),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("key", String(16), nullable=False),
    Column("path_hash", LargeBinary(16), nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("kind", String(9), nullable=False),
    Column("parent", String(16)),
    Column("revision", String(16), nullable=False),
    Column("acl_key", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("removed_ms", BigInteger, nullable=False),
    Column("restored_ms", BigInteger),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Index("removed_storage", removed.c.storage, removed.c.number)
Index("removed_path", removed.c.path_hash)
Index("removed_key", removed.c.key)
Index("removed_time", removed.c.removed_ms)

# What is kept of a storage in bytes: in all (an empty hash), and of each agent but the owner.
usage = Table(
    "usage",
    metadata,
    Column("storage", String(16), ForeignKey(storage.c.id), primary_key=True),
    Column("party_hash", LargeBinary(16), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
)

# The compiled ACL of a resource, in one blob.
rules = Table(
    "rules",
    metadata,
    Column("resource", String(16), primary_key=True),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

document = Table(
    "document",
    metadata,
    _number(),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("party_hash", LargeBinary(16)),
    Column("code_hash", LargeBinary(16), unique=True),
    Column("time_ms", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("storage", "kind", "id"),
    sqlite_autoincrement=True,
)
Index("document_party", document.c.party_hash)

boundary = Table(
    "boundary",
    metadata,
    Column("storage", String(16), ForeignKey(storage.c.id), primary_key=True),
    Column("path_hash", LargeBinary(16), primary_key=True),
)

app_limit = Table(
    "app_limit",
    metadata,
    Column("pair_hash", LargeBinary(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# How often a person ended what was issued for her: a token of before counts no more.
sign_out = Table(
    "sign_out",
    metadata,
    Column("agent_hash", LargeBinary(16), primary_key=True),
    Column("count", Integer, nullable=False),
)

organisation = Table(
    "organisation",
    metadata,
    _number(),
    Column("iri_hash", LargeBinary(16), nullable=False, unique=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("workers", LargeBinary),
    Column("fetched_at", BigInteger),
    sqlite_autoincrement=True,
)

# Who is in a group: of a document here (`resource` in `storage`), or fetched from another server (both empty).
group_member = Table(
    "group_member",
    metadata,
    Column("group_hash", LargeBinary(16), primary_key=True),
    Column("member_hash", LargeBinary(16), primary_key=True),
    Column("storage", String(16), ForeignKey(storage.c.id)),
    Column("resource", String(16)),
)
Index("group_member_resource", group_member.c.resource)
Index("group_member_storage", group_member.c.storage)

# Which groups the ACL of a resource names.
group_use = Table(
    "group_use",
    metadata,
    Column("resource", String(16), primary_key=True),
    Column("group_hash", LargeBinary(16), primary_key=True),
    Column("document_hash", LargeBinary(16), nullable=False),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
Index("group_use_group", group_use.c.group_hash)
Index("group_use_document", group_use.c.document_hash)
Index("group_use_storage", group_use.c.storage)

group_fetch = Table(
    "group_fetch",
    metadata,
    Column("group_hash", LargeBinary(16), primary_key=True),
    Column("fetched_at", BigInteger, nullable=False),
)

# Who was in a group of other servers or of the register, from which server epoch until before which one; no end while she
# is in it.
group_presence = Table(
    "group_presence",
    metadata,
    Column("group_hash", LargeBinary(16), primary_key=True),
    Column("member_hash", LargeBinary(16), primary_key=True),
    Column("since_epoch", BigInteger, primary_key=True),
    Column("since_s", BigInteger, nullable=False),
    Column("until_epoch", BigInteger),
)

# How large a group was at the server epoch at which ACLs of a storage first named it, or the owner last said yes to it;
# `size` is empty until its members are known, `paused_s` while it may use what it was given.
group_access = Table(
    "group_access",
    metadata,
    Column("storage", String(16), ForeignKey(storage.c.id), primary_key=True),
    Column("group_hash", LargeBinary(16), primary_key=True),
    Column("since_epoch", BigInteger, nullable=False),
    Column("size", BigInteger),
    Column("paused_s", BigInteger),
    Column("confirmed_s", BigInteger),
)
Index("group_access_group", group_access.c.group_hash)

pending_line = Table(
    "pending_line",
    metadata,
    _number(),
    Column("storage", String(16), ForeignKey(storage.c.id), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

sealed_line = Table(
    "sealed_line",
    metadata,
    Column("storage", String(16), ForeignKey(storage.c.id), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("hash", LargeBinary(32), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

intake_file = Table(
    "intake_file",
    metadata,
    Column("file", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    _number(),
    Column("time_ms", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# How often a scope (an organisation, an issuer, the server) tried something in the newest period.
code_attempt = Table(
    "code_attempt",
    metadata,
    Column("scope_hash", LargeBinary(16), primary_key=True),
    Column("period", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)
