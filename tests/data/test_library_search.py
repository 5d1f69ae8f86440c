"""The search of the library: Chinese and English words, every place, nothing that does not contain them."""

from __future__ import annotations

import contextlib
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import registry
from data.current_registers import registers
from data.entries import entry
from data.library_search import LibraryIndex, excerpt, match_query, tokens

TODAY = date(2026, 11, 22)
CHINESE = st.text(alphabet="工业遗产园区文化改造", min_size=1, max_size=12)
MIXED = st.text(alphabet="工业遗产园ABc12 ,〔〕-", max_size=30)


def index_of(*titles, **more):
    """Documents a, b, c … with these titles."""
    ids = [chr(ord("a") + place) for place in range(len(titles))]
    return LibraryIndex(pl.DataFrame({"document_id": ids, "title": titles, **more}))


def ids(index, words):
    return index.found(words)["document_id"].to_list()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("遗产", ["a"]),
        ("业遗", ["a"]),  # any run of the text, not only what a dictionary has for a word
        ("国家工业遗产名单", ["a"]),
        ("遗名", []),  # both characters stand there, not side by side
        ("产业函〔2017〕589号", ["a"]),
        ("产业函(2017)589", ["a"]),
        ("589号", ["a"]),
        ("58", ["a"]),
        ("89号", []),
        ("园区", ["b"]),
        ("园", ["b"]),
        ("书", ["b"]),
        ("heritage", ["c"]),
        ("HERIT", ["c"]),
        ("eritage", []),
        ("Ｈｅｒｉｔａｇｅ", ["c"]),
        ("园区 白皮书", ["b"]),
        ("白皮书 园区 2022", ["b"]),
        ("白皮书 2023", []),
        ("", []),
        ('" * ( ) AND', []),
        ("NOT", []),
    ],
)
def test_words_find_the_texts_that_contain_them_and_no_others(words, wanted):
    index = index_of("国家工业遗产名单 产业函〔2017〕589号", "文化园区白皮书(2022)", "Industrial Heritage of the Ruhr")
    assert ids(index, words) == wanted


@given(st.lists(CHINESE, min_size=1, max_size=5), CHINESE)
def test_a_run_of_chinese_is_found_where_it_stands_and_nowhere_else(titles, words):
    index = index_of(*titles)
    assert set(ids(index, words)) == {chr(ord("a") + n) for n, title in enumerate(titles) if words in title}
    index.close()


@given(MIXED, MIXED)
def test_no_text_and_no_question_breaks_the_search(title, words):
    index = index_of(title)
    found = index.found(words)
    assert found.height <= 1
    assert bool(match_query(words)) == any(letter.isalnum() for letter in words)
    for part in words.split():
        assert set(ids(index, words)) <= set(ids(index, part)) or not match_query(part)
    index.close()


@given(MIXED, MIXED)
def test_an_excerpt_is_a_part_of_the_text_and_marks_the_words(text, words):
    pieces = excerpt(text, words)
    told = "".join(piece for piece, _ in pieces).strip("…")
    assert told in text
    assert all(any(letter.isalnum() for letter in piece) for piece, hit in pieces if hit)


def test_an_excerpt_of_a_long_text_lies_around_the_first_find():
    text = "前" * 100 + "工业遗产" + "后" * 200
    pieces = excerpt(text, "工业遗产")
    assert pieces[0] == ("…", False)
    assert pieces[-1] == ("…", False)
    assert ("工业遗产", True) in pieces
    assert len("".join(piece for piece, _ in pieces)) == 24 + 96 + 2


def test_a_find_in_the_title_goes_before_one_in_the_summary():
    index = index_of("园区名单", "工业遗产", summary=["工业遗产的认定与管理", "没有别的"])
    found = index.found("工业遗产")
    assert found.select("document_id", "column", "rank").rows() == [("b", "title", 1), ("a", "summary", 2)]
    assert found["score"].is_sorted(descending=True)


def test_only_so_many_are_given_and_the_best_of_them():
    index = index_of(*(["工业遗产"] + ["工业遗产 与许多别的词语 再加一些"] * 9))
    assert ids(index, "工业遗产")[0] == "a"
    assert index.found("工业遗产", most=3).height == 3


def test_tokens_are_pairs_and_the_last_character():
    assert tokens("甲") == ["甲"]
    assert tokens("") == []
    assert tokens("Park园区2号") == ["park", "园区", "区", "2", "号"]


def test_the_shipped_library_is_found_by_number_and_topic():
    index = LibraryIndex(registry.library())
    assert ids(index, "发改东北〔2013〕543号") == ["LIB-001"]
    assert ids(index, "课题研究") == ["LIB-301"]
    assert set(ids(index, "国家工业遗产名单")) == {f"LIB-10{n}" for n in range(1, 8)}


def test_a_document_stored_on_either_server_is_found_and_a_changed_one_as_it_is_now(analyst):
    new = {
        "document_id": "NEW-1", "title": "老旧厂房更新指引", "issuer": "某协会", "level": "association",
        "link": "https://example.org/guide",
    }  # fmt: skip
    known = registers(analyst)
    assert entry(analyst, "documents", new, known, TODAY, "ann").stored is not None
    with contextlib.closing(LibraryIndex(analyst.documents().collect())) as index:
        assert ids(index, "老旧厂房更新") == ["NEW-1"]
        assert ids(index, "发改东北") == ["LIB-001"]
    change = {"document_id": "LIB-001", "summary": "附老旧厂房的说明"}
    assert entry(analyst, "documents", change, known, TODAY, "ann").stored is not None
    with contextlib.closing(LibraryIndex(analyst.documents().collect())) as index:
        assert ids(index, "老旧厂房") == ["NEW-1", "LIB-001"]
