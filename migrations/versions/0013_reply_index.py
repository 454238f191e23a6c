"""0013: a comment is found by its reply code without reading every comment."""

import sqlalchemy as sa
from alembic import op

revision = "0013_reply_index"
down_revision = "0012_canaries"

TABLES = ("open_comment", "comment")


def upgrade() -> None:
    wanted = sa.text("reply_h IS NOT NULL")
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_reply_h"), table, ["reply_h"], sqlite_where=wanted, postgresql_where=wanted)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_reply_h"), table_name=table)
