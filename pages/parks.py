"""Park register: every park on record, searchable and counted by district; `?park=ID` is one park's own page."""

from __future__ import annotations

from data.access import Action
from pages.parts import session
from pages.parts.parks import park_choices, park_page, park_register
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    park = park_choices.chosen(visit)
    if park is None:
        park_register.show(visit)
    else:
        park_page.show(visit, park)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
