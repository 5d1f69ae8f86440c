"""Files on the desk, read and checked once per way of reading, and what the store makes odd about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import streamlit as st

from data import current_registers
from data.ingest import Checked, Reading, Registers, Table, check_table, edited, questionnaire_of, read_table
from data.ingest.limits import Limits
from data.ingest.presets import prepared, recognised_preset
from data.ingest.warnings import history_warnings
from data.keys import KEYS
from data.units import with_unit_notes
from pages.parts.session import Visit


@dataclass(frozen=True)
class Road:
    """All that decides what becomes of a file: its bytes (by fingerprint), and what was chosen on the way.

    mapping: pairs of header and field. preset, city_id: of a known source of enterprises. coordinates: as agreed.
    """

    dataset: str
    sha256: str
    file_name: str
    today: date
    reading: Reading
    mapping: tuple[tuple[str, str], ...] = ()
    coordinates: str | None = None
    preset: str = ""
    city_id: str = ""


def registers(visit: Visit) -> Registers:
    """What a file is checked against: the registers as this viewer knows them."""
    return current_registers.registers(visit.store)


@st.cache_data(max_entries=16, show_spinner=False)
def table(sha256: str, file_name: str, reading: Reading, _data: bytes) -> Table:
    """The cells of one file. Errors: IngestError."""
    return read_table(_data, file_name, reading, Limits.from_environment())


@st.cache_data(max_entries=16, show_spinner=False)
def checked(key: str, road: Road, mark: str, _data: bytes, _mended: pl.DataFrame | None, _visit: Visit) -> Checked:
    """The check of one file with the rows mended on screen (`mark`: their fingerprint). Errors: IngestError."""
    known, cells = registers(_visit), table(road.sha256, road.file_name, road.reading, _data)
    mapping = dict(road.mapping)
    if road.preset:
        made = prepared(cells, road.preset, known, road.city_id or None)
        cells, mapping = made.table, made.mapping | {k: v for k, v in mapping.items() if v}
    if _mended is not None:
        cells = edited(cells, _mended)
    found = with_unit_notes(check_table(road.dataset, cells, known, road.today, mapping, road.coordinates))
    odd = history_warnings(found, stored(_visit, road.dataset), known)
    return replace(found, warnings=pl.concat([found.warnings, odd], how="vertical_relaxed"))


def preset_of(dataset: str, cells: Table) -> str:
    """The known source of enterprises whose headers the file has; nothing for other data sets."""
    return recognised_preset(cells) or "" if dataset == "enterprises" else ""


def stored(visit: Visit, dataset: str) -> pl.DataFrame:
    """The stored rows of a data set as the viewer sees them; of answers those of the one questionnaire."""
    if dataset in KEYS and dataset != "answers":
        return getattr(visit.store, dataset)().collect()  # type: ignore[no-any-return]
    rows = visit.store.answers().filter(pl.col("questionnaire_id") == questionnaire_of(dataset))
    return rows.collect()
