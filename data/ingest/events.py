"""Event rows: one event a row, with its day, programme, place and who came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table

CITY = Field("city_id", "city", required=True, aliases=("城市", "城市编号", "所在城市", "city"))
DISTRICT = Field(
    "district_code", "district", aliases=("区", "所属区", "所在区", "区县", "区划代码", "行政区划代码", "district")
)
PARK = Field("park_id", "park", aliases=("园区编号", "园区代码", "园区名称", "园区", "所在园区", "park"))
MODES = {"online": ("线上",), "onsite": ("线下", "现场", "offline"), "hybrid": ("线上线下", "线上线下结合", "混合")}
MOST_PEOPLE = 10_000_000
EVENT_FIELDS = (
    Field("event_id", "id", required=True, aliases=("活动编号", "活动ID", "event id", "编号")),
    Field("date", "date", required=True, aliases=("日期", "活动日期", "举办日期", "event date")),
    Field(
        "programme_id",
        "programme",
        required=True,
        aliases=("栏目", "活动栏目", "活动类别", "项目", "系列", "programme", "program"),
    ),
    CITY,
    DISTRICT,
    PARK,
    Field("mode", "choice", aliases=("形式", "活动形式", "举办形式"), choices=MODES),
    Field("participants_online", "whole", aliases=("线上人数", "线上参与人数"), low=0, high=MOST_PEOPLE),
    Field("participants_onsite", "whole", aliases=("线下人数", "现场人数", "线下参与人数"), low=0, high=MOST_PEOPLE),
    Field("enterprises", "whole", aliases=("企业数", "参与企业数", "参会企业数"), low=0, high=MOST_PEOPLE),
    SYNTHETIC,
)


def check_events(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Events of a table.

    Columns out: event_id, date, programme_id, city_id, district_code, park_id, mode (online, onsite, hybrid),
    participants_online, participants_onsite, enterprises (Int64), is_synthetic. Missing: null, never zero.
    Events after today are refused. Errors: IngestError header_not_found.
    """
    rows = Rows(table, match_headers(table, EVENT_FIELDS, mapping=mapping))
    values = read_fields(rows, EVENT_FIELDS, Lookup(registers), today)
    rows.report_doubled(values.select("event_id"), "event_id", Rule.DOUBLED_ID)
    return rows.checked("events", accepted_frame(rows, EVENT_FIELDS))
