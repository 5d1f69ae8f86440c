"""Habits of sources: what each step changes, and that it leaves alone what it does not know."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ingest import cleaning


@pytest.mark.parametrize(
    ("raw", "family"),
    [
        ("NACE2-4 (WZ2008)", "NACE"),
        ("WZ 2008", "NACE"),
        ("NAICS2012-4", "NAICS"),
        ("ANZSIC2006-4", "ANZSIC"),
        ("ACHD-category", "other"),
        ("Hotmaps-subsector", "other"),
        ("GB/T 4754-2017", "GB/T 4754-2017"),
        ("", ""),
    ],
)
def test_the_family_of_a_classification(raw, family):
    assert cleaning.scheme_family(pl.DataFrame({"industry_scheme": [raw]})).item() == family


def test_a_month_of_changes():
    cells = pl.DataFrame(
        {
            "enterprise_id": ["1", "2", "2", "3"],
            "status": ["added:2023-04", "added:2023-04", "deleted:2023-04", "active"],
        }
    )
    assert cleaning.change_feed(cells).rows() == [
        ("1", "active", None),
        ("2", "active", None),
        ("2:deleted:2023-04", "closed", "2023-04-01"),
        ("3", "active", None),
    ]
    known = cells.with_columns(closed_on=pl.Series([None, None, None, "2020-01-05"]))
    assert cleaning.change_feed(known)["closed_on"].to_list() == [None, None, "2023-04-01", "2020-01-05"]


@pytest.mark.parametrize(
    ("raw", "lat_first", "point"),
    [
        ("POINT (-122.4 37.7)", True, ("-122.4", "37.7")),
        ("(37.7, -122.4)", True, ("-122.4", "37.7")),
        ("116.31,39.99", False, ("116.31", "39.99")),
        ("116.31；39.99", False, (None, None)),
        ("", False, (None, None)),
        (None, True, (None, None)),
    ],
)
def test_points_in_one_cell(raw, lat_first, point):
    cells = pl.DataFrame({"point": [raw]}, schema={"point": pl.String})
    assert cleaning.split_point(cells, lat_first).row(0) == point


def test_halves_of_their_own_go_before_the_point():
    cells = pl.DataFrame({"lon": ["7.0", ""], "lat": ["51.0", None], "point": ["POINT (1 2)", "POINT (3 4)"]})
    assert cleaning.split_point(cells, lat_first=True).rows() == [("7.0", "51.0"), ("3", "4")]


@pytest.mark.parametrize(
    ("raw", "day"),
    [("12/31/2014", "2014-12-31"), ("1/2/2014 12:00:00 AM", "2014-01-02"), ("2014-01-31T00:00:00.000", "2014-01-31")],
)
def test_american_dates(raw, day):
    assert cleaning.us_dates(pl.DataFrame({"opened_on": [raw]}), "opened_on", "closed_on").item() == day


def test_a_status_out_of_the_dates():
    closed = pl.DataFrame({"closed_on": ["2014-01-31", "", None]})
    assert cleaning.status_from_dates(closed)["status"].to_list() == ["closed", "active", "active"]
    assert cleaning.status_from_dates(pl.DataFrame({"name": ["a"]}))["status"].to_list() == ["active"]
    assert cleaning.status_from_dates(pl.DataFrame({"status": ["x"]}))["status"].to_list() == ["x"]


@given(st.lists(st.sampled_from(["7", "8", None, ""]), min_size=1, max_size=30))
def test_numbers_for_rows_without_ids_are_unique(blocks):
    cells = pl.DataFrame(
        {"year": ["2021"] * len(blocks), "block": blocks}, schema=dict.fromkeys(("year", "block"), pl.String)
    )
    assert cleaning.numbered(cells, "clue", "year", "block", "property")["enterprise_id"].is_unique().all()


STEPS = (
    lambda cells: cleaning.without_remark(cells, "coord_system"),
    cleaning.scheme_family,
    cleaning.change_feed,
    cleaning.unclear_status,
    lambda cells: cleaning.us_dates(cells, "opened_on"),
    lambda cells: cleaning.split_point(cells, lat_first=True),
)
PLAIN = {"status": "active", "coord_system": "WGS84", "industry_scheme": "NACE", "opened_on": "2020-01-05"}


@pytest.mark.parametrize("step", STEPS)
def test_what_is_right_stays_as_it_is(step):
    cells = pl.DataFrame({"enterprise_id": ["1"], **{name: [value] for name, value in PLAIN.items()}})
    assert step(cells).equals(cells)
    assert step(cells.select("enterprise_id")).columns == ["enterprise_id"]
