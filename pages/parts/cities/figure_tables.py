"""Published figures as a person reads them: a value with its unit, year and trust, and the source one click away."""

from __future__ import annotations

from typing import Any

import polars as pl

from data import registry
from pages.parts import tables
from pages.parts.cities import cached_cities
from pages.parts.session import Visit

WORDS = ("city", "territory", "indicator", "period", "value", "unit", "trust", "source", "link", "definition")

SHORT_UNIT = 2


def amount(visit: Visit, value: float | None, unit: str | None) -> str:
    """A published value with its unit; only millions and more are shortened; missing is "—".

    Examples: 43,760.7亿元, 2,046.3万人, 98 parks.
    """
    if value is None:
        return tables.MISSING
    large, whole = abs(value) >= 1e6, float(value).is_integer()
    shown = tables.number(value, 0 if whole else 1)
    shown = tables.figure(value, visit.language) if large or abs(value) < 1e4 else shown
    return tables.with_unit(shown, visit.unit(unit or ""))


def beside(visit: Visit, value: float | None, unit: str | None) -> str:
    """A value as it stands at the end of a bar: a long unit is left to the foot line, so that a phone has room."""
    return amount(visit, value, unit if len(visit.unit(unit or "")) <= SHORT_UNIT else "")


def stated(visit: Visit, figure: dict[str, Any]) -> str:
    """A published value with its unit, its year and its trust: 43,760.7亿元（2023，A）."""
    return visit.say(
        "cities.stated", value=amount(visit, figure["value"], figure["unit"]), year=figure["period"],
        trust=trust(visit, figure["trust"]),
    )  # fmt: skip


def trust(visit: Visit, grade: str) -> str:
    """The trust badge of a figure: A, B, or a word for what comes from an article of the start or from an upload."""
    return visit.say(f"cities.trust_{grade}")


def territory(visit: Visit, name: str | None) -> str:
    """The territory of a figure in the visitor's language where it has a name there; an unsaid one is shown so."""
    return territories(visit).get(name or "", name or "")


def territories(visit: Visit) -> dict[str, str]:
    """Territory as it is stored -> as it is read; what is not in here is read as it is stored."""
    named = registry.cities().drop_nulls(["territory_en", "territory_zh"]).select("territory_en", "territory_zh")
    known = dict(named.iter_rows()) if visit.name == "name_zh" else {}
    return {**known, "": visit.say("cities.territory_unstated")}


def sources(visit: Visit, figures: pl.DataFrame) -> pl.DataFrame:
    """The figures with `source` as it is read: the title, and the publisher where there is no address to open."""
    every = cached_cities.every_figure(visit.key, visit)
    known = every.select("source_title", publisher="source_publisher").drop_nulls().unique("source_title")
    named = figures.join(known, on="source_title", how="left", maintain_order="left")
    bare = pl.col("source_url").is_null() & pl.col("publisher").is_not_null()
    both = pl.format("{} ({})", "source_title", "publisher")
    return named.with_columns(source=pl.when(bare).then(both).otherwise("source_title")).drop("publisher")


def readable(visit: Visit, figures: pl.DataFrame) -> pl.DataFrame:
    """The figures with the columns of WORDS as they are read, the values untouched; other columns stay."""
    grades = {grade: trust(visit, grade) for grade in ("A", "B", "seed", "own")}
    return sources(visit, figures).with_columns(
        city=pl.col("city_id").replace_strict(cached_cities.names(visit), default=pl.col("city_id")),
        indicator=pl.col("indicator_id").replace_strict(
            cached_cities.indicator_names(visit), default=pl.col("indicator_id")
        ),
        territory=pl.col("territory").replace(territories(visit)),
        unit=tables.each(figures["unit"], visit.unit),
        trust=pl.col("trust").replace_strict(grades, default=None),
        definition=pl.when(pl.col("definition") != "").then("definition"),
        link=pl.col("source_url"),
    )


def as_shown(visit: Visit, figures: pl.DataFrame, *words: str) -> pl.DataFrame:
    """Figures as a table: names instead of ids, every row with period, territory and source; `words` choose columns."""
    return headed(visit, readable(visit, figures), *(words or WORDS))


def headed(visit: Visit, rows: pl.DataFrame, *words: str) -> pl.DataFrame:
    """The named columns with their headings in the visitor's language."""
    return rows.select(pl.col(word).alias(visit.say(f"cities.{word}")) for word in words)


def moved(visit: Visit, change: float | None, unit: str | None) -> str:
    """A change in per cent or in percentage points, with arrow and sign; "—" where it must not be computed."""
    if change is None:
        return tables.MISSING
    if unit == "points":
        return tables.change(change, visit.language, percentage=True)
    return f"{tables.arrow(change)} {tables.signed(change)}%"


def why(visit: Visit, reason: str | None) -> str:
    """The reason for a missing figure or a refused change in the visitor's words; codes of the methods become words."""
    if not reason:
        return ""
    code, _, rest = reason.partition(": ")
    if code == "other_line":
        rest = apart(visit, rest)
    return visit.say(f"cities.reason_{code}", why=rest)


def apart(visit: Visit, codes: str | None) -> str:
    """What keeps lines apart, in words: the codes territory, unit, basis, vintage, definition."""
    return visit.say("cities.and").join(visit.say(f"cities.apart_{code}") for code in (codes or "").split("; ") if code)
