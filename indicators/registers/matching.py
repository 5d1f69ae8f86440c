"""Which offers of partners fit which needs of parks, with a score whose parts can be read."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from indicators.frames import Column, Contract, ContractError, require

STAGES = ("construction", "operation", "both")
"""The stages of a park a need or an offer is for."""

NATIONAL = "national"
"""The region of what is for the whole country."""

WEIGHTS = {"tags": 0.7, "stage": 0.2, "region": 0.1}
"""How much each part counts: our choice, tags first."""


def _side(name: str, key: str) -> Contract:
    columns = (
        Column(key, pl.String, "code", f"the {name}"),
        Column("tags", pl.String, "words", "what it is about, with ; between; empty = not known", nullable=True),
        Column("stage", pl.String, "word", "construction, operation or both", allowed=STAGES, nullable=True),
        Column("region", pl.String, "code", "a city, a province or national; empty = not known", nullable=True),
    )
    return Contract(f"{name}s", columns, key=(key,))


NEEDS = _side("need", "need_id")
OFFERS = _side("offer", "offer_id")


def match_scores(
    needs: pl.DataFrame,
    offers: pl.DataFrame,
    provinces: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    top: int = 0,
) -> pl.DataFrame:
    """Which offers fit which needs, best first, with every part of the score.

    Formula: tag_score = sum of the weights of the common tags / sum of the weights of all tags of the two (weighted
    Jaccard), the weight of a tag = ln(1 + N / N_tag): N offers with tags, N_tag those with this tag (1 where no offer
    has it), so that rare tags say more. Only offers are counted: needs are confidential, so nobody sees all of them,
    and a pair must have one score for everybody; a weight that counted them would tell of needs one may not see.
    stage_score = share of the need's stages (construction, operation; both = two) the offer covers.
    region_score = 1 where the offer's region is the need's or contains it (national > province > city), 0.5 where the
    need's contains the offer's, else 0. score = sum w part / sum w over the parts that are known.
    Columns in: need_id or offer_id, tags (words with ; between), stage (construction, operation, both), region (city,
    province or national), all text; all but the ids may be empty. ``provinces``: the province of each city;
    ``weights``: how much tags, stage and region count, by default WEIGHTS; ``top``: so many offers a need, 0 = all.
    Columns out: need_id, offer_id, score, tag_score, stage_score, region_score Float64 (0 to 1, 1 = the same), n_shared
    UInt32, shared_tags text (with ; between), rank UInt32 (within a need, 1 = best), sorted by need and rank.
    A pair without a common tag is no suggestion and has no row. A stage or region not known is null and left out of the
    score, not 0. No pairs give no rows. Raises ContractError. Source: Jaccard (1901); Sparck Jones (1972) for
    the weights of rare words; parts and weights our choice.

    >>> needs = pl.DataFrame({"need_id": ["n"], "tags": ["roof; heating"], "stage": ["construction"],
    ...     "region": ["beijing"]})
    >>> offers = pl.DataFrame({"offer_id": ["o"], "tags": ["Heating;roof"], "stage": ["both"], "region": ["national"]})
    >>> match_scores(needs, offers).select("score", "n_shared", "shared_tags").row(0)
    (1.0, 2, 'heating;roof')
    """
    chosen = _weights(weights)
    wanted, given = require(needs, NEEDS), require(offers, OFFERS)
    left, right = _tags(wanted, "need_id"), _tags(given, "offer_id")
    n, rarest = right["offer_id"].n_unique(), pl.lit(1, pl.UInt32)
    counted = right.group_by("tag").agg(pl.len().alias("_n"))
    heavy = (1.0 + n / pl.col("_n").fill_null(rarest)).log().alias("_heavy")
    left, right = (
        side.join(counted, on="tag", how="left").select(pl.all().exclude("_n"), heavy) for side in (left, right)
    )
    pairs = left.join(right.drop("_heavy"), on="tag")
    shared = pairs.group_by("need_id", "offer_id").agg(
        pl.col("_heavy").sum().alias("_shared"),
        pl.len().cast(pl.UInt32).alias("n_shared"),
        pl.col("tag").sort().str.join(";").alias("shared_tags"),
    )
    for side, key in ((left, "need_id"), (right, "offer_id")):
        whole = side.group_by(key).agg(pl.col("_heavy").sum().alias(f"_{key}"))
        shared = shared.join(whole, on=key, how="left")
    union = pl.col("_need_id") + pl.col("_offer_id") - pl.col("_shared")
    full = pl.col("_shared") >= pl.max_horizontal("_need_id", "_offer_id") * (1.0 - 1e-12)
    equal = full & (pl.col("_need_id") - pl.col("_offer_id")).abs().le(1e-12 * pl.col("_need_id"))
    scored = shared.with_columns(
        pl.when(equal).then(1.0).otherwise((pl.col("_shared") / union).clip(0.0, 1.0)).alias("tag_score")
    )
    placed = scored.join(_placed(wanted, "need_id", provinces), on="need_id", how="left")
    placed = placed.join(_placed(given, "offer_id", provinces), on="offer_id", how="left", suffix="_offer")
    return _ranked(placed.with_columns(_stage(), _region()), chosen, top)


def _weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    chosen = {**WEIGHTS, **(weights or {})}
    if set(chosen) != set(WEIGHTS) or min(chosen.values()) < 0 or chosen["tags"] <= 0:
        accepted = f"accepted: {', '.join(WEIGHTS)}, each 0 or more and tags above 0; correct them."
        raise ContractError(NEEDS, [f"weights {chosen} are not accepted; {accepted}"])
    return chosen


def _tags(side: pl.DataFrame, key: str) -> pl.DataFrame:
    """One row a tag: stripped, small letters, no repeats; Chinese semicolons and commas separate too."""
    words = pl.col("tags").str.replace_all("[；,，、]", ";").str.split(";").alias("tag")
    rows = side.select(key, words).explode("tag", empty_as_null=True)
    clean = rows.with_columns(pl.col("tag").str.strip_chars().str.to_lowercase())
    return clean.filter(pl.col("tag").is_not_null() & (pl.col("tag") != "")).unique().sort(key, "tag")


def _placed(side: pl.DataFrame, key: str, provinces: Mapping[str, str] | None) -> pl.DataFrame:
    """Stage, region and the province of the region where it is a city."""
    known = dict(provinces or {})
    region = pl.col("region").str.strip_chars()
    province = region.replace_strict(known, default=None, return_dtype=pl.String) if known else pl.lit(None, pl.String)
    return side.select(key, "stage", region.alias("region"), province.alias("province"))


def _stage() -> pl.Expr:
    need, offer = pl.col("stage"), pl.col("stage_offer")
    served = pl.when((offer == need) | (offer == "both")).then(1.0).when(need == "both").then(0.5).otherwise(0.0)
    return pl.when(need.is_not_null() & offer.is_not_null()).then(served).alias("stage_score")


def _region() -> pl.Expr:
    need, offer = pl.col("region"), pl.col("region_offer")
    within = (offer == NATIONAL) | (offer == pl.col("province")).fill_null(value=False)
    around = (need == NATIONAL) | (need == pl.col("province_offer")).fill_null(value=False)
    fits = pl.when((need == offer) | within).then(1.0).when(around).then(0.5).otherwise(0.0)
    return pl.when(need.is_not_null() & offer.is_not_null()).then(fits).alias("region_score")


def _ranked(pairs: pl.DataFrame, weights: Mapping[str, float], top: int) -> pl.DataFrame:
    parts = {"tags": pl.col("tag_score"), "stage": pl.col("stage_score"), "region": pl.col("region_score")}
    gained = pl.sum_horizontal(weights[name] * part.fill_null(0.0) for name, part in parts.items())
    possible = pl.sum_horizontal(weights[name] * part.is_not_null().cast(pl.Float64) for name, part in parts.items())
    scored = pairs.with_columns((gained / possible).clip(0.0, 1.0).round(12).alias("score"))  # no last bit ranks
    ordered = scored.sort("need_id", "score", "offer_id", descending=[False, True, False])
    rank = pl.col("score").rank("min", descending=True).over("need_id").cast(pl.UInt32).alias("rank")
    ranked = ordered.with_columns(rank)
    kept = ranked.group_by("need_id", maintain_order=True).head(top) if top > 0 else ranked
    return kept.select(
        "need_id", "offer_id", "score", "tag_score", "stage_score", "region_score", "n_shared", "shared_tags", "rank"
    )
