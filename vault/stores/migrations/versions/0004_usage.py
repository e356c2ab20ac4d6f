"""How much each storage keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# With what a revision takes besides its bytes (`vault.stores.usage.revision_bytes`). Who wrote what is sealed: for their
# writers the keeper counts older revisions at its next start.
_COUNT = """
INSERT INTO usage (storage, party_hash, bytes)
SELECT storage, x'', SUM(size + 512) FROM revision GROUP BY storage
"""


def upgrade() -> None:
    """Make the table, and count what is there."""
    op.create_table(
        "usage",
        sa.Column("storage", sa.String(length=16), nullable=False),
        sa.Column("party_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["storage"],
            ["storage.id"],
        ),
        sa.PrimaryKeyConstraint("storage", "party_hash"),
    )
    op.add_column("revision", sa.Column("charged", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("resource_revision", "resource", ["revision"], unique=False)
    op.execute(_COUNT)
