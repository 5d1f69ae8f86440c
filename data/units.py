"""Units as people write them, read as the units of the registers: 亿元 is 100 million CNY, 万人 is 10,000 persons.

The store keeps value and unit as the file has them; they are read in the register's unit where figures are compared, so
a spelling that the register learns later holds for what was uploaded before.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

import polars as pl

from data import registry
from data.ingest import Checked
from data.ingest.problems import Note
from data.registry import read_register

ITEMS_TOLD = 8


@lru_cache(maxsize=1)
def unit_spellings() -> pl.DataFrame:
    """How people write units, one row per spelling and unit of the registers it can be read as.

    Columns: spelling, unit (as in `city_figures`), times, over (Int64: one of the spelling is times / over of the unit,
    exactly), alone (Boolean: it is read so also where the register does not know the indicator; 家 or 人次 are not, for
    only the indicator says what is counted), source_title. Errors: RegistryError. Source: our choice.

    >>> unit_spellings().filter(pl.col("spelling") == "万人", "alone").select("unit", "times", "over").row(0)
    ('persons', 10000, 1)
    """
    return read_register("unit_spellings.csv", {"times": pl.Int64, "over": pl.Int64, "alone": pl.Boolean})


def folded(unit: str) -> str:
    """A unit without what makes no difference: full width, blanks, capitals, raised figures.

    >>> folded("Mio. €"), folded("km²"), folded("％")
    ('mio.€', 'km2', '%')
    """
    return "".join(unicodedata.normalize("NFKC", unit).casefold().split())


def readings(figures: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """What the unit of each indicator is read as: one row per indicator_id and unit as written.

    Rule: of the units a spelling can mean the one most figures of the indicator in `known` have; where it has none of
    them the one the spelling means alone. In: indicator_id, unit (text) of both. Columns out: indicator_id, unit,
    read_as, times, over (Int64, 1 / 1 where nothing is converted), is_known (Boolean). Missing: a unit nobody knows, or
    one that only the indicator could tell, is read as it is written. Source: our choice.

    >>> shipped = pl.DataFrame({"indicator_id": ["gdp", "parks_all"], "unit": ["100 million CNY", "parks"]})
    >>> own = pl.DataFrame({"indicator_id": ["gdp", "parks_all", "gdp"], "unit": ["万亿元", "个", "斤"]})
    >>> readings(own, shipped).drop("indicator_id").rows()
    [('万亿元', '100 million CNY', 10000, 1, True), ('个', 'parks', 1, 1, True), ('斤', '斤', 1, 1, False)]
    """
    codes = known.select(spelling="unit", read_as="unit", times=1, over=1, alone=True).unique()
    codes = codes.cast({"times": pl.Int64, "over": pl.Int64})
    spelled = unit_spellings().select("spelling", "times", "over", "alone", read_as="unit")
    every = pl.concat([codes, spelled], how="diagonal")
    every = every.with_columns(pl.Series("key", [folded(unit) for unit in every["spelling"]], dtype=pl.String))
    asked = figures.select("indicator_id", "unit").unique(maintain_order=True)
    asked = asked.with_columns(pl.Series("key", [folded(unit or "") for unit in asked["unit"]], dtype=pl.String))
    used = known.group_by("indicator_id", read_as="unit").agg(n=pl.len().cast(pl.Int64))
    meant = asked.join(every, on="key", maintain_order="left").join(used, on=["indicator_id", "read_as"], how="left")
    meant = meant.filter(pl.col("n").is_not_null() | pl.col("alone"))
    best = meant.sort("n", "alone", "read_as", descending=[True, True, False], nulls_last=True, maintain_order=True)
    best = best.unique(["indicator_id", "unit"], keep="first", maintain_order=True)
    found = asked.join(best.drop("key"), on=["indicator_id", "unit"], how="left", maintain_order="left")
    return found.select(
        "indicator_id", "unit", pl.coalesce("read_as", "unit").alias("read_as"), pl.col("times", "over").fill_null(1),
        is_known=pl.col("read_as").is_not_null(),
    )  # fmt: skip


def in_register_units(figures: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The figures with value and unit as the registers have them, where the conversion is exact.

    Formula: value x times / over in decimal numbers (`readings`). In: indicator_id, value (Float64), unit of the
    figures, indicator_id and unit of the known ones; other columns stay. Missing: a figure without a value stays null.

    >>> shipped = pl.DataFrame({"indicator_id": ["population"], "unit": ["persons"]})
    >>> own = pl.DataFrame({"indicator_id": ["population"], "value": [1.005], "unit": ["万人"]})
    >>> in_register_units(own, shipped).select("value", "unit").row(0)
    (10050.0, 'persons')
    """
    read = readings(figures, known)
    joined = figures.join(read, on=["indicator_id", "unit"], how="left", maintain_order="left", nulls_equal=True)
    cells = joined.select("value", "times", "over").iter_rows()
    values = [None if value is None else float(Decimal(repr(value)) * times / over) for value, times, over in cells]
    converted = joined.with_columns(pl.Series("value", values, dtype=pl.Float64), unit="read_as")
    return converted.select(figures.columns)


def unit_notes(dataset: str, accepted: pl.DataFrame) -> tuple[Note, ...]:
    """What is to be said of the units of a checked file: which are read as the register's, which stand apart.

    In: `Checked.dataset` and `Checked.accepted`; nothing is said of other data sets than city figures.

    >>> rows = pl.DataFrame({"indicator_id": ["gdp", "gdp"], "unit": ["万元", "斤"]})
    >>> [note.key for note in unit_notes("figures", rows)]
    ['note.units_read', 'note.units_apart']
    """
    if dataset != "figures" or accepted.is_empty():
        return ()
    read = readings(accepted, registry.city_figures())
    other = read.filter(pl.col("is_known") & (pl.col("unit") != pl.col("read_as")))
    told = [f"{unit} = {factor(times, over)}{code}" for unit, code, times, over in _units(other)]
    apart = [unit for unit, *_ in _units(read.filter(~pl.col("is_known")))]
    kept = (("note.units_read", told), ("note.units_apart", apart))
    return tuple(Note(key, {"items": "; ".join(dict.fromkeys(items[:ITEMS_TOLD]))}) for key, items in kept if items)


def with_unit_notes(checked: Checked) -> Checked:
    """The same check with what is to be said of its units (`unit_notes`) behind the other remarks."""
    return replace(checked, notes=(*checked.notes, *unit_notes(checked.dataset, checked.accepted)))


def factor(times: int, over: int) -> str:
    """How much of the register's unit one of the other is, as text before the unit; nothing for one to one.

    >>> factor(1, 1), factor(10_000, 1), factor(1, 100)
    ('', '10,000 × ', '1/100 × ')
    """
    if times == over:
        return ""
    return f"{times:,} × " if over == 1 else f"{times:,}/{over:,} × "


def _units(read: pl.DataFrame) -> list[tuple[str, str, int, int]]:
    return read.select("unit", "read_as", "times", "over").unique(maintain_order=True).rows()
