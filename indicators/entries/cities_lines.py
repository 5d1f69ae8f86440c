"""The methods of published city figures over time and beside other cities: lines, changes, trajectories, peers."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import Method, MethodError, Option
from indicators.cities.composite import VALUES
from indicators.cities.lines import changes_over, figure_lines, left_out
from indicators.cities.neighbours import city_profile, nearest_peers
from indicators.cities.normalise import SCORED
from indicators.cities.trajectories import THRESHOLD_PCT, trajectories
from indicators.frames import FIGURES, Column

_BREAK = Column(
    "break_reason", pl.String, "text", "why the level changes with this figure", nullable=True, optional=True
)
_PEAK = Column("peak_source", pl.String, "text", "who names this year as the peak", nullable=True, optional=True)
WITH_BREAKS = replace(FIGURES, columns=(*FIGURES.columns, _BREAK))
_WITH_PEAKS = replace(FIGURES, columns=(*WITH_BREAKS.columns, _PEAK))
FIGURE_OUT = (
    ("city_id", "code"),
    ("territory", "text"),
    ("indicator_id", "code"),
    ("period", "year"),
    ("value", "see unit"),
    ("unit", "text"),
    ("definition", "text"),
    ("trust", "A, B or seed"),
    ("source_title", "text"),
    ("source_url", "address"),
)
_PLACE = (*FIGURE_OUT[:1], *FIGURE_OUT[2:3], *FIGURE_OUT[1:2], *FIGURE_OUT[5:6])
MOVED_OUT = (
    *_PLACE,
    ("line", "number within city and indicator"),
    ("period", "year"),
    ("value", "see unit"),
    ("years", "years"),
    ("period_from", "year"),
    ("value_from", "see unit"),
    ("change", "see change_unit"),
    ("change_unit", "% or points"),
    ("reason", "why there is no change: no_figure, level_break, other_line or zero"),
)


def breaks_told(figures: pl.DataFrame) -> pl.DataFrame:
    """The level breaks told in the column break_reason."""
    if "break_reason" not in figures.columns:
        figures = figures.with_columns(break_reason=pl.lit(None, pl.String))
    told = figures.filter(pl.col("break_reason").is_not_null() & (pl.col("period").str.len_chars() == len("YYYY")))
    names = ("city_id", "indicator_id", "territory", "period", pl.col("break_reason").alias("reason"))
    return told.select(*names).unique(maintain_order=True)


def _lines(figures: pl.DataFrame) -> pl.DataFrame:
    """figure_lines with the breaks in the file."""
    return figure_lines(figures, breaks_told(figures))


def _changes(figures: pl.DataFrame, years: tuple[str, ...], not_after: str | None) -> pl.DataFrame:
    """changes_over with the years as text."""
    odd = [year for year in years if not str(year).isdigit()]
    if odd:
        problem = f"option years '{odd[0]}' is not accepted; accepted: whole numbers from 1; correct it."
        raise MethodError(f"changes_over_years: {problem}")
    return changes_over(figures, [int(year) for year in years], not_after, breaks_told(figures))


def _trajectories(figures: pl.DataFrame, first: str | None, last: str | None, threshold_pct: float) -> pl.DataFrame:
    """trajectories with the documented peaks and breaks in the file."""
    if "peak_source" not in figures.columns:
        figures = figures.with_columns(peak_source=pl.lit(None, pl.String))
    named = figures.filter(pl.col("peak_source").is_not_null() & (pl.col("period").str.len_chars() == len("YYYY")))
    peaks = named.select("city_id", "indicator_id", "territory", "period", "peak_source")
    return trajectories(figures, peaks, first, last, threshold_pct, breaks_told(figures))


def _profile(values: pl.DataFrame, city_id: str | None, peers: tuple[str, ...], top: int, fewest: int) -> pl.DataFrame:
    """city_profile against the peers named, or every other city; the first city of the file if none is named."""
    cities = values["city_id"].unique(maintain_order=True).to_list()
    focal = city_id if city_id is not None else (cities or [""])[0]
    return city_profile(values, focal, peers or [city for city in cities if city != focal], top, fewest)


ENTRIES: tuple[Method, ...] = (
    Method(
        "figure_lines",
        "Which annual figures form one line, and where a level break cuts it.",
        _lines,
        WITH_BREAKS,
        {},
        (
            *FIGURE_OUT,
            ("alternatives", "less trusted figures of the same year"),
            ("line", "number within city and indicator"),
            ("segment", "number within the line"),
            ("basis", "national, local or empty"),
            ("counted", "text"),
            ("apart", "what keeps the lines apart"),
            ("break_reason", "text"),
        ),
        "our choice; no line holds two definitions, vintages, units or territories",
    ),
    Method(
        "left_out_figures",
        "Which figures are in no annual line, and why.",
        left_out,
        FIGURES,
        {},
        (*FIGURE_OUT, ("reason", "part_of_year, month or second_source")),
        "our choice",
    ),
    Method(
        "changes_over_years",
        "How far each line moved over 1, 5 and 10 years up to its newest figure.",
        _changes,
        WITH_BREAKS,
        {
            "years": Option(tuple, ("1", "5", "10"), "how many years back, with commas between"),
            "not_after": Option(str, None, "newest year looked at, YYYY"),
        },
        MOVED_OUT,
        "our choice; the years are those of the Brookings Metro Monitor",
    ),
    Method(
        "trajectories",
        "Every series at its own peak = 100, by years since the peak.",
        _trajectories,
        _WITH_PEAKS,
        {
            "first": Option(str, None, "first year of the window, YYYY"),
            "last": Option(str, None, "last year of the window, YYYY"),
            "threshold_pct": Option(
                float, THRESHOLD_PCT, "how low some earlier figure must be, per cent of the maximum"
            ),
        },
        (
            *FIGURE_OUT,
            ("line", "number within city and indicator"),
            ("segment", "number within the line"),
            ("break_reason", "text"),
            ("peak", "documented, confirmed or not_observed"),
            ("peak_period", "year"),
            ("peak_value", "see unit"),
            ("base_period", "year"),
            ("base_value", "see unit"),
            ("years_since", "years"),
            ("index", "base = 100"),
            ("peak_source", "text"),
            ("n", "figures of the series"),
        ),
        "our choice",
    ),
    Method(
        "nearest_peers",
        "Which cities are most alike, by the distance of their standardised figures.",
        nearest_peers,
        VALUES,
        {
            "city_id": Option(str, None, "the city looked at; not given = every city in turn"),
            "fewest": Option(int, 5, "fewest metrics two cities must share"),
        },
        (
            ("city_id", "code"),
            ("peer_id", "code"),
            ("rank", "number, 1 = nearest"),
            ("distance", "standard deviations"),
            ("relative", "0 to 1, 1 = farthest"),
            ("n_shared", "metrics"),
            ("shared", "codes"),
            ("reason", "too_few_shared or empty"),
        ),
        "CIPFA Nearest Neighbours; root mean square and five metrics are our choice",
    ),
    Method(
        "city_profile",
        "What a city is strong and weak in against its peers.",
        _profile,
        SCORED,
        {
            "city_id": Option(str, None, "the city looked at; not given = the first of the file"),
            "peers": Option(tuple, (), "ids of the peers, with commas between; empty = every other city"),
            "top": Option(int, 5, "most strengths and most weaknesses"),
            "fewest": Option(int, 3, "fewest peers with the figure"),
        },
        (
            ("indicator_id", "code"),
            ("value", "see unit of the indicator"),
            ("peer_median", "see unit of the indicator"),
            ("difference", "see unit of the indicator"),
            ("standing", "standard deviations of the peers, above 0 = better"),
            ("rank", "number, 1 = best"),
            ("n_group", "cities"),
            ("finding", "strength, weakness or empty"),
            ("direction", "sign"),
        ),
        "COINr, strengths and weaknesses of a unit",
    ),
)
