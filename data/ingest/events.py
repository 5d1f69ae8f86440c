"""Event rows: one event a row, with its days and times, programme, place, who came and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import RETIRED, check_retirement
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
PLACE = ("city_id", "district_code")
PLANNED_DAYS = 731  # how far ahead an event may be planned
PEOPLE = ("participants_online", "participants_onsite", "enterprises")
RESULTS = ("projects_published", "projects_pitched", "cooperations_signed", "media_items")
STAGES = RESULTS[:3]  # each can be no more than the one before, or it is told


def _count(name: str, *aliases: str) -> Field:
    return Field(name, "whole", aliases=aliases, low=0, high=MOST_PEOPLE)


EVENT_FIELDS = (
    Field("event_id", "id", required=True, aliases=("活动编号", "活动ID", "event id", "编号")),
    Field("title", "text", aliases=("活动名称", "活动标题", "名称", "主题", "event title")),
    Field(
        "date",
        "date",
        required=True,
        aliases=("日期", "活动日期", "举办日期", "开始日期", "event date"),
        ahead=PLANNED_DAYS,
    ),
    Field("end_date", "date", aliases=("结束日期", "end date"), ahead=PLANNED_DAYS + 366),
    Field("start_time", "time", aliases=("开始时间", "start time")),
    Field("end_time", "time", aliases=("结束时间", "end time")),
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
    Field("host", "text", aliases=("主办", "主办方", "主办单位", "organiser")),
    Field("partners", "tags", aliases=("合作方", "协办", "协办单位", "合作单位")),
    _count("participants_online", "线上人数", "线上参与人数"),
    _count("participants_onsite", "线下人数", "现场人数", "线下参与人数"),
    _count("enterprises", "企业数", "参与企业数", "参会企业数"),
    _count("projects_published", "发布项目数", "项目发布数", "发布项目"),
    _count("projects_pitched", "路演项目数", "路演数", "路演项目"),
    _count("cooperations_signed", "签约数", "达成合作数", "签约合作数"),
    _count("media_items", "媒体报道数", "报道数", "媒体报道"),
    *RETIRED,
    SYNTHETIC,
)


def check_events(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Events of a table, past and planned.

    Columns out: event_id, title, date, end_date (Date), start_time, end_time (HH:MM), programme_id, city_id,
    district_code, park_id, mode (online, onsite, hybrid), host, partners (with ; between), participants_online,
    participants_onsite, enterprises, projects_published, projects_pitched, cooperations_signed, media_items (Int64),
    retired_on (Date, with its reason), retired_reason, is_synthetic. Missing: null, never zero; an event with a park
    and no district gets the park's district, and a remark says how many did. An event up to 731 days after today is
    planned and has no counts yet.
    Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, EVENT_FIELDS, mapping=mapping))
    values = read_fields(rows, EVENT_FIELDS, lookup, today)
    rows.report_doubled(values.select("event_id"), "event_id", Rule.DOUBLED_ID)
    _check_days(rows, today)
    _check_programmes(rows, lookup)
    _check_places(rows, lookup)
    _warn_of_counts(rows)
    check_retirement(rows)
    _give_districts(rows, lookup)
    return rows.checked("events", accepted_frame(rows, EVENT_FIELDS))


def _check_days(rows: Rows, today: date) -> None:
    """No end before the start, by day or by time of the same day; what is planned has no results."""
    start, end = rows.values["date"], rows.values["end_date"]
    early = end < start
    rows.report_where(early, "end_date", Rule.ENDS_BEFORE_START, accepted=start.cast(pl.String))
    begins, ends = rows.values["start_time"], rows.values["end_time"]
    same_day = end.is_null() | (end == start)
    rows.report_where(same_day & (ends < begins), "end_time", Rule.ENDS_BEFORE_START, accepted=begins)
    planned = start > today
    for name in (*PEOPLE, *RESULTS):
        counted = planned & rows.values[name].is_not_null()
        rows.report_where(counted, name, Rule.PLANNED_WITH_RESULTS, accepted=start.cast(pl.String))


def _check_programmes(rows: Rows, lookup: Lookup) -> None:
    """No event of a programme on or after the day that programme was retired on."""
    known = rows.values["programme_id"].unique().drop_nulls()
    ends = {name: day for name in known if (day := lookup.programme_end(name)) is not None}
    if ends:
        over = rows.values["programme_id"].replace_strict(ends, default=None, return_dtype=pl.Date)
        late = rows.values["date"] >= over
        rows.report_where(late, "programme_id", Rule.RETIRED_PROGRAMME, accepted=over.cast(pl.String))


def _check_places(rows: Rows, lookup: Lookup) -> None:
    """A park lies in the city and, where both are known, in the district the row states."""
    parks = rows.values["park_id"]
    labels = {park_id: lookup.park_label(park_id) for park_id in parks.unique().drop_nulls()}
    park = parks.replace_strict(labels, default="", return_dtype=pl.String)
    told = pl.Series([False]).new_from_index(0, len(rows))
    for name in PLACE:
        of_park = _of_park(rows, lookup, name)
        elsewhere = (of_park != rows.values[name]).fill_null(False) & ~told
        rows.report_where(elsewhere, name, Rule.PARK_ELSEWHERE, suggestion=of_park.fill_null(""), accepted=park)
        told = told | elsewhere


def _of_park(rows: Rows, lookup: Lookup, name: str) -> pl.Series:
    """The city or the district of each row's park; null without a park, or where the register has none."""
    parks = rows.values["park_id"]
    own = {park_id: lookup.park_place(park_id)[PLACE.index(name)] for park_id in parks.unique().drop_nulls()}
    return parks.replace_strict(own, default=None, return_dtype=pl.String)


def _give_districts(rows: Rows, lookup: Lookup) -> None:
    """The park's district for good rows that name a park and no district; a remark tells how many, and where."""
    of_park = _of_park(rows, lookup, "district_code")
    given = rows.good() & rows.values["district_code"].is_null() & of_park.is_not_null()
    rows.remark_where(given, "note.district_of_park")
    filled = pl.when(given).then(of_park).otherwise("district_code").alias("district_code")
    rows.values = rows.values.with_columns(filled)


def _warn_of_counts(rows: Rows) -> None:
    """People where the form of the event has none, and a funnel that widens; nothing of a retired event."""
    kept, mode = rows.values["retired_on"].is_null(), rows.values["mode"]
    for form, name in (("online", "participants_onsite"), ("onsite", "participants_online")):
        rows.warn_where(kept & (mode == form) & (rows.values[name] > 0), name, Rule.MODE_AND_PEOPLE, accepted=form)
    for wider, name in ((STAGES[0], STAGES[1]), (STAGES[1], STAGES[2])):
        more = rows.values[name] > rows.values[wider]
        rows.warn_where(kept & more, name, Rule.FUNNEL_WIDENS, accepted=rows.values[wider].cast(pl.String))
    unpitched = rows.values[STAGES[1]].is_null() & (rows.values[STAGES[2]] > rows.values[STAGES[0]])
    rows.warn_where(kept & unpitched, STAGES[2], Rule.FUNNEL_WIDENS, accepted=rows.values[STAGES[0]].cast(pl.String))
