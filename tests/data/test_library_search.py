"""The search of the library on either store: Chinese and English words, every place, nothing that does not hold them,
nothing that the viewer does not see.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from data import library_search, registry
from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.engines import Engines, StoreError
from data.entries import entry
from data.history import now
from data.library_pieces import asked
from data.library_search import LibraryIndex, digest_of
from data.schema import library_text
from tests.data.library_texts import documents, ids

TODAY = date(2026, 11, 22)
CHINESE = st.text(alphabet="工业遗产园区文化改造", min_size=1, max_size=12)
FEW = st.text(alphabet="工业", min_size=1, max_size=8)
MIXED = st.text(alphabet="工业遗产园ABc12 ,〔〕-", max_size=30)


@pytest.fixture
def index_of(searched):
    """The search of documents a, b, c … with these titles."""
    return lambda *titles, **more: LibraryIndex(searched, documents(*titles, **more))


def indexed(engines):
    """The digests the store knows, and how many texts its own engine has indexed."""
    with engines.read.begin() as connection:
        digests = set(connection.scalars(sa.select(library_text.c.digest)))
        return digests, connection.scalar(sa.text("SELECT count(*) FROM library_words"))


def emptied(engines):
    with engines.write.begin() as connection:
        connection.execute(sa.delete(library_text))


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
def test_words_find_the_texts_that_contain_them_and_no_others(index_of, words, wanted):
    index = index_of("国家工业遗产名单 产业函〔2017〕589号", "文化园区白皮书(2022)", "Industrial Heritage of the Ruhr")
    assert ids(index, words) == wanted


@given(st.lists(CHINESE | FEW, min_size=1, max_size=5), CHINESE | FEW)
def test_a_run_of_chinese_is_found_where_it_stands_and_nowhere_else(searched, titles, words):
    index = LibraryIndex(searched, documents(*titles))
    assert set(ids(index, words)) == {chr(ord("a") + n) for n, title in enumerate(titles) if words in title}


def contained(text, word):
    """Whether the parts of a word stand in a text one after the other: the first may begin and the last may end inside
    of a Chinese run, the last inside of any.
    """
    parts, asked_for = (re.findall("[一-龥]+|[a-z0-9]+", told.lower()) for told in (text, word))
    if len(asked_for) == 1 and asked_for[0] >= "一":
        return any(asked_for[0] in part for part in parts)
    first, *others = (re.escape(part) for part in asked_for)
    begins = first if first >= "一" else rf"\b{first}"
    return bool(re.search(" ".join([begins, *others]), " ".join(parts)))


@given(MIXED, MIXED, MIXED)
def test_both_engines_find_what_plainly_contains_the_words(searched, title, summary, words):
    index = LibraryIndex(searched, documents(title, summary=[summary]))
    wanted = [word for word in words.split() if asked(word)]
    holds = bool(wanted) and all(contained(title, word) or contained(summary, word) for word in wanted)
    assert ids(index, words) == (["a"] if holds else [])


@given(st.text(max_size=40), st.text(max_size=40), st.integers(0, 40))
def test_any_text_is_found_by_any_beginning_of_it(searched, text, other, n):
    index = LibraryIndex(searched, documents(text, other))
    assert "a" in ids(index, text[:n]) or not asked(text[:n])
    assert set(ids(index, other)) <= {"a", "b"}


@given(st.lists(CHINESE, min_size=1, max_size=4), st.lists(CHINESE, min_size=1, max_size=4), CHINESE)
def test_what_only_another_sees_is_never_found(searched, mine, theirs, words):
    own = LibraryIndex(searched, documents(*mine).with_columns(pl.col("document_id") + "-mine"))
    other = LibraryIndex(searched, documents(*theirs).with_columns(pl.col("document_id") + "-theirs"))
    found = ids(other, words)
    assert all(name.endswith("-mine") for name in ids(own, words))
    assert set(ids(own, theirs[0])) == {f"{chr(97 + n)}-mine" for n, title in enumerate(mine) if theirs[0] in title}
    assert ids(other, words) == found


def test_a_find_in_the_title_goes_before_one_in_the_summary(index_of):
    index = index_of("园区名单", "工业遗产", summary=["工业遗产的认定与管理", "没有别的"])
    found = index.found("工业遗产")
    assert found.select("document_id", "column", "rank").rows() == [("b", "title", 1), ("a", "summary", 2)]
    assert found["score"].is_sorted(descending=True)
    assert found.schema == index.found("").schema == pl.Schema(library_search.FOUND)


def test_only_so_many_are_given_and_the_best_of_them(index_of):
    index = index_of(*["工业遗产 与许多别的词语 再加一些"] * 9, "工业遗产")
    assert ids(index, "工业遗产")[0] == "j"
    assert index.found("工业遗产", most=3)["document_id"].to_list() == ["j", "a", "b"]


def test_documents_of_the_same_text_are_all_found_in_their_order(index_of):
    index = index_of("遗产", "遗产", "园区")
    assert index.found("遗产").select("document_id", "rank").rows() == [("a", 1), ("b", 2)]
    assert index.found("遗产")["score"].n_unique() == 1


def test_empty_cells_and_empty_libraries_hold_nothing(index_of):
    assert ids(index_of(None, "", summary=[None, "园区"]), "园区") == ["b"]
    assert ids(index_of(), "园区") == []


def test_the_shipped_library_is_found_by_number_and_topic(searched):
    index = LibraryIndex(searched, registry.library())
    assert ids(index, "发改东北〔2013〕543号") == ["LIB-001"]
    assert ids(index, "课题研究") == ["LIB-301"]
    assert set(ids(index, "国家工业遗产名单")) == {f"LIB-10{n}" for n in range(1, 8)}


def test_the_index_may_be_emptied_at_any_time(index_of, searched):
    index = index_of("工业遗产", "文化园区")
    assert ids(index, "遗产") == ["a"]
    emptied(searched)
    assert indexed(searched) == (set(), 0)
    assert ids(index, "园区") == ["b"]
    assert indexed(searched)[1] == 2


def test_texts_nobody_needed_for_a_day_are_dropped_when_others_come(index_of, searched):
    emptied(searched)
    index_of("甲旧", "乙旧").found("旧")
    with searched.write.begin() as connection:
        connection.execute(sa.update(library_text).values(made_at=now() - timedelta(days=2)))
    index_of("丙新").found("新")  # of today
    index = index_of("乙旧", "丁新")
    assert ids(index, "旧") == ["a"]
    assert indexed(searched) == ({digest_of([t, "", "", "", ""]) for t in ("丙新", "丁新", "乙旧")}, 3)


def test_a_text_that_is_indexed_is_not_indexed_again(index_of, searched):
    emptied(searched)
    titles = ["甲", "乙", "甲", "丙"]
    for n in (2, 3, 4, 4):
        index_of(*titles[:n]).found("甲")
        assert indexed(searched)[1] == len(set(titles[:n]))


def test_other_pieces_of_the_same_texts_are_indexed_anew(index_of, searched, monkeypatch):
    emptied(searched)
    assert ids(index_of("工业遗产"), "遗产") == ["a"]
    monkeypatch.setattr(library_search, "_FORM", "another")
    assert ids(index_of("工业遗产"), "遗产") == ["a"]
    assert indexed(searched)[1] == 2


def test_a_store_that_cannot_be_written_is_searched_if_it_is_indexed_and_told_if_not(index_of, searched):
    emptied(searched)
    locked = Engines(searched.read, searched.read)
    rows = documents("工业遗产")
    with pytest.raises(StoreError, match=r"^The store .* (readonly|read-only)"):
        LibraryIndex(locked, rows).found("遗产")
    assert ids(LibraryIndex(searched, rows), "遗产") == ["a"]
    assert ids(LibraryIndex(locked, rows), "遗产") == ["a"]


def test_several_at_once_index_every_text_once(searched):
    emptied(searched)
    titles = [f"第{n}号 工业遗产" for n in range(20)]
    begin = Barrier(4)

    def searching(n):
        index = LibraryIndex(searched, documents(*titles[n:]))
        begin.wait()
        return [len(ids(index, "遗产")) for _ in range(3)]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(searching, range(4))) == [[20 - n] * 3 for n in range(4)]
    assert indexed(searched)[1] == 20


NEW = {
    "document_id": "NEW-1", "title": "老旧厂房更新指引", "issuer": "某协会", "level": "association",
    "link": "https://example.org/guide",
}  # fmt: skip


def stored(analyst, cells):
    found = entry(analyst, "documents", cells, registers(analyst), TODAY, "ann").stored
    assert found is not None
    return found.upload_id


def test_a_document_stored_on_either_server_is_found_and_a_changed_one_as_it_is_now(analyst):
    stored(analyst, NEW)
    index = analyst.library_index()
    assert ids(index, "老旧厂房更新") == ["NEW-1"]
    assert ids(index, "发改东北") == ["LIB-001"]
    stored(analyst, {"document_id": "LIB-001", "summary": "附老旧厂房的说明"})
    assert set(ids(analyst.library_index(), "老旧厂房")) == {"NEW-1", "LIB-001"}
    stored(analyst, NEW | {"title": "新建园区指引"})
    index = analyst.library_index()
    assert ids(index, "新建园区指引") == ["NEW-1"]
    assert ids(index, "老旧厂房更新") == []
    assert ids(index, "老旧厂房") == ["LIB-001"]


def test_an_undone_document_is_not_found_and_a_redone_one_is(analyst):
    upload = stored(analyst, NEW)
    for change, wanted in ((None, ["NEW-1"]), (analyst.undo, []), (analyst.redo, ["NEW-1"])):
        if change:
            change(upload)
        assert ids(analyst.library_index(), "老旧厂房更新") == wanted


def test_a_search_is_no_deed_and_no_change(analyst, store):
    stored(analyst, NEW)
    before = analyst.revision(), analyst.audit().height, analyst.history().height
    assert ids(store.for_viewer(DEMO_VIEWERS["official"]).library_index(), "老旧厂房") == ["NEW-1"]
    assert (analyst.revision(), analyst.audit().height, analyst.history().height) == before


def test_a_topic_is_found_by_the_words_it_is_called_by(analyst):
    wanted = registry.library().filter(pl.col("topic") == "industrial_heritage")["document_id"]
    index = analyst.library_index({"industrial_heritage": "天外遗存 skyward"})
    assert set(ids(index, "天外遗存")) == set(ids(index, "SKY")) == set(wanted)
    assert ids(analyst.library_index(), "天外遗存") == []
