"""The words of the library's search: the pieces a text is indexed by, those a word is asked as, and where it stands.

Chinese has no blanks between words; a run of Chinese characters is indexed as its pairs of neighbours (工业遗产 as
工业, 业遗, 遗产 and the last 产), and a word is looked for as its pairs in a row, so that exactly the texts are found
that contain it. A piece holds letters and digits only: no engine takes it apart or reads it as a sign of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

BEFORE, AFTER = 24, 96
LONGEST = 500  # letters of a piece; PostgreSQL keeps none of more than 2,046 bytes
MOST_ASKED = 500  # pieces of a question
_CHINESE = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_PARTS = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+")
_RUN = re.compile(rf"[{_CHINESE}]")


def tokens(text: str) -> list[str]:
    """The pieces a text is indexed by: words and numbers in small letters, Chinese as pairs and the last character.

    Wide and compatibility forms are read as the plain ones; of a word of more than 500 letters these count.

    >>> tokens("C3 工业遗产〔2017〕589号")
    ['c3', '工业', '业遗', '遗产', '产', '2017', '589', '号']
    """
    return [piece for part in _parts(text) for piece in _whole(part)]


def asked(words: str) -> list[list[str]]:
    """The pieces of every word that is looked for, each word once: they stand in a row, the last is a beginning.

    Words without a letter, a character or a digit ask for nothing; of a whole page of words the first 500 pieces count.

    >>> asked("工业遗产 Park"), asked("园 园"), asked('"( )"')
    ([['工业', '业遗', '遗产'], ['park']], [['园']], [])
    """
    found = dict.fromkeys(tuple(_pieces(word)) for word in words.split())
    left, kept = MOST_ASKED, []
    for pieces in filter(None, found):
        kept.append(list(pieces[:left]))
        left -= len(kept[-1])
        if not left:
            break
    return kept


def holds(text: str, question: Iterable[Sequence[str]]) -> list[bool]:
    """Of each word of the question (`asked`), whether the text holds it: what both engines answer.

    >>> holds("工业遗产名单 Parks", asked("遗产 遗名 park"))
    [True, False, True]
    """
    row = in_a_row(tokens(text))
    return [in_a_row(pieces) in row for pieces in question]


def in_a_row(pieces: Iterable[str]) -> str:
    """Pieces as one text, each after a blank: a word is in it where its own pieces in a row are.

    >>> in_a_row(["工业", "park"])
    ' 工业 park'
    """
    return "".join(f" {piece}" for piece in pieces)


def excerpt(text: str, words: str) -> list[tuple[str, bool]]:
    """The part of a text around the first of the words, cut into pieces; True: one of the words.

    A text without any of them begins at its beginning. An excerpt that leaves something out says so with "…".

    >>> excerpt("七大课题研究报告", "课题")
    [('七大', False), ('课题', True), ('研究报告', False)]
    """
    places = _places(text, words)
    start = max(0, places[0][0] - BEFORE) if places and places[0][0] > BEFORE else 0
    end = min(len(text), start + BEFORE + AFTER)
    pieces, at = [("…", False)] if start else [], start
    for first, last in places:
        if first >= at and last <= end:
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [(piece, hit) for piece, hit in pieces if piece]


def _parts(text: str) -> list[str]:
    return _PARTS.findall(_plain(text))


def _plain(text: str) -> str:
    """Wide and compatibility forms as the plain ones, in small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def _is_chinese(part: str) -> bool:
    return bool(_RUN.match(part))


def _pairs(part: str) -> Iterable[str]:
    """The pairs of neighbours of a Chinese run; of anything else none."""
    return (part[at : at + 2] for at in range(len(part) - 1)) if _is_chinese(part) else ()


def _whole(part: str) -> list[str]:
    """The pieces of a run of Chinese, or of a word or number, that ends here."""
    return [*_pairs(part), part[-1]] if _is_chinese(part) else [part[:LONGEST]]


def _pieces(word: str) -> list[str]:
    """The pieces of a word that is looked for; its last Chinese run may go on in the text, so only its pairs count."""
    *ended, last = _parts(word) or [""]
    return [
        *(piece for part in ended for piece in _whole(part)),
        *(list(_pairs(last)) or filter(None, [last[:LONGEST]])),
    ]


def _places(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand in a text as it is written, from left to right, none inside another."""
    plain, origin = _traced(text)
    found: list[tuple[int, int]] = []
    for parts in filter(None, (_parts(word) for word in words.split())):
        begins = "" if _is_chinese(parts[0]) else rf"(?<![^\W_{_CHINESE}])"
        pattern = begins + r"[\W_]*".join(re.escape(part) for part in parts)
        found += [(origin[hit.start()], origin[hit.end() - 1] + 1) for hit in re.finditer(pattern, plain)]
    return _apart(sorted(found, key=lambda place: (place[0], -place[1])))


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for first, last in places:
        if not kept or first >= kept[-1][1]:
            kept.append((first, last))
    return kept


def _traced(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each of its characters the place it came from."""
    plain = [(letter, at) for at, written in enumerate(text) for letter in _plain(written)]
    return "".join(letter for letter, _ in plain), [at for _, at in plain]
