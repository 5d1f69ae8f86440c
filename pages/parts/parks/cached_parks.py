"""What is known of one park: its events, needs, documents, answers, scorecard and the enterprises around it."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from data.questionnaires import MONTHLY
from indicators.clustering.hexagons import projected
from indicators.registers import scorecard
from indicators.registers.scorecard import SCORECARDS
from pages.parts import cached
from pages.parts.cached import figures
from pages.parts.clustering import cached_clusters, cached_firms
from pages.parts.clustering.cached_firms import Lens
from pages.parts.filters import Selection
from pages.parts.session import Visit

AROUND_M = 500.0
PEERS = 3  # parks with the figure, from which on their median is shown
SITE = "site"


@figures
def names(key: str, language: str, _visit: Visit) -> dict[str, str]:
    """park_id -> name in the language, every park of the register in its order."""
    rows = cached.parks(key, _visit).sort("city_id", "park_id")
    return {park: name or park for park, name in rows.select("park_id", _visit.named()).iter_rows()}


@figures
def events(key: str, park_id: str, _visit: Visit) -> pl.DataFrame:
    """The park's events that are not retired, newest first, with the programme's names (programme_zh, programme_en)."""
    rows = _visit.store.events().filter(pl.col("park_id") == park_id, pl.col("retired_on").is_null())
    programmes = _visit.store.programmes().select("programme_id", programme_zh="name_zh", programme_en="name_en")
    return rows.join(programmes, on="programme_id", how="left").collect().sort("date", "event_id", descending=True)


@figures
def recorded_until(key: str, city_id: str, today: date, _visit: Visit) -> date | None:
    """The newest day the city's event records reach, planned events left out; None without records."""
    held = _visit.store.events().filter(
        pl.col("city_id") == city_id, pl.col("date") <= today, pl.col("retired_on").is_null()
    )
    newest: date | None = held.select(pl.col("date").max()).collect().item()
    return newest


@figures
def needs(key: str, park_id: str, _visit: Visit) -> pl.DataFrame:
    """The park's needs that still hold, as this viewer may see them, with n_offers and the newest followup status."""
    rows = _visit.store.needs().filter((pl.col("park_id") == park_id) & pl.col("retired_on").is_null())
    steps = _visit.store.followups().filter(pl.col("retired_on").is_null())
    told = steps.sort("date").group_by("need_id").agg(
        n_offers=pl.col("offer_id").n_unique(), status=pl.col("status").last(), followed=pl.col("date").last()
    )  # fmt: skip
    return rows.join(told, on="need_id", how="left").collect().sort("since", "need_id", descending=True)


@figures
def documents(key: str, park_id: str, _visit: Visit) -> pl.DataFrame:
    """The documents of the library that name the park and still hold, newest first."""
    named = pl.col("parks").str.split(";").list.eval(pl.element().str.strip_chars()).list.contains(park_id)
    rows = _visit.store.documents().filter(named.fill_null(value=False) & pl.col("retired_on").is_null())
    return rows.collect().sort("date", "document_id", descending=True, nulls_last=True)


@figures
def answers(key: str, park_id: str, _visit: Visit) -> pl.DataFrame:
    """The park's own answers to the monthly questionnaire: no rows for who may not see single answers."""
    rows = _visit.store.answers_of_park(park_id).filter(pl.col("questionnaire_id") == MONTHLY)
    return rows.select("period", "item_id", "answer", "is_synthetic").collect().sort("period", "item_id")


@figures
def scores(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The scorecards of the city's parks, beside the median of the other parks in use (`scorecard`).

    Sample parks have sample parks as peers, parks on record those on record. A retired park keeps its own scores and
    is nobody's peer.
    """
    rows = cards(key, city_id, _visit)
    gone = rows.filter("park_retired")["park_id"].unique(maintain_order=True)
    use = rows.filter(~pl.col("park_retired"))
    sets = [use, *(pl.concat([use, rows.filter(pl.col("park_id") == park)]) for park in gone)]
    told = [
        scorecard(each.select(*SCORECARDS.schema, "is_synthetic"), by="is_synthetic", minimum=PEERS) for each in sets
    ]
    own = [scores.filter(pl.col("park_id") == park) for park, scores in zip(gone, told[1:], strict=True)]
    return pl.concat([told[0], *own]).sort("park_id", "year", maintain_order=True)


@figures
def cards(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The scorecard rows that hold, of the city's parks, with park_retired: such a park is no peer of others."""
    parks = _visit.store.parks().filter(pl.col("city_id") == city_id)
    held = _visit.store.scorecards().filter(pl.col("retired_on").is_null())
    gone = parks.select("park_id", park_retired=pl.col("retired_on").is_not_null())
    rows = held.join(gone, on="park_id")
    return rows.collect().sort("park_id", "year")


@figures
def around(key: str, city_id: str, lon: float, lat: float, _visit: Visit) -> int | None:
    """Open enterprises with a place of their own at most AROUND_M from a point; None where that cannot be measured."""
    code = cached_firms.epsg(city_id)
    firms = cached_firms.register(key, city_id, _visit)
    if code is None or not (firms["place"] == SITE).any():
        return None
    point = pl.DataFrame({"enterprise_id": ["park"], "lon": [lon], "lat": [lat]})
    x, y = (float(axis[0]) for axis in projected(point, code))
    near = firms.filter("open", pl.col("place") == SITE).select("x_m", "y_m").to_numpy()
    return int((np.hypot(near[:, 0] - x, near[:, 1] - y) <= AROUND_M).sum())


@figures
def cluster(key: str, city_id: str, park_id: str, _visit: Visit) -> dict[str, object] | None:
    """The cluster of enterprises the park lies in (a row of `city_clusters`); None if it lies in none."""
    found = cached_clusters.city_clusters(key, Lens(Selection(city_id)), _visit)
    inside = pl.col("park_ids").str.split("|").list.contains(park_id).fill_null(value=False)
    rows = found.filter(inside)
    return rows.row(0, named=True) if rows.height else None
