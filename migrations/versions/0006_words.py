"""0006: what is said of each released domain, decided once a run."""

import sqlalchemy as sa
from alembic import op

revision = "0006_words"
down_revision = "0005_recovery_codes"


def upgrade() -> None:
    op.add_column("released", sa.Column("word", sa.String(length=8), nullable=False, server_default="told"))
    op.execute("UPDATE released SET word = 'few' WHERE n < 10")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("released", "word", server_default=None)


def downgrade() -> None:
    op.drop_column("released", "word")
