"""Ids of clusters that last, and the life of each: born, peak, how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.tracking import sums_by_code, transitions
from indicators.frames import Column, Contract, require

LIVES = Contract(
    "cluster_lives",
    (
        Column("period", pl.Date, "month or year", "the snapshot, as its first day", month=True),
        Column("cluster_id", pl.String, "code", "the lasting id"),
        Column("transition", pl.String, "word", "how it came out of the period before"),
        Column("parents", pl.String, "codes", "ids it came out of, with | between", nullable=True),
        Column("heir_of", pl.String, "codes", "ids it absorbed in a merge, with | between", nullable=True),
        Column("weight", pl.Float64, "enterprises or persons", "its size in the period", low=0),
    ),
    key=("period", "cluster_id"),
)
"""One row per cluster and period."""


def cluster_lives(
    snapshots: pl.DataFrame, survival: float = 0.5, split: float = 0.3, tolerance_pct: float = 0.0
) -> pl.DataFrame:
    """Every cluster of every period with an id that lasts as long as the cluster does.

    Formula: transitions as ``tracking.transitions``. A survivor keeps its id. In a merge the cluster that
    supplies at least half of the common members is the heir and gives its id, the others are absorbed
    (exact halves: the larger before, then the smaller id); if none does, the id is new. Products of a
    split have new ids, unless they are also somebody's survivor or heir. A new id is the period of
    birth and the smallest enterprise id among the members, so that computing again gives it again.
    Columns in: SNAPSHOTS. Columns out: period Date, cluster UInt32 (the number in the period),
    cluster_id String, transition String (birth, grew, shrank, stable, merge, split), parents String
    (ids it came out of), heir_of String (ids absorbed), weight Float64, n_enterprises UInt32; sorted by
    period and cluster. No clusters give no rows. Raises ContractError. Source: MONIC; ids our choice.

    >>> rows = pl.DataFrame([(2025, "b", 1), (2025, "a", 1), (2026, "a", 1)], orient="row",
    ...     schema=["year", "enterprise_id", "cluster"]).with_columns(period=pl.date("year", 1, 1))
    >>> cluster_lives(rows).select("cluster_id", "transition", "weight").rows()  # b has closed and did not leave
    [('2025-01/a', 'birth', 2.0), ('2025-01/a', 'shrank', 1.0)]
    """
    steps = transitions(snapshots, survival, split, tolerance_pct)
    rows = snapshots.lazy().filter(pl.col("cluster").is_not_null())
    weight = pl.col("weight").sum() if "weight" in snapshots.columns else pl.len().cast(pl.Float64)
    made = (
        rows.group_by("period", "cluster")
        .agg(
            pl.col("enterprise_id").cast(pl.String).min().alias("_least"),
            weight.alias("weight"),
            pl.len().cast(pl.UInt32).alias("n_enterprises"),
        )
        .with_columns(pl.col("cluster").cast(pl.UInt32), pl.col("weight").cast(pl.Float64))
        .collect()
    )
    least = {(period, cluster): text for period, cluster, text in made.select("period", "cluster", "_least").rows()}
    came = steps.drop_nulls("to_cluster").sort("period", "to_cluster", "from_cluster")
    found: list[dict[str, Any]] = []
    ids: dict[int, str] = {}
    for period in came["period"].unique().sort().to_list():
        now: dict[int, str] = {}
        for (cluster,), part in (
            came.filter(pl.col("period") == period).partition_by("to_cluster", as_dict=True).items()
        ):
            line = _line(part.rows(named=True), ids, f"{period:%Y-%m}/{least[period, cluster]}")
            now[cluster] = str(line["cluster_id"])
            found.append({"period": period, "cluster": cluster} | line)
        ids = now
    schema = {"period": pl.Date, "cluster": pl.UInt32, "cluster_id": pl.String, "transition": pl.String}
    lines = pl.DataFrame(found, schema=schema | {"parents": pl.String, "heir_of": pl.String}, orient="row")
    return lines.join(made.drop("_least"), on=["period", "cluster"]).sort("period", "cluster")


def life_lines(lives: pl.DataFrame) -> pl.DataFrame:
    """The life of each cluster in one row: from when to when, how large, how it ended.

    Formula: first, last = its first and last period; peak = the period of the largest weight (the
    first on a tie); ended: alive (it is there in the last period of the file), absorbed (it is in
    another's heir_of), split (others name it as parent), else death; ended_in = the period after.
    Columns in: the result of ``cluster_lives``. Columns out: cluster_id String, first, last Date,
    n_periods UInt32, born String (birth, merge or split), parents String, peak Date, weight_peak,
    weight_last Float64, ended String, successors String (ids, with | between); sorted by first, id.
    No rows give no rows. Raises ContractError. Source: our choice.

    >>> from datetime import date
    >>> lives = pl.DataFrame({"period": [date(2025, 1, 1), date(2026, 1, 1)], "cluster_id": ["x", "y"],
    ...     "transition": ["birth", "birth"], "parents": [None, None], "heir_of": [None, None], "weight": [9.0, 5.0]})
    >>> life_lines(lives).select("cluster_id", "n_periods", "ended").rows()
    [('x', 1, 'death'), ('y', 1, 'alive')]
    """
    rows = require(lives, LIVES).sort("period", "cluster_id")
    newest = rows["period"].max()
    lines = rows.group_by("cluster_id", maintain_order=True).agg(
        pl.col("period").first().alias("first"),
        pl.col("period").last().alias("last"),
        pl.len().cast(pl.UInt32).alias("n_periods"),
        pl.col("transition").first().alias("born"),
        pl.col("parents").first(),
        pl.col("period").sort_by("weight", descending=True, maintain_order=True).first().alias("peak"),
        pl.col("weight").max().alias("weight_peak"),
        pl.col("weight").last().alias("weight_last"),
    )
    successors = _successors(rows)
    absorbed = rows.select(pl.col("heir_of").str.split("|").explode()).drop_nulls()["heir_of"].unique().to_list()
    ended = (
        pl.when(pl.col("last") == pl.lit(newest, pl.Date))
        .then(pl.lit("alive"))
        .when(pl.col("cluster_id").is_in(absorbed))
        .then(pl.lit("absorbed"))
        .when(pl.col("successors").is_not_null())
        .then(pl.lit("split"))
        .otherwise(pl.lit("death"))
    )
    return lines.join(successors, on="cluster_id", how="left").with_columns(ended.alias("ended")).select(
        *("cluster_id", "first", "last", "n_periods", "born", "parents", "peak"),
        *("weight_peak", "weight_last", "ended", "successors"),
    ).sort("first", "cluster_id")  # fmt: skip


def cluster_majority(clustered: pl.DataFrame, values: npt.NDArray[np.int64]) -> pl.DataFrame:
    """What most members of each cluster of each period have in common: a district, or the cluster they are in today.

    Formula: the value with most members; the smallest value on a tie. Columns in: period Date (ascending), cluster
    UInt32 (none empty), member (a number from 0), as ``snapshots.cluster_snapshots``; ``values``: a whole number from
    0 for each member (-1: not known). Columns out: period, cluster, value Int64, sorted by period and cluster; a
    cluster none of whose members has a value has no row. No rows give no rows. Source: our choice.

    >>> from datetime import date
    >>> rows = {"period": [date(2025, 1, 1)] * 4, "cluster": [1, 1, 1, 2], "member": [0, 1, 2, 3]}
    >>> cluster_majority(pl.DataFrame(rows), np.array([5, 7, 7, -1])).select("cluster", "value").rows()
    [(1, 7)]
    """
    period, cluster = clustered["period"].rle_id().to_numpy(), clustered["cluster"].to_numpy()
    value = values[clustered["member"].to_numpy()]
    across, n_values = int(cluster.max(initial=0)) + 1, int(value.max(initial=0)) + 1
    code = (period.astype(np.int64) * across + cluster) * n_values + value
    codes, n = sums_by_code(code[value >= 0], np.ones(np.count_nonzero(value >= 0)))
    ordered = codes[np.lexsort((codes, -n, codes // n_values))]
    group, first = np.unique(ordered // n_values, return_index=True)
    days = clustered["period"].unique().sort()
    found = {"period": days.gather(group // across), "cluster": group % across, "value": ordered[first] % n_values}
    return pl.DataFrame(found, schema={"period": pl.Date, "cluster": pl.UInt32, "value": pl.Int64})


def _successors(rows: pl.DataFrame) -> pl.DataFrame:
    """The ids each id has handed its members to, other than itself."""
    named = rows.select("cluster_id", pl.col("parents").str.split("|").alias("parent")).explode("parent")
    other = named.filter(pl.col("parent").is_not_null() & (pl.col("parent") != pl.col("cluster_id")))
    return other.group_by(pl.col("parent").alias("cluster_id")).agg(
        pl.col("cluster_id").unique().sort().str.join("|").alias("successors")
    )


def _line(came: list[dict[str, Any]], ids: dict[int, str], new: str) -> dict[str, str | None]:
    """Id, transition, parents and absorbed ids of one cluster, from the pairs that lead to it."""
    parents = {row["from_cluster"]: ids[row["from_cluster"]] for row in came if row["from_cluster"] is not None}
    kinds = {row["transition"] for row in came}
    kept = next((row for row in came if row["transition"] not in ("birth", "split", "merge")), None)
    merging = [row for row in came if row["transition"] == "merge"]
    line: dict[str, str | None] = {"cluster_id": new, "transition": "split", "parents": _text(parents.values())}
    if kinds == {"birth"}:
        return line | {"transition": "birth", "heir_of": None}
    if kept is not None:
        return line | {"cluster_id": parents[kept["from_cluster"]], "transition": kept["transition"], "heir_of": None}
    if not merging:
        return line | {"heir_of": None}
    half = sum(row["weight_common"] for row in merging) / 2.0
    heirs = [row for row in merging if row["weight_common"] >= half - 1e-9]
    heirs.sort(key=lambda row: (-row["weight_from"], parents[row["from_cluster"]]))
    heir = parents[heirs[0]["from_cluster"]] if heirs else new
    absorbed = [parents[row["from_cluster"]] for row in merging if parents[row["from_cluster"]] != heir]
    return line | {"cluster_id": heir, "transition": "merge", "heir_of": _text(absorbed)}


def _text(ids: Iterable[str]) -> str | None:
    return "|".join(sorted(ids)) or None
