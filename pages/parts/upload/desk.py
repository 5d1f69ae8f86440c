"""The data desk: files come in, are read, checked and mended, previewed and stored, one at a time or all clean ones."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from data.ingest import DATASETS, Checked, IngestError
from data.ingest.archive import Sent, unpacked
from data.ingest.limits import Limits
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import special
from pages.parts.upload import (
    cached_desk,
    desk_mending,
    desk_points,
    desk_presets,
    desk_reading,
    desk_report,
    desk_storing,
    worklist,
)

EXTENSIONS = ["csv", "tsv", "txt", "xlsx", "xls", "zip"]


@dataclass(frozen=True)
class Work:
    """One file on the desk: the data set it is to go into, and the file as sent."""

    dataset: str
    sent: Sent

    @property
    def sha256(self) -> str:
        """The fingerprint of the bytes."""
        return hashlib.sha256(self.sent.data).hexdigest()

    @property
    def key(self) -> str:
        """What this file is remembered by while it lies on the desk."""
        return f"{self.dataset}-{self.sha256[:12]}"


def datasets(visit: Visit) -> dict[str, str]:
    """What a file can be, named in the visitor's language: the plain data sets, then the special surveys."""
    return {name: visit.say(f"upload.{name}") for name in DATASETS} | special.names(visit)


def received(visit: Visit, dataset: str) -> list[Work]:
    """The files in the box, archives taken apart; one that cannot be opened is refused with its reason."""
    limits = Limits.from_environment()
    size = max(1, limits.file_bytes // 1_000_000)
    sent = st.file_uploader(
        visit.say("upload.file", size=size),
        key=f"file_{dataset}",
        accept_multiple_files=True,
        max_upload_size=size,
        type=EXTENSIONS,
    )
    found: list[Work] = []
    for file in sent:
        try:
            opened = unpacked(file.getvalue(), file.name, limits)
            found += [Work(dataset, one) for one in opened]
            for note in (note for one in opened for note in one.notes):
                st.info(note.sentence(visit.language))
        except IngestError as refused:
            st.error(f"**{file.name}**  \n{refused.sentence(visit.language)}")
    again = st.session_state.get(worklist.REOPENED)
    if again and again[0] == dataset and not found:
        found.append(Work(dataset, Sent(*again[1:])))
        st.caption(visit.say("waiting.reopened", file=again[1]))
    return found


def checked(visit: Visit, work: Work, city_id: str) -> Checked:
    """The check of a file as it is to be read, with the corrections made on screen. Errors: IngestError."""
    name, reading = work.sent.name, desk_reading.reading(work.key)
    cells = cached_desk.table(work.sha256, name, reading, work.sent.data)
    mapping = desk_reading.mapping(visit, work.key, work.dataset, name)
    found = cached_desk.preset_of(work.dataset, cells)
    preset = desk_presets.chosen(work.key, found) if work.dataset == "enterprises" else ""
    road = cached_desk.Road(
        work.dataset, work.sha256, name, date.today(), reading, tuple(sorted(mapping.items())),
        desk_points.agreed(work.key), preset, city_id if preset else "",
    )  # fmt: skip
    mended = desk_mending.rows(work.key)
    return cached_desk.checked(visit.key, road, desk_mending.mark(mended), work.sent.data, mended, visit)


def examine(visit: Visit, selection: Selection, work: Work) -> None:
    """Everything about one file: how it was read, what is wrong, what storing would change, the button."""
    try:
        found = checked(visit, work, selection.city_id)
    except IngestError as refused:
        st.error(refused.sentence(visit.language))
        recognised(visit, work)
        desk_reading.controls(visit, work.key, None)
        return
    desk_reading.told(visit, found)
    recognised(visit, work)
    desk_reading.controls(visit, work.key, found.table)
    desk_reading.columns_found(visit, work.key, work.dataset, work.sent.name, found)
    if work.dataset == "enterprises":
        desk_points.question(visit, work.key, found, selection.city_id)
    desk_report.problems(visit, found)
    desk_mending.parks(visit, work.key, found)
    desk_mending.editor(visit, work.key, found)
    desk_report.warnings(visit, found)
    if not desk_reading.settled(visit, work.key, found):
        return
    if not found.n_accepted:
        st.warning(visit.say("upload.nothing"))
        return
    desk_storing.preview(visit, selection, found, work)


def recognised(visit: Visit, work: Work) -> None:
    """What source a file of enterprises was recognised as, with the box to choose another; nothing for other files."""
    if work.dataset != "enterprises":
        return
    with contextlib.suppress(IngestError):  # a file that is no table has said so already
        cells = cached_desk.table(work.sha256, work.sent.name, desk_reading.reading(work.key), work.sent.data)
        desk_presets.question(visit, work.key, cached_desk.preset_of(work.dataset, cells))


def several(visit: Visit, selection: Selection, works: list[Work]) -> Work:
    """The table of the files on the desk, the box that chooses one of them, and the button for the clean ones."""
    rows, clean = [], []
    for work in works:
        try:
            found = checked(visit, work, selection.city_id)
            rows.append((work.sent.name, found.n_rows, found.n_accepted, found.rejected_rows.height, ""))
            if not found.rejected.height and not found.questions and found.n_accepted:
                clean.append((work, found))
        except IngestError as refused:
            rows.append((work.sent.name, None, None, None, refused.sentence(visit.language)))
    titles = [visit.say(f"upload.{word}") for word in ("file_name", "rows", "accepted", "rejected", "what")]
    kinds = (pl.String, pl.Int64, pl.Int64, pl.Int64, pl.String)
    table = pl.DataFrame(rows, schema=dict(zip(titles, kinds, strict=True)), orient="row")
    st.dataframe(table, hide_index=True, width="stretch")
    if len(clean) > 1:
        label = visit.say("desk.store_clean", n=len(clean))
        st.button(label, key="store_clean", on_click=desk_storing.keep_all, args=(visit, clean))
    names = {str(place): work.sent.name for place, work in enumerate(works)}
    chosen = st.selectbox(visit.say("desk.which"), list(names), format_func=names.__getitem__, key="which_file")
    return works[int(chosen or 0)]
