"""The composite on the page: open where the figures are there, locked with the reason where they are not."""

from __future__ import annotations

import polars as pl
import pytest

from data.city_groups import city_groups
from pages.parts.cities import composite_board

RUHR = ["Bochum", "Dortmund", "Essen", "Duisburg"]


def ranks(at, screen) -> pl.DataFrame:
    return screen(at).table("City", "Rank interval", "Score")


def slider(at, name: str):
    return next(one for one in at.slider if one.label == name)


def test_the_four_ruhr_cities_are_open_at_once_with_scores_by_hand(demo, look, screen):
    at = look("cities", lang="en", look="composite", city="essen")
    assert not at.exception
    assert not at.warning
    table = ranks(at, screen)
    assert table["City"].to_list() == RUHR
    at.session_state["composite-evidence"] = True
    at.run()
    figures = screen(at).table("Indicator", "City", "Score (0–100)")
    assert figures.height == 24
    for row in figures.iter_rows(named=True):
        part = (row["Value"] - row["End of score 0"]) / (row["End of score 100"] - row["End of score 0"])
        score = 100 * (part if row["Direction"] == "more is better" else 1 - part)
        assert row["Score (0–100)"] == pytest.approx(score, abs=1.0)
        assert None not in (row["Unit"], row["Year"], row["Territory"], row["Trust"], row["Source"], row["Link 1"])
    means = dict(figures.group_by("City").agg(pl.col("Score (0–100)").mean()).iter_rows())
    assert dict(table.select("City", "Score").iter_rows()) == pytest.approx(means, abs=0.06)
    assert table.filter(pl.col("City") == "Bochum").row(0)[:3] == ("Bochum", "1–2", 1)
    assert at.subheader[0].value == "Bochum comes first as a point, but is not distinguishable from Dortmund"


def test_a_moved_weight_is_told_in_a_sentence_and_reset_takes_it_back(demo, look, screen):
    at = look("cities", lang="en", look="composite", city="essen")
    name = "Insured employees living here, per 1,000 residents"
    slider(at, name).set_value(3.0).run()
    first = ranks(at, screen)
    slider(at, "Arts, entertainment & recreation among all establishments").set_value(0.0).run()
    slider(at, "Information & communication among all establishments").set_value(0.0).run()
    moved = ranks(at, screen)
    assert moved["Score"].to_list() != first["Score"].to_list()
    said = "\n".join(one.value for one in at.markdown)
    assert "Against equal weights:" in said
    assert "moves from" in said.split("Against equal weights:")[1].split("\n")[0]
    next(one for one in at.button if one.label == "Equal weights again").click().run()
    assert {one.value for one in at.slider} == {1.0}
    assert ranks(at, screen)["City"].to_list() == RUHR
    assert "No rank differs from equal weights." in "\n".join(one.value for one in at.markdown)


def test_leaving_one_out_is_a_sentence_and_the_geometric_mean_changes_scores(demo, look, screen):
    at = look("cities", lang="en", look="composite", city="essen")
    said = "\n".join(one.value for one in at.markdown)
    assert "Without “Employees subject to social insurance, by place of residence, change over 10 years”" in said
    assert "Essen moves from 3 to 2; Dortmund moves from 2 to 3" in said
    assert "Leaving out any of the other 5 changes no rank." in said
    before = ranks(at, screen)["Score"].to_list()
    at.radio[0].set_value("geometric").run()
    after = ranks(at, screen)
    assert after["Score"].to_list() != before
    assert all(a <= b + 1.1 for a, b in zip(after["Score"], before, strict=True))  # a geometric mean is never above


def test_the_five_main_cities_are_locked_and_every_missing_cell_is_named(demo, look, screen):
    at = look("cities", lang="en", look="composite", group="main")
    assert at.subheader[0].value == (
        "The composite is locked: 5 of 5 cities lack more than a tenth of the indicators (90 % needed)"
    )
    assert not at.slider
    [reason] = [one.value for one in at.warning]
    table = screen(at).table("Indicator", "Beijing", "Pittsburgh")
    assert len(table.columns) == 6
    for city in table.columns[1:]:
        line = next(line for line in reason.split("\n") if f"**{city}**" in line)
        missing = table.filter(pl.col(city).is_null())["Indicator"].to_list()
        assert line == f"- **{city}** lacks {'; '.join(missing)}"
    assert table["Pittsburgh"].null_count() == table.height


@pytest.mark.parametrize(("city", "first"), [("beijing", 6), ("essen", 4), ("houston", 4)])
def test_every_city_starts_with_a_group_that_is_open(demo, look, screen, city, first):
    at = look("cities", lang="en", look="composite", city=city)
    assert ranks(at, screen).height == first


def test_an_indicator_that_one_city_lacks_locks_the_composite(demo, look):
    at = look("cities", lang="en", look="composite", city="essen")
    at.multiselect[1].set_value(["ict_share_establishments", "gdp_per_employed"]).run()
    assert at.subheader[0].value.startswith("The composite is locked: 2 of 4 cities")
    [reason] = [one.value for one in at.warning]
    assert reason == "- **Dortmund** lacks GDP per employed person\n- **Bochum** lacks GDP per employed person"


def test_all_weights_zero_is_refused_with_a_sentence():
    rows = pl.DataFrame({"city_id": ["a", "b"], "indicator_id": ["x"] * 2, "value": [1.0, 2.0]})
    posts = pl.DataFrame({"indicator_id": ["x"], "low": [0.0], "high": [4.0], "direction": [1]})
    with pytest.raises(composite_board.ContractError, match="every weight is 0"):
        composite_board.computed(rows, posts, {"x": 0.0}, "arithmetic")


def test_dimensions_do_not_change_the_plain_weighted_mean():
    rows = pl.DataFrame(
        {
            "city_id": ["a"] * 3 + ["b"] * 3,
            "indicator_id": ["ict_share_establishments", "arts_share_establishments", "unemployed_per_thousand"] * 2,
            "value": [1.0, 2.0, 30.0, 3.0, 1.0, 10.0],
        }
    )
    posts = pl.DataFrame(
        {
            "indicator_id": rows["indicator_id"][:3],
            "low": [0.0, 0.0, 0.0],
            "high": [4.0, 4.0, 40.0],
            "direction": [1, 1, -1],
        }
    )
    weights = dict(zip(posts["indicator_id"], (2.0, 1.0, 0.5), strict=True))
    result = composite_board.computed(rows, posts, weights, "arithmetic")
    score = dict(result.ranks.select("city_id", "score").iter_rows())
    assert score == pytest.approx({"a": (50 + 50 + 12.5) / 3.5, "b": (150 + 25 + 37.5) / 3.5})
    assert set(result.structure["element_id"]) >= {"structure", "work", "index"}
    assert result.ranks["draws"].to_list() == [1000, 1000]


def test_every_group_has_a_city_to_start_with():
    assert city_groups().filter(kind="choice")["group_id"].unique().sort().to_list() == [
        "c3", "china", "main", "ruhr_cities",
    ]  # fmt: skip
