"""A store that cannot be opened: one sentence that says what, where and what to do, and nothing is changed."""

from __future__ import annotations

import contextlib
import os
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data.access import DEMO_VIEWERS
from data.store import Provenance, Store, StoreError
from tests.data.rows_to_store import make_settings

PARKS = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})


def open_fails(home, url=None):
    with pytest.raises(StoreError) as caught:
        Store.open(make_settings(home, url), PARKS)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_a_file_that_is_no_store(tmp_path):
    (tmp_path / "parkpulse.db").write_bytes(b"month,park\n" * 500)
    assert "parkpulse.db is damaged or no store (file is not a database): put a backup" in open_fails(tmp_path)
    assert (tmp_path / "parkpulse.db").read_bytes() == b"month,park\n" * 500


@pytest.mark.parametrize("harm", ["cut", "overwritten"])
def test_a_damaged_store(tmp_path, harm):
    with contextlib.closing(Store.open(make_settings(tmp_path), PARKS)) as store:
        rows = pl.DataFrame({"event_id": [f"E{n}" for n in range(2_000)]})
        rows = rows.with_columns(date=date(2026, 10, 5), is_synthetic=False)
        checked = SimpleNamespace(dataset="events", accepted=rows)
        store.for_viewer(DEMO_VIEWERS["analyst"]).add(checked, Provenance("f.csv", b"1", "ann"))
    file = tmp_path / "parkpulse.db"
    data = file.read_bytes()
    half = len(data) // 2
    file.write_bytes(data[:half] if harm == "cut" else data[:half] + b"\xff" * 9_000 + data[half + 9_000 :])
    assert "is damaged or no store" in open_fails(tmp_path)


def test_a_folder_in_place_of_the_file_and_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "one" / "parkpulse.db").mkdir(parents=True)
    assert "parkpulse.db is a folder: move it away" in open_fails(tmp_path / "one")
    (tmp_path / "two").write_text("x")
    assert "The data folder" in open_fails(tmp_path / "two")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="rights do not bind this user")
def test_a_folder_without_rights(tmp_path):
    tmp_path.chmod(0o500)
    try:
        assert "cannot be written (Permission denied)" in open_fails(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_store_file_in_a_folder_that_does_not_exist(tmp_path):
    assert "cannot be read and written" in open_fails(tmp_path, f"sqlite:///{tmp_path}/absent/p.db")


def test_an_address_that_is_none(tmp_path):
    assert open_fails(tmp_path, "nonsense").startswith("PARK_DATABASE_URL is not the address of a database")


def test_a_server_that_is_not_there(tmp_path):
    sentence = open_fails(tmp_path, "postgresql://ann:secret@127.0.0.1:1/park")
    assert "psycopg" in sentence or "does not answer" in sentence
    assert "secret" not in sentence
