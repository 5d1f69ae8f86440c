"""What one moves on a composite, and what follows at once: weights, goalposts, mean; rank intervals and sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl
import streamlit as st

from data.city_groups import indicator_directions
from indicators.cities.composite import Recipe, city_composite, leave_one_out
from indicators.cities.rank_intervals import Doubt, rank_intervals
from indicators.cities.structure import STRUCTURE, TOP, structure_from_paths
from indicators.frames import ContractError
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, cached_composite, city_peers, composite_charts
from pages.parts.cities.cached_composite import COMPOSITE_SPANS, Basis
from pages.parts.session import Visit

KINDS = ("arithmetic", "geometric")
DOUBT = Doubt(draws=1000, normalisations=("goalposts", "min_max", "z_score"))
MOST_WEIGHT, STEP, EQUAL = 3.0, 0.1, 1.0
MOST_SENTENCES = 6
OTHER = "other"


@dataclass(frozen=True)
class Choice:
    """What is compared: the chosen city, how far figures may lie apart, the cities and the indicators."""

    city_id: str
    gap: int
    cities: tuple[str, ...]
    metrics: tuple[str, ...]

    @property
    def key(self) -> str:
        """What the boxes of this choice are called by, so that another choice starts afresh."""
        return f"{'-'.join(self.cities)}|{'-'.join(self.metrics)}|{self.gap}"


@dataclass(frozen=True)
class Result:
    """A composite: ranks with intervals, scores and ranks of every element, and what they were computed from."""

    ranks: pl.DataFrame
    scores: pl.DataFrame
    values: pl.DataFrame
    structure: pl.DataFrame
    recipe: Recipe


@st.fragment
def board(visit: Visit, choice: Choice) -> None:
    """Weights on the left, rank intervals on the right; a move redraws these two and what is below, nothing else."""
    rows = cached_composite.values(visit.key, Basis(None, choice.gap, COMPOSITE_SPANS), choice.cities, visit)
    rows = rows.filter(pl.col("indicator_id").is_in(choice.metrics))
    title = st.container()
    left, right = st.columns([1, 2])
    with left:
        kind = _kind(visit)
        weights = _weights(visit, choice)
    posts = _posts(visit, choice, rows)
    try:
        result = computed(rows, posts, weights, kind)
    except ContractError as problem:
        st.error(visit.say("cities.composite_wrong", why=problem))
        return
    names = dict(cached_cities.cities(visit.key, visit).select("city_id", visit.named()).iter_rows())
    foot = _foot(visit, choice, rows, kind)
    title.subheader(_finding(visit, result.ranks, names), anchor=False)
    with right:
        _intervals(visit, choice, result, names, foot)
    _sentences(visit, result, rows, posts, names)
    _evidence(visit, result, rows, posts, weights, foot)


def computed(
    rows: pl.DataFrame, posts: pl.DataFrame, weights: dict[str, float], kind: str, draws: int = DOUBT.draws
) -> Result:
    """The composite of the figures with these goalposts and weights.

    `rows`: city_id, indicator_id, value; `posts`: indicator_id, low, high, direction. An indicator of weight 0 is left
    out. Raises ContractError if nothing is left or a goalpost is wrong.
    """
    recipe = Recipe("goalposts", kind)
    used = {name: weight for name, weight in weights.items() if weight > 0}
    if not used:
        raise ContractError(STRUCTURE, ["every weight is 0; accepted: at least one above 0; move one up."])
    structure = built(posts, used)
    known = rows.select("city_id", "indicator_id", "value").filter(pl.col("indicator_id").is_in(list(used)))
    ranks, scores = (
        rank_intervals(known, structure, recipe, replace(DOUBT, draws=draws)),
        city_composite(known, structure, recipe),
    )
    return Result(ranks, scores, known, structure, recipe)


def built(posts: pl.DataFrame, weights: dict[str, float]) -> pl.DataFrame:
    """The structure: indicators under their dimensions, a dimension as heavy as its indicators together.

    So the index is the plain weighted mean of the indicators, whatever the dimensions. Columns in: indicator_id, low,
    high, direction. Columns out: STRUCTURE.
    """
    declared = dict(indicator_directions().select("indicator_id", "dimension").iter_rows())
    rows = posts.filter(pl.col("indicator_id").is_in(list(weights))).with_columns(
        path=pl.col("indicator_id").replace_strict(declared, default=OTHER),
        weight=pl.col("indicator_id").replace_strict(weights, return_dtype=pl.Float64),
        direction=pl.col("direction").cast(pl.Int8),
    )
    heavy = dict(rows.group_by("path").agg(pl.col("weight").sum()).iter_rows())
    return structure_from_paths(rows, heavy)


def _kind(visit: Visit) -> str:
    words = {kind: visit.say(f"cities.composite_{kind}") for kind in KINDS}
    label = visit.say("cities.composite_mean")
    return str(st.radio(label, KINDS, format_func=words.__getitem__, horizontal=True, key="composite-mean"))


def _weights(visit: Visit, choice: Choice) -> dict[str, float]:
    """One slider an indicator; the button sets all back to equal weights."""
    names = cached_composite.metric_names(visit.key, visit.language, visit)
    keys = {metric: f"weight-{metric}-{choice.key}" for metric in choice.metrics}

    def reset() -> None:
        for key in keys.values():
            st.session_state[key] = EQUAL

    st.button(visit.say("cities.composite_reset"), on_click=reset, key="composite-reset")
    for key in keys.values():
        st.session_state.setdefault(key, EQUAL)
    return {
        metric: float(st.slider(names.get(metric, metric), 0.0, MOST_WEIGHT, step=STEP, key=key, format="×%.1f"))
        for metric, key in keys.items()
    }


def _posts(visit: Visit, choice: Choice, rows: pl.DataFrame) -> pl.DataFrame:
    """The goalposts, which one may change: indicator_id, low, high, direction."""
    posts = cached_composite.goalposts(visit.key, choice.gap, choice.cities, choice.metrics, visit)
    names = cached_composite.metric_names(visit.key, visit.language, visit)
    units = dict(rows.select("indicator_id", "unit").unique().iter_rows())
    words = {1: visit.say("cities.composite_more"), -1: visit.say("cities.composite_less")}
    heads = {word: visit.say(f"cities.composite_{word}") for word in ("low", "high", "direction")}
    told = {"indicator": visit.say("cities.indicator"), "unit": visit.say("cities.unit")}
    shown = posts.select(
        pl.col("indicator_id").replace_strict(names, default=pl.col("indicator_id")).alias(told["indicator"]),
        tables.each(posts["indicator_id"], lambda one: visit.unit(units[one])).alias(told["unit"]),
        pl.col("low").alias(heads["low"]), pl.col("high").alias(heads["high"]),
        pl.col("direction").replace_strict(words).alias(heads["direction"]),
    )  # fmt: skip
    with st.expander(visit.say("cities.composite_goalposts")):
        edited = st.data_editor(
            shown, hide_index=True, width="stretch", disabled=list(told.values()), key=f"posts-{choice.key}",
            column_config={heads["direction"]: st.column_config.SelectboxColumn(options=list(words.values()),
                                                                                required=True)},
        )  # fmt: skip
        st.caption(visit.say("cities.composite_posts_rule"))
    back = {word: sign for sign, word in words.items()}
    return posts.select("indicator_id").with_columns(
        edited[heads["low"]].cast(pl.Float64).alias("low"),
        edited[heads["high"]].cast(pl.Float64).alias("high"),
        edited[heads["direction"]].replace_strict(back, return_dtype=pl.Int64).alias("direction"),
    )


def _foot(visit: Visit, choice: Choice, rows: pl.DataFrame, kind: str) -> Foot:
    word = visit.say(f"cities.composite_{kind}")
    n = visit.say("cities.composite_n", cities=len(choice.cities), indicators=len(choice.metrics))
    where = visit.say("cities.composite_territory")
    return Foot(
        visit.say("cities.sources_each"), unit=visit.say("cities.composite_unit", mean=word),
        period=city_peers.span(rows), territory=where, n=n, method="rank_intervals",
    )  # fmt: skip


def _finding(visit: Visit, ranks: pl.DataFrame, names: dict[str, str]) -> str:
    """Who is first, or who cannot be told apart from the first."""
    first = ranks.row(0, named=True)
    near = [names[one] for one in (first["not_distinguishable_from"] or "").split("; ") if one]
    key = "cities.composite_first_shared" if near else "cities.composite_first"
    return visit.say(
        key, city=names[first["city_id"]], others=visit.say("cities.and").join(near),
        low=tables.number(first["rank_q5"], 0), high=tables.number(first["rank_q95"], 0),
    )  # fmt: skip


def _interval(low: float, high: float) -> str:
    """A rank interval as it is read.

    >>> _interval(1.0, 2.0), _interval(3.0, 3.0)
    ('1–2', '3')
    """
    a, b = tables.number(low, 0), tables.number(high, 0)
    return a if a == b else f"{a}–{b}"


def _intervals(visit: Visit, choice: Choice, result: Result, names: dict[str, str], foot: Foot) -> None:
    told = []
    for row in result.ranks.iter_rows(named=True):
        others = [names[one] for one in (row["not_distinguishable_from"] or "").split("; ") if one]
        told.append(
            visit.say(
                "cities.composite_hover", city=names[row["city_id"]], rank=row["rank"],
                interval=_interval(row["rank_q5"], row["rank_q95"]), score=tables.number(row["score"]),
                first=tables.number(row["first_pct"], 0), others=visit.say("cities.and").join(others) or tables.MISSING,
            ).replace("\n", "<br>")
        )  # fmt: skip
    label = pl.col("city_id").replace_strict(names)
    rows = result.ranks.with_columns(
        label.alias("label"), pl.Series("hover", told), own=pl.col("city_id") == choice.city_id
    )
    words = {"rank": visit.say("cities.composite_rank_axis"), "point": visit.say("cities.composite_rank")}
    figure = composite_charts.rank_intervals(rows, words, dark=visit.dark)
    data = _ranks(visit, result, names)
    blocks.chart(visit, visit.say("cities.composite_ranks"), figure, foot, "rank-intervals", data)


def _ranks(visit: Visit, result: Result, names: dict[str, str]) -> pl.DataFrame:
    """Per city: rank interval first, then rank, score, the rank on each dimension, and whom it is like."""
    parts = result.scores.filter((pl.col("level") == 2) & (pl.col("element_id") != TOP))
    table = result.ranks.with_columns(
        pl.col("score", "first_pct").round(1),
        interval=pl.Series([_interval(*ends) for ends in result.ranks.select("rank_q5", "rank_q95").iter_rows()]),
        not_distinguishable_from=tables.each(
            result.ranks["not_distinguishable_from"],
            lambda told: visit.say("cities.and").join(names[one] for one in told.split("; ")),
        ),
    )  # fmt: skip
    columns = {"city": pl.col("city_id").replace_strict(names), "composite_interval": pl.col("interval"),
               "composite_rank": pl.col("rank"), "composite_score": pl.col("score"),
               "composite_first_pct": pl.col("first_pct")}  # fmt: skip
    if parts["element_id"].n_unique() > 1:
        wide = parts.pivot("element_id", index="city_id", values="rank", sort_columns=False)
        table = table.join(wide, on="city_id", maintain_order="left")
        columns |= {f"dimension_{name}": pl.col(name) for name in wide.columns if name != "city_id"}
    columns["composite_alike"] = pl.col("not_distinguishable_from")
    return table.select(cell.alias(visit.say(f"cities.{word}")) for word, cell in columns.items())


def _sentences(visit: Visit, result: Result, rows: pl.DataFrame, posts: pl.DataFrame, names: dict[str, str]) -> None:
    """What the weights changed, what each indicator decides, and who is not distinguishable."""
    even = computed(rows, posts, dict.fromkeys(posts["indicator_id"], EQUAL), result.recipe.kind, draws=1)
    lines = [*weighed(visit, result.ranks, even.ranks, names), *left_out(visit, result, names)]
    st.markdown("\n".join(f"- {line}" for line in lines))


def weighed(visit: Visit, ranks: pl.DataFrame, even: pl.DataFrame, names: dict[str, str]) -> list[str]:
    """The ranks that differ from those under equal weights, and the pairs whose intervals touch, as sentences."""
    before = dict(even.select("city_id", "rank").iter_rows())
    moved = [
        visit.say("cities.composite_move", city=names[city], before=before[city], rank=rank)
        for city, rank in ranks.select("city_id", "rank").iter_rows()
        if before[city] != rank
    ]
    pairs = {
        tuple(sorted((city, other)))
        for city, told in ranks.select("city_id", "not_distinguishable_from").iter_rows()
        for other in (told or "").split("; ")
        if other
    }
    joined = visit.say("cities.semicolon")
    same = joined.join(f"{names[one]} – {names[other]}" for one, other in sorted(pairs))
    unmoved = visit.say("cities.composite_unmoved")
    return [
        visit.say("cities.composite_moved", moves=joined.join(moved)) if moved else unmoved,
        visit.say("cities.composite_pairs", pairs=same) if pairs else visit.say("cities.composite_apart"),
    ]


def left_out(visit: Visit, result: Result, names: dict[str, str]) -> list[str]:
    """What happens without each of the indicators, the largest moves first: "without X, Essen moves from 2 to 3"."""
    if result.values["indicator_id"].n_unique() < 2:
        return []
    without = leave_one_out(result.values, result.structure, result.recipe)
    metrics = cached_composite.metric_names(visit.key, visit.language, visit)
    changed = without.filter(pl.col("change") != 0)
    order = changed.select(pl.col("mean_abs_change"), pl.col("element_id")).unique().sort(
        "mean_abs_change", "element_id", descending=[True, False]
    )["element_id"].to_list()  # fmt: skip
    lines = []
    for element in order[:MOST_SENTENCES]:
        part = changed.filter(pl.col("element_id") == element).sort("rank_without", "city_id")
        moves = [
            visit.say("cities.composite_move", city=names[city], before=rank, rank=after)
            for city, rank, after in part.select("city_id", "rank", "rank_without").iter_rows()
        ]
        told = visit.say("cities.semicolon").join(moves)
        lines.append(visit.say("cities.composite_without", indicator=metrics.get(element, element), moves=told))
    rest = without["element_id"].n_unique() - len(order)
    return [*lines, visit.say("cities.composite_without_rest", n=rest)] if rest else lines


def _evidence(
    visit: Visit, result: Result, rows: pl.DataFrame, posts: pl.DataFrame, weights: dict[str, float], foot: Foot
) -> None:
    """Every figure in it: raw value, unit, year, goalposts, direction, weight, score, source."""
    heading = visit.say("cities.composite_figures", n=rows.height)
    box = st.expander(heading, key="composite-evidence", on_change="rerun")
    if not box.open:  # a large table would be redrawn with every move
        return
    scores = result.scores.filter(pl.col("level") == 1).select(
        "city_id", "score", indicator_id="element_id"
    )  # fmt: skip
    words = {1: visit.say("cities.composite_more"), -1: visit.say("cities.composite_less")}
    data = city_peers.named(visit, rows).join(posts, on="indicator_id").join(
        scores, on=["city_id", "indicator_id"], how="left"
    )  # fmt: skip
    data = data.with_columns(
        pl.col("direction").replace_strict(words),
        pl.col("score", "value").round(2),
        weight=pl.col("indicator_id").replace_strict(weights, return_dtype=pl.Float64),
    ).sort("indicator", "city")
    columns = {"indicator": "indicator", "city": "city", "value": "value", "unit": "unit", "period": "period",
               "composite_normalised": "score", "composite_direction": "direction", "composite_low": "low",
               "composite_high": "high", "composite_weight": "weight", "territory": "territory",
               "definition": "definition", "trust": "trust", "source": "source"}  # fmt: skip
    with box:
        heading, shown = visit.say("cities.composite_evidence"), city_peers.linked(visit, data, columns)
        blocks.table(visit, heading, shown, replace(foot, method="city_composite"), "composite-figures")
