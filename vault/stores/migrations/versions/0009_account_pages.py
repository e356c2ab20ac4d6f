"""What the account page shows and ends: fresh proof and browser of a session, apps, ends of credentials, sign-outs."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns and make the tables."""
    # Nobody proved anything freshly in a session of before.
    op.add_column("session", sa.Column("proved_s", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("credential", sa.Column("expires_s", sa.BigInteger(), nullable=True))
    op.add_column("credential", sa.Column("used_s", sa.BigInteger(), nullable=True))
    for table in ("authorization_code", "refresh_token"):
        op.add_column(table, sa.Column("app_hash", sa.LargeBinary(length=16), nullable=True))
        op.create_index(f"{table}_app", table, ["app_hash"])
    op.create_table(
        "allowed_app",
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("app_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.Column("used_s", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"]),
        sa.PrimaryKeyConstraint("app_hash"),
    )
    op.create_index("allowed_app_account", "allowed_app", ["account"])
    op.create_table(
        "sign_out",
        sa.Column("agent_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agent_hash"),
    )
