"""Where enterprises concentrate more, or less, than chance would: Getis-Ord Gi*, Gi and local Moran.

The scores describe; the decision is made by exact permutation tails with the false discovery rate
held over the whole map, hot and cold apart, because the normal law does not hold for counts that
are mostly zero. A score that is not defined is empty with the reason, never 0.
Source: Ord and Getis (1995), eq. 14.2; Anselin (1995); de Castro and Singer (2006).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.adjacency import hexagon_neighbours, near_neighbours, row_standardised
from indicators.clustering.hexagon_frame import FRAME
from indicators.clustering.local_scores import gi_star_z, gi_z, global_moran, local_moran, quadrants
from indicators.clustering.metres import PLACES
from indicators.clustering.permutation import DRAWS, benjamini_hochberg, countable, drawn_tails, exact_tails
from indicators.frames import Column, Contract, ContractError, require

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

VALUE = Column("n", pl.Float64, "enterprises, persons or money", "what is counted in the cell; 0 where it is empty")
CELLS = Contract("cells", (*FRAME.columns, VALUE), FRAME.key)
"""Every hexagon of the frame with its count."""

VALUED_PLACES = replace(PLACES, name="valued_places", columns=(*PLACES.columns, replace(VALUE, name="value")))
"""Places in metres, each with a value."""

WAYS = ("auto", "exact", "draws")
WEIGHTS = ("binary", "row")


def hot_spots(
    cells: pl.DataFrame,
    value: str = "n",
    level: float = 0.05,
    way: str = "auto",
    draws: int = DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """Which hexagons are hot or cold spots, with score, chance and false discovery rate of each.

    Formula: z_gi_star, z_gi, moran_i: see ``local_scores``; p_hi = P(as much around the cell or more),
    p_lo = P(as little or less) when the values of the other cells change places; p_two_sided = min(1,
    2 * the smaller); q_hot, q_cold: Benjamini-Hochberg of p_hi and p_lo over all cells with
    neighbours. kind = hot where q_hot <= level, cold where q_cold <= level, else none.
    Columns in: q, r (the whole frame, empty cells with 0: ``cell_counts``), ``value`` (number).
    ``way``: exact (counts only), draws (``draws`` of them with ``seed``) or auto: exact for counts as
    long as that is quick, as it is for counts of enterprises.
    Columns out: q, r, value Float64, n_neighbours UInt32, z_gi_star, z_gi Float64, moran_i Float64,
    quadrant String (HH, LL, HL, LH: the cell, its neighbours; unclassified), p_hi, p_lo, p_two_sided,
    q_hot, q_cold Float64 (0..1), kind String (hot, cold, none), way String, reason String (why the
    scores are empty: no_neighbours, constant, or everything_near; p is 1 then). z_gi is empty also
    where all other cells are equal. No cells give no rows. Raises ContractError.
    Source: see the module; level 0.05 is our choice.

    >>> cells = pl.DataFrame({"q": [0, 1, 2, 3], "r": [0] * 4, "n": [5, 4, 0, 0]})
    >>> table = hot_spots(cells)
    >>> table.select("n_neighbours", "p_hi", "quadrant").rows()[0]  # one neighbour: 4 is the largest of 4, 0, 0
    (1, 0.3333333333333333, 'HH')
    """
    column = replace(VALUE, name=value)
    checked = require(cells, Contract("cells", (*FRAME.columns, column), FRAME.key)).sort("q", "r")
    neighbours = hexagon_neighbours(checked["q"].to_numpy(), checked["r"].to_numpy())
    scores = _scores(checked[value].to_numpy(), neighbours, neighbours, level, way, draws, seed)
    return checked.select("q", "r", pl.col(value).alias("value")).hstack(scores)


def local_statistics(
    places: pl.DataFrame,
    distance_m: float = 1000.0,
    weights: str = "binary",
    level: float = 0.05,
    way: str = "auto",
    draws: int = DRAWS,
    seed: int = 0,
    coordinates: str = "checked",
) -> pl.DataFrame:
    """The same scores and chances for places in metres, whose neighbours are the places within a distance.

    Formula: as ``hot_spots``; neighbours: d <= distance_m, the place itself not. weights "row": each
    place's weights add to 1; z must not and does not change (moran_i is row-standardised always).
    Columns in: x_m, y_m (projected metres), value (number). ``coordinates`` = metres: small
    coordinates, which look like degrees, are metres for certain.
    Columns out: x_m, y_m, value, then as ``hot_spots``, in the order of the rows.
    Raises ContractError. Source: Ord and Getis (1995); Getis and Ord (1992), binary weights.

    >>> line = pl.DataFrame({"x_m": [0.0, 900.0, 1800.0], "y_m": [0.0, 0.0, 0.0], "value": [3.0, 1.0, 2.0]})
    >>> local_statistics(line)["n_neighbours"].to_list()
    [1, 2, 1]
    """
    if weights not in WEIGHTS or coordinates not in ("checked", "metres"):
        problem = f"weights '{weights}', coordinates '{coordinates}': accepted: binary or row; checked or metres."
        raise ContractError(VALUED_PLACES, [problem])
    checked = require(places, VALUED_PLACES).select("x_m", "y_m", "value")
    x, y = checked["x_m"].to_numpy(), checked["y_m"].to_numpy()
    neighbours = near_neighbours(x, y, distance_m, coordinates == "metres")
    used = row_standardised(neighbours) if weights == "row" else neighbours
    return checked.hstack(_scores(checked["value"].to_numpy(), neighbours, used, level, way, draws, seed))


def hot_spot_summary(
    cells: pl.DataFrame,
    value: str = "n",
    level: float = 0.05,
    way: str = "auto",
    draws: int = DRAWS,
    seed: int = 0,
) -> pl.DataFrame:
    """The map in one row: how many hot and cold spots, how clustered altogether, and whether cold could be found.

    Formula: n_hot, n_cold from ``hot_spots``; global_moran = n / S0 * sum_ij w_ij z_i z_j / sum z^2,
    row-standardised; expected_moran = -1 / (n - 1). least_p_cold = the smallest p_lo any cell could
    have: the chance that all its neighbours hold the smallest value of the map. Where it is above
    ``level``, a map without cold spots says nothing: with few enterprises empty cells are no news.
    Columns in: as ``hot_spots``. Columns out: n_cells, n_hot, n_cold UInt32, mean Float64 (per cell),
    global_moran, expected_moran Float64, least_p_cold Float64. No cells give no row.
    Raises ContractError. Source: Moran (1950); our choice (least_p_cold).

    >>> cells = pl.DataFrame({"q": [0, 1, 2, 3], "r": [0] * 4, "n": [5, 4, 0, 0]})
    >>> hot_spot_summary(cells).select("n_cells", "mean", "least_p_cold").row(0)  # two zeros of three others
    (4, 2.25, 0.3333333333333333)
    """
    table = hot_spots(cells, value, level, way, draws, seed)
    neighbours = hexagon_neighbours(table["q"].to_numpy(), table["r"].to_numpy())
    values = table["value"].to_numpy()
    summary = table.select(
        pl.len().cast(pl.UInt32).alias("n_cells"),
        (pl.col("kind") == "hot").sum().cast(pl.UInt32).alias("n_hot"),
        (pl.col("kind") == "cold").sum().cast(pl.UInt32).alias("n_cold"),
        pl.col("value").mean().alias("mean"),
        pl.lit(global_moran(values, neighbours), pl.Float64).alias("global_moran"),
        pl.lit(-1.0 / (table.height - 1) if table.height > 1 else None, pl.Float64).alias("expected_moran"),
        pl.lit(_least_p_cold(values, int(np.diff(neighbours.indptr).max(initial=0))), pl.Float64).alias("least_p_cold"),
    )
    return summary if table.height else summary.clear()


def _scores(
    values: Floats, neighbours: csr_array, weights: csr_array, level: float, way: str, draws: int, seed: int
) -> pl.DataFrame:
    _require_options(level, way)
    degrees = np.diff(neighbours.indptr).astype(np.int64)
    counted = way == "exact" or (way == "auto" and countable(values, degrees))
    constant = not values.size or bool((values == values[0]).all())
    p_hi, p_lo = np.ones(values.size), np.ones(values.size)
    if not constant:
        sums = neighbours @ values
        p_hi, p_lo = exact_tails(values, degrees, sums) if counted else drawn_tails(values, degrees, sums, draws, seed)
    tested = degrees > 0
    q_hot, q_cold = np.ones(values.size), np.ones(values.size)
    q_hot[tested], q_cold[tested] = benjamini_hochberg(p_hi[tested]), benjamini_hochberg(p_lo[tested])
    moran, lag = local_moran(values, neighbours)
    near = np.where(degrees >= values.size - 1, "everything_near", "")
    moran[near != ""] = np.nan
    why = np.where(constant, "constant", np.where(degrees == 0, "no_neighbours", near))
    frame = pl.DataFrame(
        {
            "n_neighbours": pl.Series(degrees, dtype=pl.UInt32),
            "z_gi_star": gi_star_z(values, weights),
            "z_gi": gi_z(values, weights),
            "moran_i": moran,
            "quadrant": pl.Series(quadrants(values, np.where(near == "", lag, np.nan)).tolist(), dtype=pl.String),
            "p_hi": p_hi,
            "p_lo": p_lo,
            "p_two_sided": np.minimum(1.0, 2.0 * np.minimum(p_hi, p_lo)),
            "q_hot": q_hot,
            "q_cold": q_cold,
        }
    )
    kind = pl.when(pl.col("q_hot") <= level).then(pl.lit("hot")).when(pl.col("q_cold") <= level).then(pl.lit("cold"))
    return frame.with_columns(
        pl.col("z_gi_star", "z_gi", "moran_i").fill_nan(None),
        kind.otherwise(pl.lit("none")).alias("kind"),
        pl.lit("exact" if counted else "draws").alias("way"),
        pl.Series("reason", [text or None for text in why.tolist()], dtype=pl.String),
    )


def _least_p_cold(values: Floats, k: int) -> float | None:
    """The chance that all k neighbours hold the least value, for a cell that holds more."""
    if not values.size or not k:
        return None
    least, chance = int(np.count_nonzero(values == values.min())), 1.0
    for taken in range(k):
        chance *= max(0, least - taken) / max(1, values.size - 1 - taken)
    return min(1.0, chance)


def _require_options(level: float, way: str) -> None:
    problems = []
    if way not in WAYS:
        problems.append(f"way '{way}' is not accepted; accepted: {', '.join(WAYS)}; choose one of them.")
    if not 0 < level < 1:
        problems.append(f"level {level:g} is not accepted; accepted: a number between 0 and 1; correct it.")
    if problems:
        raise ContractError(CELLS, problems)
