"""Park rows: additions to the register of parks that the product ships."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from data.ingest.events import CITY, DISTRICT
from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.ingest.values import name_key

PARK_FIELDS = (
    Field("park_id", "id", required=True, aliases=("园区编号", "园区代码", "园区ID", "编号", "park code")),
    Field("name_zh", "text", aliases=("园区名称", "园区", "中文名称", "名称", "park name", "name")),
    Field("name_en", "text", aliases=("英文名称", "园区英文名称", "english name")),
    CITY,
    DISTRICT,
    Field("conversion_mode", "text", aliases=("改造模式", "转型模式", "conversion mode")),
    SYNTHETIC,
)


def check_parks(table: Table, registers: Registers, today: date) -> Checked:
    """Parks of a table.

    Columns out: park_id, name_zh, name_en (at least one of the two names), city_id, district_code, conversion_mode,
    is_synthetic. A name that the register has under another id is a problem. Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, PARK_FIELDS, one_of=(("name_zh", "name_en"),)))
    values = read_fields(rows, PARK_FIELDS, lookup, today)
    rows.report_doubled([park_id and name_key(park_id) for park_id in values["park_id"]], "park_id", Rule.DOUBLED_ID)
    for name in ("name_zh", "name_en"):
        _compare_names(rows, lookup, name, values["park_id"], values[name])
    present = next((name for name in ("name_zh", "name_en") if rows.has(name)), None)
    for index, names in enumerate(zip(values["name_zh"], values["name_en"], strict=True)):
        if present and names == (None, None) and rows.cells(present)[index] is not None:
            rows.report(index, present, Rule.MISSING_VALUE)
    return rows.checked("parks", accepted_frame(rows, PARK_FIELDS, values))


def _compare_names(
    rows: Rows, lookup: Lookup, column: str, ids: Sequence[str | None], names: Sequence[str | None]
) -> None:
    for index, (park_id, name) in enumerate(zip(ids, names, strict=True)):
        known = lookup.park_named(name) if name else None
        if known and park_id and name_key(known) != name_key(park_id):
            rows.report(index, column, Rule.PARK_ID_NAME_CONFLICT, accepted=lookup.park_label(known))
