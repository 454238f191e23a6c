"""0007: what the nightly screening found, and what people decided about it."""

import sqlalchemy as sa
from alembic import op

revision = "0007_screening"
down_revision = "0006_words"

APPENDED = ("screening", "screening_flag", "screening_share", "disposition")


def refuse_changes(table: str) -> None:
    """A finding and a decision are appended, never changed: the database itself refuses."""
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
        "screening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("rules", sa.String(length=32), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("expected_if_clean", sa.Double(), nullable=False),
        sa.Column("expected_false", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
    )
    op.create_index(op.f("ix_screening_wave"), "screening", ["wave"])
    op.create_table(
        "screening_flag",
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("p", sa.Double(), nullable=False),
        sa.Column("unit_p", sa.Double(), nullable=False),
        sa.Column("observed", sa.Double(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_screening_flag_screening_id")),
        sa.PrimaryKeyConstraint("screening_id", "unit_id", "instrument", "length", "reason", name=op.f("pk_screening_flag")),
    )
    op.create_table(
        "screening_share",
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("statistic", sa.String(length=8), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("n_without", sa.Integer(), nullable=False),
        sa.Column("value_without", sa.Double(), nullable=True),
        sa.Column("low_without", sa.Double(), nullable=True),
        sa.Column("high_without", sa.Double(), nullable=True),
        sa.Column("verdict_without", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_screening_share_screening_id")),
        sa.PrimaryKeyConstraint("screening_id", "unit_id", "sector", name=op.f("pk_screening_share")),
    )
    op.create_table(
        "disposition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("official", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision IN ('keep', 'set_aside', 'look_further')", name=op.f("ck_disposition_decision_known")),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_disposition_screening_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disposition")),
    )
    op.create_index(op.f("ix_disposition_screening_id"), "disposition", ["screening_id"])

    for table in APPENDED:
        refuse_changes(table)


def downgrade() -> None:
    for table in APPENDED:
        allow_changes(table)
    for table in reversed(APPENDED):
        op.drop_table(table)
