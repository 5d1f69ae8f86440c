"""Document rows: policies, lists and research with their issuer, date and address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import RETIRED, SOURCE, check_link, check_retirement
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table

LEVELS = {
    "national": ("国家", "国家级"),
    "municipal": ("市级", "省市级", "北京市"),
    "district": ("区级", "区县"),
    "association": ("协会", "联盟"),
    "research": ("研究", "研究机构", "智库"),
}
DOCUMENT_FIELDS = (
    Field("document_id", "id", required=True, aliases=("文献编号", "文件编号", "document id")),
    Field("title", "text", required=True, aliases=("标题", "文件名称", "文献名称", "题目")),
    Field("issuer", "text", aliases=("发布机构", "发布单位", "发文机关", "作者")),
    Field("level", "choice", required=True, aliases=("层级", "级别"), choices=LEVELS),
    Field("date", "date", aliases=("日期", "发布日期", "发文日期")),
    Field("topic", "text", aliases=("主题", "专题")),
    Field("link", "text", aliases=("链接", "网址", "url")),
    Field("summary", "text", aliases=("摘要", "内容摘要")),
    Field("parks", "parks", aliases=("相关园区", "涉及园区")),
    SOURCE,
    *RETIRED,
    SYNTHETIC,
)


def check_documents(
    table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None
) -> Checked:
    """Documents of a table.

    Columns out: document_id, title, issuer, level (national, municipal, district, association, research), date (Date),
    topic, link, summary, parks (park ids with ; between), source_title, retired_on, retired_reason, is_synthetic.
    Missing: null; a document without its issuer or its address is a problem. Errors: IngestError header_not_found.
    """
    rows = Rows(table, match_headers(table, DOCUMENT_FIELDS, mapping=mapping))
    values = read_fields(rows, DOCUMENT_FIELDS, Lookup(registers), today)
    rows.report_doubled(values.select("document_id"), "document_id", Rule.DOUBLED_ID)
    for name in ("issuer", "link"):
        rows.report_where(rows.missing(name), name, Rule.DOCUMENT_WITHOUT_SOURCE)
    check_link(rows, "link")
    check_retirement(rows)
    return rows.checked("documents", accepted_frame(rows, DOCUMENT_FIELDS))
