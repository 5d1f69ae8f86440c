"""Partner rows: who works with the alliance, as industry, value chain, media, government or research partner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import (
    NAMES,
    RETIRED,
    SINCE,
    SOURCE,
    STAGE,
    check_retirement,
    read_known_cities,
    refuse_taken_names,
    require_a_name,
)
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table

PARTNER_TYPES = {
    "industry": ("产业伙伴", "行业伙伴", "产业"),
    "value_chain": ("产业链伙伴", "价值链伙伴", "产业链", "value chain"),
    "media": ("媒体伙伴", "媒体"),
    "government": ("政府", "政府部门"),
    "research": ("研究机构", "高校", "科研"),
    "other": ("其他",),
}
PARTNER_FIELDS = (
    Field("partner_id", "id", required=True, aliases=("伙伴编号", "合作伙伴编号", "伙伴代码", "partner id")),
    Field("name_zh", "text", aliases=("伙伴名称", "合作伙伴", "中文名称", "partner name")),
    Field("name_en", "text", aliases=("英文名称", "english name")),
    Field("partner_type", "choice", required=True, aliases=("伙伴类型", "合作类型"), choices=PARTNER_TYPES),
    STAGE,
    Field("city_id", "city", aliases=("城市", "城市编号", "所在城市", "city")),
    Field("province", "text", aliases=("省份", "省", "所在省份", "省市")),
    Field("tags", "tags", aliases=("标签", "关键词")),
    SINCE,
    SOURCE,
    *RETIRED,
    SYNTHETIC,
)


def check_partners(
    table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None
) -> Checked:
    """Partners of a table.

    Columns out: partner_id, name_zh, name_en (at least one of the two names), partner_type (industry, value_chain,
    media, government, research, other), stage (construction, operation, both), city_id, province, tags (with ;
    between), since (Date), source_title, retired_on (Date, with its reason), retired_reason, is_synthetic. Missing:
    null. A city outside the register is warned of and left empty. Errors: IngestError header_not_found.
    """
    lookup = Lookup(registers)
    rows = Rows(table, match_headers(table, PARTNER_FIELDS, one_of=(NAMES,), mapping=mapping))
    read_fields(rows, [entry for entry in PARTNER_FIELDS if entry.kind != "city"], lookup, today)
    read_known_cities(rows, lookup)
    rows.report_doubled(rows.values.select("partner_id"), "partner_id", Rule.DOUBLED_ID)
    require_a_name(rows)
    refuse_taken_names(rows, "partner_id", lambda name: lookup.named("partners", name))
    check_retirement(rows)
    return rows.checked("partners", accepted_frame(rows, PARTNER_FIELDS))
