"""Every published figure of the reference files, run through the catalogue as a file would be."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from indicators.balance import half_up
from indicators.methods import run

FACTS = Path(__file__).parents[2].parent / "shared" / "facts"
SHARES = FACTS / "index_validation_shares_dev.csv"
COMPOSITES = FACTS / "index_validation_composite_dev.csv"
SCALES = {"0_100": "0-100", "0_200": "0-200", "net_balance_-100_100": "balance"}
pytestmark = [
    pytest.mark.reference,
    pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here"),
]


def published_shares(code: str) -> pl.DataFrame:
    table = pl.read_csv(SHARES, infer_schema=False).filter(pl.col("code").str.starts_with(code))
    return table.rename({"share_up": "up_pct", "share_same": "same_pct", "share_down": "down_pct"})


@pytest.mark.parametrize(("code", "rows"), [("TMOS", 116), ("TSSOS", 86)])
def test_dallas_index_is_up_less_down_and_change_is_index_less_previous(code, rows):
    table = published_shares(code)
    result = run("scales", table, places="1")
    assert [f"{value:.1f}" for value in result["balance"]] == [
        f"{float(value):.1f}" for value in table["published_index"]
    ]
    assert table.height == rows
    series = result.with_row_index("series").with_columns(pl.col("series").cast(pl.String))
    told = series.filter(pl.col("published_change").is_not_null())
    now = told.select("series", period=pl.col("period"), index=pl.col("balance").cast(pl.String))
    before = told.select(
        "series",
        period=(pl.col("period") + "-01").str.to_date().dt.offset_by("-1mo").dt.strftime("%Y-%m"),
        index=pl.col("published_prev"),
    )
    changes = run("changes", pl.concat([before, now]), value="index", by="series")["change_month"].drop_nulls()
    assert len(changes) == told.height
    assert [half_up(value, 1) for value in changes] == [
        Decimal(value).quantize(Decimal("0.1")) for value in told["published_change"]
    ]


def test_central_bank_index_is_up_plus_half_of_same():
    result = run("scales", published_shares("PBOC"), places="1")
    off = (result["diffusion_index"] - result["published_index"].cast(pl.Float64)).abs()
    assert len(off) == 23
    assert off.max() <= 0.1 + 1e-9


@pytest.mark.parametrize(
    ("code", "periods", "within", "places"),
    [("NBS_PMI", 27, 0, "1"), ("NBS_ECI", 1, 0, "1"), ("RICHMOND_MFG", 170, 0.5, ""), ("KC_MFG", 126, 1.0, "")],
)
def test_components_give_the_published_composite(code, periods, within, places):
    table = pl.read_csv(COMPOSITES, infer_schema=False).filter(pl.col("code") == code)
    frame = table.select(
        "period",
        "weight",
        component_id="component",
        value="component_value",
        direction=pl.when(pl.col("inverted") == "True").then(pl.lit("-1")).otherwise(pl.lit("1")),
    )
    options = {"scale": SCALES[table["scale"][0]]} | ({"places": places} if places else {})
    published = table.group_by("period").agg(pl.col("composite_published").first().cast(pl.Float64))
    result = run("composite", frame, **options).join(published, on="period")
    assert result.height == periods
    assert (result["composite"] - result["composite_published"]).abs().max() <= within + 1e-9
