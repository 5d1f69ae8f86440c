"""Loops compiled by numba where it is installed; where it is not, every caller has a NumPy or SciPy way.

numba is loaded at the first call, not at import, and what it compiled is kept on disk beside the
source, so that the wait of a few seconds happens once on a machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any] | None:
    """The loop as machine code, or None where numba is not installed: then take the NumPy way.

    In: a function of numbers and NumPy arrays that numba understands, defined at the top of its
    module. Out: the same function, compiled for each set of dtypes at its first call; single
    threaded and without the interpreter lock, so that two visitors can compute at once.
    Source: numba documentation, ``njit`` with ``cache=True``, ``nogil=True``.

    >>> def double(x: float) -> float:
    ...     return 2.0 * x
    >>> (compiled(double) or double)(4.0)
    8.0
    """
    try:
        from numba import njit
    except ImportError:
        return None
    try:
        ready: Callable[..., Any] = njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # nowhere to keep the compiled code: a read-only home, or a loop typed at a prompt
        ready = njit(nogil=True)(loop)
    return ready
