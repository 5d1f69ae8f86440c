"""Whether enterprises that lie together also belong together: industries that settle together, chains inside parks.

Many enterprises on one map are not a cluster (重地理集中、轻产业集聚协作): a park can be crowded and its
enterprises have nothing to do with each other. Chains are an argument: pairs of an industry that supplies and one
that is supplied.
Source: Ellison, Glaeser & Kerr (2010) for the network; the measures of parks are our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from indicators.frames import Column, Contract, require

FIRMS = Contract(
    "enterprises of parks",
    (
        Column("enterprise_id", pl.String, "code", "the enterprise"),
        Column("park_id", pl.String, "code", "the park; empty = in no park", nullable=True),
        Column("industry_code", pl.String, "code", "the industry", nullable=True),
    ),
    key=("enterprise_id",),
)
"""One row per enterprise."""

CHAINS = Contract(
    "chains",
    (
        Column("industry_from", pl.String, "code", "the industry that supplies"),
        Column("industry_to", pl.String, "code", "the industry that is supplied"),
        Column(
            "chain_id",
            pl.String,
            "code",
            "the chain; absent: industries that hang together",
            nullable=True,
            optional=True,
        ),
    ),
)
"""One row per link of a chain."""

FUNCTIONS = Contract(
    "functions",
    (
        Column("industry_code", pl.String, "code", "the industry"),
        Column("function", pl.String, "code", "what it does in a park: research, making, trade, services .."),
    ),
    key=("industry_code",),
)
"""What each industry does in a park."""

PAIRS = Contract(
    "pairs of industries",
    (
        Column("industry_a", pl.String, "code", "one industry"),
        Column("industry_b", pl.String, "code", "the other"),
        Column("coagglomeration", pl.Float64, "index", "the index of the pair", nullable=True),
        Column("n_a", pl.UInt32, "plants", "plants of the one"),
        Column("n_b", pl.UInt32, "plants", "plants of the other"),
    ),
    key=("industry_a", "industry_b"),
)
"""The result of ``agglomeration.coagglomeration``."""

UNITS = Contract(
    "parks",
    (
        Column("park_id", pl.String, "code", "the park or area"),
        Column("n", pl.UInt32, "enterprises", "enterprises with a known industry", low=0),
        Column(
            "density_ratio",
            pl.Float64,
            "ratio",
            "how much denser than the city; or a like measure",
            low=0,
            nullable=True,
        ),
        Column(
            "leading_chain_pct",
            pl.Float64,
            "per cent",
            "enterprises in the leading chain",
            low=0,
            high=100,
            nullable=True,
        ),
        Column(
            "partner_pct",
            pl.Float64,
            "per cent",
            "enterprises with a partner in the park",
            low=0,
            high=100,
            nullable=True,
        ),
        Column("expected_partner_pct", pl.Float64, "per cent", "the same by chance", low=0, high=100, nullable=True),
    ),
    key=("park_id",),
)
"""What the sentence about a park is made of."""


@dataclass(frozen=True)
class Thresholds:
    """From where a park is called concentrated and linked; they stand in the result."""

    density_ratio: float = 2.0
    leading_chain_pct: float = 50.0
    partner_ratio: float = 1.25
    minimum: int = 10


def industry_network(pairs: pl.DataFrame, least: float = 0.02, minimum: int = 10) -> pl.DataFrame:
    """Which industries settle together so much that they are neighbours in the network, and in which group they are.

    Formula: a pair is linked where coagglomeration >= least and both have at least minimum plants; a group is what
    hangs
    together over links, numbered by size, then by the smallest code. Columns in: the result of
    ``agglomeration.coagglomeration``.
    Columns out: industry_a, industry_b String, coagglomeration Float64, n_a, n_b UInt32, group_id UInt32 (1 = most
    industries), n_group UInt32 (its industries), strongest first. No link gives no rows.
    Raises ContractError. Source: Ellison, Glaeser & Kerr (2010); least 0.02 and minimum 10 are our choice.

    >>> pairs = pl.DataFrame({"industry_a": ["a", "a", "b"], "industry_b": ["b", "c", "c"],
    ...     "coagglomeration": [0.1, 0.0, 0.3], "n_a": [10, 10, 10], "n_b": [10, 10, 9]})
    >>> industry_network(pairs).rows()
    [('a', 'b', 0.1, 10, 10, 1, 2)]
    """
    enough = (pl.col("n_a") >= minimum) & (pl.col("n_b") >= minimum)
    links = require(pairs, PAIRS).filter(enough, pl.col("coagglomeration") >= least)
    ends = links.select("industry_a", "industry_b")
    groups = _groups(ends).rename({"industry": "industry_a"})
    names = list(PAIRS.schema)
    linked = links.join(groups, on="industry_a", how="left").select(*names, "group_id", "n_group")
    return linked.sort("coagglomeration", "industry_a", "industry_b", descending=[True, False, False])


def functional_mix(enterprises: pl.DataFrame, functions: pl.DataFrame) -> pl.DataFrame:
    """What the enterprises of each park do: how many make, trade, research or serve.

    Formula: share_pct = 100 * n / n_park; n_park = enterprises of the park whose industry has a function.
    Columns in: enterprises: FIRMS; functions: FUNCTIONS (one function an industry).
    Columns out: park_id, function String (every function in every park, sorted), n, n_park UInt32, share_pct Float64
    (null where
    n_park is 0), n_unknown UInt32 (enterprises of the park without industry or function). No parks give no rows.
    Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["1", "2", "3"], "park_id": "p", "industry_code": ["a", "b", None]})
    >>> functional_mix(firms, pl.DataFrame({"industry_code": ["a", "b"], "function": ["making", "trade"]})).rows()
    [('p', 'making', 1, 2, 50.0, 1), ('p', 'trade', 1, 2, 50.0, 1)]
    """
    firms = require(enterprises, FIRMS).drop_nulls("park_id")
    known = firms.join(require(functions, FUNCTIONS), on="industry_code", how="left")
    parks = known.group_by("park_id").agg(
        pl.col("function").count().cast(pl.UInt32).alias("n_park"),
        pl.col("function").null_count().cast(pl.UInt32).alias("n_unknown"),
    )
    kinds = functions.select("function").unique()
    counts = known.drop_nulls("function").group_by("park_id", "function").agg(pl.len().cast(pl.UInt32).alias("n"))
    table = parks.join(kinds, how="cross").join(counts, on=["park_id", "function"], how="left")
    table = table.with_columns(pl.col("n").fill_null(0))
    share = pl.when(pl.col("n_park") > 0).then(100.0 * pl.col("n") / pl.col("n_park")).alias("share_pct")
    return table.select("park_id", "function", "n", "n_park", share, "n_unknown").sort("park_id", "function")


def park_linkage(enterprises: pl.DataFrame, chains: pl.DataFrame) -> pl.DataFrame:
    """How much the enterprises of each park belong together: its leading chain, and partners up and down the chain.

    Formula: leading_chain_pct = 100 * enterprises in the chain with most enterprises of the park / n; upstream_pct =
    100 *
    enterprises that have in the park another enterprise of an industry that supplies theirs / n; downstream_pct the
    same for one that
    theirs supplies; partner_pct either. expected_partner_pct = what partner_pct would be had the others been drawn
    from all
    enterprises given: mean of 100 * (1 - (1 - q)^(n - 1)), q = share of partner industries among them. partner_ratio
    = partner_pct /
    expected_partner_pct.
    Columns in: enterprises: FIRMS (those of no park count for the chance only); chains: CHAINS. Without chain_id, or
    where it is empty, industries
    that hang together over links are one chain, named after the smallest code.
    Columns out: park_id, n UInt32 (enterprises with a known industry), leading_chain String (on a tie the smallest
    name; null: none),
    n_leading UInt32, leading_chain_pct, upstream_pct, downstream_pct, partner_pct, expected_partner_pct (per cent;
    null where n is 0),
    partner_ratio Float64 (null where nothing is expected), n_unknown UInt32 (without industry). Sorted. No parks
    give no rows.
    Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"enterprise_id": list("1234"), "park_id": list("ppqq"), "industry_code": list("abac")})
    >>> chains = pl.DataFrame({"industry_from": ["a"], "industry_to": ["b"]})
    >>> park_linkage(firms, chains).select("park_id", "leading_chain_pct", "upstream_pct", "partner_pct").rows()
    [('p', 100.0, 50.0, 100.0), ('q', 50.0, 0.0, 0.0)]
    """
    firms = require(enterprises, FIRMS)
    links = require(chains, CHAINS)
    parks = (
        firms.drop_nulls("park_id")
        .group_by("park_id")
        .agg(
            pl.col("industry_code").count().cast(pl.UInt32).alias("n"),
            pl.col("industry_code").null_count().cast(pl.UInt32).alias("n_unknown"),
        )
    )
    cells = firms.drop_nulls().group_by("park_id", "industry_code").agg(pl.len().alias("here"))
    share = firms.drop_nulls("industry_code").group_by("industry_code").agg(pl.len().alias("all"))
    share = share.with_columns(pl.col("all") / pl.col("all").sum())
    table = parks.join(_leading(cells, links), on="park_id", how="left")
    table = table.join(_partners(cells, links, share, parks), on="park_id", how="left")
    percent = [
        (100.0 * pl.col(name) / pl.col("n")).alias(f"{name}_pct")
        for name in ("upstream", "downstream", "partner", "expected_partner")
    ]
    table = table.with_columns(pl.col("n_leading").fill_null(0), *percent)
    lead = (100.0 * pl.col("n_leading") / pl.col("n")).alias("leading_chain_pct")
    table = table.with_columns(
        lead,
        pl.when(pl.col("expected_partner") > 0)
        .then(pl.col("partner") / pl.col("expected_partner"))
        .alias("partner_ratio"),
    )
    shares = ("leading_chain_pct", "upstream_pct", "downstream_pct", "partner_pct", "expected_partner_pct")
    blank = [pl.when(pl.col("n") > 0).then(pl.col(name)).alias(name) for name in shares]
    return table.select("park_id", "n", "leading_chain", "n_leading", *blank, "partner_ratio", "n_unknown").sort(
        "park_id"
    )


def linkage_findings(parks: pl.DataFrame, thresholds: Thresholds | None = None) -> pl.DataFrame:
    """The parts of the sentence "geographically concentrated, industrially weak": the two words and the numbers
    behind them.

    Formula: geography "concentrated" where density_ratio >= its threshold, else "spread"; industry "strong" where
    leading_chain_pct >= its threshold and partner_pct >= partner_ratio * expected_partner_pct, "weak" where neither
    holds,
    else "partly"; "unknown" where a number is missing or n < minimum. finding = both words, as geography_industry.
    Columns in: UNITS: park_id, n, density_ratio (enterprises per square kilometre over those of the city, or a like
    measure),
    leading_chain_pct, partner_pct, expected_partner_pct (of ``park_linkage``).
    Columns out: UNITS, then geography, industry, finding String, and the thresholds: density_ratio_from,
    leading_chain_from_pct,
    partner_ratio_from Float64, n_from UInt32. Sorted by park_id. No rows give no rows.
    Raises ContractError. Source: our choice; all four thresholds are arguments.

    >>> park = pl.DataFrame({"park_id": ["p"], "n": [40], "density_ratio": [6.0], "leading_chain_pct": [20.0],
    ...     "partner_pct": [10.0], "expected_partner_pct": [12.0]})
    >>> linkage_findings(park)["finding"].item()
    'concentrated_weak'
    """
    limits = thresholds or Thresholds()
    rows = require(parks, UNITS)
    known = pl.col("n") >= limits.minimum
    chain = pl.col("leading_chain_pct") >= limits.leading_chain_pct
    partner = pl.col("partner_pct") >= limits.partner_ratio * pl.col("expected_partner_pct")
    dense = (
        pl.when(pl.col("density_ratio") >= limits.density_ratio)
        .then(pl.lit("concentrated"))
        .otherwise(pl.lit("spread"))
    )
    words = (
        pl.when(chain & partner)
        .then(pl.lit("strong"))
        .when(~chain & ~partner)
        .then(pl.lit("weak"))
        .otherwise(pl.lit("partly"))
    )
    table = rows.with_columns(
        pl.when(known & pl.col("density_ratio").is_not_null())
        .then(dense)
        .otherwise(pl.lit("unknown"))
        .alias("geography"),
        pl.when(known & chain.is_not_null() & partner.is_not_null())
        .then(words)
        .otherwise(pl.lit("unknown"))
        .alias("industry"),
    )
    return table.select(
        *UNITS.schema,
        "geography",
        "industry",
        (pl.col("geography") + "_" + pl.col("industry")).alias("finding"),
        pl.lit(limits.density_ratio).alias("density_ratio_from"),
        pl.lit(limits.leading_chain_pct).alias("leading_chain_from_pct"),
        pl.lit(limits.partner_ratio).alias("partner_ratio_from"),
        pl.lit(limits.minimum, pl.UInt32).alias("n_from"),
    ).sort("park_id")


def _groups(ends: pl.DataFrame) -> pl.DataFrame:
    """Industries that hang together over pairs: industry, group_id (1 = largest), n_group, first (smallest code)."""
    first, second = ends.columns
    names = pl.concat([ends[first], ends[second].alias(first)]).unique().sort()
    kind = pl.Enum(names)
    i, j = (ends[name].cast(kind).to_physical().to_numpy().astype(np.int64) for name in (first, second))
    n = len(names)
    _, labels = (
        connected_components(csr_array((np.ones(len(i)), (i, j)), shape=(n, n)), directed=False) if n else (0, [])
    )
    table = pl.DataFrame({"industry": names, "label": pl.Series(labels, dtype=pl.Int64)})
    sizes = table.group_by("label").agg(
        pl.len().cast(pl.UInt32).alias("n_group"), pl.col("industry").min().alias("first")
    )
    sizes = sizes.sort("n_group", "first", descending=[True, False]).with_row_index("group_id", 1)
    return table.join(sizes, on="label").select("industry", pl.col("group_id").cast(pl.UInt32), "n_group", "first")


def _leading(cells: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The chain with most enterprises in each park."""
    ends = links.select("industry_from", "industry_to")
    named = links["chain_id"] if "chain_id" in links.columns else pl.Series([None] * links.height, dtype=pl.String)
    groups = _groups(ends).select("industry", pl.col("first").alias("_own"))
    members = pl.concat([ends.select(pl.col(end).alias("industry"), named.alias("chain")) for end in ends.columns])
    members = (
        members.join(groups, on="industry")
        .select(pl.col("industry").alias("industry_code"), leading_chain=pl.coalesce("chain", "_own"))
        .unique()
    )
    found = (
        cells.join(members, on="industry_code")
        .group_by("park_id", "leading_chain")
        .agg(pl.col("here").sum().cast(pl.UInt32).alias("n_leading"))
    )
    return found.sort("n_leading", "leading_chain", descending=[True, False]).unique(
        "park_id", keep="first", maintain_order=True
    )


def _partners(cells: pl.DataFrame, links: pl.DataFrame, share: pl.DataFrame, parks: pl.DataFrame) -> pl.DataFrame:
    """Enterprises of each park with a partner upstream, downstream, either, and how many chance would give."""
    down = links.select(pl.col("industry_from").alias("industry_code"), pl.col("industry_to").alias("other")).unique()
    up = down.select(pl.col("other").alias("industry_code"), pl.col("industry_code").alias("other"))
    sides = {"upstream": up, "downstream": down, "partner": pl.concat([up, down]).unique()}
    table = cells
    for name, pairs in sides.items():
        met = cells.join(pairs, on="industry_code").join(
            cells.select("park_id", pl.col("industry_code").alias("other"), pl.col("here").alias("_there")),
            on=["park_id", "other"],
        )
        own = (pl.col("other") == pl.col("industry_code")) & (pl.col("_there") < 2)  # not its own partner
        found = met.filter(~own).select("park_id", "industry_code", pl.lit(value=True).alias(f"_{name}")).unique()
        table = table.join(found, on=["park_id", "industry_code"], how="left")
    chance = (
        sides["partner"]
        .join(share.rename({"industry_code": "other"}), on="other")
        .group_by("industry_code")
        .agg(pl.col("all").sum().alias("_q"))
    )
    table = table.join(chance, on="industry_code", how="left").join(parks.select("park_id", "n"), on="park_id")
    likely = 1.0 - (1.0 - pl.col("_q").fill_null(0.0)) ** (pl.col("n").cast(pl.Float64) - 1.0)
    met_sums = [(pl.col("here") * pl.col(f"_{name}").fill_null(value=False)).sum().alias(name) for name in sides]
    return table.group_by("park_id").agg(*met_sums, (pl.col("here") * likely).sum().alias("expected_partner"))
