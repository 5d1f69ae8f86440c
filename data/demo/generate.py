"""Write the demonstration files: seeded, so the same seed and registers give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from data import registry
from data.demo.enterprises import ENTERPRISE_COLUMNS, enterprise_rows
from data.demo.events import EVENT_COLUMNS, event_rows
from data.demo.parks import PARK_COLUMNS, demo_parks, sample_parks
from data.demo.survey import ITEMS, survey_rows

SEED = 20220101
SURVEY_KEYS = ("月份", "园区编号", "园区名称")
SURVEY_MARK = "合成数据"


def generate(folder: Path, seed: int = SEED) -> None:
    """Write parks.csv, survey.csv, survey_2026-11.csv, events.csv and enterprises.csv into the folder.

    Reads the shipped registers (parks, districts, survey items). UTF-8, comma, LF; survey_2026-11.csv, made to be
    opened and uploaded by a person, starts with a byte order mark so that spreadsheets show Chinese. Every row is
    marked synthetic. Existing files are replaced. Errors: OSError when the folder cannot be written.
    Source: data/demo/README.md.
    """
    folder.mkdir(parents=True, exist_ok=True)
    register = registry.parks()
    samples = sample_parks(register, registry.districts(), seed)
    parks = demo_parks(register, samples)
    names = dict(registry.survey_items().select("item_id", "name_zh").iter_rows())
    survey, following = survey_rows(parks, names, seed)
    columns = (*SURVEY_KEYS, *(names[item_id] for item_id in ITEMS), SURVEY_MARK)
    _write(folder / "parks.csv", PARK_COLUMNS, samples)
    _write(folder / "survey.csv", columns, survey)
    _write(folder / "survey_2026-11.csv", columns, following, encoding="utf-8-sig")
    _write(folder / "events.csv", EVENT_COLUMNS, event_rows(parks, seed))
    _write(folder / "enterprises.csv", ENTERPRISE_COLUMNS, enterprise_rows(parks, seed))


def _write(path: Path, columns: Sequence[str], rows: Sequence[dict[str, str]], encoding: str = "utf-8") -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
