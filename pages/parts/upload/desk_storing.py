"""Before and after storing: what would change, the effect on the headline, one commit, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
import streamlit as st

from data import looks
from data.ingest import Checked
from data.questionnaires import MONTHLY
from data.store import AccessError, ConflictError, Provenance, Stored, StoreError
from data.worklist import waiting_rows
from pages.parts import blocks, cached, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit, may_show
from pages.parts.upload import desk_mending, desk_reading

if TYPE_CHECKING:
    from pages.parts.upload.desk import Work

MESSAGES = "_desk_messages"
CHANGES_SHOWN = 500


def messages() -> None:
    """What the last click did, once."""
    for kind, said in st.session_state.pop(MESSAGES, []):
        {"done": st.success, "odd": st.warning}.get(kind, st.error)(said)


def tell(kind: str, said: str) -> None:
    """Keep a message for the run that follows the click."""
    st.session_state.setdefault(MESSAGES, []).append((kind, said))


def preview(visit: Visit, selection: Selection, found: Checked, work: Work) -> None:
    """New, changed, identical, removed; the corrections; the effect on the headline; the button that stores."""
    seen = visit.store.preview(found)
    st.markdown(f"**{visit.say('upload.preview')}**")
    counts = {"new": seen.n_new, "changed": seen.n_changed, "same": seen.n_identical, "removed": seen.n_removed}
    st.markdown(visit.say("upload.preview_counts", **counts))
    changes(visit, found.dataset, seen.changes)
    if found.dataset == "answers" and MONTHLY in found.accepted["questionnaire_id"]:
        effect(visit, selection, found)
    clean = not found.rejected.height
    waits = not clean and st.checkbox(
        visit.say("desk.keep_waiting", n=found.rejected_rows.height), value=True, key=f"waits_{work.key}"
    )
    label = visit.say("upload.store") if clean else visit.say("upload.store_valid", n=found.n_accepted)
    kind = "primary" if clean else "secondary"
    st.button(
        label, type=kind, key="store", on_click=keep, args=(visit, found, work, seen.seen), kwargs={"waits": waits}
    )


def changes(visit: Visit, dataset: str, found: pl.DataFrame) -> None:
    """The changes cell by cell; of answers with stored ones among them once the look is audited."""
    shown = found.head(CHANGES_SHOWN)
    if not shown.height or not may_show(visit, looks.in_preview(dataset, shown)):
        return
    with st.expander(f"{visit.say('upload.changes')} ({found.height})"):
        st.dataframe(shown, hide_index=True, width="stretch")
        if found.height > CHANGES_SHOWN:
            st.caption(visit.say("desk.more", shown=CHANGES_SHOWN, n=found.height))


def effect(visit: Visit, selection: Selection, found: Checked) -> None:
    """The prosperity index of the selected city and the newest month of the file before and after storing."""
    city = Selection(selection.city_id)
    after = cached.with_answers(visit, city, found.accepted)
    month = found.accepted["period"].max()
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
    source, status = blocks.source(visit, "answers", city.city_id)
    n = str(new["n_parks"].item()) if new.height else ""
    when = tables.period_label(month, visit.language)
    st.caption(Foot(source, status, visit.say("unit.index"), when, where, n, "prosperity_index").line(visit))


def keep(visit: Visit, found: Checked, work: Work, seen: int | None, *, waits: bool = False) -> bool:
    """Store the accepted rows of one file and say so on the next run; a refusal changes nothing and is shown."""
    try:
        stored = visit.store.add(
            found, _provenance(visit, work), seen=seen, waiting=waiting_rows(found) if waits else None
        )
    except AccessError as error:
        tell("refused", visit.say(error.reason, role=visit.say(f"role.{visit.viewer.role}")))
    except ConflictError as error:
        tell("refused", _conflict(visit, error))
    except StoreError as error:
        tell("refused", str(error))
    else:
        tell("done", _said(visit, stored, found))
        return True
    return False


def keep_all(visit: Visit, clean: Sequence[tuple[Work, Checked]]) -> None:
    """Store the clean files one after the other, each in a transaction of its own; stops at the first refusal."""
    for work, found in clean:
        if not keep(visit, found, work, None):
            return


def _conflict(visit: Visit, error: ConflictError) -> str:
    """Who changed which of these records since they were looked at."""
    units = error.changes.drop("upload_id", "status", "who", "at").unique(maintain_order=True)
    some = "; ".join(" ".join(str(cell) for cell in unit) for unit in units.head(3).iter_rows())
    who = ", ".join(error.changes["who"].unique(maintain_order=True))
    return visit.say("desk.conflict", who=who, units=some + (" …" if units.height > 3 else ""))


def _provenance(visit: Visit, work: Work) -> Provenance:
    mended = desk_mending.rows(work.key)
    note = "" if mended is None else visit.say("desk.mended_note", lines=", ".join(map(str, mended["line"])))
    source = desk_reading.source_of(work.sent.name)
    return Provenance(work.sent.name, work.sent.data, visit.viewer.name, note, source)


def _said(visit: Visit, stored: Stored, found: Checked) -> str:
    if not stored.is_new and not stored.upload_id and found.n_accepted:
        return visit.say("upload.unchanged")
    if not stored.is_new:
        return visit.say("upload.known", id=stored.upload_id)
    if stored.part > 1 or stored.n_rows == found.accepted.height:
        return visit.say("upload.stored", id=stored.upload_id, n=stored.n_rows)
    same = found.accepted.height - stored.n_rows
    return visit.say("upload.stored_rest", id=stored.upload_id, n=stored.n_rows, same=same)
