"""What chance alone would show: bands around the curves of many seeded draws.

Source: Duranton & Overman (2005), local and global bands; the global band as an extreme-rank envelope:
Myllymaki et al. (2017), Global envelope tests for spatial processes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def local_band(curves: Floats, level: float = 0.05) -> tuple[Floats, Floats]:
    """At each distance alone, where all but the ``level`` lowest and the ``level`` highest draws lie.

    Formula: the 100 * level and 100 * (1 - level) percentiles at each distance, linear interpolation.
    In: draws x distances. Out: lower and upper end. Source: Duranton & Overman (2005), section 4.

    >>> local_band(np.arange(101.0)[:, None])
    (array([5.]), array([95.]))
    """
    low, high = np.percentile(curves, [100.0 * level, 100.0 * (1.0 - level)], axis=0)
    return low, high


def global_band(curves: Floats, level: float = 0.05) -> tuple[Floats, Floats]:
    """A band that at most ``level`` of the draws leave anywhere: what a curve must leave to mean something.

    Formula: a draw's rank at a distance is the number of other draws at least as extreme there, counted from the
    nearer side;
    it keeps its smallest rank over all distances. The draws with the smallest ranks are dropped, as many as possible
    while
    they are at most ``level`` of all; low, high = the least and the largest of the others at each distance.
    In: draws x distances. Out: lower and upper end; one draw is its own band. Equal values share the milder rank.
    Source: Myllymaki et al. (2017), extreme rank length 0; level 5 % as in Duranton & Overman (2005).

    >>> low, high = global_band(np.arange(100.0)[:, None])
    >>> float(low[0]), float(high[0])  # the two lowest and the two highest are dropped: 4 of 100
    (2.0, 97.0)
    """
    n = len(curves)
    from scipy.stats import rankdata

    below = rankdata(curves, method="max", axis=0) - 1
    above = n - rankdata(curves, method="min", axis=0)
    rank = np.minimum(below, above).min(axis=1)
    cut = max(c for c in range(int(rank.max()) + 1) if (rank < c).mean() <= level)
    kept = curves[rank >= cut]
    return kept.min(axis=0), kept.max(axis=0)


def readings(curve: Floats, low: Floats, high: Floats) -> list[str]:
    """What the curve says at each distance, against the global band.

    Formula: above the band: localised; below it, where the curve is nowhere above: dispersed; else within.
    Source: Duranton & Overman (2005), section 4.

    >>> readings(np.array([3.0, 0.0]), np.array([1.0, 1.0]), np.array([2.0, 2.0]))
    ['localised', 'within']
    """
    above, below = curve > high, curve < low
    anywhere = bool(above.any())
    return [
        "localised" if a else "dispersed" if b and not anywhere else "within" for a, b in zip(above, below, strict=True)
    ]
