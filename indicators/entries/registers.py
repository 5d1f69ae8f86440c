"""The methods of the registers: members, needs and offers, publications, scorecards."""

from __future__ import annotations

from datetime import date

import polars as pl

from indicators.catalogue import BY_OUT, Method, MethodError, Option
from indicators.frames import Column, Contract, require_named
from indicators.registers.communication import COUNTS, PUBLICATIONS, communication
from indicators.registers.matching import NEEDS, WEIGHTS, match_scores
from indicators.registers.membership import MEMBERS, membership
from indicators.registers.scorecard import SCORECARDS, scorecard

_SIDES = Contract(
    "needs and offers",
    (
        Column("side", pl.String, "word", "what the row is", allowed=("need", "offer")),
        Column("id", pl.String, "code", "the need or offer"),
        *NEEDS.columns[1:],
    ),
    key=("side", "id"),
)
_ITEMS = Contract(
    PUBLICATIONS.name,
    (
        *PUBLICATIONS.columns,
        Column("n_events", pl.Int64, "events", "events of the month; empty = not known", nullable=True, optional=True),
    ),
)


def _matches(
    table: pl.DataFrame, cities: tuple[str, ...], tags: float, stage: float, region: float, top: int
) -> pl.DataFrame:
    """match_scores of one file that holds both sides, cities as city_id=province."""
    odd = [part for part in cities if "=" not in part]
    if odd:
        problem = f"option cities '{odd[0]}' is not accepted; accepted: city_id=province; correct it."
        raise MethodError(f"match_scores: {problem}")
    provinces = {city.strip(): name.strip() for city, _, name in (part.partition("=") for part in cities)}
    needs = table.filter(pl.col("side") == "need").rename({"id": "need_id"})
    offers = table.filter(pl.col("side") == "offer").rename({"id": "offer_id"})
    return match_scores(needs, offers, provinces, {"tags": tags, "stage": stage, "region": region}, top)


def _communication(table: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """communication of one file that repeats the events of the month in each row."""
    require_named(table, by, PUBLICATIONS)
    if "n_events" not in table.columns:
        return communication(table, pl.DataFrame(schema=COUNTS.schema), by)
    months = table.select("period", "n_events").drop_nulls().unique()
    return communication(table.drop("n_events"), months, by)


ENTRIES: tuple[Method, ...] = (
    Method(
        "membership",
        "How many members there are at the end of each month, and how many came and went.",
        membership,
        MEMBERS,
        {
            "by": Option(tuple, (), "columns to count by, with commas between; empty = all together"),
            "first": Option(date, None, "first month wanted"),
            "last": Option(date, None, "last month wanted"),
        },
        (
            ("period", "month"), BY_OUT, ("n_members", "members"), ("n_joined", "members"), ("n_left", "members"),
            ("net_growth", "members"), ("n_undated", "members"),
        ),
        "our choice",
    ),
    Method(
        "match_scores",
        "Which offers fit which needs, best first, with every part of the score.",
        _matches,
        _SIDES,
        {
            "cities": Option(tuple, (), "the province of a city, city_id=province, with commas between"),
            "tags": Option(float, WEIGHTS["tags"], "how much common tags count, above 0"),
            "stage": Option(float, WEIGHTS["stage"], "how much the stage counts"),
            "region": Option(float, WEIGHTS["region"], "how much the region counts"),
            "top": Option(int, 0, "so many offers for each need, 0 = all"),
        },
        (
            ("need_id", "code"), ("offer_id", "code"), ("score", "0 to 1"), ("tag_score", "0 to 1"),
            ("stage_score", "0 to 1"), ("region_score", "0 to 1"), ("n_shared", "tags"), ("shared_tags", "words"),
            ("rank", "1 = best"),
        ),
        "Jaccard (1901); Sparck Jones (1972); our choice",
    ),
    Method(
        "communication",
        "How many items each channel published in each month, and how many there were for each event.",
        _communication,
        _ITEMS,
        {"by": Option(tuple, ("channel",), "columns to add up by, with commas between; empty = all together")},
        (
            ("period", "month"), BY_OUT, ("n_items", "items"), ("reads", "reads"), ("likes", "likes"),
            ("n_rows", "rows"), ("n_rows_stated", "rows"), ("n_channels", "channels"), ("n_events", "events"),
            ("items_per_event", "items an event"), ("reads_per_item", "reads an item"),
        ),
        "our choice",
    ),
    Method(
        "scorecard",
        "What a park scores on each side of an industrial community, beside the median of the other parks.",
        scorecard,
        SCORECARDS,
        {
            "by": Option(tuple, (), "columns that name the groups of peers, with commas between; empty = all parks"),
            "minimum": Option(int, 3, "fewest peers a median is given for"),
        },
        (
            ("park_id", "code"), ("year", "year"), BY_OUT, ("dimension", "word"), ("value", "see unit"),
            ("unit", "text"), ("score", "0 to 100"), ("peer_median", "0 to 100"), ("n_peers", "parks"),
        ),
        "Shannon (1948); Pielou (1966); our choice",
    ),
)  # fmt: skip
