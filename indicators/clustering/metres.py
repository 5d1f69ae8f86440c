"""Coordinates fit for distances: projected metres, finite, never degrees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.frames import Column, Contract, ContractError

Floats = npt.NDArray[np.float64]

PLACES = Contract(
    "places",
    (
        Column("x_m", pl.Float64, "metres", "east, in the projected system of the city"),
        Column("y_m", pl.Float64, "metres", "north, in the projected system of the city"),
    ),
)
"""Places in the projected plane."""


def require_metres(x: Floats, y: Floats, vouched: bool = False, contract: Contract = PLACES) -> None:
    """Refuse places that cannot be metres: all within -180..180 and -90..90, or not finite.

    ``vouched``: somebody knows that the small coordinates are metres. No places pass.
    Raises ContractError. Source: our choice; a degree of longitude is 111 km at the equator, 0 at the pole.

    >>> require_metres(np.array([116.4]), np.array([39.9]))
    Traceback (most recent call last):
    ...
    indicators.frames.ContractError: places: all 1 places look like degrees; accepted: metres; project them first.
    """
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        n = int(np.count_nonzero(~(np.isfinite(x) & np.isfinite(y))))
        problem = f"{n} of {x.size} places are not finite; accepted: places in the area of the system; set them aside."
        raise ContractError(contract, [problem])
    if x.size and not vouched and bool(np.all((np.abs(x) <= 180) & (np.abs(y) <= 90))):
        problem = f"all {x.size} places look like degrees; accepted: metres; project them first."
        raise ContractError(contract, [problem])


def require_positive(contract: Contract, **values: float) -> None:
    """Refuse an option that is not a finite number above 0, by its name.

    >>> require_positive(PLACES, eps_m=0.0)
    Traceback (most recent call last):
    ...
    indicators.frames.ContractError: places: eps_m 0 is not accepted; accepted: a number above 0; correct it.
    """
    problems = [
        f"{name} {value:g} is not accepted; accepted: a number above 0; correct it."
        for name, value in values.items()
        if not (np.isfinite(value) and value > 0)
    ]
    if problems:
        raise ContractError(contract, problems)
