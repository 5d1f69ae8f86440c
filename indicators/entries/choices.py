"""The methods of the special surveys, whose answers are choices from a list."""

from __future__ import annotations

from indicators.catalogue import BY_NOTE, BY_OUT, Method, Option
from indicators.choice_shares import CHOICES, choice_shares

ENTRIES: tuple[Method, ...] = (
    Method(
        "choice_shares",
        "How many per cent of the answers of each cell gave each choice of a list.",
        choice_shares,
        CHOICES,
        {"by": Option(tuple, ("period", "item_id"), BY_NOTE)},
        (
            BY_OUT,
            ("answer", "code"),
            ("n", "answers with this choice"),
            ("n_answers", "valid answers"),
            ("share_pct", "per cent"),
        ),
        "our choice: plain relative frequencies",
    ),
)
