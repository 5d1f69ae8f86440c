"""The methods of enterprise clustering that need places: clusters, hexagons of a city, hot spots."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import Method, Option
from indicators.clustering.clusters import FIRMS, cluster_industries, cluster_members, cluster_table
from indicators.clustering.grid_dbscan import dbscan
from indicators.clustering.hexagon_frame import OUTLINES, cell_counts, hexagon_frame
from indicators.clustering.hotspots import CELLS, VALUE, VALUED_PLACES, hot_spot_summary, hot_spots, local_statistics
from indicators.clustering.metres import PLACES
from indicators.frames import POINTS, Column, ContractError

_WEIGHT = Column("weight", pl.Float64, "enterprises", "enterprises at the place; absent = 1", low=0, optional=True)
_WEIGHTED = replace(PLACES, columns=(*PLACES.columns, _WEIGHT))
_WITH_INDUSTRY = replace(FIRMS, columns=(*FIRMS.columns[:3], replace(FIRMS.columns[4], optional=False)))

_EPSG = Option(int, None, "the projected system in metres, such as 32650 for Beijing", required=True)
_SIDE = Option(float, 500.0, "side of a hexagon in metres")
_EPS = Option(float, 300.0, "enterprises so many metres apart are neighbours")
_MINIMUM = Option(int, 20, "fewest enterprises within that distance, itself included, that make a place core")
_RULE = {"epsg": _EPSG, "eps_m": _EPS, "minimum": _MINIMUM}
_COORDINATES = Option(str, "checked", "metres: small coordinates are metres for certain, not degrees")
_CHANCE = {
    "level": Option(float, 0.05, "false discovery rate up to which a cell is called hot or cold"),
    "way": Option(str, "auto", "exact (counts only), draws, or auto: exact as long as that is quick"),
    "draws": Option(int, 99_999, "random draws, shared by all cells"),
    "seed": Option(int, 0, "the seed of the draws"),
}
_SCORES = (
    ("n_neighbours", "neighbours"),
    ("z_gi_star", "standard deviations"),
    ("z_gi", "standard deviations"),
    ("moran_i", "ratio, above 0 among alike"),
    ("quadrant", "HH, LL, HL, LH or unclassified"),
    ("p_hi", "chance, 0 to 1"),
    ("p_lo", "chance, 0 to 1"),
    ("p_two_sided", "chance, 0 to 1"),
    ("q_hot", "false discovery rate"),
    ("q_cold", "false discovery rate"),
    ("kind", "hot, cold or none"),
    ("way", "exact or draws"),
    ("reason", "word, why the scores are empty"),
)
_PLACE = (("x_m", "metres"), ("y_m", "metres"))


def _dbscan(places: pl.DataFrame, eps_m: float, minimum: float, coordinates: str) -> pl.DataFrame:
    """dbscan with its two results as columns."""
    if coordinates not in ("checked", "metres"):
        problem = f"coordinates '{coordinates}' is not accepted; accepted: checked or metres; choose one of them."
        raise ContractError(PLACES, [problem])
    weights = places["weight"].to_numpy() if "weight" in places.columns else None
    x, y = places["x_m"].to_numpy(), places["y_m"].to_numpy()
    label, core = dbscan(x, y, eps_m, minimum, weights, vouched=coordinates == "metres")
    return places.with_columns(pl.Series("label", label, dtype=pl.Int64), pl.Series("core", core, dtype=pl.Boolean))


def _clusters(
    firms: pl.DataFrame, epsg: int, eps_m: float, minimum: int, footprint: str, side_m: float, shown: int
) -> pl.DataFrame:
    """cluster_members and cluster_table in one step."""
    return cluster_table(cluster_members(firms, epsg, eps_m, minimum), epsg, footprint, side_m, shown)


def _industries(firms: pl.DataFrame, epsg: int, eps_m: float, minimum: int, leading: int, shown: int) -> pl.DataFrame:
    """cluster_members and cluster_industries in one step."""
    return cluster_industries(cluster_members(firms, epsg, eps_m, minimum), leading, shown)


def _cells(points: pl.DataFrame, epsg: int, outline: str, side_m: float) -> pl.DataFrame:
    """cell_counts in the frame of one outline; a file without rows gives no rows."""
    frame = hexagon_frame(pl.DataFrame({"outline_wkt": [outline]}), epsg, side_m)
    table = cell_counts(points, frame, epsg, side_m)
    return table if points.height else table.clear()


ENTRIES: tuple[Method, ...] = (
    Method(
        "dbscan",
        "Which places in metres are crowded and hang together, with the labels of scikit-learn.",
        _dbscan,
        _WEIGHTED,
        {
            "eps_m": _EPS,
            "minimum": Option(float, 20.0, "smallest weight within that distance, itself included, of a core place"),
            "coordinates": _COORDINATES,
        },
        (
            *_PLACE,
            ("label", "number, 0 = the cluster of the earliest core row, -1 = in none"),
            ("core", "true or false"),
        ),
        "Ester, Kriegel, Sander and Xu (1996); numbering and border ties as scikit-learn",
    ),
    Method(
        "cluster_members",
        "Every enterprise with the cluster of neighbouring enterprises it belongs to.",
        cluster_members,
        POINTS,
        _RULE,
        (
            ("enterprise_id", "code"),
            *_PLACE,
            ("cluster", "number, 1 = most enterprises, empty = in none"),
            ("core", "true or false"),
        ),
        "DBSCAN, Ester et al. (1996); eps_m 300 and minimum 20 are our choice",
    ),
    Method(
        "clusters",
        "The clusters of enterprises: size, ground, employees, leading industry, diversity.",
        _clusters,
        FIRMS,
        {
            **_RULE,
            "footprint": Option(str, "hull", "hull: the convex hull of the places; hexagons: those that hold one"),
            "side_m": Option(float, 100.0, "side of those hexagons in metres"),
            "shown": Option(int, 5, "fewest enterprises of a leading industry whose quotient is shown"),
        },
        (
            ("cluster", "number, 1 = most enterprises"),
            ("n_enterprises", "enterprises"),
            ("n_sites", "distinct places"),
            ("employees", "persons, of those known"),
            ("n_unknown", "enterprises whose employees are not known"),
            ("area_m2", "square metres"),
            ("density_per_km2", "enterprises per square kilometre"),
            ("n_industries", "industries"),
            ("diversity", "industries of equal size that would be as varied"),
            ("leading_industry", "code"),
            ("leading_n", "enterprises"),
            ("leading_share_pct", "per cent"),
            ("leading_lq", "ratio, 1 = as among all enterprises of the file"),
            ("leading_shown", "true or false"),
            *_PLACE,
            ("outline_wkt", "outline in degrees, WKT"),
        ),
        "DBSCAN, Ester et al. (1996); Hoover-Balassa quotient; inverse Herfindahl index; our choice",
    ),
    Method(
        "cluster_industries",
        "The leading industries of each cluster with their location quotients.",
        _industries,
        _WITH_INDUSTRY,
        {
            **_RULE,
            "leading": Option(int, 5, "how many industries of each cluster"),
            "shown": Option(int, 5, "fewest enterprises of an industry whose quotient is shown"),
        },
        (
            ("cluster", "number, 1 = most enterprises"),
            ("rank", "number"),
            ("industry_code", "code"),
            ("n", "enterprises"),
            ("share_pct", "per cent of the cluster"),
            ("location_quotient", "ratio, 1 = as among all enterprises of the file"),
            ("low", "ratio"),
            ("high", "ratio"),
            ("shown", "true or false"),
        ),
        "Hoover-Balassa quotient with the interval of location_quotients",
    ),
    Method(
        "hexagon_frame",
        "Every hexagon of a city, whether an enterprise is in it or not.",
        hexagon_frame,
        OUTLINES,
        {"epsg": _EPSG, "side_m": _SIDE},
        (("q", "axial coordinate"), ("r", "axial coordinate"), ("share_inside", "part of the area, above 0 to 1")),
        "our choice; Getis and Ord (1992) on the dependence on the study area",
    ),
    Method(
        "cell_counts",
        "Enterprises in every hexagon of a city, the empty ones too.",
        _cells,
        POINTS,
        {
            "epsg": _EPSG,
            "outline": Option(str, None, "the city as POLYGON or MULTIPOLYGON in degrees (WKT)", required=True),
            "side_m": _SIDE,
        },
        (
            ("q", "axial coordinate"),
            ("r", "axial coordinate"),
            ("share_inside", "part of the area, above 0 to 1"),
            ("n", "enterprises"),
            ("n_sites", "distinct places"),
        ),
        "our choice",
    ),
    Method(
        "hot_spots",
        "Which hexagons of a city hold more, or less, with their neighbours than chance would give.",
        hot_spots,
        CELLS,
        {"value": Option(str, "n", "the column of the count or amount"), **_CHANCE},
        (("q", "axial coordinate"), ("r", "axial coordinate"), ("value", "as given"), *_SCORES),
        "Ord and Getis (1995), eq. 14.2; Anselin (1995); Benjamini and Hochberg (1995)",
        {"value": VALUE},
    ),
    Method(
        "hot_spot_summary",
        "The hot-spot map in one row, and whether cold spots could be found at all.",
        hot_spot_summary,
        CELLS,
        {"value": Option(str, "n", "the column of the count or amount"), **_CHANCE},
        (
            ("n_cells", "hexagons"),
            ("n_hot", "hexagons"),
            ("n_cold", "hexagons"),
            ("mean", "as given, per hexagon"),
            ("global_moran", "ratio, -1 to 1"),
            ("expected_moran", "ratio"),
            ("least_p_cold", "chance, 0 to 1"),
        ),
        "Moran (1950); our choice",
        {"value": VALUE},
    ),
    Method(
        "local_statistics",
        "The scores and chances of hot_spots for places in metres and their neighbours within a distance.",
        local_statistics,
        VALUED_PLACES,
        {
            "distance_m": Option(float, 1000.0, "places so many metres apart are neighbours"),
            "weights": Option(str, "binary", "binary: 1 each; row: those of a place add to 1"),
            **_CHANCE,
            "coordinates": _COORDINATES,
        },
        (*_PLACE, ("value", "as given"), *_SCORES),
        "Ord and Getis (1995), eq. 14.2; Anselin (1995); Benjamini and Hochberg (1995)",
    ),
)
