"""The methods that say what cities can be compared on: figures of one span, ratios, changes, growth of every year."""

from __future__ import annotations

import polars as pl

from indicators.catalogue import Method, MethodError, Option
from indicators.cities.lines import year_on_year
from indicators.cities.metrics import change_values, comparable_values, ratio_figures
from indicators.entries.cities_lines import FIGURE_OUT, MOVED_OUT, WITH_BREAKS, breaks_told
from indicators.frames import FIGURES

_SPAN: dict[str, Option] = {
    "max_gap": Option(int, 3, "years that the figures of an indicator may lie apart"),
    "focal": Option(str, None, "the city whose unit, definition and years come first"),
    "not_before": Option(int, None, "first year that counts, YYYY"),
    "territories": Option(tuple, (), "the name of the whole city, city_id=territory, with commas between"),
    "harmonised": Option(tuple, (), "territories drawn by one rule for all cities, with commas between"),
}
_COMPARED = (
    *FIGURE_OUT,
    ("year_to", "year, end of the span"),
    ("n_cities", "cities with the indicator"),
)


def _compared(
    figures: pl.DataFrame,
    max_gap: int,
    focal: str | None,
    not_before: int | None,
    territories: tuple[str, ...],
    harmonised: tuple[str, ...],
) -> pl.DataFrame:
    """comparable_values with territories as city_id=territory."""
    odd = [part for part in territories if "=" not in part]
    if odd:
        problem = f"option territories '{odd[0]}' is not accepted; accepted: city_id=territory; correct it."
        raise MethodError(f"comparable_values: {problem}")
    whole = {city.strip(): name.strip() for city, _, name in (part.partition("=") for part in territories)}
    return comparable_values(figures, whole, harmonised, max_gap, focal, not_before)


def _changes(figures: pl.DataFrame, years: tuple[str, ...], max_gap: int) -> pl.DataFrame:
    """change_values of the compared figures, the years as text."""
    odd = [year for year in years if not str(year).isdigit()]
    if odd:
        problem = f"option years '{odd[0]}' is not accepted; accepted: whole numbers from 1; correct it."
        raise MethodError(f"comparable_changes: {problem}")
    values = comparable_values(figures, max_gap=max_gap)
    return change_values(figures, values, [int(year) for year in years])


def _ratio(figures: pl.DataFrame, numerator: str, denominator: str, factor: float, unit: str) -> pl.DataFrame:
    """ratio_figures of one ratio."""
    one = {"indicator_id": f"{numerator}/{denominator}", "numerator_id": numerator, "denominator_id": denominator}
    return ratio_figures(figures, pl.DataFrame([{**one, "factor": factor, "unit": unit}]))


ENTRIES: tuple[Method, ...] = (
    Method(
        "year_on_year",
        "How far each annual figure moved on the year before, or why that must not be said.",
        lambda figures: year_on_year(figures, breaks_told(figures)),
        WITH_BREAKS,
        {},
        MOVED_OUT,
        "our choice",
    ),
    Method(
        "comparable_values",
        "One figure per city and indicator, all of an indicator in one unit, one definition and one span of years.",
        _compared,
        FIGURES,
        _SPAN,
        _COMPARED,
        "our choice",
    ),
    Method(
        "comparable_changes",
        "How far the compared figures moved over 5 and 10 years, as metrics of their own.",
        _changes,
        FIGURES,
        {"years": Option(tuple, ("5", "10"), "how many years, with commas between"), "max_gap": _SPAN["max_gap"]},
        _COMPARED,
        "our choice; Brookings Metro Monitor",
    ),
    Method(
        "ratio_figures",
        "The ratio of two figures of one city, territory and year.",
        _ratio,
        FIGURES,
        {
            "numerator": Option(str, None, "the indicator above", required=True),
            "denominator": Option(str, None, "the indicator below", required=True),
            "factor": Option(float, 100.0, "100 for per cent, 1000 for per thousand"),
            "unit": Option(str, "%", "unit of the ratio"),
        },
        FIGURE_OUT,
        "our choice",
    ),
)
