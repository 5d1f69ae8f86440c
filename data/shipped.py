"""The rows the product ships under the stored ones, and which rows of a file say nothing beyond them.

Parks, programmes and documents are shipped; what is stored lies over them (`overlay`). A row of a file that leaves
every cell as it is shipped is not stored: a later release of the register can still put it right.
"""

from __future__ import annotations

import polars as pl

from data.keys import KEYS
from data.overlay import overlay, with_own_places

POSITION = ("lon", "lat", "coord_system")  # of a park


def laid(dataset: str, shipped: pl.DataFrame | None, stored: pl.LazyFrame) -> pl.LazyFrame:
    """The stored rows over the shipped ones, as every page sees them; without shipped rows the stored ones.

    Columns out: see `overlay` and, of parks, `with_own_places`.
    """
    if shipped is None:
        return stored
    rows = overlay(shipped, stored, KEYS[dataset])
    if dataset != "parks":
        return rows
    from data import registry  # the store opens without the registers it does not need

    return with_own_places(rows, stored, shipped, registry.districts())


def own_points(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows without the positions that are their district's only: what an export holds and a file can state.

    Columns in and out: the same; rows without coord_precision come back as they are.

    >>> rows = pl.LazyFrame({"lon": [1.0, 2.0], "lat": [3.0, 4.0], "coord_system": ["WGS84"] * 2,
    ...     "coord_precision": ["site", "district_centroid"]})
    >>> own_points(rows).collect()["lon"].to_list()
    [1.0, None]
    """
    if "coord_precision" not in rows.collect_schema().names():
        return rows
    own = pl.col("coord_precision") == "site"
    return rows.with_columns(pl.when(own).then(pl.col(name)).alias(name) for name in POSITION)


def as_seen(dataset: str, shipped: pl.DataFrame | None, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a file as they will be seen once stored: an empty cell leaves the shipped one.

    Columns in: those of the data set. Columns out: the same; of parks without the points of districts.
    """
    if shipped is None:
        return rows
    seen = own_points(laid(dataset, shipped, rows.lazy()))
    mine = rows.lazy().select(KEYS[dataset])
    return seen.join(mine, on=list(KEYS[dataset]), how="semi").select(rows.columns).collect()


def beyond(dataset: str, shipped: pl.DataFrame | None, rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The rows of a file that are to be stored: those that change a shipped cell, are not shipped, or are held.

    In: rows (the columns of the data set), held (the keys that uploads which count hold already: a row said again lives
    on when the first upload is set aside). Columns out: those of rows, in their order.

    >>> shipped = pl.DataFrame({"programme_id": ["a", "b"], "name_zh": ["甲", "乙"]})
    >>> rows = shipped.with_columns(pl.Series("name_zh", [None, "丙"]), is_synthetic=pl.lit(False))
    >>> beyond("programmes", shipped, rows, shipped.select("programme_id").clear())["programme_id"].to_list()
    ['b']
    """
    if shipped is None:
        return rows
    key = list(KEYS[dataset])
    alone = own_points(laid(dataset, shipped, rows.clear().lazy())).select(rows.columns).collect()
    said = as_seen(dataset, shipped, rows).join(alone, on=rows.columns, how="semi", nulls_equal=True)
    return rows.join(said.join(held, on=key, how="anti"), on=key, how="anti", maintain_order="left")
