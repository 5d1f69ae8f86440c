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
    assert "1074 new · 0 changed · 0 identical · 0 removed" in said(at)
    assert screen(at).figures()["Before"] == "—"
    after = screen(at).figures()["After"]
    assert stored().revision() == start

    at.button(key="store").click().run()
    assert not at.exception
    assert at.success[0].value.startswith(f"Stored as upload {start + 1} with 1074 records.")
    assert stored().revision() == start + 1
    kept = stored().uploads().row(0, named=True)
    assert (kept["upload_id"], kept["file_name"], kept["n_rows"]) == (start + 1, f"{kind}.csv", 1074)

    rows = monthly().filter((pl.col("period") == MONTH) & (pl.col("city_id") == "beijing")).collect()
    now = screen(turn(at, "overview")).figures()
    assert now["Park prosperity index"] == after == f"{by_hand(rows):.1f}"
    assert now["Park prosperity index"] != before["Park prosperity index"]
    assert now["Parks that answered"] == "71"
    assert "Nov 2026" in at.title[0].value


def test_the_same_file_again_changes_nothing_and_says_so_once(copied, look, stored, start):
    at = sent(look, "survey.csv", FILE)
    at.button(key="store").click().run()
    assert "0 new · 0 changed · 1074 identical · 0 removed" in said(at)
    at.button(key="store").click().run()
    assert at.success[0].value.startswith(f"This file is already stored (upload {start + 1})")
    assert stored().revision() == start + 1
    assert stored().uploads().height == start + 1
    assert not at.run().success
    at.file_uploader[0].upload("survey-gbk.csv", GOOD["gb18030"]).run()
    assert "0 new · 0 changed · 1074 identical · 0 removed" in said(at), "the same rows in other bytes"


def test_a_correction_is_shown_before_it_replaces(copied, look, screen, monthly):
    at = sent(look, "survey.csv", FILE)
    at.button(key="store").click().run()
    line = CHINESE.split("\n")[1]
    corrected = line.replace("下降,持平", "上升,持平", 1)
    assert corrected != line
    at = sent(look, "corrected.csv", CHINESE.replace(line, corrected).encode())
    assert "0 new · 1 changed · 1073 identical · 0 removed" in said(at)
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
    assert at.button(key="store").label == "Store the 110 rows without problems"
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
    "a damaged workbook": (b"PK\x03\x04" + bytes(100), ("save",)),
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
    november = stored().events().filter(pl.col("date").dt.truncate("1mo") == date(2026, 11, 1)).collect()
    assert november.height == 2
    assert screen(turn(at, "overview")).figures()["Events this month"] == "2"


UNKNOWN = CHINESE.replace("BJ-001", "BJ-999").replace("新签租约与问询", "新签约情况(户)", 1)


def test_an_unknown_column_is_asked_about_and_remembered_for_its_source(copied, look, stored):
    at = sent(look, "朝阳月报_2026-11.csv", UNKNOWN.encode())
    box = next(box for box in at.selectbox if box.label == "新签约情况(户)")
    assert box.value == "new_leases", "the likeliest field is proposed"
    assert at.text_input[0].value == "朝阳月报"
    at.button(key=next(b.key for b in at.button if b.label.startswith("Use these columns"))).click().run()
    assert not [box for box in at.selectbox if box.label == "新签约情况(户)"]
    assert stored().remembered("朝阳月报", "answers") == {"新签约情况(户)": "new_leases"}
    at = sent(look, "朝阳月报_2026-12.csv", (UNKNOWN + "\n").encode())
    assert not [box for box in at.selectbox if box.label == "新签约情况(户)"], "the next file is read without asking"


def test_an_unknown_park_is_chosen_from_the_register_and_the_row_stored(copied, look, monthly):
    at = sent(look, "survey.csv", CHINESE.replace("BJ-001", "BJ-999").encode())
    box = next(box for box in at.selectbox if box.label == "BJ-999")
    assert "BJ-001" in str(box.options)
    box.select("BJ-001").run()
    button = next(b for b in at.button if b.label.startswith("Put the chosen parks in"))
    at.button(key=button.key).click().run()
    assert not at.error
    assert "1074 new · 0 changed · 0 identical · 0 removed" in said(at)
    at.button(key="store").click().run()
    rows = monthly().filter((pl.col("park_id") == "BJ-001") & (pl.col("period") == MONTH)).collect()
    assert rows.height


def test_a_row_mended_on_screen_is_noted_with_the_upload(copied, look, stored):
    at = sent(look, "survey.csv", CHINESE.replace("BJ-001", "BJ-999").encode())
    next(box for box in at.selectbox if box.label == "BJ-999").select("BJ-001").run()
    next(b for b in at.button if b.label.startswith("Put the chosen parks in")).click().run()
    at.button(key="store").click().run()
    kept = stored().uploads().row(0, named=True)
    assert kept["note"] == "corrected on screen: lines 2"
    assert stored().original(kept["upload_id"])[1] == CHINESE.replace("BJ-001", "BJ-999").encode()


def test_rows_with_problems_wait_in_the_work_list_and_leave_it_once_mended(copied, look, screen, stored):
    bad = CHINESE.replace("BJ-001", "BJ-999").encode()
    at = sent(look, "survey.csv", bad)
    at.button(key="store").click().run()
    assert "Work list: 1 rows wait for correction" in [heading.value for heading in at.subheader]
    assert stored().waiting().height == 1
    at.button(key="drop_waiting").click().run()
    assert stored().waiting().height == 0
    assert "dropped" in at.success[0].value


def test_the_work_list_puts_a_file_back_on_the_desk(copied, look, stored):
    at = sent(look, "survey.csv", CHINESE.replace("BJ-001", "BJ-999").encode())
    at.button(key="store").click().run()
    at = look("upload", **{"as": "analyst", "lang": "en"})
    at.button(key="mend_waiting").click().run()
    assert not at.exception
    assert "survey.csv from the work list lies on the desk." in [caption.value for caption in at.caption]
    next(box for box in at.selectbox if box.label == "BJ-999").select("BJ-001").run()
    next(b for b in at.button if b.label.startswith("Put the chosen parks in")).click().run()
    at.button(key="store").click().run()
    assert at.success, at.error
    assert stored().waiting().height == 0


def test_what_another_analyst_stored_since_is_told_and_not_replaced_unseen(copied, look, stored):
    at = sent(look, "survey.csv", FILE)
    other = sent(look, "other.csv", CHINESE.replace("下降", "上升").encode())
    other.button(key="store").click().run()
    assert other.success
    before = stored().revision()
    at.button(key="store").click().run()
    assert "Since you looked" in at.error[0].value
    assert stored().revision() == before
    assert [line for line in said(at) if " changed · " in line and not line.startswith("0 new · 0 changed")]
    at.button(key="store").click().run()
    assert at.success, "having seen the new preview the analyst may replace"


def test_several_files_are_listed_and_the_clean_ones_stored_together(copied, look, screen, stored, start):
    lines = CHINESE.strip().split("\n")
    parts = ["\n".join([lines[0], *lines[1:40]]), "\n".join([lines[0], *lines[40:]]), "甲,乙\n1,2"]
    at = look("upload", **{"as": "analyst", "lang": "en"})
    files = [(f"part{place}.csv", text.encode(), "text/csv") for place, text in enumerate(parts)]
    at.file_uploader[0].set_value(files).run()
    assert not at.exception
    table = screen(at).table("File", "Rows", "Ready to store")
    assert table["File"].to_list() == ["part0.csv", "part1.csv", "part2.csv"]
    assert table["Rows"].to_list()[:2] == [39, len(lines) - 40]
    at.button(key="store_clean").click().run()
    assert stored().revision() == start + 2


def test_the_file_can_be_read_in_another_way(demo, look):
    at = sent(look, "survey.csv", CHINESE.replace(",", ";").encode())
    assert "delimiter ;" in said(at)[0]
    next(box for box in at.selectbox if box.label == "Delimiter").select(",").run()
    assert at.error or at.warning
    next(box for box in at.selectbox if box.label == "Delimiter").select(";").run()
    assert "1074 new · 0 changed · 0 identical · 0 removed" in said(at)


def test_points_in_another_system_are_asked_about_before_anything_is_stored(demo, look):
    rows = "企业编号,城市,区,经度,纬度,坐标系,状态\nE1,北京,朝阳区,116.49,39.98,GCJ-02,存续\n"
    at = look("upload", dataset="enterprises", **{"as": "analyst", "lang": "en"})
    at.file_uploader[0].upload("firms.csv", rows.encode()).run()
    assert not at.exception
    assert not [button for button in at.button if button.key == "store"]
    assert at.radio[0].value is None, "nothing is chosen for the analyst"
    at.radio[0].set_value("GCJ-02").run()
    assert not at.exception
    assert [button for button in at.button if button.key == "store"]


REGISTER = (
    "ttxid,dba name,naics code,latitude,longitude,location start date\nA-1,Mill Press,3231,40.44,-79.99,01/31/2015\n"
)


def preset_box(at):
    return next(box for box in at.selectbox if box.label == "How the source is read")


def test_a_known_source_is_named_and_another_reading_can_be_chosen(demo, look):
    at = look("upload", dataset="enterprises", **{"as": "analyst", "lang": "en"})
    at.file_uploader[0].upload("firms.csv", REGISTER.encode()).run()
    assert not at.exception
    assert any("The columns are those of: US business register (NAICS)" in text for text in said(at))
    box = preset_box(at)
    assert box.value == "auto"
    box.select("none").run()
    assert not at.exception
    assert any(text.startswith("Read as a plain table, as chosen here") for text in said(at))
    preset_box(at).select("clue").run()
    assert not at.exception
    assert "The required column “industry_anzsic4_code” is missing." in at.error[0].value
    assert any(text.startswith("Read as City of Melbourne CLUE") for text in said(at))
    assert any("City of Melbourne CLUE (CC BY)" in caption.value for caption in at.caption)
    preset_box(at).select("auto").run()
    assert any("The columns are those of" in text for text in said(at))


def test_a_survey_file_is_not_asked_for_its_source(demo, look):
    at = sent(look, "survey.csv", FILE)
    assert not [box for box in at.selectbox if box.label == "How the source is read"]
