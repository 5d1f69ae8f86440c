"""City figures: one published or own number a row, with its territory, period, unit, definition and source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Refused, Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.ingest.values import MONTHS_ACCEPTED, is_missing, month, tidy

TRUST = {"A": ("a", "官方"), "B": ("b", "转载"), "own": ("自有", "自报", "本机构")}
KEY = ("city_id", "territory", "indicator_id", "period", "definition")
FIGURE_FIELDS = (
    Field("city_id", "city", required=True, aliases=("城市", "城市编号", "城市代码", "city")),
    Field("city_name", "text", aliases=("城市名称", "城市中文名", "city name")),
    Field("territory", "text", aliases=("地域范围", "统计范围", "口径范围", "范围")),
    Field("indicator_id", "id", required=True, aliases=("指标", "指标编号", "指标代码", "indicator")),
    Field("period", "text", required=True, aliases=("时期", "年份", "年月", "年度", "时间", "year")),
    Field("value", "number", required=True, aliases=("数值", "值", "数据")),
    Field("unit", "text", required=True, aliases=("单位", "计量单位")),
    Field("definition", "text", aliases=("定义", "口径", "指标口径", "说明")),
    Field("trust", "choice", aliases=("可信度", "可信等级", "数据等级"), choices=TRUST),
    Field("source_title", "text", required=True, aliases=("来源", "来源标题", "数据来源", "出处", "source")),
    Field("source_url", "text", aliases=("来源网址", "网址", "链接", "source url", "url")),
    SYNTHETIC,
)
BY_NAME = {entry.name: entry for entry in FIGURE_FIELDS}
PERIODS_ACCEPTED = f"2025, {MONTHS_ACCEPTED}"
URLS_ACCEPTED = "https://…, http://…"
_YEAR = re.compile(r"((?:19|20)[0-9]{2})年?度?")
_NEW_CITY = re.compile(r"[a-z][a-z0-9_]{1,39}")


def check_figures(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """City figures of a table.

    Columns out: city_id (of the register, or a new one in small letters where city_name says whose it is), city_name,
    territory and definition (empty text where the file says nothing: both belong to the key), indicator_id, period
    (YYYY or YYYY-MM), value (Float64, in `unit`), unit, trust (A, B, own; own where the file says nothing),
    source_title, source_url, is_synthetic. Missing: a figure without value, unit or source is a problem, never zero.
    Periods after today are refused. Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, FIGURE_FIELDS, mapping=mapping))
    read_fields(rows, [entry for entry in FIGURE_FIELDS if entry.name not in ("city_id", "period")], lookup, today)
    named = rows.values["city_name"].is_not_null()
    city = rows.read_by(BY_NAME["city_id"], named, lambda raw, new: _city(raw, new, lookup))
    period = rows.read(BY_NAME["period"], lambda raw: period_of(raw, today))
    filled = [pl.col(name).fill_null("") for name in ("territory", "definition")]
    rows.values = rows.values.with_columns(city, period, *filled, pl.col("trust").fill_null("own"))
    url = rows.values["source_url"]
    rows.report_where(~url.str.contains("^https?://[^ ]+$"), "source_url", Rule.BAD_URL, accepted=URLS_ACCEPTED)
    rows.report_doubled(rows.values.select(KEY), "indicator_id", Rule.DOUBLED_ID)
    return rows.checked("figures", accepted_frame(rows, FIGURE_FIELDS))


def period_of(raw: str, today: date) -> str:
    """The year or month a cell names, as YYYY or YYYY-MM.

    Errors: Refused bad_period, future_month.

    >>> period_of("2025年", date(2026, 11, 22)), period_of("2026/3", date(2026, 11, 22))
    ('2025', '2026-03')
    """
    text = "".join(tidy(raw).split())
    year = _YEAR.fullmatch(text)
    first = date(int(year[1]), 1, 1) if year else _month(text)
    if first > today:
        raise Refused(Rule.FUTURE_MONTH, accepted=today.isoformat())
    return f"{first:%Y}" if year else f"{first:%Y-%m}"


def _month(text: str) -> date:
    try:
        return month(text)
    except Refused as refused:
        raise Refused(Rule.BAD_PERIOD, refused.suggestion, PERIODS_ACCEPTED) from None


def _city(raw: str, named: bool, lookup: Lookup) -> str:
    """A registered city, or a new one whose row gives its name. Errors: Refused unknown_city."""
    try:
        return lookup.city(raw)
    except Refused as refused:
        text = tidy(raw)
        if named and _NEW_CITY.fullmatch(text) and not is_missing(raw):
            return text
        raise Refused(refused.rule, refused.suggestion, refused.accepted) from None
