"""Offers of partners, needs of parks and enterprises, and what became of an offer made for a need."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import REGION, RETIRED, SINCE, STAGE, TAGS, UNTIL, check_order, check_retirement
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.keys import KEYS

STATUSES = {
    "suggested": ("已推荐", "推荐"),
    "contacted": ("已联系", "联系"),
    "meeting": ("已会面", "洽谈", "会面"),
    "pitched": ("已路演", "路演"),
    "signed": ("已签约", "签约"),
    "declined": ("未达成", "谢绝", "放弃"),
}
OFFER_FIELDS = (
    Field("offer_id", "id", required=True, aliases=("供给编号", "服务编号", "offer id")),
    Field("partner_id", "partner", required=True, aliases=("伙伴编号", "合作伙伴", "伙伴名称", "partner")),
    Field("title", "text", required=True, aliases=("供给名称", "服务名称", "标题", "offer title")),
    TAGS,
    STAGE,
    REGION,
    Field("service_package", "text", aliases=("服务包", "服务包名称")),
    SINCE,
    UNTIL,
    *RETIRED,
    SYNTHETIC,
)
NEED_FIELDS = (
    Field("need_id", "id", required=True, aliases=("需求编号", "need id")),
    Field("park_id", "park", required=True, aliases=("园区编号", "园区代码", "园区名称", "园区", "所在园区", "park")),
    Field("enterprise_name", "text", aliases=("企业名称", "需求企业")),
    Field("title", "text", required=True, aliases=("需求名称", "需求标题", "标题", "need title")),
    TAGS,
    STAGE,
    REGION,
    SINCE,
    UNTIL,
    *RETIRED,
    SYNTHETIC,
)
FOLLOWUP_FIELDS = (
    Field("need_id", "need", required=True, aliases=("需求编号", "需求", "need")),
    Field("offer_id", "offer", required=True, aliases=("供给编号", "服务编号", "供给", "offer")),
    Field("date", "date", required=True, aliases=("日期", "跟进日期")),
    Field("status", "choice", required=True, aliases=("状态", "跟进状态", "进展"), choices=STATUSES),
    Field("event_id", "id", aliases=("活动编号", "活动ID", "event id")),
    Field("note", "text", aliases=("备注", "说明")),
    *RETIRED,
    SYNTHETIC,
)


def check_offers(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Offers of a table.

    Columns out: offer_id, partner_id (of the register of partners), title, tags (with ; between), stage (construction,
    operation, both), region (national, a city_id, or a province), service_package, since, until (Date), retired_on,
    retired_reason, is_synthetic. Missing: null. Errors: IngestError header_not_found.
    """
    return _checked("offers", OFFER_FIELDS, table, registers, today, mapping)


def check_needs(table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None) -> Checked:
    """Needs of a table, each of one park: they are as confidential as its answers.

    Columns out: need_id, park_id, enterprise_name, title, tags (with ; between), stage, region, since, until (Date),
    retired_on, retired_reason, is_synthetic. Missing: null. Errors: IngestError header_not_found.
    """
    return _checked("needs", NEED_FIELDS, table, registers, today, mapping)


def check_followups(
    table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None
) -> Checked:
    """What became of offers made for needs, one step a row.

    Columns out: need_id, offer_id (of the registers), date (Date), status (suggested, contacted, meeting, pitched,
    signed, declined), event_id, note, retired_on (Date, with its reason), retired_reason, is_synthetic. Missing: null.
    Errors: IngestError header_not_found.
    """
    rows = Rows(table, match_headers(table, FOLLOWUP_FIELDS, mapping=mapping))
    values = read_fields(rows, FOLLOWUP_FIELDS, Lookup(registers), today)
    rows.report_doubled(values.select(KEYS["followups"]), "need_id", Rule.DOUBLED_ID)
    check_retirement(rows)
    return rows.checked("followups", accepted_frame(rows, FOLLOWUP_FIELDS))


def _checked(
    dataset: str,
    fields: tuple[Field, ...],
    table: Table,
    registers: Registers,
    today: date,
    mapping: Mapping[str, str] | None,
) -> Checked:
    key = KEYS[dataset][0]
    rows = Rows(table, match_headers(table, fields, mapping=mapping))
    values = read_fields(rows, fields, Lookup(registers), today)
    rows.report_doubled(values.select(key), key, Rule.DOUBLED_ID)
    check_order(rows, "since", "until")
    check_retirement(rows)
    return rows.checked(dataset, accepted_frame(rows, fields))
