"""Dirty files of every data set: each is refused by an IngestError, or its Checked adds up. 2,000 files a run."""

from __future__ import annotations

import csv
import io
from datetime import date
from random import Random

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import registry
from data.ingest import (
    DATASETS,
    IngestError,
    Reading,
    Registers,
    check,
    check_table,
    datasets,
    edited,
    explained,
    fields_of,
)
from data.ingest.findings import REJECTED_SCHEMA
from data.keys import UNITS

TODAY = date(2026, 11, 22)
FILES = 130  # of each of sixteen data sets
NAMES = (*DATASETS, "digitalisation", "rent_relief")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5", "latin-1")
GOOD = {
    "month": ("2026-10", "2026年9月", "202608", "2026/7/1"),
    "date": ("2026-10-05", "2026/9/5", "20260805", "24年3月5日"),
    "number": ("116.49", "39.98", "0.5", "1,234.5", "3.2万", "12%"),
    "whole": ("0", "12", "1,200", "1.2万"),
    "yes_no": ("是", "no", "TRUE", "0"),
    "text": ("文字", "=1+1", "Zeche Zollverein", "a" * 501, "“引号”", "2025", "2026-03"),
    "id": ("A1", "A2", "00123", "a1", "2.01909E+11"),
    "park": ("BJ-005", "BJ-011", "798艺术区", "798芝术区"),
    "city": ("beijing", "上海", "ruhr"),
    "district": ("110105", "朝阳区", "05113000"),
    "programme": ("park_show", "training"),
    "industry": ("87", "R8710", "59.11", "44-45"),
    "culture": ("01", "03"),
    "time": ("14:00", "9时", "09:30:00"),
    "year": ("2024", "2025年", "1952"),
    "percent": ("35", "12.5%", "0.3"),
    "tags": ("设计", "设计;展览", "Media, 设计"),
    "parks": ("BJ-005", "BJ-005;798艺术区"),
    "region": ("全国", "beijing", "河北省"),
    "partner": ("P1", "合成伙伴"),
    "offer": ("O1", "O2"),
    "need": ("N1", "N2"),
    "answer": ("上升", "持平", "下降", "已全面应用", "3-5"),
}
DIRT = (
    "", "", "", "-", "无", "N/A", "?", "=cmd|'/c'!A1", "１２", "１０³", "9" * 30, "1e308", "-1", "inf", "NaN",
    "2026-13", "45352", "2026-02-30", "9999-12-31", "24/3/5", "2024.1", "\u200b", "\u3000", "\x00", "\t", "\n",
    '"', "'", ";", "|",
    "\ufeff", "\U00020000", "\u4dae", "é", "x" * 300, "是否", "BJ-", "朝阳", "1900-01-01", "GCJ-02", "\x1c", "\u2028",
)  # fmt: skip


@pytest.fixture(scope="module")
def shipped():
    return Registers(
        parks=registry.parks(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
        partners=pl.DataFrame({"partner_id": ["P1"], "name_zh": ["合成伙伴"], "name_en": ["Synthetic partner"]}),
        offers=pl.DataFrame({"offer_id": ["O1", "O2"], "title": ["设计", "展览"]}),
        needs=pl.DataFrame({"need_id": ["N1", "N2"], "title": ["设计", "展览"]}),
    )


def columns(name, registers):
    """Header spellings of a data set, each with the cells that may stand below it."""
    fields = fields_of(name, registers)
    words = {entry.name: tuple(w for value, s in entry.choices.items() for w in (value, *s)) for entry in fields}
    return [(entry.spellings[:4], (words[entry.name] or GOOD[entry.kind]) * 3 + DIRT) for entry in fields]


@st.composite
def files(draw, known):
    """A file: most columns of a data set, dirty headers and cells, any delimiter, line end, encoding and damage."""
    chance = Random(draw(st.integers(0, 2**32)))
    columns = chance.sample(known, draw(st.integers(max(1, len(known) - 4), len(known))))
    header = [chance.choice(spellings) for spellings, _ in columns]
    extra = chance.sample([*header, "备注", "", "line", "月分", "row", "#1"], draw(st.integers(0, 2)))
    cells = [words for _, words in columns] + [DIRT] * len(extra)
    rows = [[chance.choice(words) for words in cells] for _ in range(draw(st.integers(1, 5)))]
    stream = io.StringIO(newline="")
    delimiter, end = draw(st.sampled_from(",,,;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
    writer.writerows([["一份表"]] * (chance.random() < 0.1))
    writer.writerow([*header, *extra])
    writer.writerows(row[: chance.choice([1, 3, 99, 99, 99, 99, 99, 99])] for row in rows)
    data = stream.getvalue().encode(draw(st.sampled_from(ENCODINGS)), errors="replace")
    return damaged(draw, data)


def damaged(draw, data):
    """One file in four is cut off, or has some bytes overwritten."""
    kind, place = draw(st.integers(0, 7)), draw(st.integers(0, max(0, len(data) - 1)))
    if kind == 0:
        return data[:place]
    return data[:place] + draw(st.binary(max_size=4)) + data[place + 1 :] if kind == 1 else data


def adds_up(checked):
    lines, bad = set(checked.table.frame["line"]), set(checked.rejected_rows["line"])
    assert checked.n_rows == checked.table.frame.height == checked.n_accepted + len(bad)
    assert set(checked.lines["line"]) == lines - bad
    assert checked.lines.height == checked.n_accepted
    assert tuple(checked.lines.columns[1:]) == UNITS[checked.dataset]
    assert set(checked.rejected["line"]) <= lines | {checked.table.header_line}
    assert bad <= set(checked.rejected["line"]) or checked.table.header_line in set(checked.rejected["line"])
    assert checked.rejected.schema == checked.warnings.schema == pl.Schema(REJECTED_SCHEMA)
    units = checked.accepted.select(UNITS[checked.dataset])
    assert units.null_count().sum_horizontal().item() == 0
    if checked.dataset == "answers":
        assert units.unique().height == checked.n_accepted
    else:
        assert units.equals(checked.lines.drop("line"))
        assert not units.is_duplicated().any()


@pytest.mark.parametrize("name", NAMES)
def test_a_dirty_file_is_refused_or_adds_up(name, shipped):
    known = columns(name, shipped)
    refusals: list[IngestError] = []
    results: list[int] = []

    @settings(max_examples=FILES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(files(known), st.sampled_from([False, False, True]))
    def fuzz(data, sure):
        try:
            checked = check(name, data, "dirty.csv", shipped, TODAY, Reading(sure=sure))
        except IngestError as error:
            refusals.append(error)
            return
        adds_up(checked)
        results.append(checked.n_accepted)
        if sure:
            assert explained(checked.rejected, "zh").height == checked.rejected.height
            first = checked.table.frame.head(1).with_columns(pl.all().exclude("line").reverse().replace("", "无"))
            adds_up(check_table(name, edited(checked.table, first), shipped, TODAY))

    fuzz()
    assert len(refusals) + len(results) >= FILES
    assert min(len(refusals), len(results)) > FILES // 20
    assert all(error.sentence("zh") != error.sentence("en") for error in refusals)


def test_the_fuzzed_data_sets_are_all_there_are(shipped):
    assert set(NAMES) == set(datasets(shipped))
    assert len(NAMES) * FILES >= 2_000
