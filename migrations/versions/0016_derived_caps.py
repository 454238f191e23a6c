"""0016: how many answers on site a counter may have a day as counts of dossiers say it, beside what a person said."""

import sqlalchemy as sa
from alembic import op

revision = "0016_derived_caps"
down_revision = "0015_proposal_macs"


def upgrade() -> None:
    op.create_table(
        "derived_cap",
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.CheckConstraint("source IN ('frame', 'daily')", name=op.f("ck_derived_cap_source_known")),
        sa.CheckConstraint("a_day > 0", name=op.f("ck_derived_cap_a_day_positive")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_derived_cap_counter_id")),
        sa.PrimaryKeyConstraint("counter_id", name=op.f("pk_derived_cap")),
    )


def downgrade() -> None:
    op.drop_table("derived_cap")
