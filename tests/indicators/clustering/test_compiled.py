"""Compiled where numba is, absent where it is not."""

from __future__ import annotations

import sys

from indicators.clustering.compiled import compiled


def thrice(x: float) -> float:
    return 3.0 * x


def test_a_loop_is_compiled_once():
    ready = compiled(thrice)
    assert ready is compiled(thrice)
    assert (ready or thrice)(2.0) == 6.0


def test_without_numba_there_is_no_compiled_loop(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    compiled.cache_clear()
    assert compiled(thrice) is None
    compiled.cache_clear()
