"""The data desk: check a file, list its problems, preview its effect, store it, and show what is stored."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from data.ingest import DATASETS, Checked, Field, IngestError, explained, fields_of
from data.questionnaires import CHANGE, MONTHLY
from data.store import AccessError, Provenance, StoreError
from pages.parts import blocks, cached, mapped, special, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit

MESSAGE = "_desk_message"


def datasets(visit: Visit) -> dict[str, str]:
    """What a file can be, named in the visitor's language: the four data sets, then the special surveys."""
    return {name: visit.say(f"upload.{name}") for name in DATASETS} | special.names(visit)


def message(visit: Visit) -> None:
    """What the last click did, once."""
    if said := st.session_state.pop(MESSAGE, None):
        st.success(said)


def examine(visit: Visit, selection: Selection, dataset: str, file_name: str, data: bytes) -> None:
    """Everything about one uploaded file: what was read, what is wrong, what storing would change, the button."""
    try:
        sha256 = hashlib.sha256(data).hexdigest()
        checked = cached.checked(visit.key, dataset, sha256, date.today(), file_name, data, visit)
    except IngestError as refused:
        st.error(refused.sentence(visit.language))
        return
    delimiter = {"\t": "TAB"}.get(checked.delimiter, checked.delimiter)
    st.markdown(visit.say("upload.read", n=checked.n_rows, encoding=checked.encoding, delimiter=delimiter))
    for note in checked.notes:
        st.info(note.sentence(visit.language))
    problems(visit, checked)
    if not checked.n_accepted:
        st.warning(visit.say("upload.nothing"))
        return
    preview(visit, selection, checked, Provenance(file_name, data, visit.viewer.name))


def problems(visit: Visit, checked: Checked) -> None:
    """The problems by rule with their counts, then each with line, column, value and what to do; downloadable."""
    if not checked.rejected.height:
        return
    told = explained(checked.rejected, visit.language)
    words = {word: visit.say(f"upload.{word}") for word in ("count", "what", "line", "column", "value", "todo")}
    st.error(f"**{visit.say('upload.problems')}** · {visit.say('upload.rejected')}: {checked.rejected_rows.height}")
    by_rule = told.group_by("rule", maintain_order=True).agg(count=pl.len(), what=pl.col("what").first())
    st.dataframe(_titled(by_rule.sort("count", descending=True), words, "count", "what"), hide_index=True)
    told = told.with_columns(todo=pl.format("{} {}", "accepted", "todo"))
    shown = _titled(told, words, "line", "column", "value", "what", "todo")
    st.dataframe(shown, hide_index=True, width="stretch", height=240)
    name = {"file_name": "problems.csv", "mime": "text/csv", "on_click": "ignore"}
    st.download_button(visit.say("upload.download_problems"), tables.csv_bytes(shown), **name)  # type: ignore[arg-type]


def _titled(frame: pl.DataFrame, words: dict[str, str], *names: str) -> pl.DataFrame:
    return frame.select(pl.col(name).alias(words[name]) for name in names)


def preview(visit: Visit, selection: Selection, checked: Checked, sent: Provenance) -> None:
    """New, changed, identical; the corrections; the effect on the headline; the button that stores."""
    seen = visit.store.preview(checked)
    st.markdown(f"**{visit.say('upload.preview')}**")
    counts = {"new": seen.n_new, "changed": seen.n_changed, "same": seen.n_identical}
    st.markdown(visit.say("upload.preview_counts", **counts))
    if seen.changes.height:
        with st.expander(f"{visit.say('upload.changes')} ({seen.changes.height})"):
            st.dataframe(seen.changes.head(500), hide_index=True, width="stretch")
    if checked.dataset == "answers" and MONTHLY in checked.accepted["questionnaire_id"]:
        effect(visit, selection, checked)
    clean = not checked.rejected.height
    label = visit.say("upload.store") if clean else visit.say("upload.store_valid", n=checked.n_accepted)
    if st.button(label, type="primary" if clean else "secondary", key="store"):
        keep(visit, checked, sent)


def effect(visit: Visit, selection: Selection, checked: Checked) -> None:
    """The prosperity index of the selected city and month before and after storing."""
    city = Selection(selection.city_id)
    after = cached.with_answers(visit, city, checked.accepted)
    month = checked.accepted["period"].max()
    before = cached.prosperity(visit.key, city, False, visit).filter(pl.col("period") == month)
    new = after.filter(pl.col("period") == month)
    old_value = before["prosperity_index"].item() if before.height else None
    new_value = new["prosperity_index"].item() if new.height else None
    where = blocks.territory(visit, city)
    st.markdown(f"**{visit.say('upload.effect', month=tables.period_label(month, visit.language))}** · {where}")
    left, right = st.columns(2)
    left.metric(visit.say("upload.before"), tables.number(old_value), help=None)
    right.metric(visit.say("upload.after"), tables.number(new_value))
    if old_value is None:
        st.caption(visit.say("upload.no_before"))


def keep(visit: Visit, checked: Checked, sent: Provenance) -> None:
    """Store the accepted rows and say so on the next run; a refusal changes nothing and is shown."""
    try:
        stored = visit.store.add(checked, sent)
    except AccessError as error:
        st.error(visit.say(error.reason, role=visit.say(f"role.{visit.viewer.role}")))
        return
    except StoreError as error:
        st.error(str(error))
        return
    word = "upload.stored" if stored.is_new else "upload.known"
    st.session_state[MESSAGE] = visit.say(word, id=stored.upload_id, n=checked.accepted.height)
    st.rerun()


def columns(visit: Visit, dataset: str) -> None:
    """The columns of a data set in plain words, and an empty template."""
    with st.container(border=True):
        st.subheader(visit.say("upload.columns"), anchor=False)
        fields = fields_of(dataset, cached.registers(visit))
        rows = [(titled(visit, field), meaning(visit, field), field.name) for field in fields]
        names = [visit.say(f"upload.{word}") for word in ("header", "accepts", "field")]
        st.dataframe(pl.DataFrame(rows, schema=names, orient="row"), hide_index=True, width="stretch", height=300)
        template = pl.DataFrame(schema={titled(visit, field): pl.String for field in fields})
        file = {"file_name": f"{dataset}.csv", "mime": "text/csv", "on_click": "ignore"}
        st.download_button(visit.say("upload.template"), tables.csv_bytes(template), **file)  # type: ignore[arg-type]


def titled(visit: Visit, field: Field) -> str:
    """The header of a column in the visitor's language: its first spelling in that script."""
    chinese = visit.language == "zh"
    fitting = [word for word in field.aliases if word.isascii() != chinese]
    return fitting[0] if fitting else field.name


def meaning(visit: Visit, field: Field) -> str:
    """What the cells of a column may be, and whether they must be there."""
    scaled = field.scale not in ("", CHANGE)
    parts = [] if scaled else [visit.say(f"kind.{field.kind}")]
    if scaled:
        parts.append(" / ".join(registry.survey_answers(field.scale)[f"label_{visit.language}"]))
    if field.choices:
        parts.append(" / ".join(field.choices))
    if field.required:
        parts.append(visit.say("kind.required"))
    return " · ".join(parts)


def coverage(visit: Visit, selection: Selection) -> None:
    """How many parks of the selection answered in each of the last 13 months."""
    index = cached.prosperity(visit.key, selection, False, visit).tail(13).sort("period", descending=True)
    if not index.height:
        blocks.empty(visit, "empty.survey")
        return
    where = blocks.territory(visit, selection)
    source, status = blocks.source(visit, "answers", selection.city_id)
    names = (visit.say("filter.month"), visit.say("prosperity.n_parks"), visit.say("prosperity.index"))
    data = index.select(
        pl.col("period").dt.strftime("%Y-%m").alias(names[0]),
        pl.col("n_parks").alias(names[1]),
        pl.col("prosperity_index").alias(names[2]),
    )
    data = blocks.as_published(data)
    foot = Foot(source, status, visit.say("unit.parks"), territory=where)
    heading = visit.say("upload.answered", territory=where)
    left, right = st.columns([3, 2])
    with left:
        blocks.table(visit, heading, data, foot, "answered", column_config=blocks.one_decimal(data))
    with right:
        answered_map(visit, selection, index["period"].max(), foot)


def answered_map(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """How many parks of each district answered in the newest month."""
    city = cached.prosperity(visit.key, Selection(selection.city_id), True, visit).filter(pl.col("period") == month)
    numbers, when = city.select("district_code", n="n_parks"), tables.period_label(month, visit.language)
    foot = replace(foot, territory="", period=when, n=str(numbers["n"].sum()))
    heading, unit = visit.say("upload.answered_map", month=when), visit.say("unit.parks")
    mapped.counts(visit, selection, numbers, heading, foot, "answered-map", unit)


def history(visit: Visit) -> None:
    """Every upload: number, data set, file, who, when, rows, state."""
    named = pl.col("questionnaire_id").replace_strict(special.names(visit), default=None)
    uploads = visit.store.uploads().with_columns(pl.coalesce(named, "dataset").alias("dataset"))
    st.subheader(visit.say("upload.history"), anchor=False)
    shown = uploads.select(
        pl.col("upload_id").alias(visit.say("upload.number")),
        pl.col("dataset")
        .replace_strict({d: visit.say(f"upload.{d}") for d in DATASETS}, default=pl.col("dataset"))
        .alias(visit.say("upload.dataset")),
        pl.col("file_name").alias(visit.say("upload.file_name")),
        pl.col("n_rows").alias(visit.say("upload.rows")),
        pl.col("uploader").alias(visit.say("upload.uploader")),
        pl.col("stored_at").dt.strftime("%Y-%m-%d %H:%M UTC").alias(visit.say("upload.uploaded_at")),
        pl.col("status")
        .replace_strict({s: visit.say(f"upload.{s}") for s in ("active", "undone")}, default=pl.col("status"))
        .alias(visit.say("upload.status")),
        pl.col("is_synthetic")
        .replace_strict({True: visit.say("upload.synthetic"), False: ""})
        .alias(visit.say("upload.kind")),
        pl.col("sha256").str.head(12).alias("sha256"),
    )
    st.dataframe(shown, hide_index=True, width="stretch")
