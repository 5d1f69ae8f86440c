"""The full-text index of the library: a cache of texts by their digest, and the engine's own table of their words.

Deleting from library_text deletes the words too; everything comes back with the next search.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_COLUMNS = ("title", "issuer", "topic", "summary", "source_title")


def upgrade() -> None:
    op.create_table(
        "library_text",
        sa.Column("text_id", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_library_text")),
        sa.UniqueConstraint("digest", name=op.f("uq_library_text_digest")),
    )
    if op.get_bind().dialect.name == "sqlite":
        _fts5()
    else:
        _tsvector()


def downgrade() -> None:
    raise NotImplementedError("A ParkPulse store is not taken back to an older schema: restore a backup instead.")


def _fts5() -> None:
    """The tokenizer `ascii` leaves our pieces as they are: it parts at blanks and knows no letters of its own."""
    op.execute(f"CREATE VIRTUAL TABLE library_words USING fts5({', '.join(_COLUMNS)}, tokenize = 'ascii')")
    op.execute(
        "CREATE TRIGGER library_text_gone AFTER DELETE ON library_text "
        "BEGIN DELETE FROM library_words WHERE rowid = OLD.text_id; END"
    )


def _tsvector() -> None:
    """pieces: of texts that a tsvector cannot hold as a whole."""
    op.execute(
        "CREATE TABLE library_words ("
        "text_id INTEGER CONSTRAINT pk_library_words PRIMARY KEY "
        "CONSTRAINT fk_library_words_text_id_library_text REFERENCES library_text ON DELETE CASCADE, "
        "words TSVECTOR NOT NULL, pieces TEXT)"
    )
    op.execute("CREATE INDEX ix_library_words_words ON library_words USING gin (words)")
