"""Answers of any scale: the codes are those of the registers, no longer up, same and down alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COLUMNS = ("upload_id", "questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic")
CHECK = "answer <> ''"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_answer_answer"), "answer", type_="check")
        op.create_check_constraint(op.f("ck_answer_answer"), "answer", CHECK)
        return
    _create("answer_of_any_scale")  # SQLite changes no constraint: the rows move to a new table of the same name
    names = ", ".join(COLUMNS)
    op.execute(f"INSERT INTO answer_of_any_scale ({names}) SELECT {names} FROM answer")
    op.drop_table("answer")
    op.rename_table("answer_of_any_scale", "answer")


def _create(name: str) -> None:
    op.create_table(
        name,
        sa.Column("upload_id", sa.Integer, nullable=False),
        sa.Column("questionnaire_id", sa.Text, nullable=False),
        sa.Column("period", sa.Date, nullable=False),
        *(sa.Column(column, sa.Text, nullable=False) for column in ("park_id", "item_id", "answer")),
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint(
            "upload_id", "questionnaire_id", "period", "park_id", "item_id", name=op.f("pk_answer")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], name=op.f("fk_answer_upload_id_upload")),
        sa.CheckConstraint(CHECK, name=op.f("ck_answer_answer")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("A ParkPulse store is not taken back to an older schema: restore a backup instead.")
