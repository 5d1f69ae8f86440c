"""Both lanes of a column give the same: plain spellings by Polars, every spelling by its reader."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.ingest.headers import Field
from data.ingest.lanes import Wanted, coded, missing_cells, read_by, read_columns, read_one
from data.ingest.problems import Refused, Rule, Unsure
from data.ingest.readers import parser_of
from data.ingest.registers import Lookup
from data.ingest.rows import DTYPES
from data.ingest.values import MISSING, is_missing

TODAY = date(2026, 11, 22)
KINDS = ("month", "date", "number", "whole", "text", "id")
CHARACTERS = "0123456789" * 3 + ".-+eE,/ 年月日万亿%TN:a_()=@无空nul\u3000\u200b\ufeff\uff11\uff0e\x1c\xa0\n\t³"
NEAR_PLAIN = st.one_of(
    st.text(CHARACTERS, max_size=14),
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,18})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"(19|20)[0-9]{2}[-/年]?[0-9]{1,2}([-/月][0-9]{1,2})?( 0:00)?", fullmatch=True),
    st.from_regex(r"[=A-Za-z_. -]{0,3}[0-9]{0,6}[A-Za-z_. -]{0,3}", fullmatch=True),
    st.sampled_from(sorted(MISSING)),
    st.text(max_size=8),
    st.sampled_from(
        ["x" * 101, "9" * 101, "園" * 501, "a" * 500, " ", "inf", "-inf", "NaN", "1e400", "9007199254740993"]
    ),
)


def reader(kind, registers, **more):
    return parser_of(Field("it", kind, **more), Lookup(registers), TODAY)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_fast_lane_reads_the_slow_lane_reads_the_same(kind, registers):
    fast_and_slow = reader(kind, registers, low=-5, high=1e6)

    @settings(max_examples=200, deadline=None)
    @given(st.lists(NEAR_PLAIN, min_size=1, max_size=25))
    @example(["2024-02-30", "2026-12-01", "2026-11", "-0", "00012", "1e3", ".5", "5.", "nan", "null", "-12", "E1"])
    def agree(cells):
        plain = pl.DataFrame({"raw": cells}).select(fast_and_slow.plain(pl.col("raw")).alias("raw"))["raw"]
        for raw, found in zip(cells, plain, strict=True):
            if found is not None:
                slow = read_one(raw, fast_and_slow.read, required=True)
                assert slow == found, (raw, found, slow)
                assert type(slow) is type(found)

    agree()


@pytest.mark.parametrize("kind", [*KINDS, "yes_no", "park", "city", "programme", "industry", "culture"])
def test_a_column_is_read_as_its_cells_are_read_one_by_one(kind, registers):
    readers = reader(kind, registers)
    known = st.sampled_from(
        ["BJ-005", "798艺术区", "北京", "training", "87", "R87", "01", "是", "no", "2026-10-01", "45352"]
    )

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.one_of(st.none(), known, NEAR_PLAIN), max_size=15), st.booleans())
    def same(cells, required):
        frame = pl.DataFrame({"it": cells}, schema={"it": pl.String})
        (column,) = read_columns(frame, [Wanted("it", readers, required, DTYPES.get(kind, pl.String()))])
        single = [None if cell is None else read_one(cell, readers.read, required) for cell in cells]
        for at, found in enumerate(single):
            held = column.values[at]
            wanted = found.value if isinstance(found, Unsure) else None if isinstance(found, Refused) else found
            assert held == wanted, cells[at]
        for told, kind_of in ((column.refused, Refused), (column.unsure, Unsure)):
            wrong = [(at, str(f.rule)) for at, f in enumerate(single) if isinstance(f, kind_of)]
            assert told.select("row", "rule").rows() == wrong

    same()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.none(), NEAR_PLAIN), max_size=20))
def test_missing_cells_are_those_that_say_so(cells):
    found = missing_cells(pl.DataFrame({"it": cells}, schema={"it": pl.String}))["it"]
    assert found.to_list() == [is_missing(cell) for cell in cells]


@pytest.mark.parametrize("usual", ["beijing", "北京", "atlantis", "-", ""])
def test_a_column_that_says_nearly_always_the_same(registers, usual):
    cells = [usual, None, *[usual] * 6_000, "上海", "", "nowhere", "beijing"]
    frame = pl.DataFrame({"it": cells}, schema={"it": pl.String})
    for required in (False, True):
        wanted = Wanted("it", reader("city", registers), required, pl.String())
        (column,) = read_columns(frame, [wanted])
        one = {cell: read_one(cell, wanted.parser, required) for cell in {*cells} - {None}}
        bad = [row for row, cell in enumerate(cells) if isinstance(one.get(cell), Refused)]
        assert column.refused["row"].to_list() == bad
        assert column.values.to_list() == [
            None if isinstance(one.get(cell), Refused) else one.get(cell) for cell in cells
        ]


def test_spellings_and_their_places():
    spellings, places = coded(pl.Series(["b", None, "a", "b", ""]))
    assert [None if place is None else spellings[place] for place in places] == ["b", None, "a", "b", ""]


def test_cells_that_hang_on_another_value():
    def read(raw, by):
        if by is None:
            raise Refused(Rule.BAD_ID)
        return Unsure(f"{by}{raw}", Rule.BAD_CHOICE) if raw == "?" else f"{by}{raw}"

    raw = pl.Series(["1", "1", "-", "", None, "?", "1"])
    by = pl.Series(["a", "b", "a", "a", "a", "c", None])
    column = read_by(raw, by, read, False, pl.String())
    assert column.values.to_list() == ["a1", "b1", None, None, None, "c?", None]
    assert column.refused.select("row", "rule").rows() == [(6, "bad_id")]
    assert column.unsure.select("row", "rule").rows() == [(5, "bad_choice")]
    required = read_by(raw, by, read, True, pl.String())
    assert required.refused.select("row", "rule").rows() == [(2, "missing_value"), (3, "missing_value"), (6, "bad_id")]
