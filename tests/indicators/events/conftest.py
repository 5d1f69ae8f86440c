"""Events drawn at random for the identity tests."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import strategies as st

from indicators.events.contracts import AMOUNTS, EVENT_TABLE, MODES

_AMOUNT = st.one_of(st.none(), st.integers(0, 60))
_EVENT = st.fixed_dictionaries(
    {
        "date": st.integers(0, 1100).map(lambda offset: date(2023, 2, 10) + timedelta(days=offset)),
        "programme_id": st.sampled_from(["forum", "training", "services"]),
        "city_id": st.sampled_from(["beijing", "shanghai"]),
        "district_code": st.sampled_from(["110101", "110105", None]),
        "park_id": st.sampled_from(["P1", "P2", None]),
        "mode": st.sampled_from([*MODES, None]),
        **dict.fromkeys(AMOUNTS, _AMOUNT),
    }
)
SCHEMA = {column.name: column.dtype for column in EVENT_TABLE.columns}


def frame_of(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame([{"event_id": str(number), **row} for number, row in enumerate(rows)], schema=SCHEMA)


@pytest.fixture(scope="session")
def registers():
    """Frames of events as the register holds them."""
    return st.lists(_EVENT, min_size=1, max_size=40).map(frame_of)
