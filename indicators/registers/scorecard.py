"""Whether a park is an industrial community: mix, services, use, opening and local linkage, each beside its peers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from indicators.frames import Column, Contract, ContractError, grouping, require, require_named

SHARES = ("share_production", "share_research", "share_commerce", "share_housing", "share_public")
"""The shares of the floor area that make the functional mix."""

SERVICES = (
    "canteen", "housing", "childcare", "health", "transport", "legal", "finance", "testing", "incubation", "culture",
    "sport", "retail",
)  # fmt: skip
"""The services a park can have."""

DIMENSIONS = ("mix", "services", "use", "opening", "linkage")
"""What is scored, one by one: there is no total."""

HOURS = 168.0
"""The hours of a week."""


def _per_cent(name: str, note: str) -> Column:
    return Column(name, pl.Float64, "per cent", f"{note}; empty = not known", low=0, high=100, nullable=True)


SCORECARDS = Contract(
    "scorecards",
    (
        Column("park_id", pl.String, "code", "the park"),
        Column("year", pl.Int64, "year", "the year it is for"),
        *(_per_cent(name, f"floor area for {name.removeprefix('share_')}") for name in SHARES),
        _per_cent("occupancy_pct", "space let"),
        Column("open_hours_week", pl.Float64, "hours", "hours open to the public", low=0, high=HOURS, nullable=True),
        Column("services", pl.String, "words", "services there, with ; between; empty = not known", nullable=True),
        _per_cent("local_linkage_pct", "purchases and sales inside the city"),
    ),
    key=("park_id", "year"),
)
"""One row per park and year."""

_UNITS = {
    "mix": "of 1", "services": "services", "use": "per cent", "opening": "hours a week", "linkage": "per cent",
}  # fmt: skip


def scorecard(cards: pl.DataFrame, by: str | Sequence[str] = (), minimum: int = 3) -> pl.DataFrame:
    """What a park scores on each side of an industrial community, beside the median of the other parks of the year.

    Formula: mix = -sum p ln p / ln 5, p = a share / sum of the five shares (1 = all alike, 0 = one function); services
    = number of different services there of the twelve; use = occupancy_pct; opening = open_hours_week; linkage =
    local_linkage_pct. score = 100 mix, 100 services / 12, use, 100 opening / 168, linkage. peer_median = median score
    of the other parks of the year (and of the same ``by``, such as the grade) that have the figure.
    Columns in: park_id, year, share_production, share_research, share_commerce, share_housing, share_public (per cent
    of floor area, together above 0 and at most 100.5), occupancy_pct, open_hours_week, services (words of SERVICES with
    ; between; "none" = none at all), local_linkage_pct, those of ``by``; all figures may be empty. Columns out:
    park_id, year, ``by``, dimension text (mix, services, use, opening, linkage), value Float64, unit text, score
    Float64 (0 to 100), peer_median Float64, n_peers UInt32, sorted. There is no average over the dimensions: they do
    not replace each other.
    Only figures that are known have a row; the mix needs all five shares. peer_median is null below ``minimum`` peers.
    No rows give no rows. Raises ContractError, also for an unknown service and for shares above 100.5 together.
    Source: Shannon (1948), normalised after Pielou (1966); the rest our choice.

    >>> card = {"park_id": "a", "year": 2025, **dict.fromkeys(SHARES, 20.0), "occupancy_pct": 80.0,
    ...     "open_hours_week": None, "services": "canteen;sport;retail", "local_linkage_pct": None}
    >>> found = scorecard(pl.DataFrame([card], schema=SCORECARDS.schema))
    >>> found.select("dimension", pl.col("score").round(9)).rows()
    [('mix', 100.0), ('services', 25.0), ('use', 80.0)]
    """
    keys = [name for name in grouping(by) if name not in ("park_id", "year")]
    frame = require(cards, SCORECARDS)
    require_named(frame, keys, SCORECARDS)
    _require_shares(frame)
    figures = frame.select("park_id", "year", *keys, _mix(), _services(frame), *_plain())
    order = pl.Enum(DIMENSIONS)
    long = figures.unpivot(DIMENSIONS, index=["park_id", "year", *keys], variable_name="dimension")
    known = long.filter(pl.col("value").is_not_null()).with_columns(pl.col("dimension").cast(order))
    scored = known.with_columns(
        _score(), pl.col("dimension").replace_strict(_UNITS, return_dtype=pl.String).alias("unit")
    )
    peers = _peers(scored, ["year", *keys, "dimension"], minimum)
    return peers.sort("park_id", "year", "dimension").with_columns(pl.col("dimension").cast(pl.String)).select(
        "park_id", "year", *keys, "dimension", "value", "unit", "score", "peer_median", "n_peers"
    )  # fmt: skip


def _require_shares(frame: pl.DataFrame) -> None:
    whole = pl.sum_horizontal(SHARES)
    wrong = frame.with_row_index("_row", 1).filter(whole > 100.5)
    if wrong.height:
        row, found = wrong.select("_row", whole).row(0)
        problem = f"row {row}: the five shares are {found:g} together; accepted: at most 100.5; correct them."
        raise ContractError(SCORECARDS, [problem])


def _mix() -> pl.Expr:
    whole = pl.sum_horizontal(SHARES, ignore_nulls=False)
    parts = [pl.col(name) / whole for name in SHARES]
    terms = [pl.when(part > 0).then(-part * part.log()).otherwise(0.0) for part in parts]
    return pl.when(whole > 0).then((pl.sum_horizontal(terms) / math.log(len(SHARES))).clip(0.0, 1.0)).alias("mix")


def _services(frame: pl.DataFrame) -> pl.Expr:
    words = pl.col("services").str.replace_all("[；,，、]", ";").str.split(";")
    clean = words.list.eval(pl.element().str.strip_chars().str.to_lowercase()).list.unique()
    named = clean.list.eval(pl.element().filter(~pl.element().is_in(["", "none"])))
    strange = frame.with_row_index("_row", 1).select("_row", named.alias("_word")).explode("_word", empty_as_null=True)
    wrong = strange.filter(pl.col("_word").is_not_null() & ~pl.col("_word").is_in(SERVICES))
    if wrong.height:
        row, word = wrong.row(0)
        accepted = f"accepted: {', '.join(SERVICES)}, or none; correct the word."
        raise ContractError(SCORECARDS, [f"column services, row {row}: '{word}' is not accepted; {accepted}"])
    return named.list.len().cast(pl.Float64).alias("services")


def _plain() -> tuple[pl.Expr, ...]:
    names = (("occupancy_pct", "use"), ("open_hours_week", "opening"), ("local_linkage_pct", "linkage"))
    return tuple(pl.col(name).alias(dimension) for name, dimension in names)


def _score() -> pl.Expr:
    scale = {"mix": 100.0, "services": 100.0 / len(SERVICES), "use": 1.0, "opening": 100.0 / HOURS, "linkage": 1.0}
    return (pl.col("value") * pl.col("dimension").replace_strict(scale, return_dtype=pl.Float64)).alias("score")


def _peers(scored: pl.DataFrame, group: list[str], minimum: int) -> pl.DataFrame:
    """The median of the others: the middle of the sorted scores of the group once the park's own is taken out."""
    rank = pl.col("score").rank("ordinal").cast(pl.Int64).over(group) - 1
    others = pl.len().cast(pl.Int64).over(group) - 1
    table = scored.with_columns(rank.alias("_own"), others.alias("_n")).with_columns(
        pl.col("score").sort().implode().over(group, mapping_strategy="group_to_rows").alias("_all")
    )
    middle = [(pl.col("_n") - 1) // 2, pl.col("_n") // 2]
    picked = [at + (at >= pl.col("_own")).cast(pl.Int64) for at in middle]
    median = pl.sum_horizontal(pl.col("_all").list.get(at, null_on_oob=True) for at in picked) / 2.0
    return table.with_columns(
        pl.when(pl.col("_n") >= max(minimum, 1)).then(median).alias("peer_median"),
        pl.col("_n").cast(pl.UInt32).alias("n_peers"),
    )
