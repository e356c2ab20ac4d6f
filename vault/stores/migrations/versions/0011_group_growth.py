"""How groups grow, and how large they were when they got access."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables; a group that has access already is measured when it is fetched next."""
    op.create_table(
        "group_presence",
        sa.Column("group_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("member_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since_epoch", sa.BigInteger(), nullable=False),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.Column("until_epoch", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("group_hash", "member_hash", "since_epoch"),
    )
    op.create_table(
        "group_access",
        sa.Column("storage", sa.String(length=16), nullable=False),
        sa.Column("group_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since_epoch", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("paused_s", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_s", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["storage"], ["storage.id"]),
        sa.PrimaryKeyConstraint("storage", "group_hash"),
    )
    op.create_index("group_access_group", "group_access", ["group_hash"])
    op.execute(
        "INSERT INTO group_access (storage, group_hash, since_epoch) "
        "SELECT DISTINCT storage, group_hash, 0 FROM group_use"
    )
