"""The tables of groups."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "group_member",
        sa.Column("group_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("member_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("storage", sa.String(length=16), nullable=True),
        sa.Column("resource", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["storage"], ["storage.id"]),
        sa.PrimaryKeyConstraint("group_hash", "member_hash"),
    )
    op.create_index("group_member_resource", "group_member", ["resource"])
    op.create_index("group_member_storage", "group_member", ["storage"])
    op.create_table(
        "group_use",
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("group_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("document_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("storage", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["storage"], ["storage.id"]),
        sa.PrimaryKeyConstraint("resource", "group_hash"),
    )
    op.create_index("group_use_group", "group_use", ["group_hash"])
    op.create_index("group_use_document", "group_use", ["document_hash"])
    op.create_index("group_use_storage", "group_use", ["storage"])
    op.create_table(
        "group_fetch",
        sa.Column("group_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("group_hash"),
    )
