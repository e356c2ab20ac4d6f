"""What was removed, and the order and end of revisions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Rows were inserted in the order in which they became current.
_NUMBER = """
UPDATE revision SET ordinal = numbered.n FROM
(SELECT id, ROW_NUMBER() OVER (PARTITION BY resource ORDER BY rowid) AS n FROM revision) AS numbered
WHERE numbered.id = revision.id
"""
# What was removed before has no path any more, so nobody can bring it back: it ended with its own last moment.
_END = """
UPDATE revision SET replaced_ms = ended.at FROM
(SELECT id, LEAD(modified_ms, 1, modified_ms) OVER (PARTITION BY resource ORDER BY ordinal) AS at FROM revision) AS ended
WHERE ended.id = revision.id AND revision.id NOT IN (SELECT revision FROM resource)
"""


def upgrade() -> None:
    """Make the table, and number the revisions that are there."""
    op.create_table(
        "removed",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("storage", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("path_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("parent", sa.String(length=16), nullable=True),
        sa.Column("revision", sa.String(length=16), nullable=False),
        sa.Column("acl_key", sa.String(length=16), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("removed_ms", sa.BigInteger(), nullable=False),
        sa.Column("restored_ms", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["storage"],
            ["storage.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("removed_storage", "removed", ["storage", "number"], unique=False)
    op.create_index("removed_path", "removed", ["path_hash"], unique=False)
    op.create_index("removed_key", "removed", ["key"], unique=False)
    op.create_index("removed_time", "removed", ["removed_ms"], unique=False)
    op.add_column("revision", sa.Column("ordinal", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("revision", sa.Column("replaced_ms", sa.BigInteger(), nullable=True))
    op.execute(_NUMBER)
    op.execute(_END)
    op.drop_index("revision_resource", "revision")
    op.create_index("revision_resource", "revision", ["resource", "ordinal"], unique=True)
    op.create_index("revision_replaced", "revision", ["replaced_ms"], unique=False)
