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
from functools import cached_property, reduce
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.frames import ANSWERS, grouping, require, require_named
from indicators.levels import LEVELS, SCORES, require_levels, with_levels
from indicators.packs import Flags, Numbers, Pack, packed
from indicators.prosperity import require_items

Codes = NDArray[np.int32]

_SPARE = 8
"""A table of all possible places is used up to this many times the places that are taken."""

_ROWS_AT_ONCE = 1_000_000
"""So many answers are read in one go: they stay near the processor, and its cores share the work."""

_WORDS = tuple(dict.fromkeys(word for levels in (3, 5, 7) for word in LEVELS[levels]))
_UNKNOWN, _NOTHING = len(_WORDS) + 1, len(_WORDS) + 2
"""In a table of answers: an answer that is none of the words, and no row at all."""

_STEPS = 12
"""Scores are counted in twelfths, so that those of three, five and seven levels are whole numbers."""

_OUTSIDE = 255
"""The number of an answer that is not one of the levels of its question."""


@dataclass(frozen=True, eq=False)
class CodedAnswers:
    """The valid answers of a survey as a table questions x park months, and what its places stand for.

    Made by ``coded``. A park month is a park in a month (and in a group of its own, if coded so):
    ``month`` counts calendar months from ``first`` (a number of months since 1970), so the month
    before is always one less; ``park`` and ``group`` are rows of ``parks`` and ``groups``. ``packs`` hold
    for each question (a row of ``items``) and park month the number of the answer, which is its place
    in ``values``, and the weight; number 0 = no valid answer. ``values`` are scores, 0 to 1 with 1
    favourable, inverse questions turned. ``observed`` says which months and groups occur, ``n_frame``
    how many parks a group has.
    """

    first: int
    parks: pl.Series
    items: pl.DataFrame
    groups: pl.DataFrame
    month: Codes
    park: Codes
    group: Codes | None
    packs: tuple[Pack, ...]
    values: Numbers
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

    @cached_property
    def cell(self) -> NDArray[np.int64]:
        """The number of each park month's month and group."""
        month = self.month.astype(np.int64)
        return month if self.group is None else month * self.shape[1] + self.group


def coded(answers: pl.DataFrame, items: pl.DataFrame, by: str | Sequence[str] = ()) -> CodedAnswers:
    """The answers of a survey as numbers, checked like everywhere else, ready for many figures.

    Formula: value = the diffusion score of the answer (up 1, same 1/2, down 0, levels between in
    equal steps), 1 minus that for questions of direction -1.
    Columns in: ANSWERS; ITEMS; those of ``by`` (other than period), found in ``answers``.
    Empty answers, weights of 0 and questions outside ``items`` are left out, as in
    ``sub_indices``; their months still count as observed. Raises ContractError.
    Source: our choice.

    >>> october = pl.Series(["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b"], "item_id": ["cost"] * 2,
    ...     "answer": ["up", "same"]})
    >>> items = pl.DataFrame({"item_id": ["cost"], "direction": [-1], "weight": [1.0]})
    >>> survey = coded(answers, items)
    >>> survey.values[survey.packs[0].codes].tolist()
    [0.0, 0.5]
    """
    return coded_for(answers, require_items(items).sort("item_id"), group_names(by))


def coded_for(answers: pl.DataFrame, questions: pl.DataFrame, names: Sequence[str]) -> CodedAnswers:
    """As ``coded``, for questions that ``require_items`` has passed, in order, and the names of the groups' columns."""
    require_named(answers, names, ANSWERS)
    frame = _exact(answers)
    heads, lengths, numbers, answer = _read(frame, in_runs=not names)
    first, month = _months(heads)
    park_numbers = heads["park_id"].cast(pl.Categorical).to_physical().to_numpy()
    parks, used = _texts(heads["park_id"], park_numbers)
    park = _translated(park_numbers, used, np.arange(len(used), dtype=np.int32))
    groups, group = rows_of_groups(frame, names) if names else (pl.DataFrame({"_group": [0]}), None)
    texts, used = _texts(frame["item_id"], numbers)
    row, n_rows = _places(texts, questions["item_id"])
    park_month, place = _park_months(month, park, group, (_size(month), len(parks), groups.height))
    observed = np.zeros((_size(park_month[0]), groups.height), dtype=np.bool_)
    observed[park_month[0], 0 if group is None else park_month[2]] = True
    start = _translated(numbers, used, row * np.int64(len(park_month[0])))
    start += place if lengths is None else np.repeat(place, lengths)
    if group is not None and _repeats(month, park, _translated(numbers, used, row)):
        require_levels(with_levels(frame, questions))
    table = _Table(start, (n_rows, len(park_month[0])))
    codes, values, weights = _numbered(table, answer, frame, questions)
    packs = packed(codes, len(values), weights)
    return CodedAnswers(first, parks, questions, groups, *park_month, packs, values, observed)


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


def rows_of_groups(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, Codes]:
    """The different groups that the columns ``names`` make, in order with ``_group``, and that number for each row."""
    keys = frame.select(names)
    groups = keys.unique().sort(names, nulls_last=True).with_row_index("_group")
    rows = keys.join(groups, on=names, how="left", nulls_equal=True, maintain_order="left")["_group"]
    return groups, rows.to_numpy().astype(np.int32)


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


def _read(
    frame: pl.DataFrame, in_runs: bool
) -> tuple[pl.DataFrame, NDArray[np.int64] | None, NDArray[Any], NDArray[np.uint8]]:
    """One row for each run of rows of one park and month, where that saves work, and the lengths of the runs.

    And for each row a number for the text of its question, and the code of its answer.
    """
    park, month, item = pl.col("park_id"), pl.col("period"), pl.col("item_id").cast(pl.Categorical).to_physical()
    change = (month != month.shift(1)) | (park != park.shift(1)) if in_runs else pl.lit(value=True)
    wanted = (item, change.fill_null(value=True).alias("first"), _matched("answer", _WORDS[:3], 1))
    parts = [part.select(wanted) for part in frame.iter_slices(_ROWS_AT_ONCE)]
    read = pl.concat(parts) if parts else frame.select(wanted)
    item_numbers, answers = read["item_id"].to_numpy(), _answer_codes(frame["answer"], read["answer"].to_numpy())
    if frame.is_empty() or not in_runs or 4 * int(read["first"].sum()) > frame.height:
        return frame, None, item_numbers, answers
    sliced = zip(frame.select("period", "park_id").iter_slices(_ROWS_AT_ONCE), parts, strict=True)
    heads = pl.concat([rows.filter(part["first"]) for rows, part in sliced])
    lengths = np.diff(np.flatnonzero(read["first"].to_numpy()), append=frame.height)
    return heads, lengths, item_numbers, answers


def _texts(texts: pl.Series, numbers: NDArray[Any]) -> tuple[pl.Series, NDArray[np.int64]]:
    """The different texts, and their numbers; equal texts have equal ``numbers``."""
    size = int(numbers.max()) + 1 if len(numbers) else 0
    used = distinct(numbers, size)
    return texts.gather(_a_row_of_each(numbers, used, size)).cast(pl.String), used


def _translated(numbers: NDArray[Any], used: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    """For each number the value at its place among those that are ``used``."""
    table: NDArray[Any] = np.zeros(used[-1] + 1 if len(used) else 0, dtype=values.dtype)
    table[used] = values
    return table.take(numbers)


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


def _numbered(
    table: _Table, answers: NDArray[np.uint8], frame: pl.DataFrame, questions: pl.DataFrame
) -> tuple[NDArray[np.uint8], Numbers, Numbers | None]:
    """The number of every answer, questions x park months, the scores by number, and the weights if there are any.

    Refuses what ``require_levels`` refuses. Weights are by park month where all questions have the same.
    """
    given, levels, weights = table.filled(answers, _NOTHING), _levels(table, frame, questions), _weights(table, frame)
    values, numbers = _numbering(sorted({3, *np.unique(levels).tolist()}))
    inverse = np.zeros(len(given), dtype=np.intp)
    inverse[: questions.height] = questions["direction"].to_numpy() == -1
    sound = np.count_nonzero(given != _NOTHING) == len(answers) and (weights is None or len(weights) > 0)
    for row, codes in enumerate(given):
        codes += (levels[row] // 2 - 1) * np.uint8(_NOTHING + 1)
        given[row] = numbers[inverse[row]].ravel().take(codes)
    if not sound or (given.size and given.max() == _OUTSIDE):
        require_levels(with_levels(frame, questions))
    given = given[: questions.height]
    if weights is None:
        return given, values, None
    weights = weights[: questions.height]
    given[weights == 0.0] = 0
    most = weights.max(axis=0, initial=0.0)
    return given, values, most if ((weights == most) | (given == 0)).all() else weights


def _numbering(kinds: Sequence[int]) -> tuple[Numbers, NDArray[np.uint8]]:
    """The scores of questions of these levels in order after a 0 for none; and directions x levels x answer codes."""
    steps = sorted({round(_STEPS * score) for levels in kinds for score in SCORES[levels].values()})
    numbers = np.full((2, len(SCORES), _NOTHING + 1), _OUTSIDE, dtype=np.uint8)
    numbers[..., [0, _NOTHING]] = 0
    for levels in kinds:
        for word, score in SCORES[levels].items():
            step = round(_STEPS * score)
            both = [1 + steps.index(step), 1 + steps.index(_STEPS - step)]
            numbers[:, levels // 2 - 1, 1 + _WORDS.index(word)] = both
    return np.array([0, *steps]) / _STEPS, numbers


def _answer_codes(answers: pl.Series, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """For each answer 0 if it is empty, its place among the words from 1, or ``_UNKNOWN``; ``codes`` know 3 words."""
    full = len(answers) - answers.null_count()
    if np.count_nonzero(codes) < full:
        others = answers.alias("answer").to_frame().select(_matched("answer", _WORDS[3:], 4))
        codes = codes + others.to_series().to_numpy()
    if np.count_nonzero(codes) < full:
        codes = np.where((codes == 0) & answers.is_not_null().to_numpy(), np.uint8(_UNKNOWN), codes)
    return codes


def _matched(column: str, words: Sequence[str], first: int) -> pl.Expr:
    text = pl.col(column).cast(pl.String)
    places = [text.eq_missing(word).cast(pl.UInt8) * pl.lit(place, pl.UInt8) for place, word in enumerate(words, first)]
    return reduce(operator.add, places)


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
    """The weights in their places, None without a weight column; a table of nothing where one is not a weight."""
    if "weight" not in frame.columns:
        return None
    weight = frame["weight"].to_numpy()
    sound = (weight >= 0).all() and np.isfinite(weight).all()
    return table.filled(weight, 0.0) if sound else np.zeros((0, table.shape[1]))


def _size(codes: Codes) -> int:
    return int(codes.max()) + 1 if len(codes) else 0
