"""0008: tablets at counters, how they are paired, and which numbers have come from each."""

import sqlalchemy as sa
from alembic import op

revision = "0008_kiosks"
down_revision = "0007_screening"


def upgrade() -> None:
    op.create_table(
        "kiosk",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("counter_id", sa.Integer(), nullable=False),
        sa.Column("length", sa.String(length=8), nullable=False),
        sa.Column("comments", sa.Boolean(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=65), nullable=True),
        sa.Column("enrolled", sa.Date(), nullable=True),
        sa.Column("revoked", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_kiosk_counter_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_kiosk")),
    )
    op.create_index(op.f("ix_kiosk_counter_id"), "kiosk", ["counter_id"])
    op.create_table(
        "kiosk_pairing",
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("code_h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.code"], name=op.f("fk_kiosk_pairing_kiosk")),
        sa.PrimaryKeyConstraint("kiosk", name=op.f("pk_kiosk_pairing")),
    )
    op.create_table(
        "kiosk_ledger",
        sa.Column("kiosk", sa.String(length=8), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.Column("breaks", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("durable", sa.String(length=8), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("seen", sa.Date(), nullable=True),
        sa.Column("clear", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.code"], name=op.f("fk_kiosk_ledger_kiosk")),
        sa.PrimaryKeyConstraint("kiosk", name=op.f("pk_kiosk_ledger")),
    )


def downgrade() -> None:
    op.drop_table("kiosk_ledger")
    op.drop_table("kiosk_pairing")
    op.drop_index(op.f("ix_kiosk_counter_id"), "kiosk")
    op.drop_table("kiosk")
