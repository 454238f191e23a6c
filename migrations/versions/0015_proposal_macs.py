"""0015: a MAC on every proposal and every outcome; older rows have none, and the check says so."""

import sqlalchemy as sa
from alembic import op

revision = "0015_proposal_macs"
down_revision = "0014_screen_word"


def upgrade() -> None:
    for table in ("proposal", "proposal_outcome"):
        op.add_column(table, sa.Column("mac", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    for table in ("proposal_outcome", "proposal"):
        op.drop_column(table, "mac")
