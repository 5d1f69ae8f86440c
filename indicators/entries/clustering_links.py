"""The methods of enterprise clustering by distance and by chain: K-density, M, networks and parks."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import Method, MethodError, Option
from indicators.clustering.concentration import PLACES, Chance, k_density, relative_density
from indicators.clustering.hexagons import projected
from indicators.clustering.linkage import (
    FIRMS,
    PAIRS,
    UNITS,
    Thresholds,
    functional_mix,
    industry_network,
    linkage_findings,
    park_linkage,
)
from indicators.frames import POINTS, Column, ContractError

_ANYWHERE = replace(
    PLACES,
    columns=(
        *(replace(column, optional=True) for column in PLACES.columns),
        *(replace(column, note=f"{column.note}, with epsg", optional=True) for column in POINTS.columns[1:]),
    ),
)
_FUNCTION = Column("function", pl.String, "code", "what the industry does in a park", nullable=True)
_WITH_FUNCTION = replace(FIRMS, columns=(*FIRMS.columns, _FUNCTION))
_EPSG = Option(int, None, "the projected system of lon and lat, such as 32650 for Beijing; not given = x_m and y_m")
_CHANCE = {
    "draws": Option(int, 1000, "draws of as many places from all; 0 = no bands"),
    "seed": Option(int, 0, "the seed of the draws"),
    "level": Option(float, 0.05, "share of the draws left outside a band"),
    "minimum": Option(int, 10, "fewest enterprises of a curve that is shown"),
}
_BANDS = (
    ("local_low", "as the curve"),
    ("local_high", "as the curve"),
    ("global_low", "as the curve"),
    ("global_high", "as the curve"),
    ("reading", "localised, dispersed or within"),
    ("n", "enterprises or sites"),
    ("n_sites", "distinct places"),
    ("n_all", "enterprises or sites drawn from"),
)
_END = (
    ("n_unknown", "rows without a weight"),
    ("draws", "draws"),
    ("way", "pairs or raster"),
    ("shown", "true or false"),
)


def _metres(places: pl.DataFrame, epsg: int | None) -> pl.DataFrame:
    """The places in metres: as given, or projected from degrees."""
    if epsg is None:
        missing = [name for name in ("x_m", "y_m") if name not in places.columns]
        if missing:
            problem = (
                f"column {missing[0]} is missing; accepted: x_m and y_m in metres, or lon and lat with epsg; add it."
            )
            raise ContractError(_ANYWHERE, [problem])
        return places
    x, y = projected(places.with_row_index("enterprise_id").cast({"enterprise_id": pl.String}), epsg)
    return places.with_columns(pl.Series("x_m", x, dtype=pl.Float64), pl.Series("y_m", y, dtype=pl.Float64))


def _k_density(
    places: pl.DataFrame, industry: str | None, epsg: int | None, reach_m: float | None, step_m: float | None,
    points: str, draws: int, seed: int, level: float, minimum: int,
) -> pl.DataFrame:  # fmt: skip
    """k_density on a file of metres or degrees."""
    if points not in ("firms", "sites"):
        problem = f"option points '{points}' is not accepted; accepted: firms or sites; choose one of them."
        raise MethodError(f"k_density: {problem}")
    chance = Chance(draws, seed, level)
    return k_density(_metres(places, epsg), industry, reach_m, step_m, points == "sites", chance, minimum)


def _relative_density(
    places: pl.DataFrame, industry: str, epsg: int | None, reach_m: float, step_m: float | None,
    draws: int, seed: int, level: float, minimum: int,
) -> pl.DataFrame:  # fmt: skip
    """relative_density on a file of metres or degrees."""
    return relative_density(_metres(places, epsg), industry, reach_m, step_m, Chance(draws, seed, level), minimum)


def _functional_mix(enterprises: pl.DataFrame) -> pl.DataFrame:
    """functional_mix on one file: each enterprise carries the function of its industry."""
    functions = enterprises.select("industry_code", "function").drop_nulls().unique(maintain_order=True)
    return functional_mix(enterprises.drop("function"), functions)


def _park_linkage(enterprises: pl.DataFrame, chains: tuple[str, ...]) -> pl.DataFrame:
    """park_linkage with the chains as text: from>to, or from>to@chain."""
    odd = [part for part in chains if part.count(">") != 1]
    if odd:
        problem = f"option chains '{odd[0]}' is not accepted; accepted: from>to or from>to@chain; correct it."
        raise MethodError(f"park_linkage: {problem}")
    rows = [
        (*(code.strip() for code in link.split(">")), name.strip() or None)
        for link, _, name in (part.partition("@") for part in chains)
    ]
    schema = dict.fromkeys(("industry_from", "industry_to", "chain_id"), pl.String)
    return park_linkage(enterprises, pl.DataFrame(rows, schema=schema, orient="row"))


def _linkage_findings(
    parks: pl.DataFrame, density_ratio: float, leading_chain_pct: float, partner_ratio: float, minimum: int
) -> pl.DataFrame:
    """linkage_findings with the thresholds in single options."""
    return linkage_findings(parks, Thresholds(density_ratio, leading_chain_pct, partner_ratio, minimum))


ENTRIES: tuple[Method, ...] = (
    Method(
        "k_density",
        "How often two enterprises of an industry lie each distance apart, with the bands of chance.",
        _k_density,
        _ANYWHERE,
        {
            "industry": Option(str, None, "the code looked at; not given = all rows, without bands"),
            "epsg": _EPSG,
            "reach_m": Option(float, None, "largest distance in metres; not given = the median distance of all places"),
            "step_m": Option(float, None, "metres between two distances; not given = a hundredth of the reach"),
            "points": Option(str, "firms", "firms, or sites: each distinct place once"),
            **_CHANCE,
        },
        (
            ("distance_m", "metres"),
            ("density", "per metre"),
            *_BANDS,
            *_END[:1],
            ("h_m", "metres, the bandwidth"),
            *_END[1:],
        ),
        "Duranton & Overman (2005)",
    ),
    Method(
        "relative_density",
        "How much more of its own industry an enterprise has around it than of everything (M).",
        _relative_density,
        _ANYWHERE,
        {
            "industry": Option(str, None, "the code looked at", required=True),
            "epsg": _EPSG,
            "reach_m": Option(float, 2000.0, "largest distance in metres"),
            "step_m": Option(float, None, "metres between two distances; not given = a hundredth of the reach"),
            **_CHANCE,
        },
        (("distance_m", "metres"), ("relative_density", "ratio, 1 = like all enterprises"), *_BANDS, *_END),
        "Marcon & Puech (2010)",
    ),
    Method(
        "industry_network",
        "Which industries settle together enough to be neighbours, and their groups (coagglomeration is the input).",
        industry_network,
        PAIRS,
        {
            "least": Option(float, 0.02, "smallest index of a link"),
            "minimum": Option(int, 10, "fewest plants of each industry"),
        },
        (
            ("industry_a", "code"),
            ("industry_b", "code"),
            ("coagglomeration", "index"),
            ("n_a", "plants"),
            ("n_b", "plants"),
            ("group_id", "number, 1 = most industries"),
            ("n_group", "industries of the group"),
        ),
        "Ellison, Glaeser & Kerr (2010); least and minimum are our choice",
    ),
    Method(
        "functional_mix",
        "What the enterprises of each park do: share by function.",
        _functional_mix,
        _WITH_FUNCTION,
        {},
        (
            ("park_id", "code"),
            ("function", "code"),
            ("n", "enterprises"),
            ("n_park", "enterprises with a function"),
            ("share_pct", "per cent of the park"),
            ("n_unknown", "enterprises without one"),
        ),
        "our choice",
    ),
    Method(
        "park_linkage",
        "How much the enterprises of each park belong together: leading chain and partners.",
        _park_linkage,
        FIRMS,
        {
            "chains": Option(
                tuple, (), "links supplier>customer or supplier>customer@chain, with commas between", required=True
            )
        },
        (
            ("park_id", "code"),
            ("n", "enterprises with an industry"),
            ("leading_chain", "code"),
            ("n_leading", "enterprises in it"),
            ("leading_chain_pct", "per cent"),
            ("upstream_pct", "per cent with a supplier in the park"),
            ("downstream_pct", "per cent with a customer in the park"),
            ("partner_pct", "per cent with either"),
            ("expected_partner_pct", "per cent by chance"),
            ("partner_ratio", "ratio, 1 = as by chance"),
            ("n_unknown", "enterprises without an industry"),
        ),
        "our choice",
    ),
    Method(
        "linkage_findings",
        "The parts of the sentence: geographically concentrated or spread, industrially strong or weak.",
        _linkage_findings,
        UNITS,
        {
            "density_ratio": Option(float, 2.0, "from where a park is concentrated"),
            "leading_chain_pct": Option(float, 50.0, "from where its leading chain is strong, per cent"),
            "partner_ratio": Option(float, 1.25, "from where its partners are more than chance, ratio"),
            "minimum": Option(int, 10, "fewest enterprises of a park that is judged"),
        },
        (
            *((column.name, column.unit) for column in UNITS.columns),
            ("geography", "concentrated, spread or unknown"),
            ("industry", "strong, partly, weak or unknown"),
            ("finding", "both words"),
            ("density_ratio_from", "ratio"),
            ("leading_chain_from_pct", "per cent"),
            ("partner_ratio_from", "ratio"),
            ("n_from", "enterprises"),
        ),
        "our choice; the thresholds are arguments",
    ),
)
