"""What cities can be compared on: one figure per city and metric, in one unit, one definition and one span of years.

A metric is a published figure, a ratio of two published figures, or the change of one of them over some years.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import polars as pl

from indicators.cities.comparability import COLUMNS, PAIR, TRUST
from indicators.cities.lines import changes_over, figure_lines
from indicators.frames import FIGURES, Column, Contract, ContractError, require

CHANGE = "~"
"""What stands between an indicator and the years its change is taken over: gdp~10."""

RATIOS = Contract(
    "ratios",
    (
        Column("indicator_id", pl.String, "code", "the ratio"),
        Column("numerator_id", pl.String, "code", "the indicator above"),
        Column("denominator_id", pl.String, "code", "the indicator below"),
        Column("factor", pl.Float64, "number", "100 for per cent, 1000 for per thousand"),
        Column("unit", pl.String, "text", "unit of the ratio"),
    ),
    key=("indicator_id",),
)
"""One row per ratio."""

_GROUP = ["indicator_id", "unit", "place", "group"]
_OUT = [*COLUMNS, "year_to", "n_cities"]


def ratio_figures(figures: pl.DataFrame, ratios: pl.DataFrame) -> pl.DataFrame:
    """Ratios of two figures of one city, territory and year, as figures of their own.

    Formula: factor * numerator / denominator. Both must stand in annual lines (see ``figure_lines``).
    Columns in: FIGURES; ``ratios``: RATIOS. Columns out: those of FIGURES; definition text = what both count, " / "
    between where they differ; trust = the lower of the two; source_title, source_url = one source, or both with " | "
    between; one row a city, territory, year and pair of definitions, sorted. A missing side or a denominator of zero
    gives no row. No rows give no rows. Raises ContractError. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["essen"] * 2, "territory": ["city"] * 2, "indicator_id": ["ict", "all"],
    ...     "period": ["2023"] * 2, "value": [1.0, 4.0], "unit": ["establishments"] * 2, "definition": [None] * 2,
    ...     "trust": ["A", "B"], "source_title": ["IT.NRW"] * 2, "source_url": [None] * 2})
    >>> ratios = pl.DataFrame({"indicator_id": ["ict_share"], "numerator_id": ["ict"], "denominator_id": ["all"],
    ...     "factor": [100.0], "unit": ["%"]})
    >>> ratio_figures(figures, ratios).select("period", "value", "unit", "trust").row(0)
    ('2023', 25.0, '%', 'B')
    """
    asked = require(ratios, RATIOS)
    used = [*asked["numerator_id"], *asked["denominator_id"]]
    lines = figure_lines(require(figures, FIGURES).filter(pl.col("indicator_id").is_in(used)))
    side = lines.select("city_id", "territory", "period", "indicator_id", "value", "counted", *COLUMNS[-3:])
    wanted = asked.select("indicator_id", "numerator_id", "denominator_id", "factor", "unit")
    above = side.rename({"indicator_id": "numerator_id"}).join(wanted, on="numerator_id")
    below = side.rename({"indicator_id": "denominator_id"})
    both = above.join(below, on=["city_id", "territory", "period", "denominator_id"], suffix="_below")
    trusted = [pl.col(name).replace_strict(TRUST, return_dtype=pl.Int8) for name in ("trust", "trust_below")]
    alike = pl.col("counted").eq_missing(pl.col("counted_below"))
    counted = (
        pl.when(alike)
        .then("counted")
        .otherwise(pl.concat_str("counted", "counted_below", separator=" / ", ignore_nulls=True))
    )
    return (
        both.filter(pl.col("value_below") != 0)
        .with_columns(
            value=pl.col("factor") * pl.col("value") / pl.col("value_below"),
            definition=pl.when(counted != "").then(counted),
            trust=pl.when(trusted[0] >= trusted[1]).then("trust").otherwise("trust_below"),
            source_title=_sources("source_title"),
            source_url=_sources("source_url"),
        )
        .select(COLUMNS)
        .sort(*PAIR, "territory", "period", "definition", nulls_last=True)
    )


def comparable_values(
    figures: pl.DataFrame,
    territories: Mapping[str, str] | None = None,
    harmonised: Sequence[str] = (),
    max_gap: int = 3,
    focal: str | None = None,
    not_before: int | None = None,
) -> pl.DataFrame:
    """One figure per city and indicator, all of an indicator in one unit, one definition and one span of years.

    Rule: figures of annual lines; of a city only those for the whole city, or for an area drawn by one rule for all
    cities (``harmonised``; such figures are compared with each other only). Per indicator the unit and definition that
    most cities have within max_gap years is taken, the newest such span first; where ``focal`` is given, those that
    city has come first. Figures of years before ``not_before`` do not count. A figure without a stated definition is
    compared with any stated one of its unit. Each city gives its newest figure of the span, a stated definition before
    none, then the more trusted.
    Columns in: FIGURES; ``territories``: the whole city's name per city, a city not named there may use any. Columns
    out: those of FIGURES, year_to Int64 (end of the span), n_cities UInt32 (cities with the indicator), sorted by city
    and indicator. A city without a comparable figure has no row, never a zero. No rows give no rows. Raises
    ContractError. Source: our choice; the gap of three years is that of the design (cities of one year are rare).

    >>> figures = pl.DataFrame({"city_id": ["a", "a", "b"], "territory": ["city"] * 3, "indicator_id": ["gdp"] * 3,
    ...     "period": ["2017", "2023", "2016"], "value": [1.0, 9.0, 2.0], "unit": ["CNY"] * 3, "definition": [None] * 3,
    ...     "trust": ["A"] * 3, "source_title": ["NBS"] * 3, "source_url": [None] * 3})
    >>> comparable_values(figures).select("city_id", "period", "year_to", "n_cities").rows()
    [('a', '2017', 2017, 2), ('b', '2016', 2017, 2)]
    """
    if max_gap < 0:
        raise ContractError(FIGURES, [f"max_gap {max_gap} is not accepted; accepted: 0 or more years; correct it."])
    lines = figure_lines(figures).filter(pl.col("period").cast(pl.Int64) >= (not_before or 0))
    members = _members(_whole(lines, territories or {}, harmonised))
    spans = members.select(*_GROUP, pl.col("year").alias("year_to")).unique()
    inside = spans.join(members, on=_GROUP, nulls_equal=True).filter(
        pl.col("year").is_between(pl.col("year_to") - max_gap, pl.col("year_to"))
    )
    counted = inside.group_by(*_GROUP, "year_to").agg(
        pl.col("city_id").n_unique().alias("n_cities"), (pl.col("city_id") == (focal or "")).any().alias("_focal")
    )
    order = ["_focal", "n_cities", "year_to", "unit", "place", "group"]
    best = counted.sort(order, descending=[True, True, True, False, False, False], nulls_last=True).unique(
        "indicator_id", keep="first", maintain_order=True
    )
    taken = inside.join(best, on=[*_GROUP, "year_to"], nulls_equal=True)
    rank = pl.col("trust").replace_strict(TRUST, return_dtype=pl.Int8)
    keys = [*PAIR, -pl.col("year"), pl.col("counted").is_null(), rank, "territory", "source_title", "value"]
    return taken.sort(keys).unique(PAIR, keep="first", maintain_order=True).select(_OUT)


def change_values(figures: pl.DataFrame, values: pl.DataFrame, years: Sequence[int] = (5, 10)) -> pl.DataFrame:
    """How far the compared figures moved over some years, as metrics of their own.

    Formula: that of ``changes_over``, up to the year of the compared figure, inside its line and segment.
    Columns in: FIGURES; ``values``: the result of ``comparable_values``; ``years``: whole numbers from 1. Columns out:
    those of ``values``; indicator_id = id, "~" and years, value = the change, unit = % or points, period = "from–to",
    n_cities = cities with the change. A change that must not be computed (no figure of that year, a level break) has no
    row. No rows give no rows. Raises ContractError. Source: our choice; Brookings Metro Monitor.

    >>> figures = pl.DataFrame({"city_id": ["a"] * 2, "territory": ["city"] * 2, "indicator_id": ["gdp"] * 2,
    ...     "period": ["2012", "2017"], "value": [2.0, 3.0], "unit": ["CNY"] * 2, "definition": [None] * 2,
    ...     "trust": ["A"] * 2, "source_title": ["NBS"] * 2, "source_url": [None] * 2})
    >>> change_values(figures, comparable_values(figures)).select("indicator_id", "period", "value", "unit").rows()
    [('gdp~5', '2012–2017', 50.0, '%')]
    """
    until = values.select(*PAIR, "territory", "unit", pl.col("period").alias("_until"))
    known = figures.join(until, on=[*PAIR, "territory", "unit"]).filter(pl.col("period") <= pl.col("_until"))
    moved = changes_over(known.drop("_until"), years).drop_nulls("change")
    same = [*PAIR, "territory", "unit", "period", "value"]
    joined = moved.select(*same, "years", "period_from", "change", "change_unit").join(values, on=same)
    return (
        joined.with_columns(
            indicator_id=pl.concat_str("indicator_id", pl.lit(CHANGE), "years"),
            value="change",
            unit="change_unit",
            period=pl.concat_str("period_from", pl.lit("–"), "period"),
        )
        .unique(PAIR, keep="first", maintain_order=True)
        .with_columns(pl.len().over("indicator_id").cast(pl.UInt32).alias("n_cities"))
        .select(_OUT)
        .sort(PAIR)
    )


def round_goalposts(low: float, high: float) -> tuple[float, float]:
    """Two round numbers around a range, to be the scores 0 and 100 of an indicator.

    Rule: the step is a tenth of the range, rounded up to 1, 2 or 5 times a power of ten; the ends are moved outward to
    full steps. Numbers in the unit of the indicator. Equal numbers move a tenth (at least 1) to each side. Errors:
    none. Source: our choice.

    >>> round_goalposts(42.63, 61.2), round_goalposts(7.0, 7.0)
    ((42.0, 62.0), (6.0, 8.0))
    """
    if low == high:
        room = max(abs(low) / 10, 1.0)
        return low - room, high + room
    rough = (high - low) / 10
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(part * power for part in (1.0, 2.0, 5.0, 10.0) if part * power >= rough * (1 - 1e-9))
    return round(math.floor(low / step) * step, 10), round(math.ceil(high / step) * step, 10)


def _sources(name: str) -> pl.Expr:
    """A source column of both sides: that of one source once, else both in the same order with " | " between."""
    one = (pl.col("source_title") == pl.col("source_title_below")) & pl.col("source_url").eq_missing(
        pl.col("source_url_below")
    )
    sides = [pl.col(side).fill_null("") for side in (name, f"{name}_below")]
    two = pl.when(sides[0] + sides[1] != "").then(pl.concat_str(sides, separator=" | "))
    return pl.when(one).then(name).otherwise(two)


def _whole(lines: pl.DataFrame, territories: Mapping[str, str], harmonised: Sequence[str]) -> pl.DataFrame:
    """The figures for whole cities, with the kind of area (`place`: a harmonised one, or empty) and the year."""
    drawn = pl.col("territory").is_in(list(harmonised))
    default = pl.col("city_id").replace_strict(dict(territories), default=None, return_dtype=pl.String)
    rows = lines.filter(drawn | default.is_null() | (default == pl.col("territory")))
    place = pl.when(drawn).then("territory").otherwise(pl.lit(""))
    return rows.with_columns(place.alias("place"), pl.col("period").cast(pl.Int64).alias("year"))


def _members(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows under every definition they can be compared under (`group`); null = nobody states one."""
    keys = rows.select("indicator_id", "unit", "place", pl.col("counted").alias("group")).unique()
    stated = keys.drop_nulls("group")
    silent = keys.filter(pl.col("group").is_null()).join(stated, on=_GROUP[:3], how="anti")
    joined = rows.join(pl.concat([stated, silent]), on=_GROUP[:3])
    return joined.filter(pl.col("counted").is_null() | (pl.col("counted") == pl.col("group")))
