"""The programmes of events as a register that users extend: who runs them, how many events each has on record."""

from __future__ import annotations

import polars as pl

from pages.parts.blocks import Foot
from pages.parts.registers import cached_registers, register_choices, register_list
from pages.parts.session import Visit

COLUMNS = ("programme_id", "name_zh", "name_en", "organiser", "source_title")


def show(visit: Visit) -> None:
    """The programmes with their events counted, the busiest first."""
    rows = cached_registers.programmes(visit.key, visit).sort(
        ["n_events", "programme_id"], descending=[True, False], nulls_last=True
    )
    source, status = register_choices.source(visit, "events")
    note = f"{visit.say('registers.programmes_source')} · {source}"
    foot = Foot(note, status, visit.say("unit.programmes"))
    counted = {visit.say(f"registers.{name}"): name for name in ("n_events", "first", "last")}
    called = pl.format("{} {}", "programme_id", visit.named())
    register_list.show(visit, "programmes", rows, called, foot, COLUMNS, counted)
