"""Small files as the check hands them on, for the tests that store them, and the settings of a store in a folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl

from data.schema import TABLES, columns
from data.settings import Settings
from data.store import Provenance

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
PARKS = pl.DataFrame(
    {
        "park_id": ["P1", "P2", "P3"],
        "name_zh": ["甲园", "乙园", "丙园"],
        "name_en": ["One", "Two", "Three"],
        "city_id": ["beijing", "beijing", "shanghai"],
        "district_code": ["110105", "110106", "310104"],
        "area_m2": [10.0, None, 30.0],
    }
)


def make_settings(home, url=None):
    return Settings(Path(home), url or f"sqlite:///{home / 'parkpulse.db'}", 8501, "127.0.0.1", "demo")


def answers(*rows, synthetic=False):
    """Answers to the monthly survey: `answers((OCTOBER, "P1", "a", "up"))`."""
    full = [("monthly", period, park, item, answer, synthetic) for period, park, item, answer in rows]
    frame = pl.DataFrame(full, schema=columns(TABLES["answers"]), orient="row")
    return SimpleNamespace(dataset="answers", accepted=frame)


def events(*ids, mode="online", synthetic=False):
    frame = pl.DataFrame({"event_id": ids}).with_columns(date=OCTOBER, mode=pl.lit(mode), is_synthetic=synthetic)
    return SimpleNamespace(dataset="events", accepted=frame)


def parks(*ids, district="110105"):
    frame = pl.DataFrame({"park_id": ids}).with_columns(
        city_id=pl.lit("beijing"), district_code=pl.lit(district), is_synthetic=True
    )
    return SimpleNamespace(dataset="parks", accepted=frame)


def sent(data: bytes, name="f.csv"):
    return Provenance(name, data, "ann", "first try")


def held(scoped):
    """The answers a viewer gets: park, item, answer."""
    return scoped.answers().sort("period", "park_id", "item_id").select("park_id", "item_id", "answer").collect().rows()
