"""Communication: sums of what was reported, and per event only where events are known."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.frames import ContractError
from indicators.registers.communication import COUNTS, communication

MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]
SCHEMA = {"channel": pl.String, "period": pl.Date, "kind": pl.String, "n": pl.Int64, "reads": pl.Int64}
KEYS = st.tuples(st.sampled_from(["wechat", "weibo"]), st.sampled_from(MONTHS), st.sampled_from(["article", "video"]))
NUMBERS = st.tuples(st.one_of(st.none(), st.integers(0, 30)), st.one_of(st.none(), st.integers(0, 9000)))


def items_of(rows: dict) -> pl.DataFrame:
    return pl.DataFrame([(*key, *numbers) for key, numbers in rows.items()], schema=SCHEMA, orient="row")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, NUMBERS, min_size=1), st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=3))
def test_sums_are_of_what_is_stated(rows, events):
    counts = pl.DataFrame({"period": MONTHS[: len(events)], "n_events": events}, schema=COUNTS.schema)
    items = items_of(rows)
    known = dict(counts.iter_rows())
    for by in ("channel", ()):
        found = communication(items, counts, by)
        assert found["n_rows"].sum() == len(rows)
        for row in found.iter_rows(named=True):
            mine = [
                numbers
                for (channel, period, _), numbers in rows.items()
                if period == row["period"] and row.get("channel", channel) == channel
            ]
            stated = [n for n, _ in mine if n is not None]
            read = [(n, reads) for n, reads in mine if n is not None and reads is not None]
            assert row["n_items"] == (sum(stated) if stated else None)
            assert row["n_rows_stated"] == len(stated)
            assert row["likes"] is None
            assert row["n_events"] == known.get(row["period"])
            if stated and row["n_events"]:
                assert row["items_per_event"] == pytest.approx(sum(stated) / row["n_events"])
            else:
                assert row["items_per_event"] is None
            if sum(n for n, _ in read):
                assert row["reads_per_item"] == pytest.approx(sum(r for _, r in read) / sum(n for n, _ in read))
            else:
                assert row["reads_per_item"] is None


def test_a_month_not_reported_has_no_row_and_twice_is_refused():
    items = items_of({("wechat", MONTHS[0], "article"): (3, None), ("wechat", MONTHS[2], "article"): (4, 100)})
    nothing = pl.DataFrame(schema=COUNTS.schema)
    found = communication(items, nothing)
    assert found["period"].to_list() == [MONTHS[0], MONTHS[2]]
    assert found["n_channels"].to_list() == [1, 1]
    with pytest.raises(ContractError, match="columns channel, period, kind, row 3: given in an earlier row"):
        communication(pl.concat([items, items]), nothing)
    cities = pl.concat([items.with_columns(city_id=pl.lit(name)) for name in ("beijing", "shanghai")])
    assert communication(cities, nothing, "city_id")["n_items"].to_list() == [3, 3, 4, 4]
    assert communication(items.clear(), nothing).is_empty()
