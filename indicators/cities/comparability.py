"""Which published figures of cities may stand side by side, and which were never published.

Figures come from many sources with their own years, units, definitions and territories. Nothing
is converted, added or averaged here: one figure is chosen and says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from indicators.frames import FIGURES, ContractError, require

PAIR = ["city_id", "indicator_id"]
COLUMNS = [*PAIR, "period", "value", "unit", "territory", "definition", "trust", "source_title", "source_url"]
TRUST = {"A": 0, "B": 1, "seed": 2, "own": 3}
"""Statistical office or producer before a report that quotes it, the seed articles, and what a user says of oneself."""

_PERIOD = r"^\d{4}(-(0[1-9]|1[0-2]))?$"
_ORDER = ["_trust", "territory", "unit", "definition", "source_title", "source_url", "value"]


class ComparabilityError(ValueError):
    """Figures that must not be put on one line."""


def latest(
    figures: pl.DataFrame,
    cities: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    not_after: str | None = None,
    territories: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The newest figure of each city and indicator, with its year, territory, definition and source.

    Rule: annual figures before monthly ones (a month is used only where no year exists); then the
    newest period; then trust A before B before seed before own; then territory, unit, definition and source
    in alphabetical order, so that the order of rows decides nothing. Units are never converted:
    compare ``unit`` before drawing two cities on one axis.
    Columns in: FIGURES. ``cities``, ``indicators``: ids, None = all there are. ``not_after``: "YYYY"
    or "YYYY-MM"; periods that end later are left out. ``territories``: the one territory wanted
    of a city (its default); a city that is not named there may show any.
    Columns out: city_id, indicator_id, period text (YYYY or YYYY-MM), value Float64 (see unit),
    unit, territory, definition, trust, source_title, source_url text, alternatives UInt32 (how many
    other figures exist for the same pair and period: another unit, definition, territory or
    source), sorted by city_id, indicator_id.
    A pair without a figure has no row, never a zero. No rows give no rows.
    Raises ContractError. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["ruhr"] * 3, "territory": ["RVR"] * 3, "indicator_id": ["gdp"] * 3,
    ...     "period": ["2020", "2022", "2023-06"], "value": [1.0, 2.0, 3.0], "unit": ["EUR"] * 3,
    ...     "definition": [""] * 3, "trust": ["A", "B", "A"], "source_title": ["RVR"] * 3, "source_url": [None] * 3})
    >>> latest(figures).select("period", "value", "trust", "alternatives").row(0)
    ('2022', 2.0, 'B', 0)
    """
    wanted = chosen(figures, cities, indicators, territories)
    if not_after is not None:
        _require_not_after(not_after)
        wanted = wanted.filter(_period_end(pl.col("period")) <= _period_end(pl.lit(not_after)))
    return most_trusted(_newest(_annual_first(wanted)), PAIR)


def coverage(
    figures: pl.DataFrame,
    cities: Sequence[str],
    indicators: Sequence[str],
    territories: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """For how many of the chosen indicators each city has a figure at all.

    Formula: share_pct = 100 * n_present / n_wanted.
    Columns in: FIGURES; ``cities``, ``indicators``: ids (repeats count once); ``territories`` as in
    ``latest``. Columns out: city_id text (every city asked for, in that order), n_present UInt32
    (indicators with at least one figure, any period), n_wanted UInt32, share_pct Float64 (per cent,
    0..100; null if no indicator was chosen). Raises ContractError. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["ruhr"], "territory": ["RVR"], "indicator_id": ["gdp"], "period": ["2022"],
    ...     "value": [2.0], "unit": ["EUR"], "definition": [""], "trust": ["A"], "source_title": ["RVR"],
    ...     "source_url": [None]})
    >>> coverage(figures, ["ruhr", "shenzhen"], ["gdp", "museums"]).rows()
    [('ruhr', 1, 2, 50.0), ('shenzhen', 0, 2, 0.0)]
    """
    asked = list(dict.fromkeys(cities))
    n_wanted = len(set(indicators))
    counted = chosen(figures, asked, indicators, territories).group_by("city_id").agg(pl.col("indicator_id").n_unique())
    present = pl.col("indicator_id").fill_null(0)
    return (
        pl.DataFrame({"city_id": asked}, schema={"city_id": pl.String})
        .join(counted, on="city_id", how="left", maintain_order="left")
        .select(
            "city_id",
            present.cast(pl.UInt32).alias("n_present"),
            pl.lit(n_wanted, dtype=pl.UInt32).alias("n_wanted"),
            pl.when(n_wanted > 0).then(100.0 * present / n_wanted).alias("share_pct"),
        )
    )


def chosen(
    figures: pl.DataFrame,
    cities: Sequence[str] | None = None,
    indicators: Sequence[str] | None = None,
    territories: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The figures of the cities, indicators and territories asked for, checked; None = all there are.

    Columns in: FIGURES. Columns out: the same, in the order of COLUMNS, rows in the order given. No rows give no rows.
    Raises ContractError, also for a period that is neither YYYY nor YYYY-MM. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["ruhr", "essen"], "territory": ["RVR", "city"], "indicator_id": ["gdp"] * 2,
    ...     "period": ["2022"] * 2, "value": [2.0, 1.0], "unit": ["EUR"] * 2, "definition": [None] * 2,
    ...     "trust": ["A"] * 2, "source_title": ["RVR"] * 2, "source_url": [None] * 2})
    >>> chosen(figures, territories={"essen": "whole"})["city_id"].to_list()
    ['ruhr']
    """
    rows = require(figures, FIGURES).select(COLUMNS)
    odd = rows.with_row_index("row", 1).filter(~pl.col("period").str.contains(_PERIOD))
    if odd.height:
        row, period = odd.select("row", "period").row(0)
        raise ContractError(
            FIGURES,
            [
                f"column period, row {row}: '{period}' is not accepted ({odd.height} such rows); "
                f"accepted: YYYY or YYYY-MM; correct the period or leave the row out."
            ],
        )
    for column, ids in (("city_id", cities), ("indicator_id", indicators)):
        rows = rows if ids is None else rows.filter(pl.col(column).is_in(list(ids)))
    if not territories:
        return rows
    default = pl.col("city_id").replace_strict(dict(territories), default=None, return_dtype=pl.String)
    return rows.filter(default.is_null() | (default == pl.col("territory")))


def _annual_first(rows: pl.DataFrame) -> pl.DataFrame:
    """The annual rows of each pair; its monthly rows only where it has no annual one."""
    annual = pl.col("period").str.len_chars() == 4
    return rows.filter(annual | ~annual.any().over(PAIR))


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of each pair's newest period."""
    return rows.filter(pl.col("period") == pl.col("period").max().over(PAIR))


def most_trusted(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The most trusted row of each key, and how many others it was chosen from.

    Rule: trust A before B before seed before own, then territory, unit, definition, source and value by the alphabet.
    Columns in: FIGURES, checked (see ``chosen``), and ``keys``. Columns out: those of FIGURES and ``keys``, then
    alternatives UInt32, one row a key, sorted by ``keys``. No rows give no rows. Errors: none. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["ruhr"] * 2, "territory": ["RVR"] * 2, "indicator_id": ["gdp"] * 2,
    ...     "period": ["2022"] * 2, "value": [2.0, 1.0], "unit": ["EUR"] * 2, "definition": [None] * 2,
    ...     "trust": ["seed", "A"], "source_title": ["article", "RVR"], "source_url": [None] * 2})
    >>> most_trusted(chosen(figures), [*PAIR, "period"]).select("value", "alternatives").row(0)
    (1.0, 1)
    """
    ranked = rows.with_columns(pl.col("trust").replace_strict(TRUST, return_dtype=pl.Int8).alias("_trust"))
    alternatives = (pl.len().over(keys) - 1).cast(pl.UInt32).alias("alternatives")
    kept = [*COLUMNS, *(name for name in keys if name not in COLUMNS), "alternatives"]
    return (
        ranked.sort([*keys, *_ORDER], nulls_last=True)
        .with_columns(alternatives)
        .unique(keys, keep="first", maintain_order=True)
        .select(kept)
    )


def _period_end(period: pl.Expr) -> pl.Expr:
    """The last month of a period, as text that sorts: a year ends in its December."""
    return pl.when(period.str.len_chars() == 4).then(period + "-12").otherwise(period)


def _require_not_after(not_after: str) -> None:
    if not pl.Series([not_after]).str.contains(_PERIOD).all():
        problem = f"not_after '{not_after}' is not accepted; accepted: YYYY or YYYY-MM; correct the period."
        raise ContractError(FIGURES, [problem])
