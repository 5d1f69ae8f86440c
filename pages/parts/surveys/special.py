"""Special surveys on screen: shares by choice, by district and over the waves, and which districts answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from data import registry
from data.questionnaires import further
from pages.parts import blocks, cached, mapped, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import share_charts


def names(visit: Visit) -> dict[str, str]:
    """The special surveys by id, named in the visitor's language."""
    register = registry.questionnaires()
    return dict(
        register.filter(pl.col("questionnaire_id").is_in(further(register)))
        .select("questionnaire_id", visit.named())
        .iter_rows()
    )


def purpose(visit: Visit, questionnaire_id: str) -> str:
    """What a survey is for, in the visitor's language."""
    row = registry.questionnaires().filter(pl.col("questionnaire_id") == questionnaire_id)
    return str(row[f"purpose_{visit.language}"].item())


def source(visit: Visit, questionnaire_id: str, city_id: str) -> tuple[str, str]:
    """(source sentence, status key) of figures computed from the answers to one questionnaire in a city."""
    name = names(visit)[questionnaire_id]
    if cached.has_synthetic(visit.key, questionnaire_id, city_id, visit):
        return visit.say("source.questionnaire_synthetic", name=name), "computed_synthetic"
    return visit.say("source.questionnaire", name=name), "computed"


def questions(visit: Visit, questionnaire_id: str, wave: date) -> pl.DataFrame:
    """item_id, item, scale_id, direction of the version that holds in the wave, in the order of the form."""
    held = registry.survey_items(questionnaire_id, wave)
    items = held if held.height else registry.survey_items(questionnaire_id)
    return items.sort("position").select("item_id", visit.named().alias("item"), "scale_id", "direction")


def choices(visit: Visit, asked: pl.DataFrame) -> pl.DataFrame:
    """Every choice of the questions: item_id, item, answer, label, followed, kind, place (0 = most favourable), places.

    Where "up" is unfavourable the places and what is followed are turned round.
    """
    scale, turned = pl.col("scale_id"), pl.col("direction").fill_null(1) == -1
    scales = registry.answer_scales().with_columns(pl.len().over("scale_id").alias("places"))
    joined = asked.join(scales, on="scale_id", maintain_order="left_right").with_columns(
        place=pl.when(turned).then(pl.col("places") - pl.col("position")).otherwise(pl.col("position") - 1)
    )
    wanted = pl.col("followed").sum().over("item_id")
    kind = pl.when(pl.col("score").is_not_null()).then(pl.lit("change")).when(wanted > 0).then(pl.lit("ordered"))
    return joined.with_columns(
        followed=pl.col("place") < wanted, kind=kind.otherwise(pl.lit("nominal")).over(scale, "item_id")
    ).select(
        *("item_id", "item", "answer", "followed", "kind", "place", "places"),
        label=pl.col(f"label_{visit.language}"),
    )  # fmt: skip


def complete(rows: pl.DataFrame, known: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The shares of every choice of the scale: one that nobody gave is a true 0 where the cell is shown."""
    cells = rows.select(*by, "item_id", "n_answers", "suppressed").unique(maintain_order=True)
    grid = cells.join(known, on="item_id", maintain_order="left_right")
    full = grid.join(rows.select(*by, "item_id", "answer", "share_pct"), on=[*by, "item_id", "answer"], how="left")
    shown = ~pl.col("suppressed") & (pl.col("n_answers") > 0)
    return full.with_columns(pl.when(shown).then(pl.col("share_pct").fill_null(0.0)).alias("share_pct"))


def shares(visit: Visit, rows: pl.DataFrame, known: pl.DataFrame, heading: str, foot: Foot) -> None:
    """The choices of every question of one wave as bars of 100 %, and the table behind them."""
    order = known.select("item_id").unique(maintain_order=True).with_row_index("order")
    full = complete(rows, known, []).join(order, on="item_id").sort("order", "place")
    figure = share_charts.stacked(
        full.filter(pl.col("share_pct").is_not_null()), synthetic=foot.status != "computed", dark=visit.dark
    )
    words = {"question": "item", "answer": "label", "share": "share_pct", "n": "n_answers"}
    data = full.select(pl.col(column).alias(visit.say(f"surveys.{word}")) for word, column in words.items())
    blocks.chart(visit, heading, figure, foot, "shares", blocks.as_published(data))


def by_district(visit: Visit, city_id: str, wave: date, rows: pl.DataFrame, known: pl.DataFrame, foot: Foot) -> None:
    """One question by district: the share of each choice and n; small cells are blank."""
    rows = rows.filter((pl.col("period") == wave) & pl.col("item_id").is_in(known["item_id"].implode()))
    places = registry.districts_of(city_id).select("district_code", visit.named().alias("district"))
    full = complete(rows, known, ["district_code"]).join(places, on="district_code").sort("place")
    labels = known.sort("place")["label"].to_list()
    wide = full.pivot("label", index=["district", "n_answers"], values="share_pct", aggregate_function="first")
    data = wide.sort("n_answers", "district", descending=[True, False]).select(
        pl.col("district").alias(visit.say("filter.district")),
        pl.col("n_answers").alias(visit.say("surveys.n")),
        *(pl.col(label).alias(f"{label} %") for label in labels),
    )
    data = blocks.as_published(data)
    heading = visit.say("surveys.by_district", question=known["item"][0], wave=foot.period)
    city, n = blocks.territory(visit, Selection(city_id)), str(wide["n_answers"].sum())
    foot = replace(foot, territory=city, n=n)
    options = {**blocks.one_decimal(data), **blocks.pinned(data)}
    blocks.table(visit, heading, data, foot, "shares-by-district", height="content", column_config=options)


def followed(visit: Visit, rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """period, wave, item_id, item, note, n_answers, share_pct of the followed choices together; missing if small."""
    chosen = known.filter("followed")
    between = visit.say("surveys.or")
    notes = chosen.sort("place").group_by("item_id", maintain_order=True).agg(note=pl.col("label").str.join(between))
    order = (
        known.select("item_id", "item").unique(maintain_order=True).with_row_index("order").join(notes, on="item_id")
    )
    cells = complete(rows, chosen, ["period"]).group_by("period", "item_id", "n_answers", "suppressed").agg(
        share_pct=pl.when(pl.col("share_pct").is_not_null().all()).then(pl.col("share_pct").sum())
    )  # fmt: skip
    named = cells.join(order, on="item_id").sort("order", "period")
    when = tables.each(named["period"], lambda p: tables.period_label(p, visit.language))
    return named.select("period", when.alias("wave"), "item_id", "item", "note", "n_answers", "share_pct")


def over_waves(visit: Visit, found: pl.DataFrame, heading: str, foot: Foot) -> None:
    """The followed share of every question over the waves; a question whose choices have no order is left out."""
    waves = found.sort("period")["wave"].unique(maintain_order=True).to_list()
    figure = share_charts.over_waves(found, waves, dark=visit.dark)
    words = {"question": "item", "counted": "note", "wave": "wave", "share": "share_pct", "n": "n_answers"}
    data = found.select(pl.col(column).alias(visit.say(f"surveys.{word}")) for word, column in words.items())
    foot = replace(foot, period=" – ".join(dict.fromkeys((waves[0], waves[-1]))), n="")
    blocks.chart(visit, heading, figure, foot, "shares-over-waves", blocks.as_published(data))


def answered(visit: Visit, questionnaire_id: str, selection: Selection, wave: date, foot: Foot) -> None:
    """How many parks answered the wave, of how many on record, and how many the wave before."""
    found = cached.waves(visit.key, questionnaire_id, selection, False, visit)
    n = dict(found.iter_rows()).get(wave, 0)
    frame = cached.frame_size(visit.key, selection, visit)
    rate = tables.number(100 * n / frame, 0) if frame else tables.MISSING
    note = visit.say("overview.answered_note", frame=frame, rate=rate)
    before = found.filter(pl.col("period") < wave)
    if before.height:
        when, earlier = before.row(-1)
        note += "  \n" + visit.say("surveys.before", wave=tables.period_label(when, visit.language), n=earlier)
    blocks.metric(
        visit,
        visit.say("overview.answered"),
        str(n),
        None,
        "",
        note,
        replace(foot, method="", unit=visit.say("unit.parks")),
        height="content",
    )


def answered_map(visit: Visit, questionnaire_id: str, selection: Selection, wave: date, foot: Foot) -> None:
    """How many parks of each district answered the wave."""
    city = cached.waves(visit.key, questionnaire_id, Selection(selection.city_id), True, visit)
    numbers = city.filter(pl.col("period") == wave).select("district_code", n="n_parks")
    unit, heading = visit.say("unit.parks"), visit.say("upload.answered_map", month=foot.period)
    foot = replace(foot, territory="", unit=unit, n=str(numbers["n"].sum()), method="")
    mapped.counts(visit, selection, numbers, heading, foot, "special-map", unit, scoped=True)
