"""Park rows: additions to the register of parks that the product ships."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.events import CITY, DISTRICT
from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.ingest.values import name_key

NAMES = ("name_zh", "name_en")
PARK_FIELDS = (
    Field("park_id", "id", required=True, aliases=("园区编号", "园区代码", "园区ID", "编号", "park code")),
    Field("name_zh", "text", aliases=("园区名称", "园区", "中文名称", "名称", "park name", "name")),
    Field("name_en", "text", aliases=("英文名称", "园区英文名称", "english name")),
    CITY,
    DISTRICT,
    Field("conversion_mode", "text", aliases=("改造模式", "转型模式", "conversion mode")),
    SYNTHETIC,
)


def check_parks(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Parks of a table.

    Columns out: park_id, name_zh, name_en (at least one of the two names), city_id, district_code, conversion_mode,
    is_synthetic. A name that the register has under another id is a problem. Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, PARK_FIELDS, one_of=(NAMES,), mapping=mapping))
    values = read_fields(rows, PARK_FIELDS, lookup, today)
    ids = _keys(values["park_id"])
    rows.report_doubled(ids.to_frame(), "park_id", Rule.DOUBLED_ID)
    for name in NAMES:
        _compare_names(rows, lookup, name, ids)
    present = next((name for name in NAMES if rows.has(name)), None)
    if present:
        nameless = values.select(pl.all_horizontal(pl.col(NAMES).is_null())).to_series()
        rows.report_where(nameless & rows.cells(present).is_not_null(), present, Rule.MISSING_VALUE)
    return rows.checked("parks", accepted_frame(rows, PARK_FIELDS))


def _keys(spellings: pl.Series) -> pl.Series:
    return pl.Series(spellings.name, [text and name_key(text) for text in spellings], dtype=pl.String)


def _compare_names(rows: Rows, lookup: Lookup, name: str, ids: pl.Series) -> None:
    """A name must not be that of another park in the register."""
    known = pl.Series([text and lookup.park_named(text) for text in rows.values[name]], dtype=pl.String)
    other = (_keys(known) != ids).fill_null(False)
    labels = pl.Series([park_id and lookup.park_label(park_id) for park_id in known], dtype=pl.String)
    rows.report_where(other, name, Rule.PARK_ID_NAME_CONFLICT, accepted=labels)
