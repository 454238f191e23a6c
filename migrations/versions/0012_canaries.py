"""0012: receipts of test answers that wait for their seal."""

import sqlalchemy as sa
from alembic import op

revision = "0012_canaries"
down_revision = "0011_paper"


def upgrade() -> None:
    op.create_table(
        "canary",
        sa.Column("receipt_h", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("receipt_h", name=op.f("pk_canary")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("canary")
