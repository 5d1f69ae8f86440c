"""The scorecard of a park as an industrial community, beside its peers: only for parks with data, without a total."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from indicators.registers.scorecard import DIMENSIONS, SERVICES, SHARES
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.parks import cached_parks, park_facts, scorecard_charts
from pages.parts.registers import cached_registers, entry_fields, entry_form, register_choices, register_list
from pages.parts.registers.entry_fields import SEVERAL
from pages.parts.session import Visit

Park = dict[str, Any]
FIELDS = (*SHARES, "occupancy_pct", "open_hours_week", "services", "governance", "local_linkage_pct")


def show(visit: Visit, park: Park) -> None:
    """The newest year's scores beside the median of the other parks, what they rest on, and every year as a list."""
    newest(visit, park)
    listed(visit, park)


def newest(visit: Visit, park: Park) -> None:
    """The newest year's scores beside the median of the other parks, and what they rest on."""
    every = cached_parks.scores(visit.key, park["city_id"], visit)
    own = every.filter(pl.col("park_id") == park["park_id"])
    if not own.height:
        with st.container(border=True):
            st.subheader(visit.say("parks.scorecard"), anchor=False)
            st.caption(visit.say("parks.scorecard_none"))
        return
    year = own["year"].max()
    rows = own.filter(pl.col("year") == year)
    every_card = cached_parks.cards(visit.key, park["city_id"], visit).filter(pl.col("year") == year)
    card = every_card.filter(pl.col("park_id") == park["park_id"]).row(0, named=True)
    foot = foot_of(visit, park, rows, card)
    left, right = st.columns([3, 2])
    with left:
        radar(visit, rows, bool(card["is_synthetic"]), foot)
    with right:
        plain = replace(foot, unit="", n="", method="", status="synthetic" if card["is_synthetic"] else "recorded")
        basis(visit, card, every_card, plain)


def listed(visit: Visit, park: Park) -> None:
    """The park's scorecards of all years, retired ones when asked for; of one year or none for editors only."""
    rows = cached_registers.entries(visit.key, "scorecards", visit).filter(pl.col("park_id") == park["park_id"])
    if rows.height < 2 and not entry_form.may_edit(visit):
        return
    source, status = register_choices.source(visit, "scorecards")
    foot = Foot(source, status, territory=park_facts.name(visit, park))
    start = {"park_id": park["park_id"]}
    called = pl.col("year").cast(pl.String)
    columns = ("year", *FIELDS, "source_title")
    with st.expander(visit.say("parks.scorecards_all", n=rows.height)):
        register_list.show(visit, "scorecards", rows.sort("year", descending=True), called, foot, columns, start=start)


def foot_of(visit: Visit, park: Park, rows: pl.DataFrame, card: Park) -> Foot:
    """Unit, year, park, number of peers, source and method of the scores."""
    synthetic = card["is_synthetic"]
    least, most = int(rows["n_peers"].min() or 0), int(rows["n_peers"].max() or 0)  # type: ignore[arg-type]
    n = visit.say("parks.peers", n=str(most) if least == most else f"{least}–{most}")
    source = card["source_title"] or visit.say("upload.synthetic" if synthetic else "parks.source_scorecards")
    when = tables.period_label(str(card["year"]), visit.language)
    status = "computed_synthetic" if synthetic else "computed"
    name = park_facts.name(visit, park)
    return Foot(source, status, visit.say("parks.unit_score"), when, name, n, "scorecard")


def radar(visit: Visit, rows: pl.DataFrame, synthetic: bool, foot: Foot) -> None:
    """The scores as a radar where at least three sides are known, else as a table; unknown sides are named."""
    labels = {side: visit.say(f"parks.side_{side}") for side in DIMENSIONS}
    data = scores_shown(visit, rows, labels)
    compared = rows.drop_nulls("peer_median")
    above = compared.filter(pl.col("score") > pl.col("peer_median")).height
    heading = visit.say("parks.scorecard_found", above=above, n=compared.height)
    if rows.height < scorecard_charts.LEAST_SIDES:
        blocks.table(visit, heading, data, foot, "park-scorecard", column_config=blocks.one_decimal(data))
    else:
        words = {"park": foot.territory, "peers": visit.say("parks.peer_median")}
        figure = scorecard_charts.radar(rows, labels, words, synthetic=synthetic, dark=visit.dark)
        blocks.chart(visit, heading, figure, foot, "park-scorecard", data)
    if unknown := [labels[side] for side in DIMENSIONS if side not in set(rows["dimension"])]:
        st.caption(visit.say("parks.sides_unknown", sides=visit.say("parks.comma").join(unknown)))


def scores_shown(visit: Visit, rows: pl.DataFrame, labels: dict[str, str]) -> pl.DataFrame:
    """One row a side: what was measured, its unit, the score of 100, the median of the peers and their number."""
    units = {side: visit.say(f"parks.unit_{side}") for side in DIMENSIONS}
    return blocks.as_published(
        rows.select(
            pl.col("dimension").replace_strict(labels, return_dtype=pl.String).alias(visit.say("parks.side")),
            pl.col("value").round(2).alias(visit.say("parks.value")),
            pl.col("dimension").replace_strict(units, return_dtype=pl.String).alias(visit.say("parks.unit")),
            pl.col("score").alias(visit.say("parks.score")),
            pl.col("peer_median").alias(visit.say("parks.peer_median")),
            pl.col("n_peers").cast(pl.Int64).alias(visit.say("parks.n_peers")),
        ),
        2,
    )


def basis(visit: Visit, card: Park, cards: pl.DataFrame, foot: Foot) -> None:
    """What the scores rest on, in the words of the scorecard; the kind of governance with how many peers share it."""
    cells = [(entry_fields.label(visit, field), told(visit, field, card[field])) for field in FIELDS]
    titles = [visit.say("entry.field"), visit.say("parks.value")]
    data = pl.DataFrame(cells, schema=dict.fromkeys(titles, pl.String), orient="row")
    alike = pl.col("is_synthetic") == card["is_synthetic"]
    peers = cards.filter((pl.col("park_id") != card["park_id"]) & alike & ~pl.col("park_retired"))
    blocks.table(visit, visit.say("parks.basis"), data, foot, "park-basis", height="content")
    if card["services"] is not None:
        names = entry_fields.worded(visit, "services", card["services"]) or ""
        st.caption(visit.say("parks.services_are", names=names.replace(f"{SEVERAL} ", visit.say("parks.comma"))))
    if card["governance"] is not None:
        known = peers["governance"].drop_nulls()
        same = int((known == card["governance"]).sum())
        kind = entry_fields.worded(visit, "governance", card["governance"])
        st.caption(visit.say("parks.governance", kind=kind, same=same, n=known.len()))


def told(visit: Visit, field: str, value: object) -> str | None:
    """A cell of the scorecard as it is read; None where it is not known."""
    if isinstance(value, float):
        return tables.figure(value, visit.language)
    if field == "services" and value is not None:
        return visit.say("parks.services_n", n=len(str(value).split(SEVERAL)), all=len(SERVICES))
    return entry_fields.worded(visit, field, value)
