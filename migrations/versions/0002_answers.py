"""0002: the inbox, the sealed answers and what outlives a seal."""

import sqlalchemy as sa
from alembic import op

revision = "0002_answers"
down_revision = "0001_units"

CLOSED = ("response", "comment", "receipt")


def refuse_changes(table: str) -> None:
    """A closed week is never changed: the database itself refuses."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: a closed week is never changed'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table}: a closed week is never changed'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def allow_changes(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP FUNCTION {table}_refuse()")


def collect_nothing(table: str, *columns: str) -> None:
    """PostgreSQL's planner statistics keep samples of values beyond a TRUNCATE: none of these columns."""
    if op.get_bind().dialect.name == "postgresql":
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("iid_h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("quarantined", sa.Boolean(), nullable=False),
        sa.Column("receipt_h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("deciding_id", sa.Integer(), nullable=True),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("sector_asked", sa.Boolean(), nullable=False),
        sa.Column("procedure", sa.String(length=32), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("respondent", sa.String(length=24), nullable=False),
        sa.Column("filing", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("reasons", sa.String(length=120), nullable=False),
        sa.Column("duration", sa.String(length=8), nullable=False),
        sa.Column("cluster", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reply_h", sa.LargeBinary(length=32), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name=op.f("ck_inbox_channel_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_inbox_unit_id")),
        sa.PrimaryKeyConstraint("iid_h", "digest", name=op.f("pk_inbox")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ux_inbox_first", ["iid_h"], unique=True, sqlite_where=sa.text("quarantined = 0"), postgresql_where=sa.text("NOT quarantined")
        )
    op.create_table(
        "open_response",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("deciding_id", sa.Integer(), nullable=True),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("sector_asked", sa.Boolean(), nullable=False),
        sa.Column("procedure", sa.String(length=32), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("respondent", sa.String(length=24), nullable=False),
        sa.Column("filing", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("reasons", sa.String(length=120), nullable=False),
        sa.Column("quarantine", sa.String(length=48), nullable=False),
        sa.Column("duration", sa.String(length=8), nullable=False),
        sa.Column("cluster", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name=op.f("ck_open_response_channel_known")),
        sa.PrimaryKeyConstraint("week", "id", name=op.f("pk_open_response")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("deciding_id", sa.Integer(), nullable=True),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("sector_asked", sa.Boolean(), nullable=False),
        sa.Column("procedure", sa.String(length=32), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("respondent", sa.String(length=24), nullable=False),
        sa.Column("filing", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("reasons", sa.String(length=120), nullable=False),
        sa.Column("quarantine", sa.String(length=48), nullable=False),
        sa.Column("duration", sa.String(length=8), nullable=False),
        sa.Column("cluster", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name=op.f("ck_response_channel_known")),
        sa.PrimaryKeyConstraint("week", "id", name=op.f("pk_response")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_comment",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("mood", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_h", sa.LargeBinary(length=32), nullable=True),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("month", "id", name=op.f("pk_open_comment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "comment",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("mood", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply_h", sa.LargeBinary(length=32), nullable=True),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("month", "id", name=op.f("pk_comment")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_batch_state_known")),
        sa.CheckConstraint("n >= 0", name=op.f("ck_batch_n_not_negative")),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_batch")),
    )
    op.create_table(
        "open_receipt",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("hash", "week", name=op.f("pk_open_receipt")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipt",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("hash", "week", name=op.f("pk_receipt")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_seen_iid",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("hash", "week", name=op.f("pk_open_seen_iid")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "seen_iid",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("hash", "week", name=op.f("pk_seen_iid")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clockwork",
        sa.Column("job", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_clockwork")),
    )
    op.create_table(
        "fielded",
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("wordings", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("instrument", name=op.f("pk_fielded")),
    )

    for table in CLOSED:
        refuse_changes(table)
    collect_nothing("inbox", *(column["name"] for column in sa.inspect(op.get_bind()).get_columns("inbox")))
    for table in ("open_response", "response"):
        collect_nothing(table, "id", "salt", "mac", "leaf", "cluster", "answers")
    for table in ("open_comment", "comment"):
        collect_nothing(table, "id", "salt", "mac", "leaf", "text", "reply_h")
    for table in ("open_receipt", "receipt", "open_seen_iid", "seen_iid"):
        collect_nothing(table, "hash")


def downgrade() -> None:
    for table in CLOSED:
        allow_changes(table)
    op.drop_table("fielded")
    op.drop_table("clockwork")
    op.drop_table("seen_iid")
    op.drop_table("open_seen_iid")
    op.drop_table("receipt")
    op.drop_table("open_receipt")
    op.drop_table("batch")
    op.drop_table("comment")
    op.drop_table("open_comment")
    op.drop_table("response")
    op.drop_table("open_response")
    op.drop_table("inbox")
