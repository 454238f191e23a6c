"""0014: since when a screen shows its key, and when it last said what time it is."""

import sqlalchemy as sa
from alembic import op

revision = "0014_screen_word"
down_revision = "0013_reply_index"


def upgrade() -> None:
    op.add_column("screen", sa.Column("paired", sa.Date(), nullable=True))
    op.add_column("screen", sa.Column("heard", sa.Date(), nullable=True))
    op.add_column("screen", sa.Column("ahead", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE screen SET ahead = drift")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("screen", "ahead", server_default=None)


def downgrade() -> None:
    for column in ("ahead", "heard", "paired"):
        op.drop_column("screen", column)
