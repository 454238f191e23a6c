"""0005: recovery codes, for who has lost the telephone with the authenticator app."""

import sqlalchemy as sa
from alembic import op

revision = "0005_recovery_codes"
down_revision = "0004_officials"


def upgrade() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["official_id"], ["official.id"], name=op.f("fk_recovery_code_official_id")),
        sa.PrimaryKeyConstraint("official_id", "hash", name=op.f("pk_recovery_code")),
    )


def downgrade() -> None:
    op.drop_table("recovery_code")
