"""The road of a file: sent, checked, previewed, stored, seen on the overview; and the files that go no further."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data import registry

FILE = (Path(__file__).parents[2] / "data" / "demo" / "survey_2026-11.csv").read_bytes()
CHINESE = FILE.decode("utf-8-sig")
WORDS = {"上升": "up", "持平": "same", "下降": "down", "": "", "是": "yes"}
HEADERS = {"月份": "month", "园区编号": "park_id", "园区名称": "park_name", "合成数据": "is_synthetic"}
MONTH = pl.date(2026, 11, 1)


@pytest.fixture
def start(request, stored) -> int:
    """The revision, and so the number of uploads, before the test."""
    request.getfixturevalue("copied" if "copied" in request.fixturenames else "demo")
    return stored().revision()


def in_english(text: str) -> str:
    """The same survey with English headers, English answers and English park names left out."""
    monthly = registry.survey_items().filter(pl.col("questionnaire_id") == "monthly")
    names = dict(monthly.select("name_zh", "name_en").iter_rows()) | HEADERS
    out = io.StringIO()
    writer = csv.DictWriter(out, [names[title] for title in next(csv.reader([text.split("\n", 1)[0].strip()]))])
    writer.writeheader()
    for row in csv.DictReader(io.StringIO(text)):
        kept = {names[title]: row[title] if title in HEADERS else WORDS[row[title]] for title in row}
        writer.writerow(kept | {"park_name": "", "is_synthetic": "yes"})
    return out.getvalue()


GOOD = {
    "utf-8 with mark": FILE,
    "gb18030": CHINESE.encode("gb18030"),
    "english": in_english(CHINESE).encode("utf-8"),
}


def sent(look, name: str, data: bytes, **query: str):
    at = look("upload", **({"as": "analyst", "lang": "en"} | query))
    return at.file_uploader[0].upload(name, data).run()


def said(at) -> list[str]:
    return [element.value for element in at.markdown]


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_is_previewed_stored_and_seen(copied, look, turn, screen, stored, start, by_hand, kind, monthly):
    before = screen(look("overview", lang="en")).figures()
    at = sent(look, f"{kind}.csv", GOOD[kind])
    assert not at.exception
    assert not at.error
    lines = CHINESE.count("\n") - 1
    assert said(at)[0].startswith(f"{lines} rows read · encoding ")
    assert "1074 new · 0 changed · 0 identical" in said(at)
    assert screen(at).figures()["Before"] == "—"
    after = screen(at).figures()["After"]
    assert stored().revision() == start

    at.button(key="store").click().run()
    assert not at.exception
    assert at.success[0].value.startswith(f"Stored as upload {start + 1} with 1074 records.")
    assert stored().revision() == start + 1
    assert at.dataframe[-1].value.iloc[0].to_list()[:4] == [start + 1, "Monthly survey", f"{kind}.csv", 1074]

    rows = monthly().filter((pl.col("period") == MONTH) & (pl.col("city_id") == "beijing")).collect()
    now = screen(turn(at, "overview")).figures()
    assert now["Park prosperity index"] == after == f"{by_hand(rows):.1f}"
    assert now["Park prosperity index"] != before["Park prosperity index"]
    assert now["Parks that answered"] == "71"
    assert "Nov 2026" in at.title[0].value


def test_the_same_file_again_changes_nothing_and_says_so_once(copied, look, stored, start):
    at = sent(look, "survey.csv", FILE)
    at.button(key="store").click().run()
    assert "0 new · 0 changed · 1074 identical" in said(at)
    at.button(key="store").click().run()
    assert at.success[0].value.startswith(f"This file is already stored (upload {start + 1})")
    assert stored().revision() == start + 1
    assert stored().uploads().height == start + 1
    assert not at.run().success
    at.file_uploader[0].upload("survey-gbk.csv", GOOD["gb18030"]).run()
    assert "0 new · 0 changed · 1074 identical" in said(at), "the same rows in other bytes"


def test_a_correction_is_shown_before_it_replaces(copied, look, screen, monthly):
    at = sent(look, "survey.csv", FILE)
    at.button(key="store").click().run()
    line = CHINESE.split("\n")[1]
    corrected = line.replace("下降,持平", "上升,持平", 1)
    assert corrected != line
    at = sent(look, "corrected.csv", CHINESE.replace(line, corrected).encode())
    assert "0 new · 1 changed · 1073 identical" in said(at)
    changes = screen(at).table("park_id", "item_id")
    assert changes["park_id"].to_list() == ["BJ-001"]
    assert {"down", "up"} <= set(changes.row(0))
    at.button(key="store").click().run()
    row = monthly().filter((pl.col("park_id") == "BJ-001") & (pl.col("period") == MONTH)).collect()
    assert row.filter(pl.col("item_id") == "business_volume")["answer"].item() == "up"


def test_one_bad_row_is_named_and_the_others_may_be_stored(copied, look, screen, stored, start, monthly):
    at = sent(look, "survey.csv", CHINESE.replace("BJ-001", "BJ-999").encode())
    problem = screen(at).table("Line", "Column", "Value").row(0, named=True)
    assert (problem["Line"], problem["Column"], problem["Value"]) == (2, "园区编号", "BJ-999")
    assert "BJ-001" in problem["What to do"]
    assert at.button(key="store").label == "Store the 110 rows without problems; the others wait for correction"
    assert stored().revision() == start
    at.button(key="store").click().run()
    assert stored().revision() == start + 1
    kept = monthly().filter(pl.col("period") == MONTH).collect()
    assert (kept.height, kept.filter(pl.col("park_id") == "BJ-001").height) == (1064, 0)


DAMAGED = CHINESE.encode()[:2001] + b"\xff" + CHINESE.encode()[2001:]
UNREADABLE = {
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ("PNG", "CSV", "UTF-8")),
    "an empty file": (b"", ("empty", "CSV", "export")),
    "nothing but line ends": (b"\n\n\n", ("empty", "CSV", "export")),
    "unknown headers": ("甲,乙\n1,2\n".encode(), ("Line 1", "甲, 乙", "column names")),
    "a damaged character": (DAMAGED, ("line", "18", "UTF-8")),
    "a workbook": (b"PK\x03\x04" + bytes(100), ("XLSX", "CSV", "save")),
}
REFUSED_ROWS = {
    "a month in the future": (CHINESE.replace("2026-11", "2027-03"), "2027-03", "2026-11-22"),
    "unknown parks": (CHINESE.replace("BJ-", "QQ-").replace("SH-", "QQ-").replace("SZ-", "QQ-"), "QQ-001", "register"),
    "unknown answers": (CHINESE.replace("持平", "很好").replace("上升", "很好").replace("下降", "很好"), "很好", "up"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_is_no_survey_is_refused_with_what_where_and_what_to_do(demo, look, stored, start, kind):
    data, words = UNREADABLE[kind]
    at = sent(look, "file.csv", data)
    assert not at.exception
    assert len(at.error) == 1
    assert [word for word in words if word.lower() not in at.error[0].value.lower()] == []
    assert not [button for button in at.button if button.key == "store"]
    assert stored().revision() == start
    assert look("overview", lang="en").title[0].value.count("Oct 2026") == 1


@pytest.mark.parametrize("kind", REFUSED_ROWS)
def test_a_file_without_a_good_row_is_explained_row_by_row(demo, look, screen, stored, start, kind):
    text, value, accepted = REFUSED_ROWS[kind]
    at = sent(look, "file.csv", text.encode())
    assert not at.exception
    assert len(at.error) == 1
    problem = screen(at).table("Line", "Column", "Value").row(0, named=True)
    assert (problem["Line"], problem["Value"]) == (2, value)
    assert problem["Column"] in CHINESE.split("\n")[0]
    assert value in problem["Problem"]
    assert accepted in problem["What to do"]
    assert not [button for button in at.button if button.key == "store"]
    assert at.warning
    assert stored().revision() == start


def test_the_chinese_page_explains_in_chinese(demo, look, screen):
    at = sent(look, "file.csv", CHINESE.replace("2026-11", "2027-03").encode(), lang="zh")
    problem = screen(at).table("行号", "列", "值").row(0, named=True)
    assert problem["怎么改"].startswith("可以接受 2026-11-22 所在月份及以前的月份")
    assert at.warning[0].value.startswith("没有可入库的行")


@pytest.mark.parametrize("dataset", ["events", "enterprises", "parks"])
def test_every_data_set_has_its_columns_and_a_template(demo, look, screen, dataset):
    at = look("upload", dataset=dataset, **{"as": "analyst", "lang": "en"})
    assert not at.exception
    columns = screen(at).table("Header", "Accepted", "Field")
    assert columns.height >= 5
    assert at.file_uploader[0].key == f"file_{dataset}"
    assert at.download_button


def test_an_events_file_is_stored_too(copied, look, turn, screen, stored):
    events = "活动编号,日期,栏目,城市\nX1,2026-11-03,北京文化园区SHOW,北京\nX2,2026-11-05,培训,北京\n"
    at = look("upload", dataset="events", **{"as": "analyst", "lang": "en"})
    at.file_uploader[0].upload("events.csv", events.encode("gb18030")).run()
    assert not at.exception
    assert not at.error, at.error[0].value
    at.button(key="store").click().run()
    assert at.success
    november = stored().events().filter(pl.col("date") >= date(2026, 11, 1)).collect()
    assert november.height == 2
    assert screen(turn(at, "overview")).figures()["Events this month"] == "2"
