"""0001: units, their counters and printed codes."""

import sqlalchemy as sa
from alembic import op

revision = "0001_units"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("tier", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("full_name", sa.String(length=250), nullable=False),
        sa.Column("name_en", sa.String(length=250), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from < valid_to", name=op.f("ck_unit_valid_forwards")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", "tier", "valid_from", name=op.f("uq_unit_code")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_path"), ["path"], unique=False)
    op.create_table(
        "predecessor",
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("extent", sa.String(length=8), nullable=False),
        sa.Column("source_text", sa.Text(), nullable=False),
        sa.CheckConstraint("extent IN ('whole', 'part', 'unknown')", name=op.f("ck_predecessor_extent_known")),
        sa.ForeignKeyConstraint(["new_id"], ["unit.id"], name=op.f("fk_predecessor_new_id")),
        sa.ForeignKeyConstraint(["old_id"], ["unit.id"], name=op.f("fk_predecessor_old_id")),
        sa.PrimaryKeyConstraint("old_id", "new_id", name=op.f("pk_predecessor")),
    )
    with op.batch_alter_table("predecessor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_predecessor_new_id"), ["new_id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=250), nullable=False),
        sa.Column("sectors", sa.String(length=250), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_counter_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter")),
    )
    with op.batch_alter_table("counter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_unit_id"), ["unit_id"], unique=False)
    op.create_table(
        "counter_code",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("medium", sa.String(length=12), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length IN ('short', 'full')", name=op.f("ck_counter_code_length_known")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_counter_code_counter_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_counter_code")),
    )
    with op.batch_alter_table("counter_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counter_code_counter_id"), ["counter_id"], unique=False)
    op.create_table(
        "deciding",
        sa.Column("receiving_id", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("deciding_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["deciding_id"], ["unit.id"], name=op.f("fk_deciding_deciding_id")),
        sa.ForeignKeyConstraint(["receiving_id"], ["unit.id"], name=op.f("fk_deciding_receiving_id")),
        sa.PrimaryKeyConstraint("receiving_id", "sector", name=op.f("pk_deciding")),
    )


def downgrade() -> None:
    op.drop_table("deciding")
    op.drop_table("counter_code")
    op.drop_table("counter")
    op.drop_table("predecessor")
    op.drop_table("unit")
