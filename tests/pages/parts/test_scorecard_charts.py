"""The radar of a scorecard as a plain function: what is drawn is what was scored."""

from __future__ import annotations

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.parks import scorecard_charts

LABELS = {"mix": "Mix of functions", "services": "Services", "use": "Use of space"}
WORDS = {"park": "Park A", "peers": "Median"}


@pytest.fixture
def rows():
    return pl.DataFrame(
        {
            "dimension": ["mix", "services", "use"],
            "value": [0.8, 3.0, 90.0],
            "score": [80.0, 25.0, 90.0],
            "peer_median": [70.0, None, 95.0],
            "n_peers": [4, 2, 4],
        },
        schema_overrides={"peer_median": pl.Float64},
    )


def test_the_line_of_the_park_closes_and_the_medians_keep_their_gap(rows):
    peers, park = scorecard_charts.radar(rows, LABELS, WORDS, synthetic=False).data
    assert list(park.r) == [80.0, 25.0, 90.0, 80.0]
    assert list(peers.r) == [70.0, None, 95.0, 70.0]
    assert peers.connectgaps is False
    assert list(park.theta) == ["Mix of<br>functions", "Services", "Use of<br>space", "Mix of<br>functions"]
    assert (park.name, peers.name) == ("Park A", "Median")
    assert park.customdata[0] == "Park A<br>Mix of functions: 80.0"
    assert peers.customdata[2] == "Median<br>Use of space: 95.0<br>n=4"


def test_every_side_goes_from_nothing_to_a_hundred(rows):
    figure = scorecard_charts.radar(rows, LABELS, WORDS, synthetic=False)
    assert tuple(figure.layout.polar.radialaxis.range) == (0, 100)


def test_samples_are_dashed_and_the_dark_page_has_its_own_colours(rows):
    lines = {
        (synthetic, dark): scorecard_charts.radar(rows, LABELS, WORDS, synthetic=synthetic, dark=dark).data[-1].line
        for synthetic in (True, False)
        for dark in (True, False)
    }
    assert {key: line.dash for key, line in lines.items() if key[0]} == {(True, True): "dash", (True, False): "dash"}
    assert {line.dash for key, line in lines.items() if not key[0]} == {"solid"}
    assert {line.color for key, line in lines.items() if key[1]} == {theme.DARK.brick}


def test_without_peers_there_is_one_line(rows):
    alone = rows.with_columns(peer_median=pl.lit(None, pl.Float64))
    assert [trace.name for trace in scorecard_charts.radar(alone, LABELS, WORDS, synthetic=False).data] == ["Park A"]
