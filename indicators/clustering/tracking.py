"""How clusters live: born, growing, shrinking, splitting, merging, dying, each with an id that lasts.

Two snapshots are compared by their members. A firm that has closed does not count as having left: of a
cluster's members only those that still exist in the later period are looked at.
Source: Spiliopoulou, Ntoutsi, Theodoridis and Schult (2006), MONIC; ids and the heir are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.sites import DENSE_PER_ROW
from indicators.frames import Column, Contract, ContractError, require

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SNAPSHOTS = Contract(
    "snapshots",
    (
        Column("period", pl.Date, "month or year", "the snapshot, as its first day", month=True),
        Column("enterprise_id", pl.String, "code", "an enterprise that exists in the period, in a cluster or not"),
        Column("cluster", pl.UInt32, "number", "its cluster in the period; empty = in none", nullable=True),
        Column("weight", pl.Float64, "enterprises or persons", "what it counts; absent = 1", low=0, optional=True),
        Column(
            "member",
            pl.UInt32,
            "number",
            "one number an enterprise, in the order of the ids; spares time",
            optional=True,
        ),
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
    parts, before = [], _Snapshot.of(rows.clear())
    for (period,), part in rows.partition_by("period", as_dict=True).items():
        now = _Snapshot.of(part)
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
    """period, member (a number from 0), cluster, weight, by period."""
    rows = require(snapshots, SNAPSHOTS)
    if "weight" not in rows.columns:
        rows = rows.with_columns(pl.lit(1.0).alias("weight"))
    if "member" not in rows.columns:
        rows = rows.with_columns(member=pl.col("enterprise_id").rank("dense") - 1)
    rows = rows.select("period", "cluster", "weight", "member")
    return rows if rows["period"].is_sorted() else rows.sort("period")


@dataclass(frozen=True)
class _Snapshot:
    """One period as arrays: numbers of the existing enterprises, their clusters (-1: none) and what they weigh."""

    member: Integers
    cluster: Integers
    weight: Floats

    @classmethod
    def of(cls, rows: pl.DataFrame) -> _Snapshot:
        """The arrays of one period's rows."""
        cluster = rows["cluster"].cast(pl.Int64).fill_null(-1).to_numpy()
        return cls(rows["member"].to_numpy().astype(np.int64), cluster, rows["weight"].to_numpy())

    def clusters(self, name: str) -> pl.DataFrame:
        """The clusters of the period and their weights: ``name``_cluster, weight_``name``."""
        inside = self.cluster >= 0
        n, weight = np.bincount(self.cluster[inside]), np.bincount(self.cluster[inside], self.weight[inside])
        held = np.flatnonzero(n)
        return pl.DataFrame({f"{name}_cluster": held.astype(np.uint32), f"weight_{name}": weight[held]})


def _pairs(before: _Snapshot, now: _Snapshot) -> pl.DataFrame:
    """from_cluster, to_cluster, weight_common (of the members in both), overlap (with those that still exist)."""
    to = np.full(1 + max(int(part.member.max(initial=-1)) for part in (before, now)), -2, np.int64)
    to[now.member] = now.cluster
    inside = before.cluster >= 0
    left, weight, right = before.cluster[inside], before.weight[inside], to[before.member[inside]]
    still = np.bincount(left[right > -2], weight[right > -2], int(left.max(initial=0)) + 1)
    both = right >= 0
    across = int(right.max(initial=0)) + 1
    codes, common = sums_by_code(left[both] * across + right[both], weight[both])
    existing = still[codes // across]
    overlap = np.divide(common, existing, out=np.zeros(codes.size), where=existing > 0)
    pairs = {"from_cluster": (codes // across).astype(np.uint32), "to_cluster": (codes % across).astype(np.uint32)}
    return pl.DataFrame(pairs | {"weight_common": common, "overlap": overlap})


def sums_by_code(code: Integers, weight: Floats) -> tuple[Integers, Floats]:
    """The codes that occur, ascending, and the sum of the weights of each; sorted only where they lie far apart.

    >>> [part.tolist() for part in sums_by_code(np.array([7, 2, 7]), np.array([1.0, 1.0, 0.5]))]
    [[2, 7], [1.0, 1.5]]
    """
    if int(code.max(initial=0)) <= max(DENSE_PER_ROW * code.size, 1 << 16):
        codes = np.asarray(np.flatnonzero(np.bincount(code)), np.int64)
        return codes, np.asarray(np.bincount(code, weight)[codes], np.float64)
    codes, place = np.unique(code, return_inverse=True)
    return codes, np.asarray(np.bincount(place, weight, codes.size), np.float64)


def _step(before: _Snapshot, now: _Snapshot, rule: Rule) -> pl.DataFrame:
    """The transitions from one period to the next, without the period."""
    pairs = _pairs(before, now)
    linked = _linked(pairs, rule)
    sizes, earlier = now.clusters("to"), before.clusters("from")
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
