"""The history of uploads: who stored what when, the file itself, undo and redo, a past state, the audit log."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from data.ingest import DATASETS
from data.store import AccessError, StoreError
from pages.parts import tables
from pages.parts.session import Visit, zone
from pages.parts.surveys import special
from pages.parts.upload import desk_storing

SECONDS = "%Y-%m-%d %H:%M:%S"
MINUTES = f"{SECONDS} UTC"  # of the audit log and of files
FIRST = date(2020, 1, 1)
DEEDS = ("upload", "undo", "redo", "settle", "wait", "remember", "original", "viewed", "refused")


def names(visit: Visit) -> dict[str, str]:
    """The data sets by the names a visitor reads."""
    return {name: visit.say(f"upload.{name}") for name in DATASETS} | special.names(visit)


def listed(visit: Visit) -> pl.DataFrame:
    """Every upload, newest first: number, data set, file, rows, who, when, state, kind, fingerprint."""
    known = names(visit)
    uploads = visit.store.uploads().with_columns(
        pl.coalesce(pl.col("questionnaire_id").replace_strict(known, default=None), "dataset").alias("dataset")
    )
    return uploads.select(
        pl.col("upload_id").alias(visit.say("upload.number")),
        pl.col("dataset").replace_strict(known, default=pl.col("dataset")).alias(visit.say("upload.dataset")),
        pl.col("file_name").alias(visit.say("upload.file_name")),
        pl.col("n_rows").alias(visit.say("upload.rows")),
        pl.col("uploader").alias(visit.say("upload.uploader")),
        _here("stored_at").alias(visit.say("upload.uploaded_at")),
        _state(visit, "status"),
        pl.col("is_synthetic")
        .replace_strict({True: visit.say("upload.synthetic"), False: ""})
        .alias(visit.say("upload.kind")),
        pl.col("note").alias(visit.say("upload.note")),
        pl.col("sha256").str.head(12).alias("sha256"),
    )


def _here(name: str) -> pl.Expr:
    """A moment in the visitor's own time; the zone is named beside the tables."""
    return pl.col(name).dt.convert_time_zone(zone()).dt.strftime(SECONDS)


def _state(visit: Visit, name: str) -> pl.Expr:
    states = {state: visit.say(f"upload.{state}") for state in ("active", "undone")}
    return pl.col(name).replace_strict(states, default=pl.col(name)).alias(visit.say("upload.status"))


def board(visit: Visit) -> None:
    """The uploads, and for the chosen one: undo or redo with what it brings back, and the original file."""
    uploads = visit.store.uploads()
    st.subheader(visit.say("history.uploads"), anchor=False)
    st.caption(visit.say("entry.zone", zone=zone()))
    st.dataframe(listed(visit), hide_index=True, width="stretch", alt=visit.say("history.uploads"))
    if not uploads.height:
        return
    labels = {row["upload_id"]: f"{row['upload_id']} · {row['file_name']}" for row in uploads.iter_rows(named=True)}
    chosen = st.selectbox(visit.say("history.choose"), list(labels), format_func=labels.__getitem__, key="upload")
    row = uploads.filter(pl.col("upload_id") == chosen).row(0, named=True)
    left, right = st.columns([1, 3])
    word = "undo" if row["status"] == "active" else "redo"
    with left:
        st.button(visit.say(f"history.{word}", id=chosen), key="change", on_click=_change, args=(visit, word, chosen))
    with right:
        _original(visit, chosen, row["file_name"])
    st.caption(visit.say(f"history.{word}_note"))


def _change(visit: Visit, word: str, upload_id: int) -> None:
    try:
        revision = visit.store.undo(upload_id) if word == "undo" else visit.store.redo(upload_id)
    except AccessError as error:
        desk_storing.tell("refused", visit.say(error.reason, role=visit.say(f"role.{visit.viewer.role}")))
    except StoreError as error:
        desk_storing.tell("refused", str(error))
    else:
        desk_storing.tell("done", visit.say(f"history.{word}_done", id=upload_id, revision=revision))


def _original(visit: Visit, upload_id: int, file_name: str) -> None:
    """The file as it was sent, byte for byte; read and compared with its fingerprint on the click."""
    st.download_button(
        visit.say("history.original"),
        lambda: visit.store.original(upload_id)[1],
        file_name=file_name.rsplit("/", 1)[-1],
        mime="application/octet-stream",
        on_click="ignore",
        key="original",
    )


def changes(visit: Visit) -> None:
    """Every storing, undo and redo with its time and person."""
    rows = visit.store.history()
    shown = rows.select(
        _here("at").alias(visit.say("upload.uploaded_at")),
        pl.col("upload_id").alias(visit.say("upload.number")),
        _state(visit, "status"),
        pl.col("who").alias(visit.say("upload.uploader")),
        pl.col("role").replace_strict({role: visit.say(f"role.{role}") for role in rows["role"].unique()}, default="")
        .alias(visit.say("history.role")),
        pl.col("file_name").alias(visit.say("upload.file_name")),
    )  # fmt: skip
    st.subheader(visit.say("history.changes"), anchor=False)
    st.dataframe(shown, hide_index=True, width="stretch", alt=visit.say("history.changes"))


def past(visit: Visit) -> None:
    """A data set as it was at a past moment of the visitor's own time, counted and downloadable."""
    st.subheader(visit.say("history.past"), anchor=False)
    st.caption(visit.say("history.past_note", zone=zone()))
    left, middle, right = st.columns(3)
    options = {name: visit.say(f"upload.{name}") for name in DATASETS}
    dataset = left.selectbox(
        visit.say("upload.dataset"), list(options), format_func=options.__getitem__, key="past_dataset"
    )
    here = ZoneInfo(zone())
    today = datetime.now(here).date()
    day = middle.date_input(visit.say("history.day"), today, min_value=FIRST, max_value=today, key="past_day")
    clock = right.time_input(visit.say("history.clock"), time(23, 59), key="past_clock", step=timedelta(minutes=1))
    moment = min(datetime.combine(day, clock, here).astimezone(UTC), datetime.now(UTC))
    n = visit.store.as_of(dataset, moment).select(pl.len()).collect().item()
    st.markdown(visit.say("history.past_rows", n=f"{n:,}", at=f"{moment.astimezone(here):{SECONDS}} {here}"))
    file = {"file_name": f"{dataset}-{day}.csv", "mime": "text/csv", "on_click": "ignore", "key": "past-csv"}
    st.download_button(visit.say("block.download"), lambda: past_file(visit, dataset, moment), **file)  # type: ignore[arg-type]


def past_file(visit: Visit, dataset: str, moment: datetime) -> bytes:
    """The rows of a past moment as CSV; who takes answers is audited first, or the file says why it holds none."""
    rows = visit.store.as_of(dataset, moment).collect()
    note = visit.say("history.past_rows", n=rows.height, at=moment.strftime(MINUTES))
    if dataset == "answers" and rows.height:
        try:
            visit.store.viewed(f"all answers as of {moment.strftime(MINUTES)}: {rows.height} rows")
        except StoreError as error:
            return tables.csv_bytes(rows.clear(), (visit.say("refuse.not_audited", why=error),))
    return tables.csv_bytes(rows, (note,))


def deeds(visit: Visit) -> dict[str, str]:
    """The words of the audit log as a visitor reads them; one without a text stays as it is."""
    return {word: visit.say(f"deed.{word}") for word in DEEDS}


def audit(visit: Visit) -> None:
    """Who did what when, whether the log is whole, and its export."""
    st.subheader(visit.say("history.audit"), anchor=False)
    (st.success if (whole := visit.store.audit_intact()) else st.error)(
        visit.say("history.intact" if whole else "history.broken")
    )
    rows = visit.store.audit().sort("audit_id", descending=True)
    shown = rows.select(
        pl.col("audit_id").alias(visit.say("history.entry")),
        _here("at").alias(visit.say("upload.uploaded_at")),
        pl.col("who").alias(visit.say("upload.uploader")),
        pl.col("what").replace(deeds(visit)).alias(visit.say("history.what")),
        pl.col("about").alias(visit.say("history.about")),
        pl.col("hash").str.head(12).alias("hash"),
    )
    st.dataframe(shown.head(500), hide_index=True, width="stretch", alt=visit.say("history.audit"))
    file = {"file_name": "audit.csv", "mime": "text/csv", "on_click": "ignore", "key": "audit-csv"}
    st.download_button(visit.say("history.export"), visit.store.audit_csv, **file)  # type: ignore[arg-type]
