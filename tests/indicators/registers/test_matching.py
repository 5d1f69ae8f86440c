"""Matching: between 0 and 1, 1 for the same, no matter what things are called, and every part explains itself."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.frames import ContractError
from indicators.registers.matching import STAGES, WEIGHTS, match_scores

TAGS = ["roof", "heating", "lighting", "marketing", "law"]
PROVINCES = {"beijing": "北京市", "shanghai": "上海市"}
ROW = st.tuples(
    st.lists(st.sampled_from(TAGS), max_size=4),
    st.sampled_from([*STAGES, None]),
    st.sampled_from(["beijing", "shanghai", "北京市", "national", None]),
)
ROWS = st.lists(ROW, min_size=1, max_size=8)


def side(key: str, rows: list[tuple[list[str], str | None, str | None]], mark: str = "") -> pl.DataFrame:
    table = [
        (f"{mark}{number}", ";".join(tags) or None, stage, region) for number, (tags, stage, region) in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=dict.fromkeys([key, "tags", "stage", "region"], pl.String), orient="row")


def scores(needs: list, offers: list, **options: object) -> pl.DataFrame:
    return match_scores(side("need_id", needs), side("offer_id", offers), PROVINCES, **options)


@settings(max_examples=80, deadline=None)
@given(ROWS, ROWS)
def test_scores_lie_between_0_and_1_and_are_their_parts(needs, offers):
    found = scores(needs, offers)
    common = sum(bool(set(need[0]) & set(offer[0])) for need in needs for offer in offers)
    assert found.height == common
    for row in found.iter_rows(named=True):
        parts = {
            name: row[f"{part}_score"] for name, part in (("tags", "tag"), ("stage", "stage"), ("region", "region"))
        }
        known = {name: part for name, part in parts.items() if part is not None}
        assert all(0 <= part <= 1 for part in known.values())
        assert row["tag_score"] > 0
        whole = sum(WEIGHTS[name] for name in known)
        assert row["score"] == pytest.approx(sum(WEIGHTS[name] * part for name, part in known.items()) / whole)
        need, offer = needs[int(row["need_id"])], offers[int(row["offer_id"])]
        assert row["shared_tags"].split(";") == sorted(set(need[0]) & set(offer[0]))
        assert row["n_shared"] == len(set(need[0]) & set(offer[0]))
        assert (row["stage_score"] is None) == (need[1] is None or offer[1] is None)
        assert (row["region_score"] is None) == (need[2] is None or offer[2] is None)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.permutations(TAGS))
def test_names_and_order_do_not_matter(needs, offers, other):
    names = dict(zip(TAGS, other, strict=True))
    renamed = [[([names[tag] for tag in tags], *rest) for tags, *rest in rows] for rows in (needs, offers)]
    columns = ["need_id", "offer_id", "score", "tag_score", "stage_score", "region_score", "n_shared", "rank"]
    order = ["need_id", "offer_id"]
    found = scores(needs, offers).select(columns).sort(order)
    assert_frame_equal(scores(*renamed).select(columns).sort(order), found)
    backwards = match_scores(side("need_id", needs).reverse(), side("offer_id", offers).reverse(), PROVINCES)
    assert_frame_equal(backwards.select(columns).sort(order), found)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.data())
def test_a_pair_has_one_score_whatever_other_needs_one_sees(needs, offers, data):
    seen = data.draw(st.sets(st.integers(0, len(needs) - 1)))
    every, given_to = side("need_id", needs), side("offer_id", offers)
    ours = every.filter(pl.col("need_id").is_in([str(number) for number in seen]))
    whole = match_scores(every, given_to, PROVINCES).filter(pl.col("need_id").is_in(ours["need_id"].implode()))
    assert_frame_equal(match_scores(ours, given_to, PROVINCES), whole)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(0, 7))
def test_the_same_is_1_and_nothing_ranks_above_it(rows, at):
    row = rows[at % len(rows)]
    found = scores(rows, rows).filter(pl.col("need_id") == pl.col("offer_id"))
    assert found["score"].to_list() == [1.0] * sum(bool(tags) for tags, *_ in rows)
    assert (found["rank"] == 1).all()
    assert row in rows


@pytest.mark.parametrize(
    ("need", "offer", "part", "value"),
    [
        (("construction", None), ("both", None), "stage_score", 1.0),
        (("both", None), ("operation", None), "stage_score", 0.5),
        (("construction", None), ("operation", None), "stage_score", 0.0),
        ((None, "beijing"), (None, "北京市"), "region_score", 1.0),
        ((None, "北京市"), (None, "beijing"), "region_score", 0.5),
        ((None, "beijing"), (None, "上海市"), "region_score", 0.0),
        ((None, "national"), (None, "beijing"), "region_score", 0.5),
        ((None, "beijing"), (None, "national"), "region_score", 1.0),
        ((None, "beijing"), (None, None), "region_score", None),
    ],
)
def test_stage_and_region(need, offer, part, value):
    assert scores([(["roof"], *need)], [(["roof"], *offer)])[part].item() == value


def test_rare_tags_say_more_and_tags_are_read_kindly():
    needs = [(["roof", "law"], None, None)]
    offers = [(["roof"], None, None), (["law"], None, None), (["roof", "heating"], None, None)]
    found = scores(needs, offers)
    assert found["offer_id"].to_list()[0] == "1"  # law is the rarer tag
    written = pl.DataFrame({"offer_id": ["o"], "tags": [" ROOF；law ; roof;"], "stage": [None], "region": [None]})
    assert match_scores(side("need_id", needs), written)["score"].item() == 1.0
    assert scores(needs, offers, top=1).height == 1


def test_nothing_to_match_and_wrong_weights():
    assert scores([([], None, None)], [(["roof"], None, None)]).is_empty()
    assert match_scores(side("need_id", []), side("offer_id", [])).is_empty()
    with pytest.raises(ContractError, match="are not accepted; accepted: tags, stage, region"):
        scores([(["roof"], None, None)], [(["roof"], None, None)], weights={"tags": 0.0})
    with pytest.raises(ContractError, match="column stage, row 1: 'later' is not accepted"):
        scores([(["roof"], "later", None)], [(["roof"], None, None)])
