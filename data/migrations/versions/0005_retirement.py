"""Follow-ups, publications and scorecards can be retired like the entries of every other register."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table in ("followup", "publication", "scorecard"):
        op.add_column(table, sa.Column("retired_on", sa.Date))
        op.add_column(table, sa.Column("retired_reason", sa.Text))


def downgrade() -> None:
    raise NotImplementedError("A ParkPulse store is not taken back to an older schema: restore a backup instead.")
