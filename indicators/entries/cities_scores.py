"""The single steps of a composite as methods: normalising, treating outliers, aggregating, weighing, comparing."""

from __future__ import annotations

import polars as pl

from indicators.catalogue import Method, Option
from indicators.cities.aggregation import WEIGHTED, aggregated_values
from indicators.cities.agreement import PAIRED, YEARLY, growth_rates, ranking_agreement, reliability
from indicators.cities.multi_criteria import CRITERIA, derived_weights, multi_criteria_scores
from indicators.cities.normalise import SCORED, normalised_values
from indicators.cities.outliers import Limits, treated_values

_CITY = ("city_id", "code")
_INDICATOR = ("indicator_id", "code")
_RANK = ("rank", "number, 1 = best")


def _treated(values: pl.DataFrame, skewness: float, kurtosis: float, most: int) -> pl.DataFrame:
    """treated_values with the limits in single options."""
    return treated_values(values, Limits(skewness, kurtosis, most))


ENTRIES: tuple[Method, ...] = (
    Method(
        "normalised_values",
        "Every indicator on one scale, by one of the functions of the composite-indicator handbook.",
        normalised_values,
        SCORED,
        {
            "method": Option(
                str,
                "min_max",
                "min_max, z_score, rank, borda, percent_rank, fraction_of_max, distance_to_max, distance_to_target, "
                "distance_to_target_capped, distance_to_reference, goalposts or scaled",
            ),
            "low": Option(float, None, "lower end of min_max, mean of z_score, lower post of goalposts and scaled"),
            "high": Option(
                float, None, "upper end of min_max, deviation of z_score, upper post of goalposts and scaled"
            ),
            "target": Option(float, None, "the target of distance_to_target"),
            "reference": Option(str, None, "the city of distance_to_reference"),
        },
        (
            _CITY,
            _INDICATOR,
            ("value", "see unit of the indicator"),
            ("normalised", "see method"),
            ("n", "values of the indicator"),
        ),
        "COINr 1.1.14; OECD/JRC Handbook, step 5",
    ),
    Method(
        "treated_values",
        "Every indicator with its outliers winsorised, or its logarithm where that is not enough.",
        _treated,
        SCORED,
        {
            "skewness": Option(float, 2.0, "absolute skewness from where there are outliers"),
            "kurtosis": Option(float, 3.5, "excess kurtosis from where there are outliers"),
            "most": Option(int, 5, "most values that are winsorised"),
        },
        (
            _CITY,
            _INDICATOR,
            ("value", "see unit of the indicator"),
            ("treated", "as value, or its logarithm"),
            ("treatment", "none, winsorised or log"),
            ("n_changed", "values"),
            ("skewness", "G1"),
            ("kurtosis", "G2, excess"),
            ("skewness_after", "G1"),
            ("kurtosis_after", "G2, excess"),
            ("n", "values of the indicator"),
        ),
        "COINr, Treat with its defaults",
    ),
    Method(
        "aggregated_values",
        "One score a city from its normalised scores.",
        aggregated_values,
        WEIGHTED,
        {"kind": Option(str, "arithmetic", "arithmetic, geometric, harmonic or copeland")},
        (
            _CITY,
            ("score", "points"),
            ("rank", "number, 1 = highest"),
            ("n", "scores used"),
            ("n_wanted", "indicators"),
        ),
        "COINr 1.1.14; OECD/JRC Handbook, step 6",
    ),
    Method(
        "derived_weights",
        "The weight of every criterion as the data give it: entropy, CRITIC or coefficient of variation.",
        derived_weights,
        CRITERIA,
        {"kind": Option(str, "entropy", "entropy, critic or variation")},
        (_INDICATOR, ("weight", "share of 1"), ("n", "cities")),
        "Xu (2004); Diakoulaki (1995); Shuai et al. (2012)",
    ),
    Method(
        "multi_criteria_scores",
        "The score and rank of every city by TOPSIS or VIKOR.",
        multi_criteria_scores,
        CRITERIA,
        {
            "kind": Option(str, "topsis", "topsis (more is better) or vikor (less is better)"),
            "majority": Option(float, 0.5, "weight of the majority in VIKOR, 0 to 1"),
        },
        (_CITY, ("score", "0 to 1"), _RANK, ("n", "criteria")),
        "Hwang & Yoon (1981); Opricovic & Tzeng (2004)",
    ),
    Method(
        "ranking_agreement",
        "How far two rankings of the same cities agree.",
        ranking_agreement,
        PAIRED,
        {},
        (
            ("n", "pairs"),
            ("spearman", "-1 to 1"),
            ("similarity_ws", "0 to 1"),
            ("pearson", "-1 to 1"),
        ),
        "Spearman (1904); Salabun & Urbaniak (2020)",
    ),
    Method(
        "reliability",
        "How far the indicators of a group measure the same thing (Cronbach's alpha).",
        reliability,
        SCORED,
        {},
        (("alpha", "ratio, at most 1"), ("n_indicators", "indicators"), ("n_cities", "cities")),
        "Cronbach (1951); COINr, get_cronbach",
    ),
    Method(
        "growth_rates",
        "How fast each series grew: compound annual rate and slope of the trend.",
        growth_rates,
        YEARLY,
        {},
        (
            _INDICATOR,
            ("year_from", "year"),
            ("year_to", "year"),
            ("cagr_pct", "per cent a year"),
            ("trend_pct", "per cent of the first fitted value a year"),
            ("n", "figures"),
        ),
        "COINr, CAGR and prc_change",
    ),
)
