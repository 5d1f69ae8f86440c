"""Park rows: additions to the register of parks that the product ships, and changes of its entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.enterprises import COORD_SYSTEMS
from data.ingest.events import CITY, DISTRICT
from data.ingest.headers import Field, match_headers
from data.ingest.positions import check_positions
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import NAMES, RETIRED, SOURCE, check_links, check_retirement
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.ingest.values import name_key

MOST_M2, MOST_ENTERPRISES = 1e9, 1_000_000
PARK_FIELDS = (
    Field("park_id", "id", required=True, aliases=("园区编号", "园区代码", "园区ID", "编号", "park code")),
    Field("name_zh", "text", aliases=("园区名称", "园区", "中文名称", "名称", "park name", "name")),
    Field("name_en", "text", aliases=("英文名称", "园区英文名称", "english name")),
    CITY,
    DISTRICT,
    Field("conversion_mode", "text", aliases=("改造模式", "转型模式", "conversion mode")),
    Field("grade", "text", aliases=("园区等级", "等级", "级别")),
    Field("list_year", "year", aliases=("认定年份", "名单年份")),
    Field("address", "text", aliases=("地址", "园区地址")),
    Field("lon", "number", aliases=("经度", "longitude", "lng")),
    Field("lat", "number", aliases=("纬度", "latitude")),
    Field(
        "coord_system",
        "choice",
        aliases=("坐标系", "坐标系统", "crs"),
        choices=COORD_SYSTEMS,
        refusal=Rule.BAD_COORD_SYSTEM,
    ),
    Field("area_m2", "number", aliases=("面积", "面积(平方米)", "面积平方米"), low=0, high=MOST_M2),
    Field("area_kind", "text", aliases=("面积口径", "面积类型")),
    Field("opened_year", "year", aliases=("开园年份", "开业年份")),
    Field("former_use", "text", aliases=("原用途", "原厂", "改造前用途")),
    Field("operator", "text", aliases=("运营方", "运营单位", "运营机构")),
    Field("enterprises", "whole", aliases=("入驻企业数", "企业数"), low=0, high=MOST_ENTERPRISES),
    Field("enterprises_year", "year", aliases=("企业数年份",)),
    Field("public_cultural_spaces", "whole", aliases=("公共文化空间数", "公共文化空间"), low=0, high=10_000),
    SOURCE,
    Field("source_url", "text", aliases=("来源网址", "网址", "链接", "source url", "url")),
    *RETIRED,
    SYNTHETIC,
)


def check_parks(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Parks of a table.

    Columns out: park_id, name_zh, name_en (at least one of the two names), city_id, district_code, conversion_mode,
    grade, list_year (Int64), address, lon, lat (WGS84 degrees), coord_system, area_m2 (with its area_kind), area_kind,
    opened_year, former_use, operator, enterprises, enterprises_year, public_cultural_spaces (Int64), source_title,
    source_url (several with | between), retired_on (Date, with its reason), retired_reason, is_synthetic. Missing:
    null, never zero. A name that the register has under another id is a problem. Errors: IngestError
    header_not_found.
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
    unclear = values["area_m2"].is_not_null() & rows.missing("area_kind")
    rows.report_where(unclear, "area_kind", Rule.MISSING_VALUE)
    check_positions(rows, None)
    check_links(rows, "source_url")
    check_retirement(rows)
    return rows.checked("parks", accepted_frame(rows, PARK_FIELDS))


def _keys(spellings: pl.Series) -> pl.Series:
    return pl.Series(spellings.name, [text and name_key(text) for text in spellings], dtype=pl.String)


def _compare_names(rows: Rows, lookup: Lookup, name: str, ids: pl.Series) -> None:
    """A name must not be that of another park in the register."""
    known = pl.Series([text and lookup.park_named(text) for text in rows.values[name]], dtype=pl.String)
    other = (_keys(known) != ids).fill_null(False)
    labels = pl.Series([park_id and lookup.park_label(park_id) for park_id in known], dtype=pl.String)
    rows.report_where(other, name, Rule.PARK_ID_NAME_CONFLICT, accepted=labels)
