"""Which cities are most alike over the figures they share, and where a city stands out against its peers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from indicators.cities.aggregation import wide
from indicators.cities.comparability import ComparabilityError
from indicators.cities.composite import VALUES
from indicators.cities.normalise import SCORED, Numbers, z_score
from indicators.frames import ContractError, require

FEWEST = 5
"""How many metrics two cities must share to be compared."""


def nearest_peers(values: pl.DataFrame, city_id: str | None = None, fewest: int = FEWEST) -> pl.DataFrame:
    """The other cities by how far they are from a city, the nearest first.

    Formula: z per metric over all cities that have it (n - 1); distance = sqrt(sum of squared differences of z /
    number of shared metrics); relative = distance / the farthest of the city's distances, so the farthest is 1.
    Columns in: VALUES, one figure per city and metric. ``city_id`` None: every city in turn. Columns out: city_id,
    peer_id text, rank UInt32 (1 = nearest; equal distances share it), distance Float64 (standard deviations), relative
    Float64 (0..1), n_shared UInt32, shared text (the metrics, "; " between), reason text (too_few_shared; null =
    compared), sorted by city, rank, peer; peers that are not compared come last without rank. A metric without spread
    is not used. A city alone gives no rows. Raises ContractError; ComparabilityError for a city that is not in the
    table. Source: CIPFA Nearest Neighbours; root mean square and five metrics are our choice.

    >>> rows = pl.DataFrame({"city_id": ["a"] * 5 + ["b"] * 5 + ["c"] * 5, "indicator_id": list("vwxyz") * 3,
    ...     "value": [0.0] * 5 + [1.0] * 5 + [5.0] * 5})
    >>> nearest_peers(rows, "a").select("peer_id", "rank", "relative").rows()
    [('b', 1, 0.2), ('c', 2, 1.0)]
    """
    if fewest < 1:
        raise ContractError(VALUES, [f"fewest {fewest} is not accepted; accepted: 1 or more; correct it."])
    cities, names, table = wide(require(values, VALUES))
    if city_id is not None and city_id not in cities:
        raise ComparabilityError(f"'{city_id}' has no figure; accepted: {', '.join(cities) or 'no city'}; choose one.")
    focal = cities if city_id is None else [city_id]
    z = z_score(table) if cities else table
    parts = [_peers_of(name, cities, names, z, fewest) for name in focal if len(cities) > 1]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_PEERS)


def city_profile(
    values: pl.DataFrame, city_id: str, peers: Sequence[str], top: int = 5, fewest: int = 3
) -> pl.DataFrame:
    """What a city is strong and weak in against its peers, the strongest first.

    Formula: difference = value - median of the peers; standing = direction * difference / standard deviation of the
    peers (n - 1); rank among the city and its peers, 1 = best. The ``top`` highest standings above 0 are strengths,
    the ``top`` lowest below 0 weaknesses. Columns in: SCORED; ``peers``: ids; the city itself is not its peer. Columns
    out: indicator_id text, value, peer_median, difference, standing Float64 (standing null where the peers do not
    differ), rank UInt32, n_group UInt32 (city and peers with the figure), finding text (strength, weakness or null),
    direction Int8, sorted by standing, highest first. An indicator the city lacks, or that fewer than ``fewest`` peers
    have, has no row. No rows give no rows. Raises ContractError. Source: COINr get_unit_summary and get_str_weak,
    against the peer group.

    >>> rows = pl.DataFrame({"city_id": list("abcd") * 2, "indicator_id": ["x"] * 4 + ["y"] * 4,
    ...     "value": [9.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0]})
    >>> city_profile(rows, "a", ["b", "c", "d"]).select("indicator_id", "standing", "rank", "finding").rows()
    [('x', 7.0, 1, 'strength'), ('y', -2.0, 4, 'weakness')]
    """
    rows = require(values, SCORED).drop_nulls("value")
    if "direction" not in rows.columns:
        rows = rows.with_columns(direction=pl.lit(1, pl.Int8))
    others = [name for name in dict.fromkeys(peers) if name != city_id]
    group = rows.filter(pl.col("city_id").is_in([city_id, *others]))
    own = group.filter(pl.col("city_id") == city_id).select("indicator_id", "value", "direction")
    theirs = (
        group.filter(pl.col("city_id") != city_id)
        .group_by("indicator_id")
        .agg(
            pl.col("value").median().alias("peer_median"),
            pl.col("value").std().alias("_sd"),
            pl.col("value").alias("_theirs"),
            pl.len().alias("_n"),
        )
        .filter(pl.col("_n") >= fewest)
    )
    difference = pl.col("value") - pl.col("peer_median")
    joined = own.join(theirs, on="indicator_id", how="inner").with_columns(difference=difference)
    better = (
        joined.select("indicator_id", "value", "direction", "_theirs")
        .explode("_theirs", empty_as_null=True)
        .group_by("indicator_id")
        .agg(((pl.col("_theirs") - pl.col("value")) * pl.col("direction") > 0).sum().alias("_better"))
    )
    standing = pl.when(pl.col("_sd") > 0).then(pl.col("direction") * pl.col("difference") / pl.col("_sd"))
    ranked = joined.join(better, on="indicator_id", how="left").with_columns(
        standing.alias("standing"),
        (pl.col("_better") + 1).cast(pl.UInt32).alias("rank"),
        (pl.col("_n") + 1).cast(pl.UInt32).alias("n_group"),
    )
    return _found(ranked, top)


_PEERS = {"city_id": pl.String, "peer_id": pl.String, "rank": pl.UInt32, "distance": pl.Float64, "relative": pl.Float64,
          "n_shared": pl.UInt32, "shared": pl.String, "reason": pl.String}  # fmt: skip


def _peers_of(name: str, cities: list[str], names: list[str], z: Numbers, fewest: int) -> pl.DataFrame:
    """The other cities and their distances from one city."""
    at = cities.index(name)
    others = [place for place in range(len(cities)) if place != at]
    gap = z[others] - z[at]
    shared = np.isfinite(gap)
    count = shared.sum(axis=1)
    squares = np.where(shared, gap, 0.0) ** 2
    distance = np.sqrt(squares.sum(axis=1) / np.where(count >= fewest, count, np.nan))
    farthest = float(np.max(distance, initial=0.0, where=np.isfinite(distance)))
    table = pl.DataFrame(
        {
            "city_id": [name] * len(others),
            "peer_id": [cities[place] for place in others],
            "distance": pl.Series(distance).fill_nan(None),
            "relative": pl.Series(distance / farthest if farthest > 0 else distance).fill_nan(None),
            "n_shared": pl.Series(count, dtype=pl.UInt32),
            "shared": ["; ".join(np.array(names)[row].tolist()) or None for row in shared],
            "reason": ["too_few_shared" if few else None for few in count < fewest],
        },
        schema_overrides={"reason": pl.String, "shared": pl.String},
    )
    rank = pl.col("distance").round_sig_figs(12).rank("min").cast(pl.UInt32).alias("rank")
    return table.with_columns(rank).sort("rank", "peer_id", nulls_last=True).select(list(_PEERS))


def _found(ranked: pl.DataFrame, top: int) -> pl.DataFrame:
    """The rows by standing, the highest and lowest marked."""
    ordered = ranked.sort(["standing", "indicator_id"], descending=[True, False], nulls_last=True)
    best = pl.col("standing").rank("ordinal", descending=True) <= top
    worst = pl.col("standing").rank("ordinal") <= top
    finding = (
        pl.when(best & (pl.col("standing") > 0))
        .then(pl.lit("strength"))
        .when(worst & (pl.col("standing") < 0))
        .then(pl.lit("weakness"))
    )
    names = [
        "indicator_id",
        "value",
        "peer_median",
        "difference",
        "standing",
        "rank",
        "n_group",
        "finding",
        "direction",
    ]
    return ordered.with_columns(finding.alias("finding")).select(names)
