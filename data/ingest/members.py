"""Members of the association and of the alliance: who they are, where they sit, when they joined and left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import NAMES, RETIRED, check_retirement, read_known_cities, require_a_name
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table

BODIES = {"association": ("协会", "园区协会"), "alliance": ("联盟", "园区联盟")}
MEMBER_FIELDS = (
    Field("member_id", "id", required=True, aliases=("会员编号", "会员ID", "会员代码", "member id", "编号")),
    Field("name_zh", "text", aliases=("会员名称", "单位名称", "中文名称", "名称", "member name", "name")),
    Field("name_en", "text", aliases=("英文名称", "english name")),
    Field("body", "choice", required=True, aliases=("组织", "所属组织", "所属机构", "organisation"), choices=BODIES),
    Field("member_type", "text", aliases=("会员类型", "会员类别", "会员级别", "类型", "member type")),
    Field("city_id", "city", aliases=("城市", "城市编号", "所在城市", "city")),
    Field("province", "text", aliases=("省份", "省", "所在省份", "省市")),
    Field("joined_on", "date", aliases=("入会日期", "入会时间", "加入日期", "joined")),
    Field("left_on", "date", aliases=("退会日期", "退会时间", "退出日期", "left")),
    *RETIRED,
    SYNTHETIC,
)


def check_members(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Members of a table.

    Columns out: member_id, name_zh, name_en (at least one of the two names), body (association, alliance), member_type,
    city_id, province, joined_on, left_on (Date), retired_on (Date, of the entry; with its reason), retired_reason,
    is_synthetic. Missing: null. A member is known by body and id. A city outside the register is warned of and left
    empty: members come from more cities than are compared.
    Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, MEMBER_FIELDS, one_of=(NAMES,), mapping=mapping))
    read_fields(rows, [entry for entry in MEMBER_FIELDS if entry.kind != "city"], lookup, today)
    read_known_cities(rows, lookup)
    rows.report_doubled(rows.values.select("body", "member_id"), "member_id", Rule.DOUBLED_ID)
    require_a_name(rows)
    joined, left = rows.values["joined_on"], rows.values["left_on"]
    rows.report_where(left < joined, "left_on", Rule.LEFT_BEFORE_JOINED, accepted=joined.cast(pl.String))
    check_retirement(rows)
    return rows.checked("members", accepted_frame(rows, MEMBER_FIELDS))
