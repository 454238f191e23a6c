"""0003: the frame, runs, facts and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003_numbers"
down_revision = "0002_answers"

APPENDED = ("run", "fact", "audit")


def refuse_changes(table: str) -> None:
    """Facts and the audit are appended, never changed: the database itself refuses."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is appended to, never changed'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is appended to, never changed'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )


def allow_changes(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP FUNCTION {table}_refuse()")


def upgrade() -> None:
    op.create_table(
        "frame_load",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=250), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_load")),
    )
    with op.batch_alter_table("frame_load", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_frame_load_wave"), ["wave"], unique=False)
    op.create_table(
        "frame_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("load_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("deciding_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("filing", sa.String(length=16), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "received >= 0 AND settled >= 0 AND late >= 0 AND overdue >= 0 AND late <= settled", name=op.f("ck_frame_count_counts_agree")
        ),
        sa.ForeignKeyConstraint(["deciding_id"], ["unit.id"], name=op.f("fk_frame_count_deciding_id")),
        sa.ForeignKeyConstraint(["load_id"], ["frame_load.id"], name=op.f("fk_frame_count_load_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_frame_count_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frame_count")),
    )
    with op.batch_alter_table("frame_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_frame_count_load_id"), ["load_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("roots", sa.String(length=64), nullable=False),
        sa.Column("frame_id", sa.Integer(), nullable=True),
        sa.Column("instruments", sa.Text(), nullable=False),
        sa.Column("targets", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.Text(), nullable=False),
        sa.Column("disposition", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frame_load.id"], name=op.f("fk_run_frame_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_wave"), ["wave"], unique=False)
    op.create_table(
        "fact",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=9), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("indicator", sa.String(length=64), nullable=False),
        sa.Column("channels", sa.String(length=8), nullable=False),
        sa.Column("weighted", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_satisfied", sa.Integer(), nullable=False),
        sa.Column("n_unsatisfied", sa.Integer(), nullable=False),
        sa.Column("n_effective", sa.Double(), nullable=True),
        sa.Column("n_kish", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("se", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("df", sa.Double(), nullable=True),
        sa.Column("d_pool", sa.Double(), nullable=True),
        sa.Column("fraction", sa.Double(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("covered", sa.Integer(), nullable=True),
        sa.Column("lonely", sa.Integer(), nullable=False),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("operator", sa.String(length=2), nullable=False),
        sa.Column("target_set", sa.String(length=48), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("more_needed", sa.Integer(), nullable=True),
        sa.Column("late_share", sa.Double(), nullable=True),
        sa.Column("levels", sa.String(length=60), nullable=False),
        sa.Column("flags", sa.String(length=120), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_fact_n_not_negative")),
        sa.CheckConstraint("value IS NULL OR low IS NULL OR (low <= value AND value <= high)", name=op.f("ck_fact_interval_holds_value")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_fact_run_id")),
        sa.PrimaryKeyConstraint("run_id", "period", "unit_id", "side", "sector", "indicator", "channels", "weighted", name=op.f("pk_fact")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "released",
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=9), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("channels", sa.String(length=8), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_released_run_id")),
        sa.PrimaryKeyConstraint("wave", "period", "unit_id", "side", "sector", "channels", name=op.f("pk_released")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "run_paper",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_paper_run_id")),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_run_paper")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("official", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )

    for table in APPENDED:
        refuse_changes(table)


def downgrade() -> None:
    for table in APPENDED:
        allow_changes(table)
    op.drop_table("audit")
    op.drop_table("run_paper")
    op.drop_table("released")
    op.drop_table("fact")
    op.drop_table("run")
    op.drop_table("frame_count")
    op.drop_table("frame_load")
