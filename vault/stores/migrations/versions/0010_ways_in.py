"""The tables of passkeys, recovery codes and the operator's way back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("session", sa.Column("way_since_s", sa.BigInteger(), nullable=True))
    _make_passkeys()
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index("recovery_code_account", "recovery_code", ["account"])
    op.create_table(
        "recovery",
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("started_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("account"),
        sa.UniqueConstraint("code_hash"),
    )


def _make_passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("credential_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("used_s", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("credential_hash"),
    )
    op.create_index("passkey_account", "passkey", ["account"])
    op.create_table(
        "used_challenge",
        sa.Column("challenge_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash"),
    )
