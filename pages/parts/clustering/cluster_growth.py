"""How clusters and enterprises come and go: life lines and growth of clusters, openings, closures, survival."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from data import registry
from pages.parts import blocks, charts, filters, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_clusters, cached_concentration, cached_firms, cluster_charts, enterprises
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit

LINES, PANELS = 24, 9
GROUPS = ("park", "industry", "district_code")
OBSERVED = 10  # enterprises still observed at the age where a curve of survival ends
NO_NEWS = ("grew", "shrank", "stable")


def clusters(visit: Visit, lens: Lens, found: pl.DataFrame, foot: Foot) -> None:
    """Life lines of the largest clusters, the growth of today's, and every change from year to year."""
    lives = cached_clusters.lives(visit.key, lens, visit)
    if lens.selection.district_code is not None and lives.height:
        here = lives.filter(district_code=lens.selection.district_code)["cluster_id"].unique()
        lives = lives.filter(pl.col("cluster_id").is_in(here.to_list()))
    if not lives.height:
        blocks.empty(visit, "clustering.no_lives")
        return
    years = lives["period"].dt.year()
    lives = lives.with_columns(year=years).join(labels(visit, lives, found), on="cluster_id")
    totals = cached_firms.enterprise_totals(visit.key, lens.selection, visit)
    rule = visit.say(
        "clustering.lives_note",
        survival=f"{100 * cached_clusters.SURVIVAL:g}",
        split=f"{100 * cached_clusters.SPLIT:g}",
        undated=f"{totals['undated']:,}",
    )
    foot = foot.noted(
        enterprises.rule_note(visit),
        rule,
        period=f"{years.min()}–{years.max()}",
        unit=visit.say("unit.clusters"),
        n=str(lives["cluster_id"].n_unique()),
        method="cluster_lives",
    )
    _lines(visit, lives, foot)
    _panels(visit, lives, foot)


def labels(visit: Visit, lives: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """cluster_id, label: the name of the cluster of today it lives on in, else its district and a number."""
    last = lives.sort("period", descending=True).unique("cluster_id", keep="first", maintain_order=True)
    places = registry.districts().select("district_code", place=visit.named())
    rows = last.join(found.select(current="cluster", today="label"), on="current", how="left")
    rows = rows.join(places, on="district_code", how="left").sort("weight", "cluster_id", descending=[True, False])
    name = pl.coalesce("today", "place", pl.lit(visit.say("clustering.cluster")))
    number = pl.int_range(pl.len()).over(name) + 1
    told = pl.when(number > 1).then(pl.format("{} ·{}", name, number)).otherwise(name)
    return rows.select("cluster_id", label=told)


def _lines(visit: Visit, lives: pl.DataFrame, foot: Foot) -> None:
    last = int(lives["year"].max())  # type: ignore[arg-type]
    lines = lives.group_by("cluster_id", "label").agg(
        first=pl.col("year").min(), last=pl.col("year").max(), peak=pl.col("weight").max()
    )
    lines = lines.with_columns(alive=pl.col("last") == last).sort("peak", "cluster_id", descending=[True, False])
    shown = lines.head(LINES)
    points = lives.join(shown.select("cluster_id"), on="cluster_id", how="semi")
    words = {name: visit.say(f"clustering.{name}") for name in ("birth", "merge", "split", "ended")}
    told = pl.col("transition").replace_strict(words, default="")
    points = points.with_columns(
        text=pl.format("{} {}: {} ({})", "label", "year", told, pl.col("weight").cast(pl.Int64))
    )
    points = points.filter((pl.col("transition") != "birth") | (pl.col("year") > lives["year"].min()))
    figure = cluster_charts.life_lines(shown, points, words, dark=visit.dark)
    changes = _changes(visit, lives, lines)
    told_counts = visit.say("clustering.lives_counts", **_counts(lives, lines, last))
    blocks.chart(
        visit, visit.say("clustering.lives", n=shown.height), figure, foot.noted(told_counts), "cluster-lives", changes
    )


def _counts(lives: pl.DataFrame, lines: pl.DataFrame, last: int) -> dict[str, int]:
    first = lives["year"].min()
    later = lives.filter(pl.col("year") > first)["transition"].value_counts()
    found = dict(later.iter_rows())
    counted = {name: int(found.get(name, 0)) for name in ("birth", "merge", "split")}
    return {**counted, "death": lines.filter(pl.col("last") < last).height}


def _changes(visit: Visit, lives: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Every cluster of every year with what happened to it: the table behind the life lines."""
    words = {name: visit.say(f"clustering.{name}") for name in ("birth", "merge", "split", *NO_NEWS)}
    return lives.sort("label", "year").select(
        pl.col("year").alias(visit.say("column.year")),
        pl.col("label").alias(visit.say("clustering.cluster")),
        pl.col("transition").replace_strict(words, default=pl.col("transition")).alias(visit.say("clustering.change")),
        pl.col("n_enterprises").alias(visit.say("clustering.enterprises")),
        pl.col("cluster_id").alias(visit.say("clustering.lasting_id")),
    )


def _panels(visit: Visit, lives: pl.DataFrame, foot: Foot) -> None:
    """The growth of the largest clusters of the last year, side by side."""
    newest = lives.filter(pl.col("year") == pl.col("year").max()).sort("weight", "label", descending=[True, False])
    kept = newest.head(PANELS)
    rows = lives.join(kept.select("cluster_id"), on="cluster_id", how="semi").with_columns(
        value=pl.col("weight").cast(pl.Int64)
    )
    figure = charts.small_multiples(
        rows,
        "label",
        "period",
        "value",
        {label: label for label in kept["label"]},
        neutral=None,
        places=0,
        yearly=True,
        synthetic=foot.status != "computed",
        unit=visit.say("unit.enterprises"),
        language=visit.language,
        dark=visit.dark,
    )
    foot = replace(foot, unit=visit.say("unit.enterprises"), n=f"{int(kept['weight'].sum()):,}")
    data = rows.select("period", pl.col("label").alias(visit.say("clustering.cluster")), "value")
    blocks.chart(visit, visit.say("clustering.growth", n=kept.height), figure, foot, "cluster-growth", data)


def openings(visit: Visit, lens: Lens, foot: Foot) -> None:
    """Net entry year by year, and how long enterprises stay, by group."""
    rows = cached_concentration.entry(visit.key, lens, visit)
    if not rows.height:
        blocks.empty(visit, "clustering.no_lives")
        return
    totals = cached_firms.enterprise_totals(visit.key, lens.selection, visit)
    note = visit.say("clustering.trend_note", undated=f"{totals['undated']:,}")
    years = rows["period"].dt.year()
    foot = foot.noted(note, period=f"{years.min()}–{years.max()}")
    words = {"n_opened": visit.say("clustering.opened"), "n_closed": visit.say("clustering.closed")}
    words["net"] = visit.say("clustering.net")
    figure = cluster_charts.entries(
        rows, words, synthetic=foot.status != "computed", language=visit.language, dark=visit.dark
    )
    line = replace(foot, n=f"{rows['n_opened'].sum():,}", method="net_entry")
    data = rows.select(pl.col("period").dt.year().alias("year"), *rows.columns[1:])
    blocks.chart(visit, visit.say("clustering.trend"), figure, line, "net-entry", data)
    _survival(visit, lens, foot)


def _survival(visit: Visit, lens: Lens, foot: Foot) -> None:
    names = {value: visit.say(f"clustering.by_{value}") for value in GROUPS}
    by = filters.pick(visit.say("clustering.survival_by"), "group", names, GROUPS[0])
    curve, summary, test = cached_concentration.survival(visit.key, lens, by, visit)
    if not summary.height:
        return
    titles = _groups(visit, lens, by)
    order = summary.sort("n", by, descending=[True, False])[by].to_list()
    shown = {key: titles.get(key, key) for key in order}
    figure = cluster_charts.survival(observed(curve, by), by, shown, visit.say("clustering.age"), dark=visit.dark)
    p = test["p"].first()
    told = visit.say("clustering.log_rank", p=tables.number(p, 3) if p is not None else None, observed=OBSERVED)
    n, period = f"{summary['n'].sum():,}", visit.say("clustering.all_dates")
    line = foot.noted(told, unit=visit.say("unit.pct"), n=n, method="survival_curve", period=period)
    percent = [(pl.col(name) * 100).round(1) for name in ("survival_1y", "survival_3y", "survival_5y")]
    data = summary.with_columns(pl.col(by).replace_strict(shown, default=pl.col(by)), *percent)
    data = data.rename({by: visit.say(f"clustering.by_{by}")})
    blocks.chart(visit, visit.say("clustering.survival"), figure, line, "survival", data)


def observed(curve: pl.DataFrame, by: str) -> pl.DataFrame:
    """The curves up to the age that OBSERVED enterprises have reached: beyond, one closure looks like a cliff.

    >>> ages = pl.DataFrame({"park": ["in"] * 3 + ["out"], "n_at_risk": [30, 10, 1, 4]})
    >>> observed(ages, "park")["n_at_risk"].to_list()
    [30, 10, 4]
    """
    least = pl.min_horizontal(pl.lit(OBSERVED), pl.col("n_at_risk").max().over(by))
    return curve.filter(pl.col("n_at_risk") >= least)


def _groups(visit: Visit, lens: Lens, by: str) -> dict[str, str]:
    """The names of the groups."""
    if by == "park":
        return {"inside": visit.say("clustering.inside"), "outside": visit.say("clustering.outside")}
    if by == "industry":
        return cached_concentration.industry_names(visit, lens.scheme)
    return dict(registry.districts_of(lens.selection.city_id).select("district_code", visit.named()).iter_rows())
