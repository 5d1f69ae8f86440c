"""Publications: one row a channel, month and kind."""

from __future__ import annotations

from datetime import date

import pytest

from data.ingest import check
from data.ingest.warnings import history_warnings

TODAY = date(2026, 11, 22)
HEADER = "渠道,月份,类型,条数,阅读量,点赞数"


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str):
        return check("publications", "\n".join([HEADER, *rows]).encode(), "p.csv", registers, TODAY)

    return checked


def test_publications(run):
    checked = run("公众号,2026-10,文章,20,1.2万,", "抖音,2026年10月,短视频,0,,0")
    assert checked.rejected.is_empty()
    shown = ("channel", "period", "kind", "n", "reads", "likes")
    assert checked.accepted.select(shown).rows() == [
        ("wechat", date(2026, 10, 1), "article", 20, 12_000, None),
        ("douyin", date(2026, 10, 1), "video", 0, None, 0),
    ]


def test_publication_problems(run):
    checked = run(
        "公众号,2026-10,文章,20,,",
        "wechat,2026-10-05,article,30,,",
        "公众号,2026-10,视频,20,,",
        "论坛,2027-01,文章,-1,1.5,",
        "微博,2026-09,文章,,,",
    )
    assert checked.rejected.select("line", "column", "rule", "accepted").rows()[:2] == [
        (2, "月份", "doubled_publication", "2, 3"),
        (3, "月份", "doubled_publication", "2, 3"),
    ]
    assert checked.rejected.select("line", "column", "rule").rows()[2:] == [
        (5, "渠道", "bad_choice"),
        (5, "月份", "future_month"),
        (5, "条数", "negative_number"),
        (5, "阅读量", "not_whole_number"),
        (6, "条数", "missing_value"),
    ]
    assert checked.accepted.height == 1


def test_ten_times_as_many_as_stored_is_told(run, registers):
    stored = run("公众号,2026-10,文章,20,1000,").accepted
    told = history_warnings(run("公众号,2026-10,文章,200,1000,"), stored, registers)
    assert told.select("column", "value", "rule", "accepted").rows() == [("条数", "200", "tenfold_change", "20")]
