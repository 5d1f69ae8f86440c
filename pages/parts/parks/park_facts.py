"""Who a park is: name, place, grade, former use, conversion, area with its kind, operator, enterprises, sources."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.registers import entry_fields
from pages.parts.session import Visit

Park = dict[str, Any]
CODES = ("grade", "conversion_mode", "area_kind", "coord_precision")
FIELDS = (
    "name_zh", "name_en", "district_code", "address", "grade", "list_year", "former_use", "conversion_mode",
    "opened_year", "area_m2", "area_kind", "operator", "enterprises", "enterprises_year", "public_cultural_spaces",
    "coord_precision",
)  # fmt: skip
LABEL_PX = 168
SITE = "site"
COUNTS = ("enterprises", "public_cultural_spaces")


def name(visit: Visit, park: Park) -> str:
    """The park's name in the visitor's language, or in the other one."""
    first, second = ("name_zh", "name_en") if visit.language == "zh" else ("name_en", "name_zh")
    return str(park[first] or park[second] or park["park_id"])


def district(visit: Visit, park: Park) -> str:
    """The name of the park's district; nothing where it is not known."""
    if not park["district_code"]:
        return str(park["district_zh"] or "") if visit.language == "zh" else ""
    return registry.district_name(park["district_code"], visit.language)


def worded(visit: Visit, column: str, code: str | None) -> str:
    """A code of the register as words; nothing for nothing."""
    return str(blocks.worded(visit, pl.Series(column, [code], dtype=pl.String))[0] or "")


def origin(visit: Visit, park: Park) -> tuple[str, str]:
    """(source, status) of what is said of the park: the sources of its row, or that it is a sample."""
    if park["is_synthetic"]:
        return visit.say("upload.synthetic"), "synthetic"
    told = sourced.cited(park["source_title"], park["source_url"]) or visit.say("source.register")
    return told, "published"


def precision(park: Park) -> str:
    """What is known of the park's place: site (its own position), district_centroid (only its district), or none."""
    if park["coord_precision"] == SITE and park["lon"] is not None and park["lat"] is not None:
        return SITE
    return "district_centroid" if park["district_code"] else "none"


def figures(visit: Visit, park: Park) -> None:
    """Opened, area, enterprises, public cultural spaces: each known one with unit, year and source.

    What nobody says stands in one sentence after them.
    """
    synthetic = park["is_synthetic"]
    source = visit.say("upload.synthetic" if synthetic else "source.register")
    area = tables.figure(park["area_m2"], visit.language)
    year = tables.period_label(str(park["enterprises_year"]), visit.language) if park["enterprises_year"] else ""
    spaces = tables.count(park["public_cultural_spaces"], visit.language)
    opened = str(park["opened_year"] or tables.MISSING)
    rows = {
        "opened": (opened, visit.say("parks.unit_year"), "", ""),
        "area": (area, "m²", "", worded(visit, "area_kind", park["area_kind"])),
        "enterprises": (tables.count(park["enterprises"], visit.language), visit.say("unit.enterprises"), year, ""),
        "spaces": (spaces, visit.say("parks.unit_spaces"), "", ""),
    }
    labels = {"area": "parks.area_plain"}
    titles = {word: visit.say(labels.get(word, f"parks.{word}")) for word in rows}
    known = {word: row for word, row in rows.items() if row[0] != tables.MISSING}
    missing = [title for word, title in titles.items() if word not in known]
    columns = st.columns([1] * len(known) + ([len(missing)] if missing else []))
    for column, (word, (value, unit, period, note)) in zip(columns, known.items(), strict=False):
        foot = Foot(source, "synthetic" if synthetic else "published", unit, period, name(visit, park))
        with column:
            blocks.metric(visit, titles[word], value, None, "", note, foot)
    if missing:
        with columns[-1], st.container(border=True, height="stretch"):
            st.markdown(visit.say("parks.figures_missing", names=visit.say("parks.comma").join(missing)))
            st.caption(Foot(source, "missing", territory=name(visit, park)).line(visit))


def identity(visit: Visit, park: Park) -> None:
    """The table of what the register says, field by field; a field nobody speaks of is blank."""
    source, status = origin(visit, park)
    cells = [(label(visit, field), cell(visit, park, field)) for field in FIELDS]
    titles = [visit.say("entry.field"), visit.say("parks.value")]
    data = pl.DataFrame(cells, schema=dict.fromkeys(titles, pl.String), orient="row")
    known = data[titles[1]].count() - (precision(park) == "none")
    kept = visit.say(f"parks.origin_{park['origin']}")
    foot = Foot(f"{source} · {kept}", status, territory=name(visit, park), n=f"{known}/{data.height}")
    heading = visit.say("parks.identity", known=known, fields=data.height)
    settings = {titles[0]: st.column_config.TextColumn(width=LABEL_PX, pinned=True)}
    blocks.table(visit, heading, data, foot, "park-identity", height="content", column_config=settings)


def remarks(visit: Visit, park: Park) -> None:
    """What the register adds in words; nothing where it adds nothing."""
    if park["notes"]:
        with st.container(border=True):
            st.subheader(visit.say("parks.notes"), anchor=False)
            st.caption(sourced.escaped(park["notes"]))


def label(visit: Visit, field: str) -> str:
    """A field of the register in the visitor's language."""
    return visit.say("parks.precision") if field == "coord_precision" else entry_fields.label(visit, field)


def cell(visit: Visit, park: Park, field: str) -> str | None:
    """What the register says in a field; None where it says nothing."""
    value = precision(park) if field == "coord_precision" else park[field]
    if field == "district_code":
        return district(visit, park) or None
    if value is None:
        return None
    if field in CODES:
        return worded(visit, field, value)
    if field == "area_m2":
        return tables.number(value, 0 if float(value).is_integer() else 1)
    return tables.number(value, 0) if field in COUNTS else str(value)
