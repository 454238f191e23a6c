"""0009: one-time codes, screens, and the systems that may ask for invitations."""

import sqlalchemy as sa
from alembic import op

revision = "0009_tokens"
down_revision = "0008_kiosks"

TABLES = ("token_batch", "issued_dossier", "open_nullifier", "nullifier", "screen", "counter_cap", "day_tally", "api_client")


def upgrade() -> None:
    op.create_table(
        "token_batch",
        sa.Column("batch", sa.String(length=4), nullable=False),
        sa.Column("kid", sa.String(length=1), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=True),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("instrument", sa.String(length=48), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("not_before", sa.Date(), nullable=False),
        sa.Column("not_after", sa.Date(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=False),
        sa.Column("minted", sa.Integer(), nullable=False),
        sa.Column("overflow_of", sa.String(length=4), nullable=False),
        sa.Column("ten_digits", sa.Boolean(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('invitation', 'sample', 'card', 'slip', 'deferral')", name=op.f("ck_token_batch_kind_known")),
        sa.CheckConstraint("channel IN ('V', 'S', 'O', 'P')", name=op.f("ck_token_batch_channel_known")),
        sa.CheckConstraint("minted >= 0", name=op.f("ck_token_batch_minted_not_negative")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_token_batch_unit_id")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_token_batch_counter_id")),
        sa.PrimaryKeyConstraint("batch", name=op.f("pk_token_batch")),
    )
    op.create_index(op.f("ix_token_batch_unit_id"), "token_batch", ["unit_id"])
    op.create_table(
        "issued_dossier",
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wave", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_issued_dossier")),
        sqlite_with_rowid=False,
    )
    for name in ("open_nullifier", "nullifier"):
        op.create_table(
            name,
            sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
            sa.Column("week", sa.String(length=8), nullable=False),
            sa.PrimaryKeyConstraint("hash", name=op.f(f"pk_{name}")),
            sqlite_with_rowid=False,
        )
    create_screens()
    op.create_table(
        "api_client",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("secret_h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_api_client_unit_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_client")),
    )


def create_screens() -> None:
    op.create_table(
        "screen",
        sa.Column("screen", sa.String(length=4), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("drift", sa.Integer(), nullable=False),
        sa.Column("pairing_h", sa.LargeBinary(length=32), nullable=True),
        sa.Column("pairing_until", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_screen_counter_id")),
        sa.PrimaryKeyConstraint("screen", name=op.f("pk_screen")),
    )
    op.create_index(op.f("ix_screen_counter_id"), "screen", ["counter_id"])
    op.create_table(
        "counter_cap",
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("a_day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_counter_cap_counter_id")),
        sa.PrimaryKeyConstraint("counter_id", name=op.f("pk_counter_cap")),
    )
    op.create_table(
        "day_tally",
        sa.Column("label", sa.LargeBinary(length=16), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("label", name=op.f("pk_day_tally")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
