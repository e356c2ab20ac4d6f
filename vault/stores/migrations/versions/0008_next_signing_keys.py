"""The table of keys that will sign tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "next_signing_key",
        sa.Column("algorithm", sa.String(length=5), nullable=False),
        sa.Column("signs_from_s", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("algorithm"),
    )
