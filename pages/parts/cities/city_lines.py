"""One city and indicator over the years: every line apart, level breaks as gaps, and what is in no line with why."""

from __future__ import annotations

import polars as pl
import streamlit as st

from pages.parts import blocks
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, figure_charts, figure_tables
from pages.parts.session import Visit

MOST_PANELS = 8


def show(visit: Visit, city_id: str, indicator: str, name: str) -> None:
    """The lines of the chosen city, the table behind them, and the figures left out."""
    lines = cached_cities.lines(visit.key, city_id, indicator, visit)
    city = cached_cities.name_of(visit, city_id)
    if lines.height:
        panels(visit, lines, city, name)
    left_out(visit, cached_cities.outside(visit.key, city_id, indicator, visit), city, name)


def panels(visit: Visit, lines: pl.DataFrame, city: str, name: str) -> None:
    """A panel for every line of two figures or more, the longest first; single figures are in the table."""
    drawn = labelled(visit, lines)
    counted = drawn.group_by("line").agg(pl.len().alias("n")).sort("n", "line", descending=[True, False])
    kept = counted.filter(pl.col("n") > 1)["line"].head(MOST_PANELS).to_list()
    total, n_breaks = counted.height, lines["break_reason"].count()
    word = "cities.lines" if total > 1 else "cities.line_one"
    heading = visit.say(word, city=city, indicator=name, n=total, breaks=n_breaks)
    foot = Foot(
        " · ".join(filter(None, (told(visit, lines), visit.say("cities.lines_note")))), "published",
        " | ".join(map(visit.unit, lines["unit"].unique().sort())),
        f"{lines['period'].min()}–{lines['period'].max()}",
        " | ".join(figure_tables.territory(visit, where) for where in lines["territory"].unique().sort()),
        str(lines.height),
    )  # fmt: skip
    data = behind(visit, drawn)
    if not kept:
        blocks.table(visit, heading, data, foot, "city-series")
        return
    titles = {line: title(visit, drawn.filter(pl.col("line") == line)) for line in kept}
    figure = figure_charts.lines(drawn.filter(pl.col("line").is_in(kept)), titles, visit.say("cities.cut"), visit.dark)
    blocks.chart(visit, heading, figure, foot, "city-series", data)


def told(visit: Visit, lines: pl.DataFrame) -> str:
    """Why the lines are apart, and what each break is, in a sentence."""
    codes = lines["apart"].drop_nulls().unique()
    parts = [visit.say("cities.apart", why=figure_tables.apart(visit, codes[0]))] if codes.len() else []
    breaks = lines.drop_nulls("break_reason").select("period", "break_reason").unique().sort("period")
    parts += [visit.say("cities.break", year=period, why=reason) for period, reason in breaks.rows()]
    return " · ".join([named_sources(visit, lines), *parts])


def named_sources(visit: Visit, lines: pl.DataFrame) -> str:
    """The titles of the sources of the lines; the table behind links each row to its own."""
    titles = lines["source_title"].unique().sort().to_list()
    return titles[0] if len(titles) == 1 else visit.say("cities.sources_many", first=titles[0], n=len(titles) - 1)


def labelled(visit: Visit, lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with year, change and refusal as they are read, and the hover text with value and source."""
    f, read = figure_tables, figure_tables.readable(visit, lines)
    shown = lines.select("value", "unit", "change", "change_unit", "reason").iter_rows()
    texts = [
        (f.amount(visit, value, unit), f.moved(visit, change, kind), f.why(visit, why) or None)
        for value, unit, change, kind, why in shown
    ]
    schema = dict.fromkeys(("amount", "change_1", "not_moved"), pl.String)
    more = pl.DataFrame(texts, schema=schema, orient="row")
    return pl.concat([read, more], how="horizontal").with_columns(
        year=pl.col("period").cast(pl.Int64),
        hover=pl.format("{}<br>{}<br>{}<br>{}", "period", "amount", "territory", "source"),
    )


def title(visit: Visit, line: pl.DataFrame) -> str:
    """What a line counts: territory, unit and what the definition says."""
    row = line.row(0, named=True)
    heading = visit.say("cities.line_title", n=row["line"], what=row["territory"])
    return f"{heading} · {row['unit']}\n{row['counted'] or ''}"


def behind(visit: Visit, drawn: pl.DataFrame) -> pl.DataFrame:
    """The table of all lines, one row a figure, with its change on the year and why there is none."""
    words = ["line", "period", "value", "unit", "trust", "change_1", "not_moved", "territory", "definition", "source",
             "link"]  # fmt: skip
    return figure_tables.headed(visit, drawn, *words)


def left_out(visit: Visit, rows: pl.DataFrame, city: str, name: str) -> None:
    """The figures that are in no annual line, each with the reason; closed until asked for."""
    if not rows.height:
        return
    read = figure_tables.readable(visit, rows).with_columns(
        not_compared=pl.Series([figure_tables.why(visit, reason) for reason in rows["reason"]], dtype=pl.String)
    )
    with st.expander(visit.say("cities.left_out", n=rows.height)):
        foot = Foot(visit.say("cities.sources_each"), "published", n=str(rows.height), territory=city)
        words = ("period", "value", "unit", "not_compared", "trust", "territory", "definition", "source", "link")
        data = figure_tables.headed(visit, read, *words)
        blocks.table(visit, visit.say("cities.left_out_of", city=city, indicator=name), data, foot, "city-left-out")
