"""Bands: the textbook formulas, every sample of a small population, simulated coverage, and the odd strata."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student_t

from indicators.frames import ContractError
from indicators.methods import run
from indicators.prosperity import WeightError, prosperity_index, sub_indices
from indicators.uncertainty import QUANTILE_95, change_test, item_errors, standard_errors
from indicators.weights import response_weights

MONTHS = pl.date_range(date(1900, 1, 1), date(1999, 12, 1), "1mo", eager=True)
ONE = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
FIVE = pl.DataFrame(
    {"item_id": list("abcde"), "direction": [1, 1, 1, 1, -1], "weight": [0.25, 0.3, 0.1, 0.2, 0.15]},
)
CODES = np.array(["up", "same", "down"])
SCORES = np.array([1.0, 0.5, 0.0])
WORDS = {1.0: "up", 0.5: "same", 0.0: "down"}
small = settings(max_examples=20, deadline=None)


def survey(rows: list[tuple[int, str, str, str | None, str]]) -> pl.DataFrame:
    """Rows of month number, park, item, answer and district."""
    schema = {
        "period": pl.Int64,
        "park_id": pl.String,
        "item_id": pl.String,
        "answer": pl.String,
        "district": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(period=MONTHS.gather(frame["period"]))


def alone(answers: dict[str, str | None], month: int = 0, district: str = "x") -> pl.DataFrame:
    return survey([(month, park, "rent", answer, district) for park, answer in answers.items()])


def frame_of(n: int) -> pl.DataFrame:
    return pl.DataFrame({"n_frame": [n]})


def drawn(codes: np.ndarray, chosen: np.ndarray, first: int = 0) -> pl.DataFrame:
    """One month a draw: codes (parks x items) of the chosen parks (draws x n)."""
    draws, n = chosen.shape
    n_items = codes.shape[1]
    park = np.repeat(chosen.ravel(), n_items)
    item = np.tile(np.arange(n_items), draws * n)
    return pl.DataFrame(
        {
            "period": MONTHS.gather(first + np.repeat(np.arange(draws), n * n_items)),
            "park_id": park.astype(str),
            "item_id": np.array(FIVE["item_id"] if n_items == 5 else ["rent"])[item],
            "answer": CODES[codes[park, item]],
        }
    )


def population(rng: np.random.Generator, n_items: int, parks: int = 105) -> tuple[np.ndarray, float]:
    """Answers of every park, about 30 / 45 / 25 per cent, and the index they make."""
    latent = 0.7 * rng.normal(size=(parks, 1)) + 0.7 * rng.normal(size=(parks, n_items))
    low, high = np.quantile(latent, [0.25, 0.70], axis=0)
    codes = np.where(latent > high, 0, np.where(latent > low, 1, 2))
    scores = SCORES[codes].mean(axis=0)
    if n_items == 1:
        return codes, 100 * scores.item()
    scores[4] = 1 - scores[4]
    return codes, float(100 * scores @ FIVE["weight"].to_numpy())


@pytest.mark.parametrize("n_items", [1, 5])
@pytest.mark.parametrize(("response", "half_width"), [(0.6, 5.8), (0.8, 3.5), (0.95, 1.6)])
def test_the_band_covers_the_index_of_all_parks_in_95_of_100_draws(response, half_width, n_items):
    """105 parks, 1,200 draws of those that answer."""
    rng = np.random.default_rng(20261101)
    codes, truth = population(rng, n_items)
    chosen = np.argsort(rng.random((1200, 105)), axis=1)[:, : round(105 * response)]
    result = standard_errors(drawn(codes, chosen), FIVE if n_items == 5 else ONE, frame_of(105), "period")
    covered = ((result["low"] <= truth) & (result["high"] >= truth)).mean()
    assert 0.93 <= covered <= 0.97
    width = QUANTILE_95 * result["se_points"].mean()
    assert width == pytest.approx(half_width, abs=0.2) if n_items == 1 else width < half_width


@pytest.mark.parametrize("reweight", [True, False])
@pytest.mark.parametrize(("sizes", "response"), [((8,) * 5, 0.6), ((8,) * 5, 0.95), ((12, 9, 8, 6, 5, 4, 3, 2), 0.8)])
def test_the_band_covers_as_often_where_the_strata_are_small(sizes, response, reweight):
    """Normal quantiles would cover 90 to 93 of 100: the few answers of a stratum hardly know its spread."""
    rng, parks = np.random.default_rng(20261101), sum(sizes)
    stratum = pl.Series(np.repeat(np.arange(len(sizes)), sizes).astype(str))
    frame = pl.DataFrame({"district": [str(number) for number in range(len(sizes))], "n_frame": sizes})
    covered = []
    for _ in range(6):
        codes = rng.permutation(np.arange(parks) * 20 // parks)[:, None]
        codes = np.where(codes < 6, 0, np.where(codes < 15, 1, 2))
        chosen = np.argsort(rng.random((300, parks)), axis=1)[:, : round(parks * response)]
        answers = drawn(codes, chosen)
        answers = answers.with_columns(district=stratum.gather(answers["park_id"].cast(pl.UInt32)))
        result = standard_errors(answers, ONE, frame, "period", "district", reweight=reweight)
        truth = 100 * SCORES[codes].mean()
        covered.append(((result["low"] <= truth + 1e-9) & (result["high"] >= truth - 1e-9)).mean())
    assert 0.93 <= np.mean(covered) <= 0.97


def test_degrees_of_freedom_are_those_of_the_strata_that_leave_something_to_chance():
    scores = {"x": [1.0, 0.5, 0.5, 0.0, 0.5, 1.0], "y": [0.5, 0.0, 0.5, 0.5], "z": [0.5, 1.0]}
    rows = [(0, f"{d}{i}", "rent", WORDS[s], d) for d, values in scores.items() for i, s in enumerate(values)]
    frame = pl.DataFrame({"district": list(scores), "n_frame": [9, 7, 2]})
    row = standard_errors(survey(rows), ONE, frame, "period", "district").row(0, named=True)
    one = (9 / 18) ** 2 * (1 - 6 / 9) * np.var(scores["x"], ddof=1) / 6
    two = (7 / 18) ** 2 * (1 - 4 / 7) * np.var(scores["y"], ddof=1) / 4
    freedom = (one + two) ** 2 / (one**2 / 5 + two**2 / 3)
    half = student_t.ppf(0.975, freedom) * 100 * (one + two) ** 0.5
    assert (row["low"], row["high"]) == (pytest.approx(row["index"] - half), pytest.approx(row["index"] + half))
    plain = standard_errors(survey(rows), ONE, frame_of(18), "period").row(0, named=True)
    assert plain["high"] == pytest.approx(plain["index"] + student_t.ppf(0.975, 11) * plain["se_points"])


def test_over_every_sample_the_variance_is_that_of_the_index():
    """All 20 samples of 3 of 6 parks: the mean of the estimated variances is the variance, exactly."""
    codes = np.array([[0], [0], [1], [2], [2], [1]])
    chosen = np.array(list(combinations(range(6), 3)))
    result = standard_errors(drawn(codes, chosen), ONE, frame_of(6), "period")
    assert (result["se_points"] ** 2).mean() == pytest.approx(result["index"].var(ddof=0))


def test_over_every_pair_of_samples_the_variance_of_the_change_is_that_of_the_change():
    """All pairs of samples of 3 of 5 parks in two months that share two parks."""
    rng = np.random.default_rng(7)
    scores = [SCORES[rng.integers(0, 3, 5)] for _ in range(2)]
    samples = list(combinations(range(5), 3))
    pairs = [(list(one), list(two)) for one in samples for two in samples if len({*one} & {*two}) == 2]
    changes, variances = [], []
    for one, two in pairs:
        before, now = scores[0][one], scores[1][two]
        shared = sorted({*one} & {*two})
        own = [(1 / 3 - 1 / 5) * values.var(ddof=1) for values in (before, now)]
        both = (2 / 9 - 1 / 5) * np.cov(scores[0][shared], scores[1][shared])[0, 1]
        changes.append(100 * (now.mean() - before.mean()))
        variances.append(1e4 * (sum(own) - 2 * both))
        answers = [
            {str(park): WORDS[value] for park, value in zip(*month, strict=True)}
            for month in ((one, before), (two, now))
        ]
        row = changed(*answers, 5)
        held = np.clip(both, -((own[0] * own[1]) ** 0.5), (own[0] * own[1]) ** 0.5)
        assert row["change_points"] == pytest.approx(changes[-1])
        assert row["se_points"] == pytest.approx(100 * max(sum(own) - 2 * held, 0) ** 0.5, abs=1e-5)
    assert np.mean(variances) == pytest.approx(np.var(changes))


def test_the_band_of_a_change_covers_the_true_change_with_and_without_overlap():
    rng = np.random.default_rng(11)
    codes, before = population(rng, 5)
    moved = np.where(rng.random(codes.shape) < 0.3, rng.integers(0, 3, codes.shape), codes)
    scores = SCORES[moved].mean(axis=0)
    scores[4] = 1 - scores[4]
    truth = 100 * scores @ FIVE["weight"].to_numpy() - before
    widths = []
    for persistence in (0.0, 1.0):
        lasting = rng.normal(size=(500, 105))
        chosen = [
            np.argsort(persistence * lasting + (1 - persistence) * rng.normal(size=(500, 105)), axis=1)[:, :84]
            for _ in range(2)
        ]
        both = pl.concat([drawn(codes, chosen[0]), drawn(moved, chosen[1], first=600)])
        result = change_test(both, FIVE, frame_of(105), months=600).drop_nulls("se_points")
        assert result.height == 500
        covered = ((result["change_points"] - truth).abs() <= QUANTILE_95 * result["se_points"]).mean()
        assert 0.92 <= covered <= 0.98
        widths.append(result["se_points"].mean())
    assert widths[1] < 0.75 * widths[0]


@small
@given(st.lists(st.sampled_from(["up", "same", "down"]), min_size=2, max_size=40), st.integers(0, 50))
def test_one_stratum_is_the_formula_of_shares(answers, silent):
    n = len(answers)
    u, e = answers.count("up") / n, answers.count("same") / n
    frame = alone({str(number): answer for number, answer in enumerate(answers)})
    row = standard_errors(frame, ONE, frame_of(n + silent), "period").row(0, named=True)
    variance = (1 - n / (n + silent)) * (u + e / 4 - (u + e / 2) ** 2) / (n - 1)
    assert row["se_points"] == pytest.approx(100 * variance**0.5, abs=1e-6)
    assert row["index"] == pytest.approx(100 * (u + e / 2))
    assert 0 <= row["low"] <= row["index"] <= row["high"] <= 100


def test_strata_are_the_textbook_formula_and_the_index_counts_them_as_in_the_frame():
    scores = {"x": [1.0, 1.0, 0.5, 0.0], "y": [0.5, 0.0, 0.0]}
    rows = [(0, f"{d}{i}", "rent", WORDS[s], d) for d, values in scores.items() for i, s in enumerate(values)]
    counts = {"x": 6, "y": 14}
    frame = pl.DataFrame({"district": list(counts), "n_frame": list(counts.values())})
    row = standard_errors(survey(rows), ONE, frame, "period", "district").row(0, named=True)
    share = {d: n / 20 for d, n in counts.items()}
    variance = sum(share[d] ** 2 * (1 - len(v) / counts[d]) * np.var(v, ddof=1) / len(v) for d, v in scores.items())
    assert row["index"] == pytest.approx(100 * sum(share[d] * np.mean(v) for d, v in scores.items()))
    assert row["se_points"] == pytest.approx(100 * variance**0.5)
    assert (row["n"], row["n_frame"], row["n_strata"], row["n_strata_empty"]) == (7, 20, 2, 0)
    weighed = response_weights(survey(rows), frame, "period", "district")
    assert prosperity_index(weighed, ONE, "period")["prosperity_index"].item() == pytest.approx(row["index"])
    plain = standard_errors(survey(rows), ONE, frame, "period", "district", reweight=False)["index"].item()
    assert plain == pytest.approx(prosperity_index(survey(rows), ONE, "period")["prosperity_index"].item())


def test_weights_are_linearised():
    frame = alone({"a": "up", "b": "same", "c": "down", "d": "up"}).with_columns(weight=pl.Series([0.4, 0.3, 0.2, 0.1]))
    w, a = frame["weight"].to_numpy(), np.array([1, 0.5, 0, 1])
    mean = (w * a).sum()
    variance = (1 - 4 / 9) * 4 / 3 * ((w * (a - mean)) ** 2).sum()
    row = standard_errors(frame, ONE, frame_of(9), "period").row(0, named=True)
    assert (row["index"], row["se_points"]) == (pytest.approx(100 * mean), pytest.approx(100 * variance**0.5))
    tenfold = standard_errors(frame.with_columns(pl.col("weight") * 10), ONE, frame_of(9), "period")
    assert tenfold["se_points"].item() == pytest.approx(row["se_points"])


def test_a_question_left_out_widens_the_band_even_where_every_park_answered():
    rng = np.random.default_rng(3)
    full = drawn(population(rng, 5, 30)[0], np.arange(30)[None, :])
    holed = full.filter(pl.Series(rng.random(full.height) < 0.8))
    assert standard_errors(full, FIVE, frame_of(30), "period")["se_points"].item() == 0
    assert standard_errors(holed, FIVE, frame_of(30), "period")["se_points"].item() > 0.5
    index = prosperity_index(holed, FIVE, "period")["prosperity_index"].item()
    assert standard_errors(holed, FIVE, frame_of(30), "period")["index"].item() == pytest.approx(index)


def test_every_question_has_its_own_band():
    full = drawn(population(np.random.default_rng(3), 5, 30)[0], np.arange(20)[None, :])
    result = item_errors(full, FIVE.with_columns(weight=0.0), frame_of(30), "period")
    assert result["index"].to_list() == pytest.approx(sub_indices(full, FIVE, "period")["diffusion_index"].to_list())
    one = standard_errors(
        full.filter(item_id="b"), FIVE.filter(item_id="b").with_columns(weight=1.0), frame_of(30), "period"
    )
    assert result.filter(item_id="b").drop("item_id").row(0)[1:] == pytest.approx(one.row(0)[1:])


@pytest.mark.parametrize(
    ("answers", "n_frame", "expected"),
    [
        ({"a": "up"}, 5, (100.0, None, None, None, 1)),
        ({"a": "up"}, 1, (100.0, 0.0, 100.0, 100.0, 1)),
        ({"a": "up", "b": "down"}, 2, (50.0, 0.0, 50.0, 50.0, 2)),
        ({"a": "up", "b": "up"}, 9, (100.0, 0.0, 100.0, 100.0, 2)),
        ({"a": None, "b": None}, 9, (None, None, None, None, 0)),
    ],
)
def test_cells_of_one_of_all_and_of_none(answers, n_frame, expected):
    row = standard_errors(alone(answers), ONE, frame_of(n_frame), "period").row(0)
    assert row[1:6] == expected


def test_strata_of_one_of_all_and_of_none():
    rows = [
        (0, "a", "rent", "up", "x"),
        (0, "b", "rent", "down", "y"),
        (0, "c", "rent", "same", "z"),
        (0, "d", "rent", None, "v"),
    ]
    counts = {"x": 3, "y": 1, "z": 4, "v": 2, "w": 5}
    frame = pl.DataFrame({"district": list(counts), "n_frame": list(counts.values())})
    row = standard_errors(survey(rows), ONE, frame, "period", "district").row(0, named=True)
    mean = (3 * 1 + 1 * 0 + 4 * 0.5) / 8
    variance = (1 - 1 / 3) * (3 / 8 * (1 - mean)) ** 2 + (1 - 1 / 4) * (4 / 8 * (0.5 - mean)) ** 2
    assert row["index"] == pytest.approx(100 * mean)
    assert row["se_points"] == pytest.approx(100 * variance**0.5)
    assert (row["n"], row["n_frame"], row["n_strata"], row["n_strata_empty"]) == (3, 15, 3, 2)


def test_an_unknown_frame_means_no_correction():
    answers = alone({"a": "up", "b": "down"})
    known, unknown = (standard_errors(answers, ONE, n, "period").row(0, named=True) for n in (frame_of(4), None))
    assert unknown["n_frame"] is None
    assert known["se_points"] == pytest.approx(unknown["se_points"] / 2**0.5)


def test_frames_by_month_and_cells_of_their_own():
    answers = pl.concat([alone({"a": "up", "b": "down"}), alone({"a": "up", "b": "down"}, month=1)])
    frame = pl.DataFrame({"period": MONTHS[:3], "n_frame": [2, 4, 9]})
    result = standard_errors(answers, ONE, frame, "period")
    assert result.select("se_points", "n_frame").rows() == [(0.0, 2), (pytest.approx(100 * 0.125**0.5), 4)]
    with pytest.raises(ContractError, match="column district is missing"):
        standard_errors(answers, ONE, frame, ["period", "district"])


def test_relabelling_parks_and_shuffling_rows_change_nothing():
    rng = np.random.default_rng(5)
    frame = drawn(population(rng, 5, 20)[0], np.argsort(rng.random((3, 20)), axis=1)[:, :15])
    renamed = frame.with_columns("park " + pl.col("park_id")).sample(fraction=1, shuffle=True, seed=1)
    one, two = (standard_errors(given, FIVE, frame_of(20), "period") for given in (frame, renamed))
    assert np.allclose(one.drop("period").to_numpy(), two.drop("period").to_numpy())


def test_wrong_input_is_refused_by_name():
    answers = alone({"a": "up", "b": "down"})
    with pytest.raises(ContractError, match="2 parks answered but n_frame is 1"):
        standard_errors(answers, ONE, frame_of(1), "period")
    with pytest.raises(ContractError, match="question 'rent' has no direction; accepted: 1"):
        standard_errors(answers, ONE.with_columns(direction=pl.lit(None, pl.Int8)), None, "period")
    with pytest.raises(WeightError, match=r"the weights sum to 0\.5 \(rent 0\.5\)"):
        standard_errors(answers, ONE.with_columns(weight=0.5), None, "period")
    with pytest.raises(ContractError, match="'a', 'rent' was given in an earlier row"):
        standard_errors(pl.concat([answers, answers]), ONE, None, "period")
    with pytest.raises(ContractError, match="by names no column"):
        standard_errors(answers, ONE, None, ())
    with pytest.raises(ContractError, match="by does not hold period"):
        change_test(answers, ONE, None, "district")


def changed(before: dict[str, str | None], now: dict[str, str | None], n_frame: int | None = None) -> dict[str, object]:
    both = pl.concat([alone(before), alone(now, month=1)])
    return change_test(both, ONE, None if n_frame is None else frame_of(n_frame)).row(1, named=True)


def test_a_change_between_two_full_counts_is_certain():
    moved = changed({"a": "up", "b": "down"}, {"a": "up", "b": "up"}, 2)
    assert (moved["change_points"], moved["se_points"], moved["z"], moved["p_value"], moved["significant"]) == (
        50,
        0,
        None,
        0,
        True,
    )
    still = changed({"a": "up", "b": "down"}, {"a": "down", "b": "up"}, 2)
    assert (still["change_points"], still["p_value"], still["significant"]) == (0, 1, False)


def test_parks_in_both_months_make_a_change_surer():
    before = {"a": "up", "b": "same", "c": "down", "d": "up"}
    kept = changed(before, before | {"a": "same"}, 40)
    fresh = changed(before, dict(zip("efgh", (before | {"a": "same"}).values(), strict=True)), 40)
    assert kept["n_overlap"], fresh["n_overlap"] == (4, 0)
    assert kept["se_points"] < fresh["se_points"]
    assert fresh["p_value"] == pytest.approx(2 * (1 - NormalDist().cdf(abs(fresh["z"]))))
    apart = (standard_errors(alone(before), ONE, frame_of(40), "period")["se_points"].item(),)
    assert fresh["se_points"] > apart[0]


def test_changes_that_cannot_be_tested():
    assert changed({"a": "up"}, {"a": "down"}, 9)["p_value"] is None
    assert changed({"a": "up"}, {"a": "down"}, 9)["change_points"] == -100
    silent = changed({"a": None, "b": None}, {"a": "down", "b": "up"}, 9)
    assert [silent[name] for name in ("change_points", "se_points", "significant", "n_overlap")] == [None] * 4
    assert change_test(alone({}), ONE, frame_of(9)).is_empty()


def test_a_file_without_a_direction_is_refused_by_question():
    rows = {"period": "2026-10", "park_id": "a", "item_id": "rent", "answer": "up", "direction": "", "item_weight": "1"}
    for method in ("prosperity_index", "standard_errors", "change_test"):
        with pytest.raises(ContractError, match="question 'rent' has no direction; accepted: 1"):
            run(method, pl.DataFrame([rows]))
