"""Enterprise rows: one place of business a row, name-free, with industry, size, dates and a position in WGS84."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from data.ingest.events import CITY, DISTRICT, PARK
from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.ingest.values import is_missing

STATUSES = {
    "active": ("存续", "在业", "在营", "开业", "营业", "正常", "open"),
    "closed": ("注销", "吊销", "关闭", "停业", "迁出", "out of business"),
    "vacant": ("空置", "闲置", "empty"),
}
COORD_SYSTEMS = {"WGS84": ("WGS-84", "WGS 84", "EPSG:4326", "EPSG 4326", "4326")}
# west, south, east, north in WGS84 degrees, generous; elsewhere the whole world, except Chinese points turned round
BOXES = {
    "beijing": (115.3, 39.3, 117.7, 41.2),
    "shanghai": (120.7, 30.5, 122.4, 32.0),
    "shenzhen": (113.6, 22.2, 114.8, 23.0),
    "ruhr": (6.2, 51.0, 8.2, 52.0),
    "pittsburgh": (-80.9, 39.6, -78.9, 41.2),
}
CHINA = (73.4, 3.3, 135.2, 53.7)
WORLD = (-180.0, -90.0, 180.0, 90.0)
ENTERPRISE_FIELDS = (
    Field("enterprise_id", "id", required=True, aliases=("企业编号", "企业ID", "企业代码", "enterprise id", "编号")),
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
    Field("culture_code", "culture", aliases=("文化产业代码", "文化产业类别", "文化分类代码", "culture class")),
    PARK,
    Field("opened_on", "date", aliases=("开业日期", "成立日期", "设立日期", "opened", "start date")),
    Field("closed_on", "date", aliases=("关闭日期", "注销日期", "歇业日期", "closed", "end date")),
    Field("employees", "whole", aliases=("从业人员", "从业人数", "员工数", "用工人数", "staff"), low=0, high=1_000_000),
    Field("status", "choice", required=True, aliases=("状态", "经营状态", "企业状态"), choices=STATUSES),
    SYNTHETIC,
)
SYSTEM = next(entry for entry in ENTERPRISE_FIELDS if entry.name == "coord_system")


def check_enterprises(table: Table, registers: Registers, today: date) -> Checked:
    """Places of business of a table.

    Columns out: enterprise_id, city_id, district_code, lon, lat (WGS84 degrees), coord_system (WGS84), industry_code
    (GB/T 4754 division), culture_code (01 to 09), park_id, opened_on, closed_on, employees, status (active, closed,
    vacant), is_synthetic. Missing: null, never zero. Other coordinate systems are refused, never converted.
    Errors: IngestError header_not_found.
    """
    rows = Rows(table, match_headers(table, ENTERPRISE_FIELDS))
    values = read_fields(rows, ENTERPRISE_FIELDS, Lookup(registers), today)
    rows.report_doubled(values["enterprise_id"], "enterprise_id", Rule.DOUBLED_ID)
    _check_dates(rows, values)
    _check_points(rows, values)
    return rows.checked("enterprises", accepted_frame(rows, ENTERPRISE_FIELDS, values))


def _check_dates(rows: Rows, values: Mapping[str, Sequence[Any]]) -> None:
    for index, (opened, closed) in enumerate(zip(values["opened_on"], values["closed_on"], strict=True)):
        if opened and closed and closed < opened:
            rows.report(index, "closed_on", Rule.CLOSED_BEFORE_OPENED, accepted=opened.isoformat())


def _check_points(rows: Rows, values: Mapping[str, Sequence[Any]]) -> None:
    """Both coordinates or neither, inside the city, in a stated coordinate system."""
    cells = [rows.cells(name) for name in ("lon", "lat", "coord_system")]
    missing = [[is_missing(cell) for cell in column] for column in cells]
    stated = rows.has("coord_system")
    if not stated and not all(a and b for a, b in zip(missing[0], missing[1], strict=True)):
        rows.report_header("coord_system", " / ".join(SYSTEM.spellings[:2]))
    points = zip(values["lon"], values["lat"], values["city_id"], *missing, strict=True)
    for index, (lon, lat, city_id, no_lon, no_lat, no_system) in enumerate(points):
        if no_lon != no_lat:
            rows.report(index, "lon" if no_lon else "lat", Rule.BAD_COORDINATE, accepted=_shown(_box(city_id)))
        elif lon is not None and lat is not None:
            _check_point(rows, index, (lon, lat), city_id)
        if stated and no_system and not (no_lon and no_lat):
            rows.report(index, "coord_system", Rule.BAD_COORD_SYSTEM, accepted="WGS84")


def _check_point(rows: Rows, index: int, point: tuple[float, float], city_id: str | None) -> None:
    lon, lat = point
    box = _box(city_id)
    turned = _inside((lat, lon), box if city_id in BOXES else CHINA)
    inside = _inside(point, box) and point != (0.0, 0.0)
    if inside and (city_id in BOXES or not turned or _inside(point, CHINA)):
        return
    wrong = "lat" if box[0] <= lon <= box[2] and not turned and point != (0.0, 0.0) else "lon"
    swapped = f"lon {lat:g}, lat {lon:g}" if turned else ""
    rows.report(index, wrong, Rule.BAD_COORDINATE, swapped, _shown(box))


def _box(city_id: str | None) -> tuple[float, float, float, float]:
    return BOXES.get(city_id or "", WORLD)


def _inside(point: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _shown(box: tuple[float, float, float, float]) -> str:
    return f"lon {box[0]:g} – {box[2]:g}, lat {box[1]:g} – {box[3]:g}"
