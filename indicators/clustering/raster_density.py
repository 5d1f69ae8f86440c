"""Pair distances of many enterprises through a raster and a Fourier transform.

The cost depends on the size of the city in bandwidths, hardly on the number of enterprises. Each
enterprise is spread over 4 x 4 nodes with cubic B-spline weights; the power spectrum of the raster
holds the pairs by displacement once the spectrum of each enterprise with itself is taken off and
the B-spline is divided out. Source: Hockney & Eastwood, Computer Simulation Using Particles (mesh
assignment and its window); Duranton & Overman (2005) for what is smoothed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.sparse

from indicators.clustering.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Real = npt.NDArray[Any]
Complex = npt.NDArray[Any]

SPREAD = 4
"""Nodes in each direction that one enterprise is spread over."""

REACH = 8.0
"""How many bandwidths beyond the longest distance are kept, so that the curve does not depend on it."""


@dataclass(frozen=True)
class Raster:
    """The nodes over all places of a city, ready to count the pairs of any of them by distance.

    ``place``: columns and rows of nodes from the first one, with fractions; ``size``: nodes with the zeros around;
    ``used``: nodes without; ``kept``: rows of displacements in reach; ``step_m``: width of a distance bin;
    ``window``, ``cosines``: by frequency, what the spreading does to a pair and to a place with itself;
    ``within``: displacements in reach; ``bins``: sparse matrix from those to bins.
    """

    place: Floats
    size: tuple[int, int]
    used: tuple[int, int]
    kept: int
    step_m: float
    window: tuple[Floats, Floats]
    cosines: tuple[Floats, Floats]
    within: Integers
    bins: scipy.sparse.csc_array


def raster(x: Floats, y: Floats, cell_m: float, reach_m: float) -> Raster:
    """The nodes ``cell_m`` apart over the places, with zeros around as far as the distances reach.

    In: x, y (metres), cell_m (metres, half a bandwidth), reach_m (metres, longest distance that
    matters). Out: what ``pair_bins`` needs. Source: clustering by distance, our choice of cubic B-splines.

    >>> raster(np.array([0.0, 100.0]), np.array([0.0, 0.0]), 50.0, 500.0).used
    (6, 4)
    """
    place = np.column_stack([x - x.min(), y - y.min()]) / cell_m
    used = (int(place[:, 0].max()) + SPREAD, int(place[:, 1].max()) + SPREAD)
    pad = int(np.ceil(reach_m / cell_m)) + 1
    size = (scipy.fft.next_fast_len(used[0] + pad), scipy.fft.next_fast_len(used[1] + pad, real=True))
    ranges = min(pad, used[0]), min(pad, used[1])  # apart: a long narrow city has two ranges
    step_m = cell_m / 4.0
    within, bins = _binning(ranges, size[1], cell_m, step_m, int(reach_m / step_m) + 2)
    turns = scipy.fft.fftfreq(size[0]), scipy.fft.rfftfreq(size[1])
    window = np.sinc(turns[0]) ** (2 * SPREAD), np.sinc(turns[1]) ** (2 * SPREAD)
    cosines = _cosines(turns[0]), _cosines(turns[1])
    return Raster(place, size, used, ranges[0], step_m, window, cosines, within, bins)


@dataclass(frozen=True)
class Room:
    """Arrays used again for every draw, because asking for memory takes longer than the sums; not for two at once."""

    mass: Real
    spectrum: Complex
    pairs: Real


def room(nodes: Raster, single: bool = False) -> Room:
    """The arrays one caller of ``pair_bins`` needs; ``single``: 32-bit numbers, right to 1e-5, for many draws.

    >>> room(raster(np.array([0.0, 100.0]), np.zeros(2), 50.0, 500.0)).mass.shape
    (6, 4)
    """
    real, imaginary = (np.float32, np.complex64) if single else (np.float64, np.complex128)
    spectrum = np.zeros((nodes.size[0], nodes.size[1] // 2 + 1), dtype=imaginary)
    return Room(np.zeros(nodes.used, dtype=real), spectrum, np.zeros((nodes.kept, nodes.size[1]), dtype=real))


def pair_bins(nodes: Raster, chosen: Integers, weight: Floats, work: Room | None = None) -> Floats:
    """The weight of the pairs of the chosen places in each distance bin; bin k lies around k * step_m.

    Formula: sum over pairs i < j of w_i w_j, shared linearly between the two nearest bins. In: the raster,
    row numbers of the places (a place may come more than once), their weights; work: ``room``, to be used again.
    Out: one sum a bin. Source: see the module.

    >>> nodes = raster(np.array([0.0, 2000.0]), np.array([0.0, 0.0]), 100.0, 4000.0)
    >>> int(np.argmax(pair_bins(nodes, np.array([0, 1]), np.array([2.0, 3.0])))) * nodes.step_m
    2000.0
    """
    work = work or room(nodes)
    own = spread(nodes, chosen, weight, work.mass)
    np.fft.rfft(work.mass, nodes.size[1], axis=1, out=work.spectrum[: nodes.used[0]])
    work.spectrum[nodes.used[0] :] = 0.0
    spectrum = scipy.fft.fft(work.spectrum, axis=0, overwrite_x=True)
    loop = compiled(_power_loop) or _power_arrays
    loop(spectrum, nodes.cosines[0], own @ nodes.cosines[1], *nodes.window)
    back = scipy.fft.ifft(spectrum, axis=0, overwrite_x=True)[: nodes.kept]
    np.fft.irfft(back, nodes.size[1], axis=1, out=work.pairs)
    return np.asarray(nodes.bins @ work.pairs.ravel()[nodes.within])


def spread(nodes: Raster, chosen: Integers, weight: Floats, mass: Real) -> Floats:
    """Puts the chosen places on the raster ``mass``; the sum of each place's products with its own neighbour nodes.

    Out: 4 x 4 sums of w^2 times the products of nodes i columns and j rows apart.

    >>> nodes = raster(np.array([0.0]), np.array([0.0]), 1.0, 5.0)
    >>> mass = np.zeros(nodes.used)
    >>> own = spread(nodes, np.array([0]), np.array([2.0]), mass)
    >>> float(mass.sum().round(12)), round(float(own[0, 0]), 6)
    (2.0, 1.0)
    """
    mass.fill(0.0)
    own = np.zeros((SPREAD, SPREAD))
    (compiled(_spread_loop) or _spread_arrays)(nodes.place, chosen, weight, mass, own)
    return own


def _binning(
    ranges: tuple[int, int], width: int, cell_m: float, step_m: float, n_bins: int
) -> tuple[Integers, scipy.sparse.csc_array]:
    """The half plane of displacements that lies within reach (row 0 counted half), and its linear sharing into bins."""
    across = np.arange(ranges[0])
    up = np.concatenate([np.arange(ranges[1]), np.arange(1 - ranges[1], 0)])
    distance = np.hypot(across[:, None].astype(float), up[None, :].astype(float)) * (cell_m / step_m)
    inside = distance < n_bins - 1
    place = (across[:, None] * width + (up % width)[None, :])[inside]
    distance = distance[inside]
    lower = distance.astype(np.int64)
    share = np.where(place < width, 0.5, 1.0)
    values = np.stack([share * (1.0 - (distance - lower)), share * (distance - lower)], axis=1)
    bins = np.stack([lower, lower + 1], axis=1)
    starts = np.arange(0, 2 * len(place) + 1, 2)
    return place, scipy.sparse.csc_array((values.ravel(), bins.ravel(), starts), shape=(n_bins, len(place)))


def _cosines(turns: Floats) -> Floats:
    """1, 2 cos(t), 2 cos(2t), 2 cos(3t) at each frequency of one direction."""
    found = 2.0 * np.cos(2.0 * np.pi * np.arange(SPREAD)[:, None] * turns[None, :])
    found[0] = 1.0
    return np.asarray(found)


def _spline(past: Floats) -> Floats:
    """Weights of the four nodes around a place that lies ``past`` (0..1) its left inner node."""
    square, cube = past * past, past * past * past
    first = (1.0 - past) * (1.0 - past) * (1.0 - past)
    inner = 3.0 * cube - 6.0 * square + 4.0
    return np.stack([first, inner, 6.0 - first - inner - cube, cube], axis=-1) / 6.0


def _products(node: Floats) -> Floats:
    """Sums of the products of the four weights 0, 1, 2 and 3 nodes apart."""
    apart = [(node[:, : SPREAD - lag] * node[:, lag:]).sum(axis=1) for lag in range(SPREAD)]
    return np.stack(apart, axis=-1)


def _spread_arrays(place: Floats, chosen: Integers, weight: Floats, mass: Real, own: Floats) -> None:
    """The NumPy way of ``spread``."""
    node = place[chosen].astype(np.int64)
    past = place[chosen] - node
    across, up = _spline(past[:, 0]), _spline(past[:, 1])
    start = node[:, 0] * mass.shape[1] + node[:, 1]
    flat = mass.reshape(-1)
    for i in range(SPREAD):
        for j in range(SPREAD):
            values = weight * across[:, i] * up[:, j]
            flat += np.bincount(start + i * mass.shape[1] + j, weights=values, minlength=flat.size).astype(flat.dtype)
    own += (_products(across) * (weight**2)[:, None]).T @ _products(up)


def _spread_loop(place: Floats, chosen: Integers, weight: Floats, mass: Real, own: Floats) -> None:
    """The compiled way of ``spread``: one pass over the chosen places."""
    node = np.empty((2, 4))
    apart = np.empty((2, 4))
    for k in range(chosen.size):
        column, row = int(place[chosen[k], 0]), int(place[chosen[k], 1])
        for side in range(2):
            past = place[chosen[k], side] - (column if side == 0 else row)
            left, square = 1.0 - past, past * past
            a, d = left * left * left / 6.0, square * past / 6.0
            b = 3.0 * d - square + 2.0 / 3.0
            c = 1.0 - a - b - d
            node[side, 0], node[side, 1], node[side, 2], node[side, 3] = a, b, c, d
            apart[side, 0] = a * a + b * b + c * c + d * d
            apart[side, 1] = a * b + b * c + c * d
            apart[side, 2] = a * c + b * d
            apart[side, 3] = a * d
        heavy = weight[k] * weight[k]
        for i in range(4):
            for j in range(4):
                mass[column + i, row + j] += weight[k] * node[0, i] * node[1, j]
                own[i, j] += heavy * apart[0, i] * apart[1, j]


def _power_arrays(spectrum: Complex, across: Floats, up: Floats, window_x: Floats, window_y: Floats) -> None:
    """Turns the spectrum into that of the pairs: its power, less each place with itself, without the spreading."""
    power = spectrum.real.astype(np.float64) ** 2 + spectrum.imag.astype(np.float64) ** 2
    for one, other in zip(across, up, strict=True):
        power -= one[:, None] * other
    spectrum[:] = power / (window_x[:, None] * window_y)


def _power_loop(spectrum: Complex, across: Floats, up: Floats, window_x: Floats, window_y: Floats) -> None:
    """The compiled way of ``_power_arrays``."""
    for i in range(spectrum.shape[0]):
        for j in range(spectrum.shape[1]):
            value = spectrum[i, j]
            real, imaginary = np.float64(value.real), np.float64(value.imag)
            power = real * real + imaginary * imaginary
            for lag in range(across.shape[0]):
                power -= across[lag, i] * up[lag, j]
            spectrum[i, j] = power / (window_x[i] * window_y[j])
