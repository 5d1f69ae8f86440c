"""The deeper survey figures, computed once per store revision, viewer scope and selection like all of `cached`.

Every one of them is blank in the months in which the index itself is not shown, and rests in each month on the
version of the questionnaire that holds then.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from data import registry
from indicators.breakdowns import breakdown, size_classes
from indicators.contributions import group_contributions, item_contributions
from indicators.panel import item_response, matched_change, response_accounting
from indicators.prosperity import prosperity_index, sub_indices
from indicators.runs import runs
from indicators.seasonal.components import SeasonalError
from indicators.seasonal.indirect import adjusted_composite
from indicators.seasonal.policy import diagnostics
from indicators.seasonal.spring_festival import festivals
from indicators.uncertainty import change_test, standard_errors
from indicators.weights import frozen_weights, weigh
from pages.parts import cached, weighting
from pages.parts.cached import figures
from pages.parts.clustering import cached_firms
from pages.parts.filters import Selection
from pages.parts.session import Visit, minimum_cell
from pages.parts.weighting import by_version

ADJUSTED = {
    "period": pl.Date,
    **dict.fromkeys(("prosperity_index", "adjusted", "seasonal_factor", "festival_effect"), pl.Float64),
    **dict.fromkeys(("status", "engine", "window"), pl.String),
}


def _plain(visit: Visit, selection: Selection) -> pl.DataFrame:
    return cached.answers_of(visit, selection).select("period", "park_id", "item_id", "answer", "district_code")


def _frame(visit: Visit, selection: Selection) -> pl.DataFrame:
    """park_id, city_id, district_code, park_type, size_class (enterprises on record) of the selection's parks."""
    parks_here = selection.of(visit.store.parks()).filter(pl.col("district_code").is_not_null()).collect()
    converted = pl.col("former_use").is_not_null() | (pl.col("conversion_mode") == "converted_factory")
    kind = pl.when(converted).then(pl.lit("converted")).when(pl.col("conversion_mode") == "new_build")
    sizes = (
        cached_firms.enterprises_of(visit, Selection(selection.city_id))
        .drop_nulls("park_id")
        .group_by("park_id")
        .agg(enterprises=pl.len().cast(pl.Float64))
    )
    rows = parks_here.with_columns(park_type=kind.then(pl.lit("new_build")).otherwise(pl.lit("unknown")))
    rows = rows.join(sizes, on="park_id", how="left").select(
        "park_id", "city_id", "district_code", "park_type", "enterprises"
    )
    return size_classes(rows, "enterprises", [20.0, 50.0])


def _framed(visit: Visit, selection: Selection) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The answers of the parks in the frame, with their districts, and the frame."""
    frame = _frame(visit, selection)
    return _plain(visit, selection).filter(pl.col("park_id").is_in(frame["park_id"].implode())), frame


def _by_district(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("district_code").agg(n_frame=pl.len().cast(pl.Int64))


def _shown(key: str, selection: Selection, rows: pl.DataFrame, values: list[str], visit: Visit) -> pl.DataFrame:
    """The rows with the values of every month blank in which the index itself is not shown."""
    hidden = cached.prosperity(key, selection, False, visit).filter("suppressed")["period"].implode()
    return rows.with_columns(pl.when(~pl.col("period").is_in(hidden)).then(pl.col(values)))


@figures
def banded(key: str, selection: Selection, weights: str, _visit: Visit) -> pl.DataFrame:
    """period, index, se_points, low, high, n, n_frame with the finite-population correction inside districts."""
    answers, frame = _framed(_visit, selection)
    if weights != "none":
        answers = weigh(answers, frozen_weights(_sizes(_visit, selection, answers), weights))
    counts = _by_district(frame)
    bands = by_version(
        answers,
        lambda rows, items: standard_errors(rows, items, counts, ["period"], "district_code", reweight=False),
    )
    return _shown(key, selection, bands.sort("period"), ["index", "se_points", "low", "high"], _visit)


def _sizes(visit: Visit, selection: Selection, answers: pl.DataFrame) -> pl.DataFrame:
    """year, park_id, size: enterprises open in the park when the year began; a park without any has none."""
    years = answers.select(year=pl.col("period").dt.year().cast(pl.Int64)).unique()
    pairs = answers.select("park_id").unique().join(years, how="cross")
    firms = cached_firms.enterprises_of(visit, Selection(selection.city_id)).drop_nulls(["park_id", "opened_on"])
    alive = firms.join(years, how="cross").filter(
        (pl.col("opened_on").dt.year() < pl.col("year"))
        & (pl.col("closed_on").is_null() | (pl.col("closed_on").dt.year() >= pl.col("year")))
    )
    counted = alive.group_by("year", "park_id").agg(size=pl.len().cast(pl.Float64))
    return pairs.join(counted, on=["year", "park_id"], how="left").select("year", "park_id", "size")


@figures
def significance(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, change_points, se_points, p_value, significant, n_overlap: is the change more than chance."""
    answers, frame = _framed(_visit, selection)
    counts = _by_district(frame)
    tests = by_version(
        answers, lambda rows, items: change_test(rows, items, counts, "period", "district_code", reweight=False)
    )
    values = ["change_points", "se_points", "z", "p_value", "significant"]
    return _shown(key, selection, tests.sort("period"), values, _visit)


@figures
def run_lengths(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """The index with n_run, side, series_average, mean_3_months, highest_since, lowest_since."""
    index = cached.prosperity(key, selection, False, _visit).select("period", "prosperity_index", "n_parks")
    return runs(index, "prosperity_index", places=1)


@figures
def panel(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, n_frame, n_answered, response_rate_pct, matched_change, composition_effect, n_matched.

    Fewer than the smallest cell of parks in both months, or that joined or left, would tell of single answers: then the
    change of the matched parks and what is left of the whole change are blank.
    """
    answers, frame = _framed(_visit, selection)
    accounts = response_accounting(frame.select("park_id"), answers, "period")
    matched = by_version(answers, lambda rows, items: matched_change(rows, items, "period"))
    both = accounts.join(matched, on="period", how="left").sort("period")
    least, moved = minimum_cell(_visit), pl.col("n_joined") + pl.col("n_left")
    safe = (pl.col("n_matched") >= least) & ((moved == 0) | (moved >= least))
    both = both.with_columns(pl.when(safe).then(pl.col("matched_change", "composition_effect")))
    return _shown(key, selection, both, ["headline_change", "matched_change", "composition_effect"], _visit)


@figures
def responses(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, district_code, n_frame, n_invited, n_answered, response_rate_pct of every district with a park.

    Nobody keeps a list of invitations yet: every park of the frame counts as invited.
    """
    answers, frame = _framed(_visit, selection)
    return response_accounting(
        frame.select("park_id", "district_code"), answers.drop("district_code"), ["period", "district_code"]
    )


@figures
def item_responses(key: str, selection: Selection, by_district: bool, _visit: Visit) -> pl.DataFrame:
    """period[, district_code], item_id, n_answered, n_valid, item_response_pct: valid answers to each question."""
    answers, frame = _framed(_visit, selection)
    by = ["period", "district_code"] if by_district else ["period"]
    return item_response(frame.select("park_id", "district_code"), answers.drop("district_code"), by)


@figures
def sizes_known(key: str, selection: Selection, _visit: Visit) -> tuple[int, int, int]:
    """How many parks the frame has, of how many of them the area and of how many enterprises are on record."""
    frame = _frame(_visit, selection)
    areas = _visit.store.parks().filter(pl.col("area_m2").is_not_null()).select("park_id").collect()["park_id"]
    known = frame.select(pl.len(), pl.col("park_id").is_in(areas.implode()).sum(), pl.col("enterprises").count())
    return known.row(0)  # type: ignore[return-value]


@figures
def item_parts(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, item_id, weight, change, contribution, headline_change: what each item gave to the monthly change."""
    parts = by_version(
        cached.answers_of(_visit, selection),
        lambda rows, items: item_contributions(sub_indices(rows, items, ["period"]), items),
    )
    return _shown(key, selection, parts, ["change", "contribution", "headline_change"], _visit)


@figures
def group_parts(key: str, selection: Selection, group: str, _visit: Visit) -> pl.DataFrame:
    """period, group, n_parks, within_effect, composition_effect, contribution, suppressed of the monthly change."""
    answers, frame = _framed(_visit, selection)
    parts = by_version(
        answers.drop("district_code"),
        lambda rows, items: group_contributions(rows, items, group, frame, minimum=minimum_cell(_visit)),
    )
    return _shown(key, selection, parts, ["within_effect", "composition_effect", "contribution"], _visit)


@figures
def headline_shares(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, up_pct, same_pct, down_pct: favourable, unchanged, unfavourable shares, weighted as in the index."""
    weighed = by_version(
        cached.answers_of(_visit, selection),
        lambda rows, items: sub_indices(rows, items, ["period"]).join(items.select("item_id", "weight"), on="item_id"),
    ).filter(pl.col("weight") > 0)
    names = ["up_pct", "same_pct", "down_pct"]
    shares = weighed.group_by("period").agg((pl.col(name) * pl.col("weight")).sum() for name in names).sort("period")
    return _shown(key, selection, shares, names, _visit)


@figures
def city_groups(key: str, cities: tuple[str, ...], _visit: Visit) -> pl.DataFrame:
    """The same index, band, n and frame of several whole cities; none for a viewer who sees some districts only."""
    parts = [groups(key, Selection(city), "city_id", _visit) for city in cities]
    table = pl.concat(parts)
    return table if _visit.viewer.scope.districts is None else table.clear()


@figures
def groups(key: str, selection: Selection, group: str, _visit: Visit) -> pl.DataFrame:
    """period, group, prosperity_index, low, high, n_parks, n_frame, suppressed: the same method by group of parks."""
    answers, frame = _framed(_visit, selection)
    found = by_version(
        answers.drop("district_code"),
        lambda rows, items: breakdown(rows, items, frame, group, minimum=minimum_cell(_visit)),
    )
    return _shown(key, selection, found, ["prosperity_index", "se_points", "low", "high"], _visit)


@figures
def reweighted(
    key: str, selection: Selection, weights: tuple[tuple[str, float], ...], month: date, _visit: Visit
) -> pl.DataFrame:
    """period, prosperity_index of one month with other item weights; a what-if, never stored. Errors: WeightError."""
    chosen = pl.DataFrame(weights, schema={"item_id": pl.String, "weight": pl.Float64}, orient="row")
    known = weighting.item_weights(month).drop("weight")
    other = known.join(chosen, on="item_id").with_columns(pl.col("weight").fill_null(0.0))
    answers = cached.answers_of(_visit, selection).filter(pl.col("period") == month)
    index = prosperity_index(answers, other, ["period"])
    return _shown(key, selection, index, ["prosperity_index"], _visit)


@figures
def adjusted(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, prosperity_index, adjusted, seasonal_factor, festival_effect, status, engine (indirect adjustment).

    No rows where the index of a month is missing or not shown: a series with gaps has no season to take out.
    """
    if cached.prosperity(key, selection, False, _visit)["prosperity_index"].has_nulls():
        return pl.DataFrame(schema=ADJUSTED)
    answers = cached.answers_of(_visit, selection)
    crisis = registry.crisis_months()["crisis"].to_list()
    try:
        parts = [_adjusted(answers, span, crisis) for span in weighting.spans()]
    except SeasonalError:
        return pl.DataFrame(schema=ADJUSTED)
    return pl.concat([part.select(*ADJUSTED) for part in parts])


def _adjusted(answers: pl.DataFrame, span: tuple[date | None, date | None], crisis: list[str]) -> pl.DataFrame:
    """The adjusted index of the months in which a version holds, from the whole series if its questions have one."""
    items = weighting.item_weights(span[0] or date.min)
    weighted = items.filter(pl.col("weight") > 0)["item_id"]
    every = sub_indices(answers, items, ["period"]).filter(pl.col("item_id").is_in(weighted.implode()))
    asked = every.drop_nulls("diffusion_index").group_by("period").agg(pl.len())["len"]
    whole = bool((asked == weighted.len()).all()) and asked.len() == every["period"].n_unique()
    result = adjusted_composite(every if whole else weighting.within(every, span), items, crisis=crisis)
    return weighting.within(result, span)


@figures
def adjustment_quality(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """How well the headline could be adjusted: Q, seasonality before and after, outliers, engine, n_festivals.

    n_festivals: the Spring Festivals in the months estimated from, those in a crisis month left out. No row where a
    month is missing.
    """
    index = cached.prosperity(key, selection, False, _visit).drop_nulls("prosperity_index")
    series = index.select("period", "prosperity_index")
    shocks = registry.crisis_months()
    try:
        found = diagnostics(series, "prosperity_index", crisis=shocks["crisis"].to_list())
    except SeasonalError:
        found = diagnostics(series.clear(), "prosperity_index")
    last = found["estimated_to"].max()
    n = festivals(series["period"][0], last, shocks["period"].to_list()) if isinstance(last, date) else 0
    return found.insert_column(2, pl.Series("n_festivals", [n] * found.height, dtype=pl.Int64))
