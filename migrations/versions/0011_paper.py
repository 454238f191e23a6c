"""0011: batches of paper sheets, what was typed of them, and a role for those who type."""

import sqlalchemy as sa
from alembic import op

revision = "0011_paper"
down_revision = "0010_proposals"

ROLES = ("official", "head", "analyst", "administrator")
APPENDED = "paper_round"


def allow_roles(*roles: str) -> None:
    listed = ", ".join(f"'{role}'" for role in roles)
    with op.batch_alter_table("official") as table:
        table.drop_constraint(op.f("ck_official_role_known"), type_="check")
        table.create_check_constraint(op.f("ck_official_role_known"), f"role IN ({listed})")


def refuse_changes() -> None:
    """How a keying ended is appended, never changed: the database itself refuses."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {APPENDED}_no_{act.lower()} BEFORE {act} ON {APPENDED} "
                f"BEGIN SELECT RAISE(ABORT, '{APPENDED} is appended to, never changed'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {APPENDED}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{APPENDED} is appended to, never changed'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {APPENDED}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {APPENDED} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {APPENDED}_refuse()"
    )


def upgrade() -> None:
    allow_roles(*ROLES, "keyer")
    op.create_table(
        "paper_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("deciding_id", sa.Integer(), nullable=True),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("declared", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=12), nullable=False),
        sa.CheckConstraint("phase IN ('first', 'second', 'released')", name=op.f("ck_paper_batch_phase_known")),
        sa.CheckConstraint("declared IS NULL OR declared > 0", name=op.f("ck_paper_batch_declared_positive")),
        sa.CheckConstraint("length IN ('short', 'full')", name=op.f("ck_paper_batch_length_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_paper_batch_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_batch_code")),
    )
    op.create_index(op.f("ix_paper_batch_unit_id"), "paper_batch", ["unit_id"])
    op.create_table(
        "paper_sheet",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("iid", sa.String(length=32), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("nullifier", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reasons", sa.String(length=120), nullable=False),
        sa.CheckConstraint("entry IN (1, 2)", name=op.f("ck_paper_sheet_entry_known")),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_sheet_batch_id")),
        sa.ForeignKeyConstraint(["official_id"], ["official.id"], name=op.f("fk_paper_sheet_official_id")),
        sa.PrimaryKeyConstraint("batch_id", "round", "sheet", "entry", "version", name=op.f("pk_paper_sheet")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_pick",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_pick_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "round", "sheet", name=op.f("pk_paper_pick")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_round",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("declared", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("typed_by", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_round_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "round", name=op.f("pk_paper_round")),
    )
    refuse_changes()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {APPENDED}_append_only ON {APPENDED}")
        op.execute(f"DROP FUNCTION {APPENDED}_refuse()")
    for table in ("paper_round", "paper_pick", "paper_sheet", "paper_batch"):
        op.drop_table(table)
    # Nobody gains a right by going back: who could only type in can do nothing any more.
    op.execute("UPDATE official SET role = 'official', active = false WHERE role = 'keyer'")
    allow_roles(*ROLES)
