"""Rows with problems mended on screen: unknown parks chosen from the register, cells edited, then checked again."""

from __future__ import annotations

import hashlib

import polars as pl
import streamlit as st

from data.ingest import Checked, Rule, explained
from data.ingest.table import LINE
from pages.parts import tables
from pages.parts.session import Visit

EDITABLE = 500
PARK_FIELDS = ("park_id", "park_name")
MOST_PARKS = 12


def rows(key: str) -> pl.DataFrame | None:
    """The rows corrected on screen: line and every column of the file; None while nothing is."""
    return st.session_state.get(f"_mended_{key}")


def mark(mended: pl.DataFrame | None) -> str:
    """A fingerprint of the corrections, part of the cache key."""
    return "" if mended is None else hashlib.sha256(mended.write_json().encode()).hexdigest()


def _mend(key: str, changed: pl.DataFrame) -> None:
    """Keep these rows as corrected; a row corrected twice keeps its newest text."""
    before = rows(key)
    kept = changed if before is None else pl.concat([before, changed]).unique(LINE, keep="last", maintain_order=True)
    st.session_state[f"_mended_{key}"] = kept.sort(LINE)


def parks(visit: Visit, key: str, found: Checked) -> None:
    """Each park name the register does not have, with the likeliest parks in order; chosen ones are put in."""
    names = found.unknown_parks["value"].unique(maintain_order=True).head(MOST_PARKS).to_list()
    if not names:
        return
    with st.container(border=True):
        st.markdown(f"**{visit.say('desk.unknown_parks')}**")
        chosen = {}
        columns = st.columns(3)
        for place, value in enumerate(names):
            labels = _near(found, value)
            options = ["", *labels]
            with columns[place % 3]:
                chosen[value] = st.selectbox(
                    value, options, key=f"park_{key}_{place}",
                    format_func=lambda code, labels=labels: labels.get(code, visit.say("desk.leave_open")),
                )  # fmt: skip
        picked = {value: code for value, code in chosen.items() if code}
        st.button(
            visit.say("desk.use_parks"), key=f"parks_{key}", disabled=not picked,
            on_click=_put_parks, args=(key, found, picked),
        )  # fmt: skip


def _near(found: Checked, value: str) -> dict[str, str]:
    """park_id -> how it is shown, the likeliest first: the park another column of the row names, then similar ones."""
    near = found.unknown_parks.filter(pl.col("value") == value).sort("rank")
    meant = found.rejected.filter((pl.col("rule") == Rule.UNKNOWN_PARK) & (pl.col("value") == value))["suggestion"]
    named = {label.split(" ", 1)[0]: label for label in meant.unique(maintain_order=True) if label}
    return named | {code: f"{code} {name}" for code, name in near.select("park_id", "name").iter_rows()}


def _put_parks(key: str, found: Checked, picked: dict[str, str]) -> None:
    """Write the chosen park's id where the file has the unknown name."""
    places = {field: header for header, field in found.mapping.items()}
    for field in PARK_FIELDS:
        if field in places:
            column = found.table.columns[found.table.header.index(places[field])]
            frame = found.table.frame.filter(pl.col(column).str.strip_chars().is_in(list(picked)))
            if frame.height:
                mended = pl.col(column).str.strip_chars().replace(picked)
                _mend(key, frame.with_columns(mended.alias(column)))


def editor(visit: Visit, key: str, found: Checked) -> None:
    """The rows with problems as the file has them, to be edited and checked again, or downloaded with the reason."""
    if not found.rejected_rows.height:
        return
    bad = with_reason(visit, found)
    reason = visit.say("desk.reason")
    with st.expander(f"{visit.say('desk.mend')} ({bad.height})", expanded=bad.height <= 20):
        st.caption(visit.say("desk.mend_note"))
        shown = bad.head(EDITABLE)
        edited = st.data_editor(
            shown.to_pandas(), hide_index=True, width="stretch", num_rows="fixed", disabled=[LINE, reason],
            column_config={LINE: st.column_config.NumberColumn(visit.say("upload.line"))},
            key=f"editor_{key}_{mark(rows(key))[:8]}",
        )  # fmt: skip
        if bad.height > EDITABLE:
            st.caption(visit.say("desk.more", shown=EDITABLE, n=bad.height))
        changed = _changed(shown, pl.from_pandas(edited).cast(dict(shown.schema)))
        with st.container(horizontal=True):
            st.button(
                visit.say("desk.check_again", n=changed.height), key=f"again_{key}", type="primary",
                disabled=not changed.height, on_click=_mend, args=(key, changed.drop(reason)),
            )  # fmt: skip
            _downloads(visit, bad)


def with_reason(visit: Visit, found: Checked) -> pl.DataFrame:
    """The rejected rows with one column that says why, in the visitor's language."""
    told = explained(found.rejected, visit.language)
    said = pl.format("{}: {}", "column", "what").unique(maintain_order=True).str.join(" | ")
    reasons = told.group_by(LINE).agg(said.alias(visit.say("desk.reason")))
    joined = found.rejected_rows.join(reasons, on=LINE, how="left", maintain_order="left")
    return joined.select(LINE, visit.say("desk.reason"), pl.exclude(LINE, visit.say("desk.reason")))


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    different = pl.any_horizontal(
        after[name].ne_missing(before[name]) for name in before.columns if before.schema[name] == pl.String
    )
    return after.filter(after.select(different).to_series())


def _downloads(visit: Visit, bad: pl.DataFrame) -> None:
    csv = {"file_name": "rejected.csv", "mime": "text/csv", "on_click": "ignore", "key": "rejected-csv"}
    book = {"file_name": "rejected.xlsx", "mime": tables.XLSX, "on_click": "ignore", "key": "rejected-xlsx"}
    rows = bad.drop(LINE)
    st.download_button(visit.say("desk.download_rows"), lambda: tables.csv_bytes(rows), **csv)  # type: ignore[arg-type]
    st.download_button(visit.say("desk.download_book"), lambda: tables.xlsx_bytes(rows), **book)  # type: ignore[arg-type]
