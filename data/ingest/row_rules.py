"""Rules that several data sets share: names, days in order, sources, entries that are retired."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from data.ingest.headers import Field
from data.ingest.problems import Refused, Rule
from data.ingest.registers import Lookup
from data.ingest.rows import Rows
from data.ingest.values import is_missing

NAMES = ("name_zh", "name_en")
URL = "^https?://[^ ]+$"
BAR = " | "  # between the sources of one row
_BAR = re.compile(r"(?<!\S)\|(?!\S)")
URLS_ACCEPTED = "https://…, http://…"
YEARS_AHEAD = 3_660  # days: an offer may hold for about ten years
RETIRED = (
    Field("retired_on", "date", aliases=("停用日期", "停用时间", "retired")),
    Field("retired_reason", "text", aliases=("停用原因", "reason")),
)
STAGES = {
    "construction": ("建设", "改造建设", "规划建设"),
    "operation": ("运营", "经营"),
    "both": ("建设和运营", "全程"),
}
SINCE = Field("since", "date", aliases=("开始日期", "起始日期", "登记日期"))
UNTIL = Field("until", "date", aliases=("截止日期", "结束日期", "有效期至"), ahead=YEARS_AHEAD)
TAGS = Field("tags", "tags", required=True, aliases=("标签", "关键词"))
STAGE = Field("stage", "choice", aliases=("阶段", "适用阶段"), choices=STAGES)
REGION = Field("region", "region", aliases=("地区", "适用地区", "区域"))
SOURCE = Field("source_title", "text", aliases=("来源", "来源标题", "数据来源", "出处", "source"))


def check_retirement(rows: Rows) -> None:
    """An entry that is retired says when and why: retired_on and retired_reason stand together."""
    when, why = rows.values["retired_on"], rows.values["retired_reason"]
    rows.report_where(when.is_not_null() & why.is_null(), "retired_reason", Rule.RETIRED_WITHOUT_REASON)
    bare = rows.missing("retired_on") & why.is_not_null()
    rows.report_where(bare, "retired_on", Rule.RETIRED_WITHOUT_REASON)


def check_order(rows: Rows, first: str, last: str) -> None:
    """What ends does not end before it starts; a row without one of the two days is not compared."""
    start, end = rows.values[first], rows.values[last]
    rows.report_where(end < start, last, Rule.ENDS_BEFORE_START, accepted=start.cast(pl.String))


def check_link(rows: Rows, name: str) -> None:
    """An address begins with http:// or https:// and has no blank in it."""
    rows.report_where(~rows.values[name].str.contains(URL), name, Rule.BAD_URL, accepted=URLS_ACCEPTED)


def check_links(rows: Rows, name: str) -> None:
    """The same of several addresses with | between, one for each title of the source; a title may have none."""
    cells = {cell: [part.strip() for part in _BAR.split(cell)] for cell in rows.values[name].drop_nulls().unique()}
    bad = [cell for cell, parts in cells.items() if any(part and not re.match(URL, part) for part in parts)]
    rows.report_where(rows.values[name].is_in(bad), name, Rule.BAD_URL, accepted=URLS_ACCEPTED)
    joined = {cell: BAR.join(parts) for cell, parts in cells.items()}
    rows.values = rows.values.with_columns(pl.col(name).replace(joined))


def require_a_name(rows: Rows) -> None:
    """A Chinese or an English name."""
    present = next((name for name in NAMES if rows.has(name)), None)
    if present is not None:
        nameless = rows.values.select(pl.all_horizontal(pl.col(NAMES).is_null())).to_series()
        rows.report_where(nameless & rows.missing("name_zh") & rows.missing("name_en"), present, Rule.MISSING_VALUE)


def refuse_taken_names(rows: Rows, key: str, named: Callable[[str], set[str]]) -> None:
    """A name by which the register already knows another entry."""
    for name in NAMES:
        pairs = rows.values.select(key, name).rows()
        other = [", ".join(sorted(named(text) - {own})) if text and own else "" for own, text in pairs]
        told = pl.Series("other", other, dtype=pl.String)
        rows.report_where(told != "", name, Rule.NAME_TAKEN, accepted=told)


def read_known_cities(rows: Rows, lookup: Lookup) -> None:
    """The city of each row; one that is not registered is a warning and left empty."""
    cells = rows.cells("city_id")
    found: dict[str, str | None] = {}
    near: dict[str, str] = {}
    for raw in cells.unique().drop_nulls():
        try:
            found[raw] = None if is_missing(raw) else lookup.city(raw)
        except Refused as refused:
            found[raw], near[raw] = None, refused.suggestion
    known = cells.replace_strict(found, default=None, return_dtype=pl.String)
    rows.values = rows.values.with_columns(known.alias("city_id"))
    suggestion = cells.replace_strict(near, default="", return_dtype=pl.String)
    rows.warn_where(cells.is_in(list(near)), "city_id", Rule.UNKNOWN_CITY, suggestion)
