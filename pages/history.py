"""History: every upload with undo, redo and its original file, any past state, the audit log."""

from __future__ import annotations

from data.access import Action
from pages.parts import blocks, session
from pages.parts.session import Visit
from pages.parts.upload import desk_storing, uploads


def render(visit: Visit) -> None:
    """Show what was stored, and let it be set aside and brought back."""
    blocks.title(visit, visit.say("history.title"), visit.say("history.subtitle"), "answers")
    desk_storing.messages()
    uploads.board(visit)
    uploads.changes(visit)
    uploads.past(visit)
    uploads.audit(visit)


if __name__ == "__main__":
    render(session.open_page(Action.UPLOAD))
