"""What one chooses in the register of parks: grade, conversion mode, words, and the park whose own page is open."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import streamlit as st

from pages.parts import blocks, cached, filters
from pages.parts.filters import ALL
from pages.parts.parks import cached_parks
from pages.parts.session import Visit, remembered

PARK, UNKNOWN = "park", "unknown"
SEARCHED = ("park_id", "name_zh", "name_en", "address", "former_use", "operator")
NARROWED = {"grade": "grade", "conversion": "conversion_mode"}  # key of the box -> column


@dataclass(frozen=True)
class Wanted:
    """The parks one looks for: of a grade, of a conversion mode, with these words; retired ones too or not."""

    grade: str = ALL
    conversion: str = ALL
    words: str = ""
    retired: bool = False

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The parks that fit: words are found in id, names, address, former use and operator, and are no pattern.

        >>> rows = pl.DataFrame({"park_id": ["A", "B"], "grade": ["x", None], "conversion_mode": [None, "y"]})
        >>> Wanted(grade="unknown").of(rows)["park_id"].to_list(), Wanted(words="a").of(rows)["park_id"].to_list()
        (['B'], ['A'])
        """
        for key, column in NARROWED.items():
            value = getattr(self, key)
            if value != ALL:
                rows = rows.filter(pl.col(column).is_null() if value == UNKNOWN else pl.col(column) == value)
        if not self.retired and "retired_on" in rows.columns:
            rows = rows.filter(pl.col("retired_on").is_null())
        sought = self.words.strip().lower()
        columns = [name for name in SEARCHED if name in rows.columns]
        if not sought:
            return rows
        return rows.filter(
            pl.any_horizontal(
                pl.col(name).fill_null("").str.to_lowercase().str.contains(sought, literal=True) for name in columns
            )
        )


def chosen(visit: Visit) -> dict[str, object] | None:
    """The park whose page is open: the row of the register; None while one looks at the whole register."""
    rows = cached.parks(visit.key, visit)
    park = remembered(PARK, [ALL, *rows["park_id"]], ALL)
    found = rows.filter(pl.col("park_id") == park)
    return found.row(0, named=True) if found.height else None


def wanted(visit: Visit, rows: pl.DataFrame, words: str) -> Wanted:
    """Boxes for grade, conversion mode and the park to open; one for retired parks too if there are any.

    rows: the parks of the selection, retired ones too.
    """
    room = st.container()
    gone, retired = rows["retired_on"].is_not_null(), False
    if gone.any():
        label = visit.say("parks.with_retired", n=int(gone.sum()))
        retired = st.checkbox(label, key="park_retired", persist_state="session")
    left, middle, right = room.columns(3, vertical_alignment="bottom")
    shown = rows if retired else rows.filter(~gone)
    picked = {}
    for place, (key, column) in zip((left, middle), NARROWED.items(), strict=True):
        with place:
            picked[key] = filters.pick(visit.say(f"parks.{key}"), key, counted(visit, shown[column]), ALL)
    found = Wanted(picked["grade"], picked["conversion"], words, retired)
    with right:
        open_park(visit, found.of(rows)["park_id"], visit.say("parks.open_none"))
    return found


def counted(visit: Visit, codes: pl.Series) -> dict[str, str]:
    """What a box offers: all, each code with its number of parks, most first, and those of which it is not known."""
    frame = codes.value_counts(sort=True, name="n").drop_nulls().sort("n", codes.name, descending=[True, False])
    names = blocks.worded(visit, frame[codes.name])
    options = {ALL: visit.say("parks.every", n=codes.len())}
    options |= {code: f"{name} ({n})" for code, name, n in zip(frame[codes.name], names, frame["n"], strict=True)}
    if unknown := codes.null_count():
        options[UNKNOWN] = f"{visit.say('status.unknown')} ({unknown})"
    return options


def open_park(visit: Visit, parks: pl.Series, first: str) -> None:
    """The box that opens a park's page; its first choice, `first`, is the register."""
    known = cached_parks.names(visit.key, visit.language, visit)
    options = {ALL: first} | {park: f"{known[park]} · {park}" for park in parks}
    filters.pick(visit.say("parks.open"), PARK, options, ALL)


def to_register() -> None:
    """The callback of the way back: no park is open."""
    st.session_state[PARK] = ALL


def on_row(key: str, parks: pl.Series) -> None:
    """The callback of a click on a row of the table `key`, whose rows are these parks."""
    rows = st.session_state[key]["selection"]["rows"]
    if rows and rows[0] < parks.len():
        st.session_state[PARK] = parks[rows[0]]
