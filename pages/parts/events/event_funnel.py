"""The view of matchmaking: projects made public, presented, agreements signed; and the offers made for needs."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from indicators.events.funnel import STAGES, STEPS
from pages.parts import blocks, cached, charts, filters
from pages.parts import tables as written
from pages.parts.events import cached_events, event_charts, event_choices, event_rows
from pages.parts.events.event_choices import ALL, Looked
from pages.parts.session import Visit

NAMES = st.column_config.Column(pinned=True, width=160)  # leaves a phone room for figures
NEIGHBOURS = tuple(STEPS)[:2]  # the steps from one stage to the next


def show(visit: Visit, at: Looked) -> None:
    """The funnel of a year, its rates over the years, the rates by programme, and where follow-ups stand."""
    every = cached_events.matched(visit.key, at.lens, (), "year", 0, visit)
    if not every.filter((pl.col("all_from") > 0) | (pl.col("all_to") > 0)).height:
        blocks.empty(visit, "events.no_funnel")
        followups(visit, at)
        return
    year = chosen_year(visit, at, every)
    left, right = st.columns(2)
    with left:
        funnel(visit, at, year)
    with right:
        rates(visit, at, every)
    st.caption(visit.say("events.funnel_note"))
    by_programme(visit, at, year)
    followups(visit, at)


def found(visit: Visit, at: Looked) -> str:
    """The title: projects made public and presented, and agreements signed, over all years on record."""
    rows = cached_events.matched(visit.key, at.lens, (), "all", 0, visit)
    ends = {row["step"]: (row["all_from"], row["all_to"]) for row in rows.to_dicts()}
    amounts = (*ends.get(NEIGHBOURS[0], (None, None)), ends.get(NEIGHBOURS[1], (None, None))[1])
    if not any(amounts):
        return visit.say("events.title_funnel_none")
    published, pitched, signed = (written.number(amount, 0) for amount in amounts)
    return visit.say("events.title_funnel", published=published, pitched=pitched, signed=signed)


def chosen_year(visit: Visit, at: Looked, rows: pl.DataFrame) -> int:
    """One year of the records, or all of them (0); by default the year of the month on screen."""
    years = [f"{period.year}" for period in rows["period"].unique().sort(descending=True)]
    names = {
        ALL: visit.say("events.all_years"),
        **{year: written.period_label(year, visit.language) for year in years},
    }
    own = f"{at.month.year}"
    left, _ = st.columns([1, 3])
    with left:
        year = filters.pick(visit.say("events.year"), "of_year", names, own if own in years else ALL)
    return 0 if year == ALL else int(year)


def period(visit: Visit, at: Looked, year: int) -> str:
    """The chosen year as far as the records go, or the span of the records."""
    if not year:
        return event_choices.span(visit, *at.covered)
    first, last = (max(at.covered[0], at.covered[0].replace(year=year, month=1)),
                   min(at.covered[1], at.covered[1].replace(year=year, month=12)))  # fmt: skip
    return event_choices.span(visit, first, last)


def funnel(visit: Visit, at: Looked, year: int) -> None:
    """The stages of the chosen year, and between them the rate with its interval, or why there is none."""
    rows = cached_events.matched(visit.key, at.lens, (), "all", year, visit)
    steps = {row["step"]: row for row in rows.to_dicts()}
    first, second = (steps[step] for step in NEIGHBOURS)
    amounts = (first["all_from"], first["all_to"], second["all_to"])
    stages = pl.DataFrame(
        {
            "stage": [visit.say(f"field.{stage}") for stage in STAGES],
            "n": amounts,
            "text": [written.number(amount, 0) for amount in amounts],
            "step": [told(visit, first, "\n"), told(visit, second, "\n"), None],
            "widens": [first["widens"], second["widens"], None],
        },
        schema_overrides={"n": pl.Int64, "step": pl.String, "widens": pl.Boolean},
    )
    figure = event_charts.stages(stages, at.foot.status != "computed", visit.dark)
    n = " / ".join(str(step["n_events"]) for step in (first, second))
    foot = replace(at.foot, unit=visit.say("events.funnel_unit"), period=period(visit, at, year), n=n, method="funnel")
    whole = told(visit, steps["published_to_signed"])
    heading = visit.say("events.funnel", period=foot.period)
    data = table(visit, rows.drop("period"))
    blocks.chart(visit, heading, figure, replace(foot, source=f"{foot.source} · {whole}"), "funnel", data)


def told(visit: Visit, step: dict[str, object], between: str = " ") -> str:
    """One step in words: the rate, its interval and its base, or the reason why there is no rate."""
    name = visit.say(f"events.step_{step['step']}")
    if step["reason"] is not None:
        ends = {key: written.number(step[key], 0) for key in ("n_from", "n_to")}  # type: ignore[arg-type]
        why = visit.say(f"events.reason_{step['reason']}", **ends)
        return f"{name}: {why}"
    rate, low, high = (written.number(step[key]) for key in ("rate_pct", "low_pct", "high_pct"))  # type: ignore[arg-type]
    base = visit.say("events.rate_base", n_from=step["n_from"], n_to=step["n_to"], n=step["n_events"])
    return f"{name}: {visit.say('events.rate', rate=rate, low=low, high=high)}{between}{base}"


def rates(visit: Visit, at: Looked, rows: pl.DataFrame) -> None:
    """The rates of the two steps year by year with their intervals; a step that widens has none."""
    said = pl.Series("hover", [told(visit, row) for row in rows.to_dicts()], dtype=pl.String)
    rows = rows.with_columns(said, year=pl.col("period").dt.strftime("%Y"))
    labels = {step: visit.say(f"events.step_{step}") for step in NEIGHBOURS}
    figure = event_charts.rates(rows, labels, "%", visit.dark)
    widening = rows.filter(pl.col("widens").fill_null(value=False) & pl.col("step").is_in(NEIGHBOURS))
    notes = [f"{year}: {text}" for year, text in widening.select("year", "hover").iter_rows()]
    n = written.count(rows.filter(pl.col("step") == NEIGHBOURS[0])["n_events"].sum(), visit.language)
    foot = replace(
        at.foot, unit="%", period=event_choices.span(visit, *at.covered), n=n,
        source=" · ".join([at.foot.source, *notes]), method="funnel",
    )  # fmt: skip
    data = table(visit, rows.drop("hover", "period").select("year", pl.exclude("year")))
    blocks.chart(visit, visit.say("events.rates"), figure, foot, "rates", data)


def by_programme(visit: Visit, at: Looked, year: int) -> None:
    """The steps of every programme that states them."""
    rows = cached_events.matched(visit.key, at.lens, ("programme_id",), "all", year, visit)
    rows = rows.filter((pl.col("all_from") > 0) | (pl.col("all_to") > 0))
    if not rows.height:
        return
    names = event_rows.programme_names(visit)
    rows = rows.with_columns(programme=pl.col("programme_id").replace_strict(names, default=pl.col("programme_id")))
    data = table(visit, rows.drop("period", "programme_id").select("programme", pl.exclude("programme")))
    foot = replace(at.foot, unit=visit.say("events.funnel_unit"), period=period(visit, at, year), method="funnel")
    n = rows.filter(pl.col("step") == NEIGHBOURS[0])["n_events"].sum()
    options = {**blocks.one_decimal(data), data.columns[0]: NAMES}
    heading = visit.say("events.funnel_programmes", period=foot.period)
    foot = replace(foot, n=str(n))
    blocks.table(visit, heading, data, foot, "funnel-programmes", height="content", column_config=options)


def table(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The steps as a person reads them: words for codes, the flag where a stage is larger than the one before."""
    keys = ("no_event_states_both", "nothing_to_start_from", "widens", "widens_within")
    reasons = {key: visit.say(f"events.short_{key}") for key in keys}
    steps = {step: visit.say(f"events.step_{step}") for step in STEPS}
    shown = rows.with_columns(
        pl.col("step").replace(steps),
        flag=pl.when("widens").then(pl.lit(visit.say("events.flag_widens"))),
        why=pl.col("reason").replace(reasons),
    ).drop("widens", "reason")
    empty = [name for name in ("flag", "why") if not shown[name].count()]
    shown = shown.drop(*empty, *(() if shown["n_widening"].sum() else ("n_widening",)))
    return event_choices.worded(visit, blocks.as_published(shown))


def followups(visit: Visit, at: Looked) -> None:
    """Where the offers made for needs stand now; signed ones are not added to what events state."""
    rows = cached_events.followups(visit.key, at.lens.selection, visit)
    needs = cached_events.needs_of(visit.key, at.lens.selection, visit)
    if not rows.height:
        blocks.empty(visit, "events.no_followups", n=needs)
        return
    made_up = cached.has_synthetic(visit.key, "followups", None, visit)
    names = {status: visit.say(f"code.status.{status}") for status in cached_events.STATUSES}
    figure = charts.bars(
        rows, "status", "n", "signed", labels=names, places=0, ranked=False,
        synthetic=made_up, language=visit.language, dark=visit.dark,
    )  # fmt: skip
    source = visit.say("source.followups_synthetic" if made_up else "source.followups")
    note = visit.say("events.followups_note", needs=needs, at_event=int(rows["n_at_event"].sum()))
    foot = replace(
        at.foot, territory=at.where, unit=visit.say("events.followup_unit"), source=f"{source} · {note}",
        period=f"{at.lens.today:%Y-%m-%d}", n=str(rows["n"].sum()),
        status="computed_synthetic" if made_up else "computed",
    )  # fmt: skip
    told = rows.select(pl.col("status").replace(names).alias("followup"), pl.col("n").alias("n_pairs"), "n_at_event")
    data = event_choices.worded(visit, told)
    blocks.chart(visit, visit.say("events.followups"), figure, foot, "followups", data)
