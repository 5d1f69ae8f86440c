"""Presets for common sources of enterprises: their columns brought to ours, and their habits cleaned up, aloud.

A preset changes a table before it is checked. Each changed or added column is one remark with a count and an example:
nothing is put right silently, and the person who uploads may still map every column otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import polars as pl

from data.ingest import cleaning
from data.ingest.coordinates import GCJ02, WGS84
from data.ingest.enterprises import ENTERPRISE_FIELDS
from data.ingest.problems import IngestError, Note, Refused, Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.schemes import ANZSIC, NACE, NAICS, OTHER
from data.ingest.table import Table
from data.ingest.values import is_missing, name_key

Cells = pl.DataFrame
Step = Callable[[Cells], Cells]
ZONES_SHARE = 0.5  # with more unknown than known districts the column holds zones of another kind


@dataclass(frozen=True)
class Preset:
    """How the files of one kind of source are read.

    name: also the key of its label. marks: groups of headers; a file that has one of each group is of this kind.
    columns: field -> headers that hold it, best first; the other columns are left out. steps: what is cleaned up.
    attribution: to be shown wherever the data are, where the source is known.
    """

    name: str
    marks: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]]
    steps: tuple[Step, ...] = ()
    attribution: str = ""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table with a preset applied: what `check_table` takes, header -> field included; remarks are the table's."""

    table: Table
    mapping: dict[str, str] = field(default_factory=dict)


def recognised_preset(table: Table) -> str | None:
    """The name of the preset that fits the header of a table; None when none does.

    >>> from data.ingest.table import read_table
    >>> recognised_preset(read_table(b"opendata_id,nace_id,Bezirk\\n1,5911,Mitte\\n", "ihk.csv"))
    'ihk_berlin'
    """
    keys = {name_key(title) for title in table.header}
    for name, preset in PRESETS.items():
        if all(any(name_key(title) in keys for title in group) for group in preset.marks):
            return name
    return None


def hinted(table: Table) -> Table:
    """The table with a remark that names the preset its header fits; the table itself where none does."""
    name = recognised_preset(table)
    return table if name is None else replace(table, notes=(*table.notes, Note("note.preset_fits", {"value": name})))


def asked_for(table: Table, name: str, registers: Registers, city_id: str | None = None) -> Prepared:
    """As `prepared`, with a remark first that the preset was asked for. Errors: KeyError for an unknown preset."""
    made = prepared(table, name, registers, city_id)
    used = Note("note.preset_used", {"value": name})
    return replace(made, table=replace(made.table, notes=(used, *made.table.notes)))


def prepared(table: Table, name: str, registers: Registers, city_id: str | None = None) -> Prepared:
    """A table brought to the columns of enterprises by a preset.

    city_id: the city all rows belong to, where the file does not say or a person knows better. Districts that are none
    of that city's in the register (school zones, wards) are left out with a remark. Errors: KeyError for an unknown
    preset; IngestError missing_header for a table without the columns that mark such a source.
    """
    preset = PRESETS[name]
    _require_marks(table, preset)
    titles = _titles(table, preset)
    before = table.frame.select(pl.col(column).alias(key) for key, column in titles.items())
    cells = before.with_columns(pl.lit(city_id).alias("city_id")) if city_id else before
    for step in preset.steps:
        cells = step(cells)
    cells, notes = _without_foreign_zones(cells, registers)
    changed = [name for name in cells.columns if name not in titles or not cells[name].equals(before[name])]
    notes += [_told(table, before, cells, key, titles.get(key)) for key in changed]
    return _assembled(table, cells, titles, changed, notes)


def _require_marks(table: Table, preset: Preset) -> None:
    keys = {name_key(title) for title in table.header}
    for group in preset.marks:
        if not any(name_key(title) in keys for title in group):
            accepted = ", ".join(group)
            raise IngestError(Rule.MISSING_HEADER, column=group[0], accepted=accepted, line=table.header_line)


def _titles(table: Table, preset: Preset) -> dict[str, str]:
    """Field -> column of the table; of several headers for one field the first in the preset's order."""
    known = {
        name_key(title): column for title, column in zip(reversed(table.header), reversed(table.columns), strict=True)
    }
    found = {
        key: next((known[name_key(title)] for title in titles if name_key(title) in known), None)
        for key, titles in preset.columns.items()
    }
    return {key: column for key, column in found.items() if column is not None}


def _without_foreign_zones(cells: Cells, registers: Registers) -> tuple[Cells, list[Note]]:
    """The cells without a column of foreign districts; a few unknown names among known ones stay for the check."""
    if "district_code" not in cells.columns:
        return cells, []
    lookup = Lookup(registers)
    city = (
        cells["city_id"] if "city_id" in cells.columns else pl.repeat(None, cells.height, dtype=pl.String, eager=True)
    )
    pairs = pl.DataFrame({"zone": cells["district_code"], "city": city}).drop_nulls("zone")
    pairs = pairs.filter(~pl.Series([is_missing(zone) for zone in pairs["zone"]], dtype=pl.Boolean))
    counts = pairs.group_by("zone", "city", maintain_order=True).len()
    known = [_is_district(lookup, zone, place) for zone, place in counts.select("zone", "city").iter_rows()]
    n_known = counts.filter(pl.Series(known, dtype=pl.Boolean))["len"].sum()
    if pairs.is_empty() or n_known > ZONES_SHARE * pairs.height:
        return cells, []
    values = {
        "count": counts["zone"].n_unique(),
        "items": ", ".join(counts["zone"].unique(maintain_order=True).head(5)),
    }
    return cells.drop("district_code"), [Note("note.zones_left_out", values)]


def _is_district(lookup: Lookup, zone: str, city: str | None) -> bool:
    try:
        lookup.district(zone, None if city is None else lookup.city(city))
    except Refused:
        return False
    return True


def _told(table: Table, before: Cells, cells: Cells, key: str, column: str | None) -> Note:
    """One remark for one changed or added column: how many cells, and the first of them."""
    if column is None:
        first = next((cell for cell in cells[key] if cell), None)
        count = cells.height - cells[key].null_count()
        return Note("note.preset_added", {"column": key, "count": count, "value": first})
    differs = cells[key].ne_missing(before[key])
    place = differs.arg_true()[0]
    title = dict(zip(table.columns, table.header, strict=True))[column]
    values = {"column": title, "count": int(differs.sum()), "value": before[key][place], "accepted": cells[key][place]}
    return Note("note.preset_changed", values)


def _assembled(
    table: Table, cells: Cells, titles: Mapping[str, str], changed: Sequence[str], notes: Sequence[Note]
) -> Prepared:
    """The table with its changed columns replaced and the new ones added, and the mapping of all its headers."""
    frame, header, columns = table.frame, list(table.header), list(table.columns)
    mapping = dict.fromkeys(filter(None, header), "")
    shown = dict(zip(columns, header, strict=True))
    for key in cells.columns:
        if key in titles:
            mapping[shown[titles[key]]] = key
            if key in changed:
                frame = frame.with_columns(cells[key].alias(titles[key]))
            continue
        title = key if key not in header and key not in columns else f"{key} +"
        header.append(title)
        columns.append(title)
        mapping[title] = key
        frame = frame.with_columns(cells[key].alias(title))
    made = replace(table, frame=frame, header=tuple(header), columns=tuple(columns), notes=(*table.notes, *notes))
    return Prepared(made, mapping)


GENERIC_COLUMNS = {entry.name: entry.spellings for entry in ENTERPRISE_FIELDS} | {
    "district_code": ("district_code", "district", "所属区", "所在区", "区县", "区"),
    "city_id": ("city_id", "city", "城市"),
}
# The most particular first: a file is of the first kind whose marks it has.
PRESETS: Mapping[str, Preset] = {
    "ihk_berlin": Preset(
        name="ihk_berlin",
        marks=(("opendata_id",), ("nace_id",)),
        columns={
            "enterprise_id": ("opendata_id",),
            "lon": ("longitude",),
            "lat": ("latitude",),
            "district_code": ("Bezirk",),
            "industry_code": ("nace_id",),
        },  # employees_range is mostly zero or unknown, business_type was transposed by the publisher: both left out
        steps=(
            partial(cleaning.fixed, city_id="berlin", coord_system=WGS84, industry_scheme=NACE, status="active"),
            lambda cells: cleaning.replaced(cells, "enterprise_id", "^", "ber-"),
        ),
        attribution="IHK Berlin Gewerbedaten (CC0)",
    ),
    "clue": Preset(
        name="clue",
        marks=(("industry_anzsic4_code", "Industry (ANZSIC4) code"), ("clue_small_area", "CLUE small area")),
        columns={
            "name": ("trading_name", "Trading name"),
            "lon": ("longitude", "x coordinate", "x_coordinate"),
            "lat": ("latitude", "y coordinate", "y_coordinate"),
            "district_code": ("clue_small_area", "CLUE small area"),
            "industry_code": ("industry_anzsic4_code", "Industry (ANZSIC4) code"),
            "year": ("census_year", "Census year"),
            "block": ("block_id", "Block ID"),
            "property": ("property_id", "Property ID"),
        },
        steps=(
            cleaning.vacant_premises,
            lambda cells: cleaning.numbered(cells, "clue", "year", "block", "property"),
            partial(cleaning.fixed, city_id="melbourne", coord_system=WGS84, industry_scheme=ANZSIC),
        ),
        attribution="City of Melbourne CLUE (CC BY)",
    ),
    "amap": Preset(
        name="amap",
        marks=(("typecode", "type", "类型编码", "大类"), ("adcode", "adname", "区县", "区域", "行政区")),
        columns={
            "enterprise_id": ("id", "poiid", "poi_id", "uid", "编号"),
            "name": ("name", "名称"),
            "city_id": ("cityname", "城市", "市"),
            "district_code": ("adcode", "adname", "区县", "区域", "行政区"),
            "point": ("location", "坐标", "经纬度"),
            "lon": ("lon", "lng", "gcj_lon", "gcj_lng", "gcj02_lng", "经度"),
            "lat": ("lat", "gcj_lat", "gcj02_lat", "纬度"),
            "industry_code": ("typecode", "类型编码", "type", "类型", "大类"),
        },
        steps=(
            partial(cleaning.split_point, lat_first=False),
            partial(cleaning.fixed, coord_system=GCJ02, industry_scheme=OTHER, status="active"),
        ),
    ),
    "naics": Preset(
        name="naics",
        marks=(("naics", "naics code", "naic_code", "naics_code", "primary naics", "primary naics code"),),
        columns={
            "enterprise_id": (
                "ttxid",
                "location id",
                "location account #",
                "uniqueid",
                "license number",
                "account number",
                "id",
            ),
            "name": ("dba name", "dba_name", "business name", "business_name", "company name", "name"),
            "city_id": ("city_id",),
            "point": ("business location", "location", "location 1", "geocoded_column", "point"),
            "lon": ("longitude", "lon", "lng", "x"),
            "lat": ("latitude", "lat", "y"),
            "coord_system": ("coord_system",),
            "industry_code": ("naics", "naics code", "naic_code", "naics_code", "primary naics", "primary naics code"),
            "opened_on": (
                "location start date",
                "location_start_date",
                "dba_start_date",
                "business start date",
                "start date",
            ),
            "closed_on": ("location end date", "location_end_date", "dba_end_date", "business end date", "end date"),
            "status": ("status", "business status"),
        },
        steps=(
            partial(cleaning.split_point, lat_first=True),
            lambda cells: cleaning.us_dates(cells, "opened_on", "closed_on"),
            cleaning.status_from_dates,
            partial(cleaning.fixed, industry_scheme=NAICS),
        ),
    ),
    "generic": Preset(
        name="generic",
        marks=(("enterprise_id",), ("industry_scheme", "category_raw", "size_measure")),
        columns=GENERIC_COLUMNS,
        steps=(
            partial(cleaning.without_remark, key="coord_system"),
            cleaning.scheme_family,
            cleaning.change_feed,
            cleaning.unclear_status,
        ),
    ),
}
