"""What a page is made of: a title that says the finding, blocks with a foot line, metrics, tables, maps."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Literal

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from data import registry
from pages.parts import cached, charts, filters, maps, tables, theme
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.text import TEXTS

CODED = ("line", "status", "engine", "window")  # columns of codes that a table behind a chart may have
ADDRESS = r"^https?://(?:www\.)?([^/]+)"  # what is read of an address: where it leads
PHONE_PX = 330  # what a block on a phone leaves for a chart; one that needs more is moved from side to side
NARROW_MAP, MAP_HEIGHT = 360, 430  # pixels a map has at least in two fifths of a desktop page


@dataclass(frozen=True)
class Foot:
    """What stands under every figure: unit, period, territory, n, source, and how the number came about."""

    source: str
    status: str = "computed"
    unit: str = ""
    period: str = ""
    territory: str = ""
    n: str = ""
    method: str = ""

    def noted(self, *notes: str, **parts: str) -> Foot:
        """The same foot with notes behind the source, and with the parts that are given anew.

        >>> Foot("Register", n="9").noted("0.3 km", "drawn", n="4", method="k_density").source
        'Register · 0.3 km · drawn'
        """
        return replace(self, source=" · ".join((self.source, *notes)), **parts)

    def line(self, visit: Visit) -> str:
        """The foot line in the visitor's language; parts that do not apply are left out."""
        parts = [
            visit.say(f"foot.{name}", **{name: getattr(self, name)})
            for name in ("unit", "period", "territory", "n", "source")
            if getattr(self, name)
        ]
        parts.append(visit.say(f"status.{self.status}"))
        if self.method:
            parts.append(visit.say("foot.method", link=f"/methods#{self.method}"))
        return " · ".join(parts)


def title(visit: Visit, finding: str, subtitle: str, *synthetic: str, city_id: str | None = None) -> None:
    """The page title, its subtitle and, if one of the named data sets holds demonstration rows, the quiet line."""
    st.title(finding, anchor=False)
    line = subtitle
    if any(cached.has_synthetic(visit.key, dataset, city_id, visit) for dataset in synthetic):
        line += f"  \n:gray[{visit.say('status.synthetic_line')}]"
    st.caption(line)


def source(visit: Visit, dataset: str, city_id: str) -> tuple[str, str]:
    """(source sentence, status key) of figures computed from a data set's rows in a city."""
    kind = {"answers": "survey"}.get(dataset, dataset)
    if cached.has_synthetic(visit.key, dataset, city_id, visit):
        return visit.say(f"source.{kind}_synthetic"), "computed_synthetic"
    return visit.say(f"source.{kind}"), "computed"


def territory(visit: Visit, selection: Selection) -> str:
    """The name of the selection: the district if one is chosen, else the city."""
    table = registry.districts_of(selection.city_id).filter(pl.col("district_code") == (selection.district_code or ""))
    if table.height:
        return str(table.select(visit.named()).item())
    return str(registry.cities().filter(pl.col("city_id") == selection.city_id).select(visit.named()).item())


def metric(
    visit: Visit,
    label: str,
    value: str,
    delta: float | None,
    against: str,
    note: str,
    foot: Foot,
    key: str = "",
    height: Literal["stretch", "content"] = "stretch",
    places: int = 1,
) -> None:
    """A bordered figure with its change, a note and its foot line; the key "headline" makes it large."""
    with st.container(border=True, height=height, key=key or None):
        shown = None if delta is None else tables.signed(delta, places)
        moved = 0.0 if delta is None else tables.rounded(delta, places)
        sign = (moved > 0) - (moved < 0)
        st.metric(
            label,
            value,
            shown,
            delta_color=theme.metric_colour(None if delta is None else moved),
            delta_arrow={1: "up", -1: "down", 0: "off"}[sign],
            delta_description=against if shown else None,
        )
        st.caption("  \n".join(filter(None, (note, foot.line(visit)))))


def chart(
    visit: Visit, heading: str, figure: go.Figure, foot: Foot, key: str, data: pl.DataFrame | None = None
) -> None:
    """A block with a heading, a Plotly chart, its foot line and the table behind it."""
    with st.container(border=True, height="stretch"):
        st.subheader(heading, anchor=False)
        least = (figure.layout.meta or {}).get("least_px", 0)
        with st.container(key=f"wide-{key}") if least > PHONE_PX else nullcontext():
            st.plotly_chart(
                figure, width="stretch", theme=None, config=charts.config(visit.language), key=key, alt=heading
            )
        below(visit, heading, foot, key, data)


def deck(
    visit: Visit,
    heading: str,
    drawn: maps.RawDeck,
    legend: str,
    foot: Foot,
    key: str,
    height: int = MAP_HEIGHT,
    layer: str = "districts",
    **options: object,
) -> None:
    """A block with a heading, a map, its legend and foot line; a click on an object of `layer` goes into a box."""
    with st.container(border=True, height="stretch"):
        st.subheader(heading, anchor=False)
        chart_key = f"{key}-{st.session_state.get('district')}"
        st.pydeck_chart(
            drawn,
            height=height,
            key=chart_key,
            alt=heading,
            on_select=lambda: filters.on_map_click(chart_key, layer, **options),  # type: ignore[arg-type]
        )
        if legend:
            st.html(legend)
        st.caption(f"{visit.say(f'filter.map_hint_{layer}')}  \n{foot.line(visit)}")


def table(visit: Visit, heading: str, data: pl.DataFrame, foot: Foot, key: str, **options: object) -> None:
    """A block with a heading and a table of what is shown, with its foot line and download."""
    with st.container(border=True):
        st.subheader(heading, anchor=False)
        columns = {**linked(data), **thousands(data), **(options.pop("column_config", None) or {})}  # type: ignore[dict-item]
        if "on_select" in options:
            options["key"] = f"{key}-rows"
        st.dataframe(
            data, hide_index=True, width="stretch", alt=heading, placeholder=tables.MISSING, column_config=columns,
            **options,
        )  # type: ignore[call-overload]  # fmt: skip
        below(visit, heading, foot, key, data, show=False)


def below(visit: Visit, heading: str, foot: Foot, key: str, data: pl.DataFrame | None, show: bool = True) -> None:
    """The foot line of a block and, behind one small menu, its table and download."""
    line = foot.line(visit)
    st.caption(line)
    if data is None:
        return
    data = titled(visit, data)

    def file() -> bytes:  # made when it is asked for, like the workbook
        return tables.csv_bytes(data, notes=(heading, line))

    book = {"file_name": f"{key}.xlsx", "on_click": "ignore", "key": f"{key}-xlsx", "mime": tables.XLSX}
    button = {"file_name": f"{key}.csv", "mime": "text/csv", "on_click": "ignore", "key": f"{key}-csv"}
    if not show:
        with st.container(horizontal=True, gap="medium"):
            st.download_button(visit.say("block.download"), file, type="tertiary", **button)  # type: ignore[arg-type]
            label, built = visit.say("block.download_book"), lambda: tables.xlsx_bytes(data, (heading, line))
            st.download_button(label, built, type="tertiary", **book)  # type: ignore[arg-type]
        return
    with st.popover(visit.say("block.table"), type="tertiary"):
        settings = {**linked(data), **thousands(data)}
        st.dataframe(data, hide_index=True, width="stretch", placeholder=tables.MISSING, column_config=settings)
        st.download_button(visit.say("block.download"), file, **button)  # type: ignore[arg-type]
        st.download_button(visit.say("block.download_book"), lambda: tables.xlsx_bytes(data, (heading, line)), **book)  # type: ignore[arg-type]


def empty(visit: Visit, key: str, **values: object) -> None:
    """What is missing and the next step; a store without any upload has one answer for all data sets."""
    st.info(visit.say("empty.store" if visit.revision == 0 and key != "empty.figures" else key, **values))


def titled(visit: Visit, data: pl.DataFrame) -> pl.DataFrame:
    """The table with the columns a person reads: named in the visitor's language, months as 2026-10, codes as words.

    A column without a name in the text files is shown as it is; so is a code without a word.
    """
    months = [name for name, kind in data.schema.items() if kind == pl.Date and (data[name].dt.day() == 1).all()]
    coded = [name for name, kind in data.schema.items() if kind == pl.String and name in CODED]
    data = data.with_columns(pl.col(months).dt.strftime("%Y-%m"), *(worded(visit, data[name]) for name in coded))
    known = TEXTS.keys(visit.language)
    names = {name: visit.say(f"column.{name}") for name in data.columns if f"column.{name}" in known}
    return data.rename(names)


def worded(visit: Visit, codes: pl.Series) -> pl.Series:
    """A column of codes as words in the visitor's language; several codes of a cell are joined by "+"."""
    known = TEXTS.keys(visit.language)

    def words(cell: str) -> str:
        keys = {code: f"code.{codes.name}.{code}" for code in cell.split("+")}
        return " + ".join(visit.say(f"{key}") if key in known else code for code, key in keys.items())

    return tables.each(codes, words)


def linked(data: pl.DataFrame) -> dict[str, object]:
    """Column settings that make every column of addresses one of links, read as the place each leads to."""
    texts = [name for name, dtype in data.schema.items() if dtype == pl.String and data[name].count()]
    links = [name for name in texts if data[name].drop_nulls().str.contains("^https?://[^ ]+$").all()]
    return {name: st.column_config.LinkColumn(display_text=ADDRESS) for name in links}


def thousands(data: pl.DataFrame) -> dict[str, object]:
    """Column settings that print whole numbers above 999 with separators, as the text does; years stay as they are."""
    wholes = [name for name, dtype in data.schema.items() if dtype.is_integer() and data[name].count()]
    years = {name for name in wholes if data[name].drop_nulls().is_between(1800, 2200).all()}
    large = [name for name in wholes if name not in years and (data[name] > 999).any()]
    return {name: st.column_config.NumberColumn(format="localized") for name in large}


def one_decimal(data: pl.DataFrame) -> dict[str, object]:
    """Column settings that print every real number with one decimal."""
    reals = [name for name, dtype in data.schema.items() if dtype.is_float()]
    return {name: st.column_config.NumberColumn(format="%.1f") for name in reals}


def pinned(data: pl.DataFrame) -> dict[str, object]:
    """Column settings that keep the first column in sight while a phone moves the others."""
    return {data.columns[0]: st.column_config.Column(pinned=True)}


def as_published(data: pl.DataFrame, places: int = 1) -> pl.DataFrame:
    """The table with every real number rounded half up, as it would be printed."""

    reals = data.select(pl.selectors.float()).get_columns()
    return data.with_columns(
        tables.each(column, lambda value: tables.rounded(value, places), pl.Float64) for column in reals
    )
