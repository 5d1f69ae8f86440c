"""Publication rows: how much was published in a channel in a month, and how it was received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.row_rules import RETIRED, SOURCE, check_retirement
from data.ingest.rows import Checked, Rows, accepted_frame, read_fields
from data.ingest.survey import SYNTHETIC
from data.ingest.table import Table
from data.keys import KEYS

CHANNELS = {
    "wechat": ("公众号", "微信公众号", "微信"),
    "wechat_video": ("视频号", "微信视频号"),
    "douyin": ("抖音", "tiktok"),
    "weibo": ("微博",),
    "website": ("官网", "网站"),
    "press": ("媒体", "报刊", "新闻媒体"),
    "other": ("其他",),
}
KINDS = {
    "article": ("文章", "图文", "推文"),
    "video": ("视频", "短视频"),
    "image": ("图片", "海报"),
    "live": ("直播",),
}
MOST_READ = 10_000_000_000
PUBLICATION_FIELDS = (
    Field("channel", "choice", required=True, aliases=("渠道", "平台", "传播渠道"), choices=CHANNELS),
    Field("period", "month", required=True, aliases=("月份", "年月", "month")),
    Field("kind", "choice", required=True, aliases=("类型", "内容类型", "形式"), choices=KINDS),
    Field("city_id", "city", aliases=("城市", "城市编号", "city")),
    Field("n", "whole", required=True, aliases=("条数", "篇数", "数量", "发布数"), low=0, high=1_000_000),
    Field("reads", "whole", aliases=("阅读量", "播放量", "浏览量"), low=0, high=MOST_READ),
    Field("likes", "whole", aliases=("点赞数", "点赞量"), low=0, high=MOST_READ),
    SOURCE,
    *RETIRED,
    SYNTHETIC,
)


def check_publications(
    table: Table, registers: Registers, today: date, mapping: Mapping[str, str] | None = None
) -> Checked:
    """Counts of what was published, one channel, month and kind a row.

    Columns out: channel (wechat, wechat_video, douyin, weibo, website, press, other), period (Date, first of the
    month), kind (article, video, image, live), city_id, n (items), reads, likes (Int64), source_title, retired_on
    (Date, with its reason), retired_reason, is_synthetic. Missing: null, never zero. The same channel, month and kind
    twice is a problem. Errors: IngestError header_not_found.
    """
    rows = Rows(table, match_headers(table, PUBLICATION_FIELDS, mapping=mapping))
    values = read_fields(rows, PUBLICATION_FIELDS, Lookup(registers), today)
    rows.report_doubled(values.select(KEYS["publications"]), "period", Rule.DOUBLED_PUBLICATION)
    check_retirement(rows)
    return rows.checked("publications", accepted_frame(rows, PUBLICATION_FIELDS))
