"""How often two enterprises lie a given distance apart: bandwidth, the exact curve, and the curve from distance bins.

Source: Duranton & Overman (2005), section 3; reflection at 0 and the rule of thumb for the bandwidth: Silverman (1986).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from indicators.clustering.compiled import compiled
from indicators.clustering.raster_density import REACH, pair_bins, raster, room

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Curve = Callable[[Integers, Floats], Floats]

EXACT_UP_TO = 2_000
"""Places up to which the bandwidth takes every pair; beyond, it takes a seeded sample of pairs."""

SAMPLE = 400_000
"""Pairs in that sample."""

PAIRS_BELOW = 1_000
"""Enterprises under which every pair is taken; from there on the raster is right to 5e-4 of the maximum."""

FINE_BELOW = 3_000
"""Enterprises under which the raster is finer, because each of them weighs more."""

STRIP = 20.0
"""A city whose shorter side is under so many bandwidths is a strip and gets the finer raster too."""

BINS_A_BANDWIDTH = 100
"""Bins of pair distances in one bandwidth where every pair is taken: an error below 1e-5 of the maximum."""

_ROWS = 256


@dataclass(frozen=True)
class Bandwidth:
    """``h_m``: width of the kernel; ``median_m``: median pair distance; both null where fewer than two places exist."""

    h_m: float | None
    median_m: float | None


def bandwidth(x: Floats, y: Floats, seed: int = 0) -> Bandwidth:
    """The width of the kernel, from the pair distances themselves and from nothing that is plotted.

    Formula: h = 0.9 min(sd, IQR / 1.34) n_pairs^(-1/5), sd with n - 1, quartiles by linear interpolation, over all
    pairs up to
    2,000 places, beyond over 400,000 random pairs with a fixed seed. Where half the pairs share one distance (IQR 0) sd
    alone. In: x, y (metres). Out: metres; h is None where all places are one, or there are fewer than three.
    Source: Silverman (1986), equation 3.31; Duranton & Overman (2005).

    >>> found = bandwidth(np.array([0.0, 3.0, 0.0]), np.array([0.0, 0.0, 4.0]))  # distances 3, 4, 5: sd 1, IQR 1
    >>> round(found.h_m, 6), found.median_m  # 0.9 * (1 / 1.34) * 3^-0.2
    (0.539155, 4.0)
    """
    n = len(x)
    if n < 2:
        return Bandwidth(None, None)
    if n <= EXACT_UP_TO:
        distance = np.concatenate([np.hypot(x[i + 1 :] - x[i], y[i + 1 :] - y[i]) for i in range(n - 1)])
    else:
        random = np.random.default_rng(seed)
        i, j = random.integers(0, n, SAMPLE), random.integers(0, n, SAMPLE)
        i, j = i[i != j], j[i != j]
        distance = np.sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
    lower, median, upper = np.percentile(distance, [25, 50, 75])
    spread = float(distance.std(ddof=1)) if len(distance) > 1 else 0.0
    width = min(spread, (upper - lower) / 1.34) or spread
    return Bandwidth(float(0.9 * width * (n * (n - 1) / 2) ** -0.2) or None, float(median))


def exact_density(x: Floats, y: Floats, weight: Floats, h_m: float, radii: Floats) -> Floats:
    """The K-density by its definition: every pair, every distance.

    Formula: K(r) = sum_{i<j} w_i w_j (phi((r - d_ij) / h) + phi((r + d_ij) / h)) / (h sum_{i<j} w_i w_j), phi the
    standard
    normal density. In: x, y (metres), weight (above 0), h_m (metres), radii (metres from 0). Out: per metre; it
    integrates
    to 1 from 0 on. Pairs at one address count, at distance 0. Cost grows with pairs times radii.
    Source: Duranton & Overman (2005), equation 1; reflection as in Silverman (1986).

    >>> curve = exact_density(np.array([0.0, 10.0]), np.zeros(2), np.ones(2), 1.0, np.array([10.0]))
    >>> round(float(curve[0]), 6)  # 1 / sqrt(2 pi)
    0.398942
    """
    total, curve = 0.0, np.zeros(len(radii))
    for start in range(0, len(x) - 1, _ROWS):
        rows = slice(start, start + _ROWS)
        distance = np.hypot(x[rows, None] - x[None, start:], y[rows, None] - y[None, start:])
        later = np.triu(np.ones(distance.shape, dtype=bool), 1)
        both = (weight[rows, None] * weight[None, start:])[later]
        distance, total = distance[later], total + both.sum()
        for k, r in enumerate(radii):
            nearer, further = (r - distance) / h_m, (r + distance) / h_m
            curve[k] += both @ (np.exp(-0.5 * nearer * nearer) + np.exp(-0.5 * further * further))
    return np.asarray(curve / (total * h_m * np.sqrt(2.0 * np.pi)))


def smoothing(n_bins: int, step_m: float, h_m: float, radii: Floats) -> Floats:
    """The matrix that turns pairs by distance bin into the density at the radii.

    Formula: (phi((r - b) / h') + phi((r + b) / h')) / h', b = bin * step_m, h'^2 = h^2 - step_m^2 / 6: linear
    sharing between
    two bins has already added step_m^2 / 6 to the variance.

    >>> smoothing(2, 0.0001, 1.0, np.array([0.0])).round(6).tolist()  # twice 1 / sqrt(2 pi)
    [[0.797885, 0.797885]]
    """
    width = np.sqrt(h_m * h_m - step_m * step_m / 6.0)
    far = int(np.ceil(REACH * width / step_m))
    bins = np.rint(radii / step_m).astype(np.int64)[:, None] + np.arange(-far, far + 1)
    value = np.exp(-0.5 * ((radii[:, None] - bins * step_m) / width) ** 2) / (width * np.sqrt(2.0 * np.pi))
    matrix = np.zeros((len(radii), n_bins))
    row = np.broadcast_to(np.arange(len(radii))[:, None], bins.shape)
    nearer, further = (bins >= 0) & (bins < n_bins), (bins <= 0) & (bins > -n_bins)
    matrix[row[nearer], bins[nearer]] = value[nearer]
    matrix[row[further], -bins[further]] += value[further]
    return matrix


def density_of(x: Floats, y: Floats, n: int, h_m: float, radii: Floats, single: bool = False) -> tuple[Curve, str]:
    """How to get the K-density of any ``n`` of the places, quickly, many times over; and the name of the way.

    Rule: fewer than 1,000: every pair, in bins of h / 100; fewer than 3,000: raster of h / 2 (of h / 2.5 in a strip);
    beyond: raster of
    0.7 h. Measured error against the definition: under 1e-5, 2e-4 and 5e-4 of the maximum.
    In: x, y of all places (metres), n, h_m, radii (metres), single (32-bit numbers, for many draws). Out: a function
    of (row numbers, weights), and "pairs"
    or "raster".
    Source: our choice, docs/methods.md, k_density.

    >>> curve, way = density_of(np.array([0.0, 10.0]), np.zeros(2), 2, 1.0, np.array([10.0]))
    >>> way, round(float(curve(np.array([0, 1]), np.ones(2))[0]), 4)
    ('pairs', 0.3989)
    """
    reach_m = float(radii[-1]) + REACH * h_m
    if n < PAIRS_BELOW:
        step_m = h_m / BINS_A_BANDWIDTH
        n_bins = int(reach_m / step_m) + 2
        matrix = csr_array(smoothing(n_bins, step_m, h_m, radii))  # sparse: no threads of a dense product

        def every_pair(chosen: Integers, weight: Floats) -> Floats:
            bins = pair_histogram(x[chosen], y[chosen], weight, step_m, n_bins)
            return np.asarray(matrix @ bins / _pairs(weight))

        return every_pair, "pairs"
    strip = min(np.ptp(x), np.ptp(y)) < STRIP * h_m
    cell_m = h_m * ((0.4 if strip else 0.5) if n < FINE_BELOW else 0.7)
    nodes = raster(x, y, cell_m, reach_m)
    matrix = csr_array(smoothing(nodes.bins.shape[0], nodes.step_m, h_m, radii))

    work = room(nodes, single)

    def by_raster(chosen: Integers, weight: Floats) -> Floats:
        return np.asarray(np.maximum(matrix @ pair_bins(nodes, chosen, weight, work) / _pairs(weight), 0.0))

    return by_raster, "raster"


def pair_histogram(x: Floats, y: Floats, weight: Floats, step_m: float, n_bins: int) -> Floats:
    """The weight of all pairs in each distance bin, shared linearly between the two nearest; further pairs are left
    out.

    In: x, y (metres), weight; bin k lies around k * step_m. Out: one sum a bin, of w_i w_j over pairs i < j.

    >>> pair_histogram(np.array([0.0, 2.5]), np.zeros(2), np.array([2.0, 1.0]), 1.0, 5).tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0]
    """
    bins = np.zeros(n_bins + 1)
    loop = compiled(_histogram_loop)
    if loop is not None:
        loop(x, y, weight, 1.0 / step_m, bins)
        return bins[:-1]
    for i in range(len(x) - 1):
        place = np.sqrt((x[i + 1 :] - x[i]) ** 2 + (y[i + 1 :] - y[i]) ** 2) * (1.0 / step_m)
        near = place < n_bins - 1
        place, both = place[near], (weight[i] * weight[i + 1 :])[near]
        lower = place.astype(np.int64)
        bins += np.bincount(lower, both * (1.0 - (place - lower)), n_bins + 1)
        bins += np.bincount(lower + 1, both * (place - lower), n_bins + 1)
    return bins[:-1]


def _pairs(weight: Floats) -> float:
    """The weight of all pairs i < j."""
    return float((weight.sum() ** 2 - (weight**2).sum()) / 2.0)


def _histogram_loop(x: Floats, y: Floats, weight: Floats, per_step: float, bins: Floats) -> None:
    last = bins.size - 2
    for i in range(x.size - 1):
        for j in range(i + 1, x.size):
            across, up = x[j] - x[i], y[j] - y[i]
            place = np.sqrt(across * across + up * up) * per_step
            if place < last:
                lower = int(place)
                both = weight[i] * weight[j]
                bins[lower] += both * (1.0 - (place - lower))
                bins[lower + 1] += both * (place - lower)
