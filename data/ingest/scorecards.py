"""Scorecard rows: how a park's floor is used in a year, how open it is, what it has, how it works with its city."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import RETIRED, SOURCE, check_retirement
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.keys import KEYS

WHOLE = 100.5  # per cent: five rounded shares may add up to a little more than 100
FRACTIONS = (0.5, 1.005)  # shares that add up to this are parts of one
GOVERNANCE = {
    "enterprise": ("企业", "企业主导"),
    "government": ("政府", "政府主导"),
    "mixed": ("混合", "政企合作", "政企共管"),
    "community": ("社区", "社区共治"),
}
SERVICES = {
    "canteen": ("餐饮", "食堂"),
    "housing": ("公寓", "住宿", "住房"),
    "childcare": ("托幼", "托育"),
    "health": ("医疗", "健康"),
    "transport": ("交通", "班车"),
    "legal": ("法律",),
    "finance": ("金融", "融资"),
    "testing": ("检测", "测试"),
    "incubation": ("孵化",),
    "culture": ("文化",),
    "sport": ("体育", "运动"),
    "retail": ("零售", "商业"),
}


def _share(name: str, *aliases: str, high: float = 100) -> Field:
    return Field(name, "percent", aliases=aliases, low=0, high=high)


SHARES = ("share_production", "share_research", "share_commerce", "share_housing", "share_public")
SCORECARD_FIELDS = (
    Field("park_id", "park", required=True, aliases=("园区编号", "园区代码", "园区名称", "园区", "park")),
    Field("year", "year", required=True, aliases=("年份", "年度")),
    _share("share_production", "生产占比", "生产面积占比"),
    _share("share_research", "研发占比", "研发面积占比"),
    _share("share_commerce", "商业占比", "商业面积占比"),
    _share("share_housing", "居住占比", "居住面积占比"),
    _share("share_public", "公共占比", "公共空间占比"),
    _share("occupancy_pct", "出租率", "使用率"),
    Field("open_hours_week", "number", aliases=("每周开放小时", "每周开放时间"), low=0, high=168),
    Field("services", "several", aliases=("服务", "配套服务"), choices=SERVICES),
    Field("governance", "choice", aliases=("治理方式", "治理类型"), choices=GOVERNANCE),
    _share("local_linkage_pct", "本地关联度", "本地采购销售占比"),
    SOURCE,
    *RETIRED,
    SYNTHETIC,
)


def check_scorecards(
    table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None
) -> Checked:
    """Scorecards of a table, one park and year a row.

    Columns out: park_id, year (Int64), share_production, share_research, share_commerce, share_housing, share_public
    (Float64, per cent of floor area, together at most 100.5), occupancy_pct (per cent), open_hours_week (hours),
    services (keys with ; between), governance (enterprise, government, mixed, community), local_linkage_pct (per cent
    of purchases and sales inside the city), source_title, retired_on (Date, with its reason), retired_reason,
    is_synthetic. Missing: null, never zero. Shares that add up to one are taken for fractions and refused. Errors:
    IngestError header_not_found.
    """
    rows = Rows(table, match_headers(table, SCORECARD_FIELDS, mapping=mapping))
    values = read_fields(rows, SCORECARD_FIELDS, Lookup(registers), today)
    rows.report_doubled(values.select(KEYS["scorecards"]), "park_id", Rule.DOUBLED_ID)
    _check_shares(rows)
    check_retirement(rows)
    return rows.checked("scorecards", accepted_frame(rows, SCORECARD_FIELDS))


def _check_shares(rows: Rows) -> None:
    present = next((name for name in SHARES if rows.has(name)), SHARES[0])
    stated = rows.values.select(pl.sum_horizontal(pl.col(name).is_not_null() for name in SHARES)).to_series()
    total = rows.values.select(pl.sum_horizontal(SHARES)).to_series()
    shown = total.round(2).cast(pl.String) + " %"
    rows.report_where(total > WHOLE, present, Rule.SHARES_ABOVE_WHOLE, accepted=shown)
    of_one = (stated > 1) & total.is_between(*FRACTIONS)
    rows.report_where(of_one, present, Rule.SHARES_OF_ONE, accepted=total.round(4).cast(pl.String))
