"""Stars, spread, M, links of parks and the small curves of clusters: each beside the method computed by itself."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data.current_registers import registers
from data.ingest import check
from data.store import Provenance
from indicators.clustering.clusters import cluster_members
from indicators.clustering.concentration import Chance, k_density, relative_density
from indicators.clustering.linkage import functional_mix, park_linkage
from indicators.clustering.share_indices import share_indices
from indicators.clustering.specialisation import location_quotients
from indicators.clustering.stars import cluster_stars
from pages.parts.clustering.industry_chains import FUNCTIONS, KINDS, LINKS

pytestmark = pytest.mark.usefixtures("demo")
EPSG = 32650


@pytest.fixture
def register(demo, stored):
    return stored().enterprises().filter(pl.col("city_id") == "beijing").collect()


@pytest.fixture
def open_enterprises(register):
    return register.filter((pl.col("status") == "active") & pl.col("closed_on").is_null())


@pytest.fixture
def members(open_enterprises):
    points = open_enterprises.drop_nulls(["lon", "lat"])
    points = points.select("enterprise_id", "lon", "lat", industry_code=pl.col("industry_code").str.slice(0, 2))
    return cluster_members(points, EPSG, 300.0, 20)


def existing(register, year: int) -> pl.DataFrame:
    end = date(year, 12, 31)
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > end)
    return register.filter((pl.col("opened_on") <= end) & still & (pl.col("status") != "vacant"))


def foot(at, method: str) -> str:
    return next(caption.value for caption in at.caption if f"/methods#{method})" in caption.value)


def test_stars_are_those_of_the_method_with_their_ranks(look, screen, register, open_enterprises):
    at = look("clustering", lang="en", view="mix", **{"as": "analyst"})
    table = screen(at).table("District", "Industry", "Stars", "Rank by size", "Growth %")
    quotients = location_quotients(open_enterprises, region="district_code", industry="industry_code")
    pair = ["district_code", "industry_code"]
    before, after = (existing(register, year).group_by(pair).len() for year in (2020, 2025))
    grown = before.join(after, on=pair, how="left", suffix="_after").with_columns(pl.col("len_after").fill_null(0))
    grown = grown.filter(pl.col("len") >= 5).select(*pair, growth_pct=100.0 * (pl.col("len_after") / pl.col("len") - 1))
    cells = quotients.select(*pair, "location_quotient", amount=pl.col("n").cast(pl.Float64))
    known = cluster_stars(cells.join(grown.cast({"growth_pct": pl.Float64}), on=pair, how="left"))
    largest = open_enterprises["industry_code"].drop_nulls().value_counts(sort=True).head(12)["industry_code"]
    known = known.filter(pl.col("industry_code").is_in(largest.implode()) & (pl.col("amount") > 0))
    assert table["Stars"].sum() == known["stars"].sum() > 10
    assert table.height == known.height
    assert table["Rank by size"].sort().to_list() == known["size_rank"].sort().to_list()
    judged = known.join(grown.drop_nulls("growth_pct"), on=pair)
    assert table["Growth %"].drop_nulls().sort().to_list() == pytest.approx(
        judged["growth_pct"].round(1).sort().to_list(), abs=0.11
    )
    assert judged.height > 50
    assert "productivity is not judged" in foot(at, "cluster_stars")
    most = known.filter(pl.col("stars") == pl.col("stars").max())
    headings = [heading.value for heading in at.subheader]
    assert any(h.startswith(f"{most.height} district clusters have {most['stars'][0]} stars") for h in headings)


def test_small_cells_have_no_stars_for_those_outside(look, screen):
    table = screen(look("clustering", lang="en", view="mix")).table("District", "Industry", "Stars", "Rank by size")
    assert table["Enterprises"].min() >= 5


def test_gini_krugman_and_hhi_are_those_of_the_method_and_the_title_names_the_most_uneven(
    look, screen, open_enterprises
):
    at = look("clustering", lang="en", view="distance")
    table = screen(at).table("Code", "Spatial Gini (0–1)", "Krugman index (0–2)", "HHI")
    rows = open_enterprises.drop_nulls(["district_code", "industry_code"])
    whole = rows.group_by("district_code").agg(reference=pl.len().cast(pl.Float64))
    code = "88"
    here = rows.filter(pl.col("industry_code") == code).group_by("district_code").agg(value=pl.len().cast(pl.Float64))
    cells = whole.join(here, on="district_code", how="left").with_columns(pl.col("value").fill_null(0))
    known = share_indices(cells.drop("district_code")).row(0, named=True)
    shown = table.row(by_predicate=pl.col("Code") == code, named=True)
    assert shown["Spatial Gini (0–1)"] == pytest.approx(known["gini_locational"], abs=6e-4)
    assert shown["Krugman index (0–2)"] == pytest.approx(known["krugman"], abs=6e-4)
    assert shown["HHI"] == pytest.approx(known["hhi"], abs=6e-4)
    few = table.filter(pl.col("Enterprises") < 10)
    assert few["Spatial Gini (0–1)"].null_count() == few.height
    top = table.row(0, named=True)
    assert any(top["Industry"] in h.value and "Most unevenly spread" in h.value for h in at.subheader)
    gammas = screen(at).table("Code", "γ", "2.5 %", "97.5 %").drop_nulls(["γ", "2.5 %"])
    assert gammas.height > 20
    assert (gammas["2.5 %"] <= gammas["97.5 %"]).all()
    above = gammas.filter(pl.col("2.5 %") > 0).height
    assert any(f"in {above} of {gammas.height} industries" in h.value for h in at.subheader)


def test_m_and_the_curve_over_addresses_stand_beside_the_k_density(look, screen, members):
    at = look("clustering", lang="en", view="distance", curve="88")
    table = screen(at).table("Distance (m)", "M", "Global low")
    places = members.select("x_m", "y_m", "industry_code")
    known = relative_density(places, "88", 3_000.0, 50.0, Chance(199))
    assert table["M"].to_list() == pytest.approx(known["relative_density"].to_list())
    assert table["Global high"].to_list() == pytest.approx(known["global_high"].to_list())
    said = foot(at, "relative_density")
    assert "199 draws (seed 0)" in said
    assert "199 draws instead of the usual 1,000" in said
    both = screen(at).table("Distance (m)", "Density (per m)", "Series")
    addresses = both.filter(pl.col("Series") == "every address once")
    once = k_density(places, "88", sites=True, chance=Chance(199))
    assert addresses["Density (per m)"].to_list() == pytest.approx(once["density"].to_list())
    assert f"benchmark {once['n_all'][0]:,} addresses, 199 draws" in foot(at, "k_density")


def test_a_park_is_told_in_words_with_every_number(look, screen, open_enterprises):
    first = look("clustering", lang="en", view="linkage")
    rows = open_enterprises.select("enterprise_id", "park_id", "industry_code")
    links = pl.DataFrame(LINKS, schema=["industry_from", "industry_to", "chain_id"], orient="row")
    known = park_linkage(rows, links).filter(pl.col("n") >= 10)
    table = screen(first).table("Park", "Finding", "With supplier %", "With customer %", "Ratio")
    assert table.height == known.height
    assert table["With supplier %"].sort().to_list() == pytest.approx(
        known["upstream_pct"].round(1).sort().to_list(), abs=0.11
    )
    row = known.sort("n", "park_id", descending=[True, False]).row(3, named=True)
    at = look("clustering", lang="en", view="linkage", linked_park=row["park_id"])
    said = next(text.value for text in at.markdown if "Leading chain" in text.value)
    assert f"**{row['n_leading']}** of **{row['n']}** enterprises (**{row['leading_chain_pct']:.1f}%**)" in said
    assert f"with a customer **{row['downstream_pct']:.1f}%**" in said
    assert f"chance would give **{row['expected_partner_pct']:.1f}%** (ratio **{row['partner_ratio']:.2f}**)" in said
    assert any("geographically" in h.value or "spread out" in h.value for h in at.subheader)


def test_what_parks_do_is_the_functional_mix(look, screen, open_enterprises):
    at = look("clustering", lang="en", view="linkage")
    table = screen(at).table("Park", "Enterprises", "content and culture", "other services")
    kinds = pl.DataFrame(FUNCTIONS, schema=["industry_code", "function"], orient="row")
    rows = open_enterprises.select("enterprise_id", "park_id", "industry_code")
    known = functional_mix(rows, kinds).filter(pl.col("function") == "content").filter(pl.col("n_park") >= 10)
    shown = table.filter(pl.col("Enterprises") >= 10)
    assert shown["content and culture"].sort().to_list() == pytest.approx(
        known["share_pct"].round(1).sort().to_list(), abs=0.11
    )
    every = rows.drop_nulls(["park_id", "industry_code"])
    content = every["industry_code"].is_in(["86", "87", "88"]).mean()
    assert any(f"in all parks {100 * content:.0f}% content and culture" in h.value for h in at.subheader)


def test_every_division_has_one_function():
    codes = [code for code, _ in FUNCTIONS]
    assert sorted(codes) == [f"{n:02d}" for n in range(1, 98)]
    assert {kind for _, kind in FUNCTIONS} == set(KINDS)


def test_each_cluster_has_its_small_curve_of_enterprises(look, screen, register, members):
    table = screen(look("clustering", lang="en")).table("Cluster", "Enterprises", "Enterprises 2014–2025")
    curves = table["Enterprises 2014–2025"].to_list()
    assert {len(curve) for curve in curves} == {12}
    within = members.filter(pl.col("cluster") == 1).select("enterprise_id")
    addresses = register.join(within, on="enterprise_id").select("lon", "lat").unique()
    then = [existing(register, year).join(addresses, on=["lon", "lat"]).height for year in (2014, 2020, 2025)]
    assert [int(float(curves[0][place])) for place in (0, 6, 11)] == then
    assert then[0] < then[2]


def test_a_small_cluster_has_its_ground_in_square_metres(look, screen):
    at = look("clustering", lang="en")
    table = screen(at).table("No.", "Area (km²)")
    assert table["Area (km²)"].drop_nulls().min() > 0
    small = table.filter(pl.col("Area (km²)") < 0.01)
    assert small.height
    options = dict(zip([o.split(" ")[0] for o in at.selectbox(key="cluster").options[1:]], range(1, 99), strict=False))
    box = at.selectbox(key="cluster")
    box.select_index(options[str(small["No."][0])]).run()
    assert any("m² of ground" in text.value and "km²" not in text.value for text in at.markdown)


def test_the_profile_lists_the_enterprises_with_the_names_of_the_register(copied, look, screen, stored, members):
    store = stored("analyst")
    first = members.filter(pl.col("cluster") == 1)["enterprise_id"].sort()[0]
    row = store.enterprises().filter(pl.col("enterprise_id") == first).collect().row(0, named=True)
    text = "enterprise_id,city_id,district_code,lon,lat,coord_system,industry_code,employees,status,name\n"
    text += f"{first},beijing,{row['district_code']},{row['lon']},{row['lat']},WGS84,65,99999,active,Red Brick Ltd\n"
    checked = check("enterprises", text.encode(), "e.csv", registers(store), date(2026, 11, 22), coordinates="WGS84")
    assert not checked.rejected.height
    store.add(checked, Provenance("e.csv", text.encode(), "test"), store.preview(checked).seen)
    at = look("clustering", lang="en", cluster=first)
    table = screen(at).table("Enterprise", "Industry", "Employees")
    assert table.row(0)[0] == "Red Brick Ltd"
    assert table["Employees"][0] == 99999
    at.toggle(key="places").set_value(True).run()
    drawn = {layer["id"]: layer for layer in screen(at).decks()[0]["layers"]}["firms"]["data"]
    assert any("Red Brick Ltd" in place["text"] for place in drawn)
