"""The two full-text engines: what a tsvector holds of a text, and that long texts are found like short ones."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from data.library_engines import LAST_PLACE, MARK, MOST_PLACES, fts5_query, ts_query, ts_vector
from data.library_search import LibraryIndex
from tests.data.library_texts import documents, ids


def test_the_places_of_two_columns_are_apart():
    assert ts_vector([["a"], ["b", "a"], [], [], ["c"]]) == ("'a':1A,4B 'b':3B 'c':8D", True)
    assert ts_vector([[], [], [], [], []]) == ("", True)


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        (["a"] * MOST_PLACES, True),
        (["a"] * (MOST_PLACES + 1), False),
        ([f"w{n}" for n in range(LAST_PLACE)], True),
        ([f"w{n}" for n in range(LAST_PLACE + 1)], False),
        ([f"{n:0500}" for n in range(250)], True),
        ([f"{n:0500}" for n in range(300)], False),
    ],
)
def test_a_vector_says_when_it_cannot_hold_a_text(pieces, whole):
    assert ts_vector([pieces])[1] == whole


LONG = {
    "many places": "工业园 " * 300 + "遗产名单 末 Park",
    "late places": " ".join(f"w{n}" for n in range(20_000)) + " 遗产名单 末 Park",
    "many bytes": " ".join(f"{n:0500}" for n in range(3000)) + " 遗产名单 末 Park",
}


@pytest.mark.parametrize("kind", LONG)
def test_a_text_of_any_length_is_found_by_its_end_and_by_no_words_that_only_meet_there(searched, kind):
    index = LibraryIndex(searched, documents("短 遗产", LONG[kind], issuer=["业", "头 产地"]))
    for words in ("遗产名单", "产名", "单", "末Park", "遗产名单 pa", "名单 头"):
        assert ids(index, words) == ["b"], words
    for words in ("遗名", "名单末", "Park末", "Park头", "遗产名单 没有"):
        assert ids(index, words) == [], words
    assert set(ids(index, "遗产")) == {"a", "b"}


def test_words_are_asked_of_both_in_the_same_way():
    question = [["工业", "业遗"], ["park"]]
    assert fts5_query(question) == '"工业 业遗"* AND "park"*'
    assert ts_query(question) == "('工业' <-> '业遗':*) & ('park':*)"
    assert not MARK.isalnum()


def test_each_answers_from_its_index(searched):
    if searched.url.get_backend_name() == "sqlite":
        plan = "EXPLAIN QUERY PLAN SELECT rowid FROM library_words WHERE library_words MATCH '\"a\"*'"
    else:
        plan = "EXPLAIN SELECT text_id FROM library_words WHERE words @@ CAST('''a'':* | ''…''' AS tsquery)"
    with searched.read.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        told = " ".join(str(row) for row in connection.execute(sa.text(plan.replace(":", r"\:"))))
    assert "ix_library_words_words" in told or "VIRTUAL TABLE INDEX" in told
