"""Contracts refuse what they should and say where it is."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from indicators import frames
from indicators.frames import ANSWERS, ENTERPRISES, EVENTS, ITEMS, Column, Contract, ContractError, require, typed

ANSWER_ROWS = pl.DataFrame(
    {"period": [date(2026, 10, 1)] * 2, "park_id": ["a", "b"], "item_id": ["rent"] * 2, "answer": ["up", None]}
)
ANSWER_TEXT = pl.DataFrame(
    {"period": ["2026-10", "2026-10-01"], "park_id": [" a ", "b"], "item_id": ["rent"] * 2, "answer": ["up", " "]}
)


def test_require_keeps_other_columns_and_puts_the_contract_first():
    frame = ANSWER_ROWS.select(pl.lit("beijing").alias("city_id"), pl.all())
    assert require(frame, ANSWERS).columns == ["period", "park_id", "item_id", "answer", "city_id"]


def test_require_widens_numbers_and_categories():
    frame = pl.DataFrame(
        {
            "item_id": pl.Series(["rent"], dtype=pl.Categorical),
            "direction": pl.Series([1], dtype=pl.Int64),
            "weight": [1],
        }
    )
    assert require(frame, ITEMS).schema == {"item_id": pl.String, "direction": pl.Int8, "weight": pl.Float64}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (pl.lit("sideways").alias("answer"), "column answer, row 1: 'sideways' is not accepted; accepted: up, same or"),
        (
            pl.lit(None, pl.String).alias("park_id"),
            "column park_id, row 1: the value is empty; accepted: text; fill it in",
        ),
        (
            pl.lit(date(2026, 10, 2)).alias("period"),
            "column period, row 1: 2026-10-02 is not accepted; accepted: a month",
        ),
        (pl.lit(-1.0).alias("weight"), "column weight, row 1: -1.0 is not accepted"),
        (pl.lit(float("nan")).alias("weight"), "column weight, row 1: nan is not accepted"),
        (pl.lit("1").alias("weight"), "column weight: dtype is String, first value '1'; accepted: Float64"),
        (pl.lit("a").alias("park_id"), "column period, park_id, item_id, row 2: 2026-10-01, 'a', 'rent' was given in"),
    ],
)
def test_require_names_column_row_value_and_what_is_accepted(change, sentence):
    with pytest.raises(ContractError) as error:
        require(ANSWER_ROWS.with_columns(change), ANSWERS)
    assert str(error.value).startswith(f"answers: {sentence}")
    assert error.value.contract is ANSWERS
    assert error.value.problems[0].startswith(sentence)


def test_a_missing_column_is_named_with_those_found():
    with pytest.raises(ContractError, match=r"answer is missing .*; columns found: period, park_id, item_id; add"):
        require(ANSWER_ROWS.drop("answer"), ANSWERS)


def test_many_bad_rows_are_counted():
    frame = pl.DataFrame({"item_id": [str(i) for i in range(9)], "direction": [0] * 9, "weight": [0.0] * 9})
    with pytest.raises(ContractError) as error:
        require(frame, ITEMS)
    assert len(error.value.problems) == frames.SHOWN_PER_COLUMN + 1
    assert error.value.problems[-1] == "column direction: 4 more rows with such a value."


def test_a_whole_number_too_large_for_the_column_is_a_problem():
    with pytest.raises(ContractError, match="column direction: dtype is Int64, first value 1000"):
        require(pl.DataFrame({"item_id": ["a"], "direction": [1000], "weight": [1.0]}), ITEMS)


def test_empty_frames_pass_with_their_columns():
    empty = pl.DataFrame(schema=ENTERPRISES.schema)
    assert require(empty, ENTERPRISES).schema == empty.schema
    assert typed(pl.DataFrame(schema=dict.fromkeys(ENTERPRISES.schema, pl.String)), ENTERPRISES).schema == empty.schema


def test_typed_reads_months_and_blanks():
    frame = typed(ANSWER_TEXT, ANSWERS)
    assert frame.equals(ANSWER_ROWS)


@pytest.mark.parametrize(
    ("column", "value", "accepted"),
    [
        ("period", "2026/10", "a month written YYYY-MM or its first day YYYY-MM-01"),
        ("period", "2026-13", "a month written"),
        ("period", "2026-10-15", "a month written"),
        ("answer", "sideways", "up, same or down, or empty"),
        ("weight", "1,000", "a number with a decimal point and no thousands separator not below 0"),
        ("weight", "inf", "a number"),
    ],
)
def test_typed_quotes_the_value_as_written(column, value, accepted):
    second = pl.when(pl.int_range(pl.len()) == 1).then(pl.lit(value))
    fallback = pl.lit("1") if column == "weight" else pl.col(column)
    with pytest.raises(ContractError) as error:
        typed(ANSWER_TEXT.with_columns(second.otherwise(fallback).alias(column)), ANSWERS)
    assert error.value.problems[0].startswith(
        f"column {column}, row 2: '{value}' is not accepted; accepted: {accepted}"
    )


def test_typed_names_an_empty_cell_that_must_be_filled():
    with pytest.raises(ContractError, match="answers: column park_id, row 2: the value is empty"):
        typed(ANSWER_TEXT.with_columns(park_id=pl.Series(["a", ""])), ANSWERS)


def test_typed_strips_every_text_column():
    assert typed(ANSWER_TEXT.with_columns(city_id=pl.Series([" x", ""])), ANSWERS)["city_id"].to_list() == ["x", None]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("x", pl.Int8, "", "", allowed=(1,)), "1"),
        (Column("x", pl.Float64, "", "", low=0, high=1, nullable=True), "between 0 and 1, or empty"),
        (Column("x", pl.Int64, "", "", high=9), "a whole number not above 9"),
        (Column("x", pl.Date, "", ""), "a date written YYYY-MM-DD"),
    ],
)
def test_accepted_words(column, words):
    assert column.accepted().endswith(words)


@pytest.mark.parametrize(
    "contract", [v for v in vars(frames).values() if isinstance(v, Contract)], ids=lambda contract: contract.name
)
def test_contracts_are_complete(contract):
    names = [column.name for column in contract.columns]
    assert len(names) == len(set(names))
    assert set(contract.key) <= set(names)
    assert all(column.unit and column.note for column in contract.columns)


@pytest.mark.parametrize("shift", [0, 1])
def test_repeated_keys_are_found_in_any_order(shift):
    rows = pl.DataFrame(
        {"event_id": ["a", "b", "c"], "date": [date(2025, 1, 1)] * 3, "programme_id": "p", "city_id": "x"}
    )
    rows = rows.with_columns(district_code=pl.lit(None, pl.String))
    rows = pl.concat([rows.tail(3 - shift), rows.head(shift)])
    assert require(rows, EVENTS).height == 3
    with pytest.raises(ContractError, match="given in an earlier row"):
        require(pl.concat([rows, rows.tail(1)]), EVENTS)


def test_a_key_of_two_columns_may_repeat_in_each():
    two = Contract("two", (Column("q", pl.Int64, "cell", "q"), Column("r", pl.Int64, "cell", "r")), ("q", "r"))
    assert require(pl.DataFrame({"q": [0, 0, 1], "r": [0, 1, 0]}), two).height == 3
    with pytest.raises(ContractError, match="row 3"):
        require(pl.DataFrame({"q": [0, 0, 0], "r": [0, 1, 1]}), two)
    with pytest.raises(ContractError, match="row 3"):
        require(pl.DataFrame({"q": [1, 0, 1], "r": [0, 0, 0]}), two)
