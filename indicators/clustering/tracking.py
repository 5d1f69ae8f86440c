"""How clusters live: born, growing, shrinking, splitting, merging, dying, each with an id that lasts.

Two snapshots are compared by their members. A firm that has closed does not count as having left: of a
cluster's members only those that still exist in the later period are looked at.
Source: Spiliopoulou, Ntoutsi, Theodoridis and Schult (2006), MONIC; ids and the heir are our choice.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from indicators.frames import Column, Contract, ContractError, require

SNAPSHOTS = Contract(
    "snapshots",
    (
        Column("period", pl.Date, "month or year", "the snapshot, as its first day", month=True),
        Column("enterprise_id", pl.String, "code", "an enterprise that exists in the period, in a cluster or not"),
        Column("cluster", pl.UInt32, "number", "its cluster in the period; empty = in none", nullable=True),
        Column("weight", pl.Float64, "enterprises or persons", "what it counts; absent = 1", low=0, optional=True),
    ),
    key=("period", "enterprise_id"),
)
"""Every enterprise of every period, with its cluster."""

STEPS = {
    "period": pl.Date,
    "transition": pl.String,
    "from_cluster": pl.UInt32,
    "to_cluster": pl.UInt32,
    "overlap": pl.Float64,
    "weight_common": pl.Float64,
    "weight_from": pl.Float64,
    "weight_to": pl.Float64,
}


class Rule(NamedTuple):
    """The thresholds of a comparison, printed and stored with it."""

    survival: float = 0.5
    split: float = 0.3
    tolerance_pct: float = 0.0


def transitions(
    snapshots: pl.DataFrame, survival: float = 0.5, split: float = 0.3, tolerance_pct: float = 0.0
) -> pl.DataFrame:
    """What happened to each cluster from one period to the next.

    Formula: overlap(X to Y) = weight of the members of X that are in Y / weight of the members of X that
    still exist. For each X, in this order: split: two or more Y with overlap >= ``split`` each and >=
    ``survival`` together; merge: an Y with overlap >= survival that two or more X (not split) have;
    grew, shrank or stable: an Y with overlap >= survival that no other X has, by the change of
    weight beyond ``tolerance_pct``; death: none of these. birth: an Y that came out of none.
    Columns in: SNAPSHOTS: every existing enterprise, the ones outside clusters with an empty cluster.
    Periods are compared with the one before in the file; a period without clusters ends them all.
    Columns out: period Date (the later one; the first period has births only), transition String,
    from_cluster, to_cluster UInt32 (the numbers in their periods; a split or merge has a row for
    each pair), overlap Float64 (0..1), weight_common (in both),
    weight_from, weight_to Float64.
    No rows give no rows. Raises ContractError; survival 0.5..1, split above 0 and below survival.
    Source: MONIC; survival 0.5, split 0.3 and tolerance 0 are our choice.

    >>> day = pl.date(2025, 1, 1)
    >>> then, now = [(2025, "a", 1), (2025, "b", 1)], [(2026, "a", 1), (2026, "b", 1), (2026, "c", 1)]
    >>> rows = pl.DataFrame(then + now, schema=["year", "enterprise_id", "cluster"], orient="row")
    >>> transitions(rows.with_columns(period=pl.date("year", 1, 1))).select("transition", "overlap", "weight_to").rows()
    [('birth', None, 2.0), ('grew', 1.0, 3.0)]
    """
    rule = Rule(survival, split, tolerance_pct)
    _require_rule(rule)
    rows = _weighted(snapshots)
    periods = rows["period"].unique().sort().to_list()
    parts, before = [], rows.clear()
    by_period = rows.partition_by("period", as_dict=True)
    for period in periods:
        now = by_period[(period,)]
        parts.append(_step(before, now, rule).with_columns(pl.lit(period, pl.Date).alias("period")))
        before = now
    found = pl.concat(parts) if parts else pl.DataFrame(schema=STEPS)
    return found.select(list(STEPS)).sort("period", "from_cluster", "to_cluster", nulls_last=True)


def _require_rule(rule: Rule) -> None:
    problems = []
    if not 0.5 <= rule.survival <= 1:
        problems.append(f"survival {rule.survival:g} is not accepted; accepted: a number from 0.5 to 1; correct it.")
    if not 0 < rule.split < rule.survival:
        problems.append(f"split {rule.split:g} is not accepted; accepted: above 0 and below survival; correct it.")
    if not rule.tolerance_pct >= 0:
        problems.append(f"tolerance_pct {rule.tolerance_pct:g} is not accepted; accepted: a number from 0; correct it.")
    if problems:
        raise ContractError(SNAPSHOTS, problems)


def _weighted(snapshots: pl.DataFrame) -> pl.DataFrame:
    rows = require(snapshots, SNAPSHOTS)
    if "weight" not in rows.columns:
        rows = rows.with_columns(pl.lit(1.0).alias("weight"))
    return rows.select("period", "enterprise_id", "cluster", "weight")


def _step(before: pl.DataFrame, now: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The transitions from one period to the next, without the period."""
    old = before.drop_nulls("cluster").select("enterprise_id", "weight", from_cluster="cluster")
    both = old.join(now.select("enterprise_id", to_cluster="cluster"), on="enterprise_id")
    still = both.group_by("from_cluster").agg(pl.col("weight").sum().alias("still"))
    shared = both.drop_nulls("to_cluster").group_by("from_cluster", "to_cluster").agg(pl.col("weight").sum())
    pairs = (
        shared.join(still, on="from_cluster")
        .with_columns(
            pl.when(pl.col("still") > 0).then(pl.col("weight") / pl.col("still")).otherwise(0.0).alias("overlap")
        )
        .rename({"weight": "weight_common"})
    )
    linked = _linked(pairs, rule)
    sizes = now.drop_nulls("cluster").group_by(to_cluster="cluster").agg(pl.col("weight").sum().alias("weight_to"))
    earlier = old.group_by("from_cluster").agg(pl.col("weight").sum().alias("weight_from"))
    ended = earlier.join(linked, on="from_cluster", how="anti").with_columns(pl.lit("death").alias("transition"))
    begun = sizes.join(linked, on="to_cluster", how="anti").with_columns(pl.lit("birth").alias("transition"))
    linked = linked.join(earlier, on="from_cluster").join(sizes, on="to_cluster")
    change = pl.col("weight_to") - pl.col("weight_from")
    beyond = pl.col("weight_from") * rule.tolerance_pct / 100.0
    size = pl.when(change > beyond).then(pl.lit("grew")).when(change < -beyond).then(pl.lit("shrank"))
    linked = linked.with_columns(
        pl.when(pl.col("transition") == "survive")
        .then(size.otherwise(pl.lit("stable")))
        .otherwise(pl.col("transition"))
        .alias("transition")
    )
    columns = [pl.col(name).cast(dtype) for name, dtype in STEPS.items() if name != "period"]
    empty = pl.DataFrame(schema=STEPS).drop("period")
    return pl.concat([empty, linked, ended, begun], how="diagonal_relaxed").select(columns)


def _linked(pairs: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """The pairs that belong together: transition (split, merge or survive), the clusters, overlap, weight in both."""
    part = pairs.filter(pl.col("overlap") >= rule.split - 1e-12)
    parted = part.filter(
        (pl.len().over("from_cluster") > 1) & (pl.col("overlap").sum().over("from_cluster") >= rule.survival - 1e-12)
    )
    whole = pairs.filter(pl.col("overlap") >= rule.survival - 1e-12).join(parted, on="from_cluster", how="anti")
    kind = pl.when(pl.len().over("to_cluster") > 1).then(pl.lit("merge")).otherwise(pl.lit("survive"))
    found = [parted.with_columns(pl.lit("split").alias("transition")), whole.with_columns(kind.alias("transition"))]
    return pl.concat(found).select("transition", "from_cluster", "to_cluster", "overlap", "weight_common")
