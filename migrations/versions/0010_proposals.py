"""0010: what one person proposes to set aside or to count again, and what a second one answers."""

import sqlalchemy as sa
from alembic import op

revision = "0010_proposals"
down_revision = "0009_tokens"

APPENDED = ("proposal", "proposal_row", "proposal_outcome")


def refuse_changes(table: str) -> None:
    """A proposal and its outcome are appended, never changed: the database itself refuses."""
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
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("screening_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("sign", sa.String(length=48), nullable=False),
        sa.Column("rules", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposer", sa.String(length=120), nullable=False),
        sa.Column("proposer_unit_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("act IN ('set_aside', 'count_again')", name=op.f("ck_proposal_act_known")),
        sa.CheckConstraint("proposer_unit_id <> unit_id", name=op.f("ck_proposal_not_ones_own_unit")),
        sa.CheckConstraint("rows > 0", name=op.f("ck_proposal_rows_named")),
        sa.ForeignKeyConstraint(["screening_id"], ["screening.id"], name=op.f("fk_proposal_screening_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("id", "unit_id", "proposer", "proposer_unit_id", name=op.f("uq_proposal_id")),
    )
    op.create_index(op.f("ix_proposal_screening_id"), "proposal", ["screening_id"])
    op.create_table(
        "proposal_row",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("response_id", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_row_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", "week", "response_id", name=op.f("pk_proposal_row")),
    )
    op.create_table(
        "proposal_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("proposer", sa.String(length=120), nullable=False),
        sa.Column("proposer_unit_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("second", sa.String(length=120), nullable=False),
        sa.Column("second_unit_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('approved', 'declined')", name=op.f("ck_proposal_outcome_outcome_known")),
        sa.CheckConstraint("second <> proposer", name=op.f("ck_proposal_outcome_two_people")),
        sa.CheckConstraint("second_unit_id <> proposer_unit_id", name=op.f("ck_proposal_outcome_two_units")),
        sa.CheckConstraint("second_unit_id <> unit_id", name=op.f("ck_proposal_outcome_not_ones_own_unit")),
        sa.ForeignKeyConstraint(
            ["proposal_id", "unit_id", "proposer", "proposer_unit_id"],
            ["proposal.id", "proposal.unit_id", "proposal.proposer", "proposal.proposer_unit_id"],
            name=op.f("fk_proposal_outcome_proposal_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_outcome")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_proposal_outcome_proposal_id")),
    )
    for table in APPENDED:
        refuse_changes(table)


def downgrade() -> None:
    for table in APPENDED:
        allow_changes(table)
    for table in reversed(APPENDED):
        op.drop_table(table)
