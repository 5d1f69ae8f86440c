"""Habits of sources of enterprises, cleaned up: functions from the cells of a file, one column per field, to the same.

Each leaves alone what it does not recognise and columns that are not there. `presets` tells what they have changed.
"""

from __future__ import annotations

import polars as pl

from data.ingest.schemes import ANZSIC, NACE, NAICS, OTHER

Cells = pl.DataFrame
NUMBER = r"(-?\d+(?:\.\d+)?)"
FEED = r"^(added|deleted):(\d{4}-\d{2})$"
FAMILIES = {"(?:nace|wz).*": NACE, "naics.*": NAICS, "anzsic.*": ANZSIC, ".*(?:category|sector).*": OTHER}


def fixed(cells: Cells, **values: str) -> Cells:
    """A value in every row of a field the file does not have.

    >>> fixed(pl.DataFrame({"status": ["closed"]}), status="active", coord_system="WGS84").rows()
    [('closed', 'WGS84')]
    """
    return cells.with_columns(pl.lit(value).alias(key) for key, value in values.items() if key not in cells.columns)


def replaced(cells: Cells, key: str, pattern: str, value: str) -> Cells:
    """The cells of a field with a pattern replaced."""
    return cells.with_columns(pl.col(key).str.replace(pattern, value)) if key in cells.columns else cells


def without_remark(cells: Cells, key: str) -> Cells:
    """A cell without the remark in brackets behind it.

    >>> without_remark(pl.DataFrame({"crs": ["GCJ-02 (as stated by the source)"]}), "crs").item()
    'GCJ-02'
    """
    return replaced(cells, key, r"^([^(（]+?)\s*[(（].*[)）]$", "$1")


def scheme_family(cells: Cells) -> Cells:
    """NACE2-4 (WZ2008) is NACE, NAICS2012-4 is NAICS; a classification of the source's own is `other`."""
    for pattern, scheme in FAMILIES.items():
        cells = replaced(cells, "industry_scheme", f"(?i)^{pattern}$", scheme)
    return cells


def change_feed(cells: Cells) -> Cells:
    """added:2023-04 is active, deleted:2023-04 is closed in that month (its first day stands for it).

    An id that is both added and deleted is a move: its deleted row gets an id of its own, so that both can be kept.

    >>> cells = pl.DataFrame({"enterprise_id": ["1", "1"], "status": ["added:2023-04", "deleted:2023-04"]})
    >>> change_feed(cells).rows()
    [('1', 'active', None), ('1:deleted:2023-04', 'closed', '2023-04-01')]
    """
    if "status" not in cells.columns or not cells["status"].str.contains(FEED).any():
        return cells
    parts = pl.col("status").str.extract_groups(FEED).struct
    deleted, month = parts[0] == "deleted", parts[1]
    cells = cells if "closed_on" in cells.columns else cells.with_columns(closed_on=pl.lit(None, dtype=pl.String))
    moved = pl.col("enterprise_id").is_duplicated() & deleted
    own_id = pl.format("{}:deleted:{}", "enterprise_id", month)
    cells = cells.with_columns(
        pl.when(moved).then(own_id).otherwise("enterprise_id").alias("enterprise_id"),
        pl.when(deleted).then(month + "-01").otherwise("closed_on").alias("closed_on"),
    )
    return replaced(replaced(cells, "status", "^added:.*$", "active"), "status", "^deleted:.*$", "closed")


def unclear_status(cells: Cells) -> Cells:
    """other:9 and the like: the source does not say what it means."""
    return replaced(cells, "status", r"(?i)^other(?::.*)?$", "unknown")


def vacant_premises(cells: Cells) -> Cells:
    """Vacant premises (code 0, 0000) get the status vacant, all others active; codes get their leading zeros back.

    >>> vacant_premises(pl.DataFrame({"industry_code": ["0", "111", "4251"]})).rows()
    [('0000', 'vacant'), ('0111', 'active'), ('4251', 'active')]
    """
    digits = pl.col("industry_code").str.contains("^[0-9]{1,4}$")
    code = pl.when(digits).then(pl.col("industry_code").str.zfill(4)).otherwise("industry_code")
    status = pl.when(code == "0000").then(pl.lit("vacant")).otherwise(pl.lit("active"))
    return cells.with_columns(code.alias("industry_code"), status.alias("status"))


def numbered(cells: Cells, prefix: str, *parts: str) -> Cells:
    """Ids for a source that has none: prefix, the columns `parts` (dropped), and a running number within them.

    The number follows the order of the file, so such ids hold within one edition of the source only.

    >>> numbered(pl.DataFrame({"year": ["2021"] * 2, "block": ["7", "7"]}), "clue", "year", "block").rows()
    [('clue-2021-7-1',), ('clue-2021-7-2',)]
    """
    there = [part for part in parts if part in cells.columns]
    place = pl.concat_str([pl.lit(prefix), *(pl.col(part).str.head(20).fill_null("") for part in there)], separator="-")
    named = cells.with_columns(place.alias("enterprise_id"))
    running = pl.int_range(1, pl.len() + 1).over("enterprise_id").cast(pl.String)
    return named.with_columns((pl.col("enterprise_id") + "-" + running).alias("enterprise_id")).drop(there)


def split_point(cells: Cells, lat_first: bool) -> Cells:
    """One cell `point` with both halves taken apart: POINT (lon lat), or "a, b" in the order of the source.

    >>> split_point(pl.DataFrame({"point": ["POINT (-122.4 37.7)", "(37.8, -122.5)"]}), lat_first=True).rows()
    [('-122.4', '37.7'), ('-122.5', '37.8')]
    """
    if "point" not in cells.columns:
        return cells
    wkt = pl.col("point").str.extract_groups(rf"(?i)^\s*POINT\s*\(\s*{NUMBER}\s+{NUMBER}\s*\)").struct
    pair = pl.col("point").str.extract_groups(rf"^\s*\(?\s*{NUMBER}\s*[,;]\s*{NUMBER}\s*\)?\s*$").struct
    halves = (pair[1], pair[0]) if lat_first else (pair[0], pair[1])
    found = {"lon": pl.coalesce(wkt[0], halves[0]), "lat": pl.coalesce(wkt[1], halves[1])}
    named = {
        key: pl.coalesce(pl.col(key).replace("", None), half) if key in cells.columns else half
        for key, half in found.items()
    }
    return cells.with_columns(**named).drop("point")


def us_dates(cells: Cells, *keys: str) -> Cells:
    """01/31/2014 as 2014-01-31, and the time of day cut off.

    >>> us_dates(pl.DataFrame({"opened_on": ["1/31/2014", "2014-02-01T00:00:00.000"]}), "opened_on").rows()
    [('2014-01-31',), ('2014-02-01',)]
    """
    for key in keys:
        cells = replaced(cells, key, r"^(\d{4}-\d{2}-\d{2})[T ].*$", "$1")
        cells = replaced(cells, key, r"^(\d)/", "0$1/")
        cells = replaced(cells, key, r"^(\d{2})/(\d)/", "$1/0$2/")
        cells = replaced(cells, key, r"^(\d{2})/(\d{2})/(\d{4})(?: .*)?$", "$3-$1-$2")
    return cells


def status_from_dates(cells: Cells) -> Cells:
    """Without a status: closed where there is a closing day, active elsewhere."""
    if "status" in cells.columns:
        return cells
    closed = (
        pl.col("closed_on").str.contains("[0-9]").fill_null(False) if "closed_on" in cells.columns else pl.lit(False)
    )
    return cells.with_columns(pl.when(closed).then(pl.lit("closed")).otherwise(pl.lit("active")).alias("status"))
