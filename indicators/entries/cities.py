"""The methods that put figures side by side: hiding small cells, the newest figure of each city."""

from __future__ import annotations

import polars as pl

from indicators.catalogue import Method, MethodError, Option
from indicators.cities.comparability import latest
from indicators.disclosure import suppress
from indicators.frames import FIGURES, Column, Contract

_COUNTED = Contract("cells", (Column("n", pl.Int64, "count", "the count behind the cell", low=0),))


def _latest(
    figures: pl.DataFrame,
    cities: tuple[str, ...],
    indicators: tuple[str, ...],
    not_after: str | None,
    territories: tuple[str, ...],
) -> pl.DataFrame:
    """latest with every city and indicator of the file where none are named, territories as city_id=territory."""
    odd = [part for part in territories if "=" not in part]
    if odd:
        problem = f"option territories '{odd[0]}' is not accepted; accepted: city_id=territory; correct it."
        raise MethodError(f"latest_figures: {problem}")
    wanted = {city.strip(): name.strip() for city, _, name in (part.partition("=") for part in territories)}
    return latest(figures, cities or None, indicators or None, not_after, wanted)


ENTRIES: tuple[Method, ...] = (
    Method(
        "suppress",
        "A table with the figures of small cells blanked.",
        suppress,
        _COUNTED,
        {
            "n": Option(str, "n", "the column of the count behind each cell"),
            "values": Option(tuple, None, "columns to blank, with commas between", required=True),
            "minimum": Option(int, 5, "smallest count that is shown"),
            "within": Option(tuple, None, "columns of the group whose total is shown; empty = the whole table"),
        },
        (("the columns of the file", "as given"), ("suppressed", "true or false")),
        "Handbook on Statistical Disclosure Control, chapter 4; minimum 5 is our choice",
        {
            "n": _COUNTED.columns[0],
            "values": Column("values", pl.Float64, "as given", "a figure to blank", nullable=True),
        },
    ),
    Method(
        "latest_figures",
        "The newest published figure of each city and indicator.",
        _latest,
        FIGURES,
        {
            "cities": Option(tuple, (), "city ids with commas between; empty = all of the file"),
            "indicators": Option(tuple, (), "indicator ids with commas between; empty = all of the file"),
            "not_after": Option(str, None, "newest period allowed, YYYY or YYYY-MM"),
            "territories": Option(tuple, (), "the territory wanted of a city, city_id=territory, with commas between"),
        },
        (
            ("city_id", "code"),
            ("indicator_id", "code"),
            ("period", "year or month"),
            ("value", "see unit"),
            ("unit", "text"),
            ("territory", "text"),
            ("definition", "text"),
            ("trust", "A, B or seed"),
            ("source_title", "text"),
            ("source_url", "address"),
            ("alternatives", "other figures for the same city, indicator and period"),
        ),
        "our choice; each row keeps its own source",
    ),
)
