"""0004: officials, their sessions, and the delays after wrong passwords."""

import sqlalchemy as sa
from alembic import op

revision = "0004_officials"
down_revision = "0003_numbers"


def upgrade() -> None:
    op.create_table(
        "official",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("uniquifier", sa.String(length=64), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("totp_counter", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('official', 'head', 'analyst', 'administrator')", name=op.f("ck_official_role_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_official_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official")),
        sa.UniqueConstraint("account", name=op.f("uq_official_account")),
        sa.UniqueConstraint("uniquifier", name=op.f("uq_official_uniquifier")),
    )
    op.create_table(
        "official_session",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("official_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("idle", sa.Integer(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official_id"], ["official.id"], name=op.f("fk_official_session_official_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_official_session")),
    )
    op.create_index(op.f("ix_official_session_official_id"), "official_session", ["official_id"])
    op.create_index(op.f("ix_official_session_seen"), "official_session", ["seen"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("account_h", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_h", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_until"), "sign_in_attempt", ["until"])


def downgrade() -> None:
    op.drop_table("sign_in_attempt")
    op.drop_table("official_session")
    op.drop_table("official")
