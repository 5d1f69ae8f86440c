"""Survey answers as arrays of whole numbers, made once and used for every figure of the survey.

Breakdowns, contributions and matched samples all count the same answers again and again. With
months, parks and questions as numbers from 0, each count is one pass over an array. The functions
of ``breakdowns``, ``contributions`` and ``panel`` take answers as a frame or coded, with the same
result; coding once saves the repeated work where there are millions of answers.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.frames import ANSWERS, grouping, require, require_named
from indicators.levels import LEVELS, SCORES, require_levels, with_levels
from indicators.prosperity import require_items

Codes = NDArray[np.int32]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SPARE = 8
"""A table of all possible places is used up to this many times the places that are taken."""

_ROWS_AT_ONCE = 200_000

_WORDS = tuple(dict.fromkeys(word for levels in (3, 5, 7) for word in LEVELS[levels]))
_UNKNOWN, _NOTHING = len(_WORDS) + 1, len(_WORDS) + 2
"""In a table of answers: an answer that is none of the words, and no row at all."""

_SCORES = np.array(
    [[np.nan, *(scores.get(word, np.inf) for word in _WORDS), np.inf, np.nan] for scores in SCORES.values()]
)
"""Kinds of question (3, 5, 7 levels) x answer codes; infinite where the answer is not one of the levels."""


@dataclass(frozen=True, eq=False)
class CodedAnswers:
    """The valid answers of a survey as a table questions x park months, and what its places stand for.

    Made by ``coded``. A park month is a park in a month (and in a group of its own, if coded so):
    ``month`` counts calendar months from ``first`` (a number of months since 1970), so the month
    before is always one less; ``park`` and ``group`` are rows of ``parks`` and ``groups``. ``score`` is
    0 to 1 with 1 favourable, inverse questions turned, and 0 without a valid answer; ``weight`` is the
    weight of the answer, or whether there is one; 0 = no valid answer. ``observed`` says which months
    and groups occur, ``n_frame`` how many parks a group has.
    """

    first: int
    parks: pl.Series
    items: pl.DataFrame
    groups: pl.DataFrame
    month: Codes
    park: Codes
    group: Codes | None
    score: Numbers
    weight: NDArray[Any]
    observed: Flags
    n_frame: NDArray[np.int64] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """How many months, groups and questions there are."""
        return (self.observed.shape[0], self.observed.shape[1], self.items.height)

    @property
    def item_weights(self) -> Numbers:
        """The weights of the questions in the order of ``items``."""
        return self.items["weight"].to_numpy()

    @property
    def cell(self) -> NDArray[np.int64]:
        """The number of each park month's month and group."""
        month = self.month.astype(np.int64)
        return month if self.group is None else month * self.shape[1] + self.group


def coded(answers: pl.DataFrame, items: pl.DataFrame, by: str | Sequence[str] = ()) -> CodedAnswers:
    """The answers of a survey as numbers, checked like everywhere else, ready for many figures.

    Formula: score = the diffusion score of the answer (up 1, same 1/2, down 0, levels between in
    equal steps), 1 minus that for questions of direction -1.
    Columns in: ANSWERS; ITEMS; those of ``by`` (other than period), found in ``answers``.
    Empty answers, weights of 0 and questions outside ``items`` are left out, as in
    ``sub_indices``; their months still count as observed. Raises ContractError.
    Source: our choice.

    >>> october = pl.Series(["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b"], "item_id": ["cost"] * 2,
    ...     "answer": ["up", "same"]})
    >>> items = pl.DataFrame({"item_id": ["cost"], "direction": [-1], "weight": [1.0]})
    >>> coded(answers, items).score.tolist()
    [[0.0, 0.5]]
    """
    questions = require_items(items).sort("item_id")
    names = group_names(by)
    require_named(answers, names, ANSWERS)
    frame = _exact(answers)
    heads, lengths = _runs(frame) if not names else (frame, None)
    first, month = _months(heads)
    parks, park = _texts(heads["park_id"])
    groups, group = _own_groups(frame, names)
    texts, item = _texts(frame["item_id"])
    row, n_rows = _places(texts, questions["item_id"])
    park_month, place = _park_months(month, park, group, (_size(month), len(parks), groups.height))
    observed = np.zeros((_size(park_month[0]), groups.height), dtype=np.bool_)
    observed[park_month[0], 0 if group is None else park_month[2]] = True
    whole = place if lengths is None else np.repeat(place, lengths)
    table = _Table((row * np.int64(len(park_month[0])))[item] + whole, (n_rows, len(park_month[0])))
    if group is not None and _repeats(month, park, item):
        require_levels(with_levels(frame, questions))
    score, weight = _scored(table, frame, questions)
    return CodedAnswers(first, parks, questions, groups, *park_month, score, weight, observed)


def group_names(by: str | Sequence[str]) -> list[str]:
    """The columns of ``by`` that are neither the month nor the question.

    >>> group_names(("period", "district_code", "item_id"))
    ['district_code']
    """
    return [name for name in grouping(by) if name not in ("period", "item_id")]


def distinct(places: NDArray[Any], size: int) -> NDArray[np.int64]:
    """The different values among ``places`` (each below ``size``), in order."""
    if not roomy(size, len(places)):
        return np.unique(places)
    taken = np.zeros(size, dtype=np.bool_)
    taken[places] = True
    return np.flatnonzero(taken)


def roomy(size: int, taken: int) -> bool:
    """Whether a table of ``size`` places is worth its memory when ``taken`` of them are used."""
    return size <= _SPARE * taken + 1_000_000


def _exact(answers: pl.DataFrame) -> pl.DataFrame:
    """The answers in the contract's dtypes; values are looked at later, in coded form, which is faster."""
    have = answers.schema
    texts = (pl.String, pl.Categorical, pl.Enum)
    exact = all(
        have.get(column.name) in (texts if column.dtype == pl.String else (column.dtype,))
        for column in ANSWERS.columns
        if not column.optional or column.name in have
    )
    keys_are_full = exact and not any(answers[name].null_count() for name in ANSWERS.key)
    return answers if keys_are_full else require(answers, ANSWERS)


def _months(frame: pl.DataFrame) -> tuple[int, Codes]:
    """The first month and, for each row, how many calendar months later it is."""
    days = frame["period"].to_physical().to_numpy()
    if not len(days):
        return 0, np.zeros(0, dtype=np.int32)
    low = int(days.min())
    used = distinct(days - low, int(days.max()) - low + 1)
    dates = (used + low).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    if (months.astype("datetime64[D]") != dates).any():
        require(frame, ANSWERS)
    place = np.zeros(used[-1] + 1, dtype=np.int32)
    numbers = months.astype(np.int64)
    place[used] = numbers - numbers[0]
    return int(numbers[0]), place[days - low]


def _own_groups(frame: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, Codes | None]:
    if not names:
        return pl.DataFrame({"_group": [0]}), None
    groups = frame.select(names).unique().sort(names, nulls_last=True).with_row_index("_group")
    joined = frame.select(names).join(groups, on=names, how="left", nulls_equal=True, maintain_order="left")
    return groups, joined["_group"].to_numpy().astype(np.int32)


def _runs(frame: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64] | None]:
    """The first row of each run of rows of one park and month, and the lengths of the runs, where that saves work."""
    change = pl.col("period", "park_id").ne_missing(pl.col("period", "park_id").shift(1))
    first = frame.select(pl.any_horizontal(change).alias("first"))["first"]
    if frame.is_empty() or 4 * int(first.sum()) > frame.height:
        return frame, None
    first[0] = True
    rows = first.arg_true()
    return frame.select("period", "park_id")[rows], np.diff(rows.to_numpy(), append=frame.height).astype(np.int64)


def _texts(texts: pl.Series) -> tuple[pl.Series, Codes]:
    """The different texts, and for each row which of them it is."""
    numbers = texts.cast(pl.Categorical).to_physical().to_numpy()
    size = int(numbers.max()) + 1 if len(numbers) else 0
    used = distinct(numbers, size)
    shown = texts.gather(_a_row_of_each(numbers, used, size)).cast(pl.String)
    if len(used) == size:
        return shown, numbers.astype(np.int32)
    place = np.zeros(size, dtype=np.int32)
    place[used] = np.arange(len(used))
    return shown, place[numbers]


def _a_row_of_each(numbers: NDArray[Any], used: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """A row for each number in use, found without looking further than needed."""
    row = np.full(size, -1, dtype=np.int64)
    for start in range(0, len(numbers), _ROWS_AT_ONCE):
        part = numbers[start : start + _ROWS_AT_ONCE]
        row[part] = np.arange(start, start + len(part))
        if (row[used] >= 0).all():
            break
    return row[used]


def _places(texts: pl.Series, known: pl.Series) -> tuple[Codes, int]:
    """For each text its row in the table of questions; those that are not ``known`` get rows after them."""
    rows = {text: row for row, text in enumerate(known)}
    found = [rows.setdefault(text, len(rows)) for text in texts]
    return np.array(found, dtype=np.int32), len(rows)


def _park_months(
    month: Codes, park: Codes, group: Codes | None, size: tuple[int, int, int]
) -> tuple[tuple[Codes, Codes, Codes | None], NDArray[np.int64]]:
    """Month, park and group of every park month there is, and for each row which of them it belongs to."""
    place = month.astype(np.int64) * size[1] + park
    if group is not None:
        place = place * size[2] + group
    whole = size[0] * size[1] * size[2]
    taken = distinct(place, whole)
    if roomy(whole, len(place)):
        row = np.empty(whole, dtype=np.int64)
        row[taken] = np.arange(len(taken))
        position = row[place]
    else:
        position = np.searchsorted(taken, place)
    pair, own = (taken, None) if group is None else (taken // size[2], (taken % size[2]).astype(np.int32))
    codes = ((pair // max(size[1], 1)).astype(np.int32), (pair % max(size[1], 1)).astype(np.int32), own)
    return codes, position


def _repeats(month: Codes, park: Codes, item: Codes) -> bool:
    parks, questions = _size(park), _size(item)
    place = (month.astype(np.int64) * parks + park) * questions + item
    return len(distinct(place, _size(month) * parks * questions)) < len(place)


@dataclass(frozen=True, eq=False)
class _Table:
    """Where each row of the answers stands in a table questions x park months."""

    place: NDArray[np.int64]
    shape: tuple[int, int]

    def filled(self, values: NDArray[Any], empty: float) -> NDArray[Any]:
        """The values in their places, ``empty`` elsewhere."""
        table = np.full(self.shape[0] * self.shape[1], empty, dtype=values.dtype)
        table[self.place] = values
        return table.reshape(self.shape)


def _scored(table: _Table, frame: pl.DataFrame, questions: pl.DataFrame) -> tuple[Numbers, NDArray[Any]]:
    """Score and weight of every question and park month; refuses what ``require_levels`` refuses."""
    answers = _answer_codes(frame["answer"])
    given = table.filled(answers, _NOTHING)
    levels, weight = _levels(table, frame, questions), _weights(table, frame)
    sound = weight is not None and np.count_nonzero(given != _NOTHING) == len(answers)
    score, valid = np.zeros((questions.height, table.shape[1])), np.zeros(given.shape, dtype=np.bool_)
    inverse = questions["direction"].to_numpy() == -1
    for row, codes in enumerate(given):
        found = _SCORES[levels[row] // 2 - 1, codes]
        sound = sound and not np.isinf(found).any()
        np.greater_equal(found, 0.0, out=valid[row])
        if row < len(score):
            np.copyto(score[row], 1.0 - found if inverse[row] else found, where=valid[row])
    if weight is None or not sound:
        require_levels(with_levels(frame, questions))
    valid = valid[: questions.height]
    if weight is None or "weight" not in frame.columns:
        return score, valid
    kept = np.where(valid, weight[: questions.height], 0.0)
    score[kept == 0.0] = 0.0
    return score, kept


def _answer_codes(answers: pl.Series) -> NDArray[np.uint8]:
    """For each answer 0 if it is empty, its place among the answers there are from 1, or ``_UNKNOWN``."""
    texts = answers.cast(pl.String)
    full = len(texts) - texts.null_count()
    codes = _matched(texts, _WORDS[:3], 1)
    if np.count_nonzero(codes) < full:
        codes = codes + _matched(texts, _WORDS[3:], 4)
    if np.count_nonzero(codes) < full:
        codes = np.where((codes == 0) & texts.is_not_null().to_numpy(), np.uint8(_UNKNOWN), codes)
    return codes


def _matched(texts: pl.Series, words: Sequence[str], first: int) -> NDArray[np.uint8]:
    text = pl.col("text")
    places = [text.eq_missing(word).cast(pl.UInt8) * pl.lit(place, pl.UInt8) for place, word in enumerate(words, first)]
    total = texts.alias("text").to_frame().select(reduce(operator.add, places))
    return total.to_series().to_numpy()


def _levels(table: _Table, frame: pl.DataFrame, questions: pl.DataFrame) -> NDArray[np.uint8]:
    """The levels of each question, or of each question and park month where the answers state them."""
    if "levels" in frame.columns:
        if not frame["levels"].is_in([3, 5, 7]).all(ignore_nulls=False):
            require_levels(frame)
        return table.filled(frame["levels"].to_numpy().astype(np.uint8), 3)
    levels = np.full((table.shape[0], 1), 3, dtype=np.uint8)
    if "levels" in questions.columns:
        levels[: questions.height, 0] = questions["levels"].fill_null(3).to_numpy()
    return levels


def _weights(table: _Table, frame: pl.DataFrame) -> Numbers | None:
    """The weights in their places, of no use without a weight column; None where one is not a weight."""
    if "weight" not in frame.columns:
        return np.zeros((0, 0))
    weight = frame["weight"].to_numpy()
    return table.filled(weight, 0.0) if (weight >= 0).all() and np.isfinite(weight).all() else None


def _size(codes: Codes) -> int:
    return int(codes.max()) + 1 if len(codes) else 0
