"""Each series at its own peak = 100, by years since the peak, with an honest rule for when a peak was observed at all.

Needs no common currency, unit or definition between cities. A maximum is a peak only if the series stood clearly lower
before it; a series that starts at its maximum has lost its peak to the years before the first figure.
"""

from __future__ import annotations

import polars as pl

from indicators.cities.comparability import COLUMNS, PAIR
from indicators.cities.lines import LINE, figure_lines
from indicators.frames import FIGURES, Column, Contract, ContractError, require

STRETCH = [*LINE, "segment"]
THRESHOLD_PCT = 90.0
"""How low some earlier figure must be, in per cent of the maximum, for the peak to be confirmed."""

PEAKS = Contract(
    "documented peaks",
    (
        Column("city_id", pl.String, "code", "the city"),
        Column("indicator_id", pl.String, "code", "the indicator"),
        Column("territory", pl.String, "text", "the area; empty = every area", nullable=True, optional=True),
        Column("period", pl.String, "year", "the year named as the peak, with a figure in the series"),
        Column("peak_source", pl.String, "text", "who names that year as the peak"),
    ),
)
"""One row per series whose peak a source documents."""


def trajectories(
    figures: pl.DataFrame,
    peaks: pl.DataFrame | None = None,
    first: str | None = None,
    last: str | None = None,
    threshold_pct: float = THRESHOLD_PCT,
    breaks: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every annual series as index of its own peak = 100, by years since the peak.

    Formula: index = 100 * value / base. The base is the documented peak; else the maximum (the first of equal ones)
    if some earlier figure is at most threshold_pct per cent of it; else the first figure, and the peak was not
    observed. Years are counted from the base. A series is one segment of one line (``figure_lines``): nothing is
    indexed across a level break, a vintage, a definition or a territory.
    Columns in: FIGURES; ``first``, ``last``: the window, YYYY, None = open; ``threshold_pct`` 0..100; ``peaks``: PEAKS;
    ``breaks``: LEVEL_BREAKS. Columns out: those of FIGURES, line, segment UInt32, break_reason text, peak text
    (documented, confirmed or not_observed), peak_period text and peak_value Float64 (null where not observed),
    base_period text, base_value Float64, years_since Int64 (negative before the base), index Float64 (base = 100; null
    where the base is zero or less), peak_source text, n UInt32 (figures of the series in the window), sorted.
    A documented peak outside the window or a series without that year is refused: ContractError; no figure gives no
    rows. Source: our choice (90 per cent: 95 would confirm a maximum after a dip of a few points).

    >>> figures = pl.DataFrame({"city_id": ["x"] * 3, "territory": ["city"] * 3, "indicator_id": ["jobs"] * 3,
    ...     "period": ["1950", "1960", "2010"], "value": [80.0, 100.0, 45.0], "unit": ["persons"] * 3,
    ...     "definition": [None] * 3, "trust": ["A"] * 3, "source_title": ["x"] * 3, "source_url": [None] * 3})
    >>> trajectories(figures).select("peak", "years_since", "index").rows()
    [('confirmed', -10, 80.0), ('confirmed', 0, 100.0), ('confirmed', 50, 45.0)]
    >>> trajectories(figures, first="1960").select("peak", "peak_period", "index").row(1)
    ('not_observed', None, 45.0)
    """
    _require_window(first, last, threshold_pct)
    rows = figure_lines(figures, breaks)
    for year, later in ((first, True), (last, False)):
        if year is not None:
            rows = rows.filter(pl.col("period") >= year if later else pl.col("period") <= year)
    documented = _documented(rows, peaks)
    based = rows.join(_bases(rows, documented, threshold_pct), on=STRETCH, how="left")
    index = pl.when(pl.col("base_value") > 0).then(100.0 * pl.col("value") / pl.col("base_value"))
    observed = pl.col("peak") != "not_observed"
    return based.select(
        *COLUMNS,
        "line",
        "segment",
        "break_reason",
        "peak",
        pl.when(observed).then(pl.col("base_period")).alias("peak_period"),
        pl.when(observed).then(pl.col("base_value")).alias("peak_value"),
        "base_period",
        "base_value",
        (pl.col("period").cast(pl.Int64) - pl.col("base_period").cast(pl.Int64)).alias("years_since"),
        index.alias("index"),
        "peak_source",
        pl.len().over(STRETCH).cast(pl.UInt32).alias("n"),
    ).sort([*STRETCH, "period"])


def _bases(rows: pl.DataFrame, documented: pl.DataFrame, threshold_pct: float) -> pl.DataFrame:
    """One row a series: what kind of peak, and the figure that is 100."""
    ordered = rows.sort([*STRETCH, "period"])
    top = pl.col("value").arg_max()
    earlier = pl.col("value").slice(0, top).min()
    found = ordered.group_by(STRETCH, maintain_order=True).agg(
        pl.col("period").get(top).alias("_top_period"),
        pl.col("value").max().alias("_top"),
        earlier.alias("_earlier"),
        pl.col("period").first().alias("_first_period"),
        pl.col("value").first().alias("_first"),
    )
    confirmed = (pl.col("_top") > 0) & (pl.col("_earlier") / pl.col("_top") <= threshold_pct / 100.0)
    named = found.join(documented, on=STRETCH, how="left")
    kinds = (
        pl.when(pl.col("peak_source").is_not_null())
        .then(pl.lit("documented"))
        .when(confirmed.fill_null(value=False))
        .then(pl.lit("confirmed"))
        .otherwise(pl.lit("not_observed"))
    )
    chosen = pl.col("peak")
    return named.with_columns(kinds.alias("peak")).select(
        *STRETCH,
        "peak",
        pl.when(chosen == "documented").then(pl.col("_named_period"))
        .when(chosen == "confirmed").then(pl.col("_top_period")).otherwise(pl.col("_first_period"))
        .alias("base_period"),
        pl.when(chosen == "documented").then(pl.col("_named"))
        .when(chosen == "confirmed").then(pl.col("_top")).otherwise(pl.col("_first"))
        .alias("base_value"),
        "peak_source",
    )  # fmt: skip


def _documented(rows: pl.DataFrame, peaks: pl.DataFrame | None) -> pl.DataFrame:
    """The documented peaks found in the series, with their figures."""
    empty = pl.DataFrame(schema={"city_id": pl.String, "indicator_id": pl.String, "territory": pl.String,
                                 "period": pl.String, "peak_source": pl.String})  # fmt: skip
    named = empty if peaks is None else require(peaks, PEAKS)
    if "territory" not in named.columns:
        named = named.with_columns(territory=pl.lit(None, pl.String))
    present = rows.select(PAIR).unique()
    asked = named.join(present, on=PAIR, how="semi").select(*PAIR, "territory", "period", "peak_source")
    hits = rows.select(*STRETCH, "territory", "period", "value").join(
        asked.rename({"territory": "_where"}), on=[*PAIR, "period"], how="inner"
    )
    hits = hits.filter(pl.col("_where").is_null() | (pl.col("_where") == pl.col("territory")))
    missed = asked.join(hits, on=[*PAIR, "period"], how="anti")
    if missed.height:
        city, indicator, year = missed.select(*PAIR, "period").row(0)
        problem = (
            f"{city}, {indicator}: no annual figure for the documented peak {year} in the window; accepted: a year \
of the series; correct the year or widen the window."
        )
        raise ContractError(PEAKS, [problem])
    twice = hits.filter(pl.struct(STRETCH).is_duplicated())
    if twice.height:
        city, indicator = twice.select(PAIR).row(0)
        problem = f"{city}, {indicator}: two documented peaks for one series; accepted: one each; leave one out."
        raise ContractError(PEAKS, [problem])
    return hits.select(
        *STRETCH, "peak_source", pl.col("period").alias("_named_period"), pl.col("value").alias("_named")
    )


def _require_window(first: str | None, last: str | None, threshold_pct: float) -> None:
    for name, year in (("first", first), ("last", last)):
        if year is not None and not (len(year) == len("YYYY") and year.isdigit()):
            problem = f"{name} '{year}' is not accepted; accepted: a year YYYY; correct it."
            raise ContractError(FIGURES, [problem])
    if not 0 < threshold_pct < 100:
        problem = f"threshold_pct {threshold_pct:g} is not accepted; accepted: above 0 and below 100; correct it."
        raise ContractError(FIGURES, [problem])
