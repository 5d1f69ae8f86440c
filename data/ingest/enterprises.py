"""Enterprise rows: one place of business a row, with industry, size, dates and a position, stored in WGS84.

A file has one coordinate system, stated in it or by a person; positions in another than WGS84 are converted only when
the person has agreed to it. What totals must leave out or maps cannot draw is counted and remarked, never dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.coordinates import BD09, GCJ02, SYSTEMS, WGS84
from data.ingest.events import CITY, DISTRICT, PARK
from data.ingest.findings import doubled
from data.ingest.headers import Field, match_headers
from data.ingest.positions import check_positions
from data.ingest.problems import IngestError, Note, Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.schemes import CHOICES, GB, OTHER, SCHEMES, code_in
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.ingest.values import folded

STATUSES = {
    "active": ("存续", "在业", "在营", "开业", "营业", "正常", "open"),
    "closed": ("注销", "吊销", "关闭", "停业", "迁出", "out of business", "out_of_business"),
    "vacant": ("空置", "闲置", "empty", "vacant space"),
    "unknown": ("不明", "未知", "unclear"),
}
COORD_SYSTEMS = {
    WGS84: ("WGS-84", "WGS 84", "EPSG:4326", "EPSG 4326", "4326", "CGCS2000"),
    GCJ02: ("GCJ02", "GCJ 02", "火星坐标", "国测局坐标", "高德", "高德坐标", "腾讯坐标"),
    BD09: ("BD09", "BD 09", "BD09LL", "百度", "百度坐标"),
}
ENTERPRISE_FIELDS = (
    Field("enterprise_id", "id", required=True, aliases=("企业编号", "企业ID", "企业代码", "enterprise id", "编号")),
    Field("name", "text", aliases=("企业名称", "名称", "单位名称", "enterprise name", "trading name")),
    CITY,
    DISTRICT,
    Field("lon", "number", aliases=("经度", "longitude", "lng", "x")),
    Field("lat", "number", aliases=("纬度", "latitude", "y")),
    Field(
        "coord_system",
        "choice",
        aliases=("坐标系", "坐标系统", "crs"),
        choices=COORD_SYSTEMS,
        refusal=Rule.BAD_COORD_SYSTEM,
    ),
    Field("industry_code", "industry", aliases=("行业代码", "行业", "国民经济行业代码", "行业大类", "industry")),
    Field("industry_scheme", "choice", aliases=("行业分类标准", "行业标准", "classification"), choices=CHOICES),
    Field("culture_code", "culture", aliases=("文化产业代码", "文化产业类别", "文化分类代码", "culture class")),
    PARK,
    Field("opened_on", "date", aliases=("开业日期", "成立日期", "设立日期", "opened", "start date")),
    Field("closed_on", "date", aliases=("关闭日期", "注销日期", "歇业日期", "closed", "end date")),
    Field("employees", "whole", aliases=("从业人员", "从业人数", "员工数", "用工人数", "staff"), low=0, high=1_000_000),
    Field("status", "choice", required=True, aliases=("状态", "经营状态", "企业状态"), choices=STATUSES),
    SYNTHETIC,
)
BY_NAME = {entry.name: entry for entry in ENTERPRISE_FIELDS}
# days that software writes where no date is known: spreadsheets, Unix, databases
DEFAULT_DAYS = tuple(date(*day) for day in ((1899, 12, 30), (1900, 1, 1), (1901, 1, 1), (1904, 1, 1), (1970, 1, 1)))
LEAST_ROWS, LEAST_DAYS = 20, 20
PLACEHOLDER_SHARE, PLACEHOLDER_TIMES = 0.02, 10
NEW_YEAR_TIMES = 3


def check_enterprises(
    table: Table,
    registers: Registers,
    today: date,
    mapping: Mapping[str, str] | None = None,
    coordinates: str | None = None,
) -> Checked:
    """Places of business of a table.

    coordinates: the coordinate system a person says the positions are in (WGS84, GCJ-02, BD-09); None: what the file
    states, and only WGS84 is then stored. Columns out: enterprise_id, name, city_id, district_code, lon, lat (WGS84
    degrees), coord_system (as the file states it, else as the person does), industry_code (text; of GB/T 4754 the
    division), industry_scheme (GB/T 4754-2017 where the file does not say), culture_code (01 to 09), park_id,
    opened_on, closed_on, employees, status (active, closed, vacant, unknown), is_synthetic. Missing: null, never zero;
    a placeholder opening day is warned of and stored as null. Errors: IngestError header_not_found, bad_coord_system.
    """
    agreed = None if coordinates is None else _system(coordinates)
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, ENTERPRISE_FIELDS, mapping=mapping))
    read_fields(rows, [entry for entry in ENTERPRISE_FIELDS if entry.kind != "industry"], lookup, today)
    _read_codes(rows, lookup)
    rows.report_doubled(rows.values.select("enterprise_id"), "enterprise_id", Rule.DOUBLED_ID)
    _check_dates(rows)
    check_positions(rows, agreed)
    _leave_out_personal_names(rows)
    _remark(rows)
    return rows.checked("enterprises", accepted_frame(rows, ENTERPRISE_FIELDS))


def _system(spelling: str) -> str:
    """A coordinate system by its own name. Errors: IngestError bad_coord_system."""
    for system, spellings in COORD_SYSTEMS.items():
        if folded(spelling) in {folded(word) for word in (system, *spellings)}:
            return system
    raise IngestError(Rule.BAD_COORD_SYSTEM, value=spelling, accepted=", ".join(SYSTEMS))


def _read_codes(rows: Rows, lookup: Lookup) -> None:
    """Industry codes, each in the classification of its row; one that is shorter or longer than most is warned of."""
    unstated = rows.missing("industry_scheme")
    scheme = rows.values["industry_scheme"].set(unstated, GB)
    code = rows.read_by(BY_NAME["industry_code"], scheme, lambda raw, name: name and code_in(raw, name, lookup))
    rows.values = rows.values.with_columns(scheme, code)
    digits = pl.col("industry_code").str.split("-").list.first().str.count_matches("[0-9]")
    known = pl.col("industry_code").is_not_null() & ~pl.col("industry_scheme").is_in([GB, OTHER])
    depth = rows.values.select(pl.when(known).then(digits).alias("depth"))["depth"]
    counts = depth.drop_nulls().value_counts(sort=True)
    if counts.height > 1:
        usual = counts["depth"][0]
        rows.warn_where(depth != usual, "industry_code", Rule.MIXED_CODE_DEPTH, accepted=str(usual))


def _check_dates(rows: Rows) -> None:
    """Closed not before opened; opening days that stand for an unknown one are warned of and taken out."""
    opened, closed = rows.values["opened_on"], rows.values["closed_on"]
    early = (closed < opened).fill_null(False)
    if early.any():
        rows.report_where(early, "closed_on", Rule.CLOSED_BEFORE_OPENED, accepted=opened.cast(pl.String))
    stand_in = opened.is_in(placeholder_days(opened)).fill_null(False)
    rows.warn_where(stand_in, "opened_on", Rule.PLACEHOLDER_DATE, accepted=str(int(stand_in.sum())))
    known = opened.set(stand_in, None)
    rows.values = rows.values.with_columns(known)
    new_year = (known.dt.ordinal_day() == 1).fill_null(False)
    usual = (len(known) - known.null_count()) / 365.25
    if int(new_year.sum()) >= max(LEAST_ROWS, NEW_YEAR_TIMES * usual) and known.n_unique() >= LEAST_DAYS:
        rows.remark_where(new_year, "note.new_year_dates", column=rows.title("opened_on"))


def placeholder_days(opened: pl.Series) -> list[date]:
    """The opening days that cannot all be true: one day on an implausible share of the rows.

    Formula: at least 20 rows and 2 % of all dated rows on one day, and 10 times the median of rows a day, among at
    least 20 different days; and any of the days software writes by default (1970-01-01, 1900-01-01 …) on two rows or
    more. In: Date series. Missing: not counted. Source: our choice; in the Allegheny food register of 2019 it finds
    1984-06-17 (588 rows) and 1970-01-01 (29 rows) and nothing else.

    >>> placeholder_days(pl.Series([date(1970, 1, 1), date(1970, 1, 1), date(2015, 6, 1), None]))
    [datetime.date(1970, 1, 1)]
    """
    days = opened.drop_nulls().value_counts(name="n").rename({opened.name: "day"})
    if days.is_empty():
        return []
    count = pl.col("n")
    usual = count >= PLACEHOLDER_TIMES * count.median()
    implausible = (count >= LEAST_ROWS) & (count >= PLACEHOLDER_SHARE * count.sum()) & usual
    default = pl.col("day").is_in(DEFAULT_DAYS) & (count >= 2)
    return days.filter(default | (implausible & (pl.len() >= LEAST_DAYS)))["day"].sort().to_list()


def _leave_out_personal_names(rows: Rows) -> None:
    """Names in health, social, legal and accounting work are left out: there a name often is a person's."""
    codes = rows.values["industry_code"].unique().drop_nulls()
    found = {name: codes.filter(codes.str.contains(f"^(?:{scheme.personal})$")) for name, scheme in SCHEMES.items()}
    personal = [
        (pl.col("industry_scheme") == name) & pl.col("industry_code").is_in(some.implode())
        for name, some in found.items()
        if SCHEMES[name].personal and len(some)
    ]
    if not personal:
        return
    named = pl.any_horizontal(personal) & pl.col("name").is_not_null()
    mask = rows.values.select(named.fill_null(False).alias("name"))["name"]
    rows.remark_where(mask, "note.names_left_out", column=rows.title("name"))
    rows.values = rows.values.with_columns(rows.values["name"].set(mask, None))


def _remark(rows: Rows) -> None:
    """What totals leave out and maps cannot draw: not active, no position, no district, several rows at one point."""
    good = rows.good()
    kept = rows.values.select("status", "lon", "lat").filter(good)
    statuses = kept["status"].value_counts(sort=True, name="n")
    others = statuses.filter(pl.col("status") != "active")
    if others.height:
        shown = ", ".join(f"{status}: {count}" for status, count in statuses.rows())
        rows.notes.append(Note("note.not_active", {"count": others["n"].sum(), "limit": kept.height, "items": shown}))
    rows.remark_where(good & rows.values["lon"].is_null(), "note.no_position")
    rows.remark_where(good & rows.values["district_code"].is_null(), "note.no_district")
    points = kept.select("lon", "lat").drop_nulls()
    shared = points.filter(doubled(points)).group_by("lon", "lat").len()["len"]
    if len(shared):
        different = points.height - shared.sum() + len(shared)
        values = {"count": shared.sum(), "limit": different, "value": shared.max()}
        rows.notes.append(Note("note.shared_positions", values))
