"""The catalogue of methods that can be run on one CSV file, each with its columns, units and source.

``run`` is what ``python -m data compute METHOD FILE`` calls: it turns the text of a CSV into the
method's dtypes, reads the options, and calls the same function the pages call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from indicators.balance import diffusion_index, shares
from indicators.cities.comparability import latest
from indicators.clustering.clusters import hexagon_clusters
from indicators.clustering.hotspots import HEXAGONS, hexagons
from indicators.clustering.specialisation import location_quotients
from indicators.disclosure import suppress
from indicators.events import event_counts
from indicators.frames import (
    ANSWERS,
    ENTERPRISES,
    EVENTS,
    FIGURES,
    POINTS,
    Column,
    Contract,
    ContractError,
    require_named,
    typed,
)
from indicators.prosperity import prosperity_index
from indicators.rebase import changes

_WORDS = {str: "text", int: "a whole number", float: "a number", tuple: "column names or values with commas between"}


class MethodError(ValueError):
    """No such method, no such option, or a value the option does not accept."""


@dataclass(frozen=True)
class Option:
    """An option of a method: its type, its default and what it means."""

    type: type
    default: object
    note: str
    required: bool = False


@dataclass(frozen=True)
class Method:
    """A method: what it computes, from which columns, with which options, into which columns.

    ``named`` maps an option that names columns to what those columns must hold; ``columns_in``
    lists them under the names the options have by default.
    """

    name: str
    summary: str
    function: Callable[..., pl.DataFrame]
    columns_in: Contract
    options: dict[str, Option]
    columns_out: tuple[tuple[str, str], ...]
    source: str
    named: Mapping[str, Column] = field(default_factory=dict)

    def contract(self, chosen: Mapping[str, object]) -> Contract:
        """The columns of the file, once the options have said which columns they name."""
        extra = [replace(like, name=name) for option, like in self.named.items() for name in _names(chosen[option])]
        usual = {name for option in self.named for name in _names(self.options[option].default)}
        known = usual | {column.name for column in extra}
        kept = [column for column in self.columns_in.columns if column.name not in known]
        return replace(self.columns_in, columns=(*kept, *extra))


def run(name: str, frame: pl.DataFrame, **options: object) -> pl.DataFrame:
    """The result of one method on a frame as read from a CSV file.

    Columns in: those of ``METHODS[name].columns_in``, as text or already typed. Columns out:
    ``METHODS[name].columns_out``, none of them nested, so the result can be written as CSV.
    Options may be text, as typed on a command line. An empty file gives an empty result with the
    same columns. Raises MethodError (method, option), ContractError (column, row, value) and the
    method's own errors. Source: see each method.

    >>> answers = pl.DataFrame({"period": ["2026-10", "2026-10"], "park_id": ["a", "b"],
    ...     "item_id": ["rent", "rent"], "answer": ["up", "same"]})
    >>> run("diffusion_index", answers, by="item_id")["diffusion_index"].to_list()
    [75.0]
    """
    method = METHODS.get(name)
    if method is None:
        raise MethodError(f"there is no method '{name}'; accepted: {', '.join(METHODS)}; choose one of them.")
    chosen = _chosen(method, options)
    contract = method.contract(chosen)
    require_named(frame, [column for option in method.named for column in _names(chosen[option])], contract)
    return method.function(typed(frame, contract), **chosen)


def _chosen(method: Method, options: Mapping[str, object]) -> dict[str, object]:
    unknown = [name for name in options if name not in method.options]
    if unknown:
        known = ", ".join(method.options) or "none"
        raise MethodError(f"{method.name} has no option '{unknown[0]}'; accepted: {known}; leave it out or correct it.")
    given = {name: _read(method, name, value) for name, value in options.items()}
    missing = [name for name, option in method.options.items() if option.required and given.get(name) is None]
    if missing:
        note = method.options[missing[0]].note
        raise MethodError(f"{method.name} needs the option '{missing[0]}' ({note}); give it.")
    return {name: option.default for name, option in method.options.items()} | given


def _read(method: Method, name: str, value: object) -> object:
    """The value of an option in its type; text is read, anything else is taken as it is."""
    option = method.options[name]
    if not isinstance(value, str) or option.type is str:
        return value
    text = value.strip()
    if option.type is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        if option.type is date:
            return date.fromisoformat(f"{text}-01" if len(text) == len("YYYY-MM") else text)
        return option.type(text)
    except ValueError:
        accepted = _WORDS.get(option.type, "a date written YYYY-MM or YYYY-MM-DD")
        problem = (
            f"{method.name}: option {name} '{value}' is not accepted; accepted: {accepted} ({option.note}); correct it."
        )
        raise MethodError(problem) from None


def _names(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(name) for name in value] if isinstance(value, tuple | list) else []


def _prosperity(answers: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """prosperity_index on one file: each answer carries the direction and weight of its question."""
    items = answers.select("item_id", "direction", pl.col("item_weight").alias("weight")).unique(maintain_order=True)
    torn = items.filter(pl.col("item_id").is_duplicated())["item_id"]
    if len(torn):
        problem = (
            f"column direction, item_weight: question '{torn[0]}' has more than one direction or weight; "
            f"accepted: one of each per item_id; make its rows agree."
        )
        raise ContractError(_ANSWERS_WITH_ITEMS, [problem])
    if items.is_empty():
        items = pl.DataFrame({"item_id": ["none"], "direction": [1], "weight": [1.0]})
    return prosperity_index(answers, items, by)


def _hexagons(points: pl.DataFrame, epsg: int, side_m: float) -> pl.DataFrame:
    """hexagons with the ring as one text, which a CSV can hold and a map program reads (WKT)."""
    corner = pl.element().list.get(0).cast(pl.String) + " " + pl.element().list.get(1).cast(pl.String)
    ring = pl.lit("POLYGON ((") + pl.col("ring").list.eval(corner).list.join(", ") + "))"
    return hexagons(points, epsg, side_m).with_columns(ring.alias("ring_wkt")).drop("ring")


def _latest(
    figures: pl.DataFrame,
    cities: tuple[str, ...],
    indicators: tuple[str, ...],
    not_after: str | None,
    territories: tuple[str, ...],
) -> pl.DataFrame:
    """latest with every city and indicator of the file where none are named, territories as city_id=territory."""
    odd = [part for part in territories if "=" not in part]
    if odd:
        problem = f"option territories '{odd[0]}' is not accepted; accepted: city_id=territory; correct it."
        raise MethodError(f"latest_figures: {problem}")
    wanted = {city.strip(): name.strip() for city, _, name in (part.partition("=") for part in territories)}
    return latest(figures, cities or None, indicators or None, not_after, wanted)


_BY_NOTE = "columns that name the cells, with commas between"
_BY_OUT = ("the columns of by", "as given")
_SHARES_OUT = (("n", "valid answers"), ("up_pct", "per cent"), ("same_pct", "per cent"), ("down_pct", "per cent"))
_MONTH_COLUMNS = Contract("series", ANSWERS.columns[:1])
_ANSWERS_WITH_ITEMS = Contract(
    "answers with items",
    (
        *ANSWERS.columns,
        Column("direction", pl.Int8, "sign", "1: up is favourable, -1: up is unfavourable", allowed=(1, -1)),
        Column("item_weight", pl.Float64, "share of 1", "weight of the question, 0 = not part of it", low=0, high=1),
    ),
    key=ANSWERS.key,
)
_PERSONS = ENTERPRISES.columns[-1]
_MEASURED = replace(ENTERPRISES, columns=(*ENTERPRISES.columns[:-1], replace(_PERSONS, optional=True)))
_REGION_AND_INDUSTRY = {"region": ENTERPRISES.columns[1], "industry": ENTERPRISES.columns[2]}
_COUNTED = Contract("cells", (Column("n", pl.Int64, "count", "the count behind the cell", low=0),))
_CATALOGUE = (
    Method(
        "shares",
        "How many per cent of the answers in each cell say up, same and down.",
        shares,
        ANSWERS,
        {"by": Option(tuple, ("period", "item_id"), _BY_NOTE)},
        (_BY_OUT, *_SHARES_OUT),
        "NBS, manufacturing PMI; OECD, Business Tendency Surveys",
    ),
    Method(
        "diffusion_index",
        "The answers of each cell as one number: up + same / 2, and the same on the two other scales in use.",
        diffusion_index,
        ANSWERS,
        {"by": Option(tuple, ("period", "item_id"), _BY_NOTE)},
        (
            _BY_OUT,
            *_SHARES_OUT,
            ("diffusion_index", "index points, 0 to 100, neutral 50"),
            ("balance", "index points, -100 to 100, neutral 0"),
            ("sentiment_index", "index points, 0 to 200, neutral 100"),
        ),
        "NBS, manufacturing PMI (0-100); European Commission, BCS (balance); NBS, 企业景气指数 (0-200)",
    ),
    Method(
        "prosperity_index",
        "The weighted mean of the questions' diffusion indices, inverse questions turned.",
        _prosperity,
        _ANSWERS_WITH_ITEMS,
        {"by": Option(tuple, ("period",), _BY_NOTE)},
        (
            _BY_OUT,
            ("prosperity_index", "index points, 0 to 100, neutral 50"),
            ("n_parks", "parks"),
            ("n_answers", "valid answers"),
        ),
        "the form of NBS, manufacturing PMI; the weights are ours",
    ),
    Method(
        "changes",
        "How far a monthly figure has moved since last month and since the same month last year.",
        changes,
        _MONTH_COLUMNS,
        {
            "value": Option(str, None, "the column whose change is wanted", required=True),
            "by": Option(tuple, (), "columns that name the series, with commas between"),
        },
        (
            ("the columns of the file", "as given"),
            ("change_month", "points of the figure"),
            ("change_year", "points of the figure"),
        ),
        "our choice; NBS and PBoC print both changes in points",
        {"value": Column("value", pl.Float64, "as given", "the figure", nullable=True)},
    ),
    Method(
        "event_counts",
        "How many events were held in each month, with a row for every month in between.",
        event_counts,
        EVENTS,
        {
            "by": Option(tuple, ("programme_id",), "columns to count by, with commas between; empty = all together"),
            "first": Option(date, None, "first month of the coverage"),
            "last": Option(date, None, "last month of the coverage"),
        },
        (("period", "month"), _BY_OUT, ("n_events", "events")),
        "our choice",
    ),
    Method(
        "location_quotients",
        "How strongly each region specialises in each industry, against all regions of the file.",
        location_quotients,
        _MEASURED,
        {
            "region": Option(str, "district_code", "the column of the region"),
            "industry": Option(str, "industry_code", "the column of the industry"),
            "measure": Option(str, "enterprises", "enterprises or employees"),
            "minimum": Option(int, 5, "fewest enterprises of a cell that is shown"),
        },
        (
            ("the region and industry columns", "code"),
            ("n", "enterprises"),
            ("amount", "enterprises or persons"),
            ("region_amount", "enterprises or persons"),
            ("industry_amount", "enterprises or persons"),
            ("total_amount", "enterprises or persons"),
            ("share_pct", "per cent of the region"),
            ("location_quotient", "ratio, 1 = as in the whole"),
            ("shown", "true or false"),
            ("n_unknown", "enterprises whose employees are not known"),
        ),
        "Hoover-Balassa location quotient; BLS, QCEW (base: all enterprises)",
        _REGION_AND_INDUSTRY,
    ),
    Method(
        "hexagons",
        "Enterprises counted in equal hexagons.",
        _hexagons,
        POINTS,
        {
            "epsg": Option(int, None, "the projected system in metres, such as 32650 for Beijing", required=True),
            "side_m": Option(float, 500.0, "side of a hexagon in metres"),
        },
        (
            ("q", "axial coordinate"),
            ("r", "axial coordinate"),
            ("n", "enterprises"),
            ("n_sites", "distinct places"),
            ("lon", "degrees east, WGS84, centre"),
            ("lat", "degrees north, WGS84, centre"),
            ("ring_wkt", "outline in degrees, WKT"),
        ),
        "axial hexagon grid with cube rounding; our choice",
    ),
    Method(
        "hexagon_clusters",
        "Groups of adjoining hexagons that each hold many enterprises (the result of hexagons is the input).",
        hexagon_clusters,
        HEXAGONS,
        {"minimum": Option(int, 20, "fewest enterprises of a hexagon that belongs to a cluster")},
        (
            ("cluster_id", "number, 1 = largest"),
            ("n_enterprises", "enterprises"),
            ("n_sites", "distinct places"),
            ("n_hexagons", "hexagons"),
            ("lon", "degrees east, WGS84"),
            ("lat", "degrees north, WGS84"),
        ),
        "our choice",
    ),
    Method(
        "suppress",
        "A table with the figures of small cells blanked.",
        suppress,
        _COUNTED,
        {
            "n": Option(str, "n", "the column of the count behind each cell"),
            "values": Option(tuple, None, "columns to blank, with commas between", required=True),
            "minimum": Option(int, 5, "smallest count that is shown"),
            "within": Option(tuple, None, "columns of the group whose total is shown; empty = the whole table"),
        },
        (("the columns of the file", "as given"), ("suppressed", "true or false")),
        "Handbook on Statistical Disclosure Control, chapter 4; minimum 5 is our choice",
        {
            "n": _COUNTED.columns[0],
            "values": Column("values", pl.Float64, "as given", "a figure to blank", nullable=True),
        },
    ),
    Method(
        "latest_figures",
        "The newest published figure of each city and indicator.",
        _latest,
        FIGURES,
        {
            "cities": Option(tuple, (), "city ids with commas between; empty = all of the file"),
            "indicators": Option(tuple, (), "indicator ids with commas between; empty = all of the file"),
            "not_after": Option(str, None, "newest period allowed, YYYY or YYYY-MM"),
            "territories": Option(tuple, (), "the territory wanted of a city, city_id=territory, with commas between"),
        },
        (
            ("city_id", "code"),
            ("indicator_id", "code"),
            ("period", "year or month"),
            ("value", "see unit"),
            ("unit", "text"),
            ("territory", "text"),
            ("definition", "text"),
            ("trust", "A, B or seed"),
            ("source_title", "text"),
            ("source_url", "address"),
            ("alternatives", "other figures for the same city, indicator and period"),
        ),
        "our choice; each row keeps its own source",
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _CATALOGUE}
"""Every method by name, in the order of ``python -m data compute --list``."""
