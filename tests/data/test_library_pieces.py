"""The pieces of texts and of words, and where words stand in a text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data.library_pieces import MOST_ASKED, asked, excerpt, holds, tokens

MIXED = st.text(alphabet="工业遗产园ABc12 ,〔〕-", max_size=30)


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


def test_tokens_are_pairs_and_the_last_character():
    assert tokens("甲") == ["甲"]
    assert tokens("") == []
    assert tokens("Park园区2号") == ["park", "园区", "区", "2", "号"]


@given(st.text())
def test_a_piece_holds_nothing_an_engine_would_read_as_a_sign(text):
    question = asked(text)
    for piece in (*tokens(text), *(piece for pieces in question for piece in pieces)):
        assert piece
        assert all(letter.isalnum() or letter > "\u3400" for letter in piece)
    assert bool(question) == bool(tokens(text))


@given(st.text(), st.integers(0, 20))
def test_a_text_holds_every_beginning_of_its_own_words(text, n):
    for word in text.split():
        assert all(holds(text, asked(word[:n])))


def test_a_page_of_words_is_asked_by_its_beginning():
    question = asked(" ".join(f"w{n}" for n in range(3 * MOST_ASKED)))
    assert question == [[f"w{n}"] for n in range(MOST_ASKED)]
    assert [len(pieces) for pieces in asked("甲 " + "工业" * 9999)] == [1, MOST_ASKED - 1]
    assert tokens("x" * 9999) == ["x" * 500]
