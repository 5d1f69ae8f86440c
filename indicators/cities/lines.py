"""Which published figures form one line over the years, where it is cut, and how far it went in 1, 5 and 10 years.

A line holds one territory, one unit and one definition with one vintage; a level break cuts it. Figures of months and
of parts of a year are in no line. Nothing is joined, filled or converted.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.cities.comparability import COLUMNS, PAIR, TRUST, ComparabilityError, chosen, most_trusted
from indicators.cities.definitions import BREAKS, basis, counted, part_of_year, vintage
from indicators.frames import Column, Contract, ContractError, require

PLACE = [*PAIR, "territory", "unit"]
LINE = [*PAIR, "line"]

LEVEL_BREAKS = Contract(
    "level breaks",
    (
        Column("city_id", pl.String, "code", "the city"),
        Column("indicator_id", pl.String, "code", "the indicator"),
        Column("territory", pl.String, "text", "the area; empty = every area", nullable=True, optional=True),
        Column("period", pl.String, "year", "first year on the new level"),
        Column("reason", pl.String, "text", "why the level changed"),
        Column("size_pct", pl.Float64, "per cent", "size of the step; empty = not known", nullable=True, optional=True),
    ),
)
"""One row per level break of a series."""


def figure_lines(figures: pl.DataFrame, breaks: pl.DataFrame | None = None) -> pl.DataFrame:
    """The annual figures, each with the line it belongs to and the stretch of the line between two level breaks.

    Rule: one line = city, indicator, territory, unit and what the definition counts, vintage included. A figure whose
    definition says nothing joins the only definition stated for its territory and unit, unless that names a vintage;
    otherwise it stands apart. Of two figures for one year and line the most trusted is kept. A level break starts
    a new segment: breaks told in a definition (see ``level_breaks``) and those of ``breaks``.
    Columns in: FIGURES; ``breaks``: LEVEL_BREAKS. Columns out: those of FIGURES, alternatives UInt32, line and segment
    UInt32 (1, 2 … within city and indicator, within the line), basis text (national, local or null), counted text,
    apart text (what keeps the lines of the pair apart: territory, unit, basis, vintage, definition; null = one line),
    break_reason text (on the first figure after a break), sorted by city, indicator, line and period.
    Months and parts of a year are left out (see ``left_out``). No rows give no rows. Raises ContractError.
    Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["shenzhen"] * 2, "territory": ["city"] * 2, "indicator_id": ["gdp"] * 2,
    ...     "period": ["2004", "2005"], "value": [3422.8, 4950.91], "unit": ["CNY"] * 2,
    ...     "definition": ["LEVEL BREAK 2004/2005 (+44.6%): not revised", None], "trust": ["A"] * 2,
    ...     "source_title": ["NBS"] * 2, "source_url": [None] * 2})
    >>> figure_lines(figures).select("period", "line", "segment", "break_reason").rows()[1]
    ('2005', 1, 2, 'LEVEL BREAK 2004/2005 (+44.6%): not revised')
    """
    rows = _described(figures)
    annual = most_trusted(rows.filter(_left_out_reason().is_null()), [*PLACE, "counted", "period"])
    stated = [pl.col(name).n_unique().over(PAIR) > 1 for name in ("territory", "unit", "basis", "counted")]
    old = vintage(pl.col("counted")).any().over(PAIR)
    why = [
        pl.when(stated[0]).then(pl.lit("territory")),
        pl.when(stated[1]).then(pl.lit("unit")),
        pl.when(stated[2]).then(pl.lit("basis")),
        pl.when(stated[3] & old).then(pl.lit("vintage")),
        pl.when(stated[3] & ~old & ~stated[2]).then(pl.lit("definition")),
    ]
    key = pl.concat_str([pl.col(name).fill_null("\uffff") for name in ("territory", "unit", "counted")], separator="\n")
    numbered = annual.with_columns(
        key.rank("dense").over(PAIR).cast(pl.UInt32).alias("line"), basis(pl.col("counted"), pl.col("indicator_id"))
    )
    reasons = pl.concat_list(why).list.drop_nulls().list.join("; ")
    apart = numbered.with_columns(pl.when(reasons != "").then(reasons).alias("apart"))
    cut = _cut(apart, _all_breaks(figures, breaks))
    ends = ["line", "segment", "basis", "counted", "apart", "break_reason"]
    return cut.select([*COLUMNS, "alternatives", *ends]).sort([*LINE, "period"])


def left_out(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures that are in no annual line, each with the reason.

    Reasons: part_of_year (January to June, seven months …), month (YYYY-MM), second_source (a more trusted figure
    stands for the same line and year). Columns in: FIGURES. Columns out: those of FIGURES, reason text, sorted by
    city, indicator, period and value. With ``figure_lines`` every figure is accounted for once. Raises ContractError.
    Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["beijing"] * 2, "territory": ["city"] * 2, "indicator_id": ["revenue"] * 2,
    ...     "period": ["2021", "2022"], "value": [17563.8, 7955.3], "unit": ["CNY"] * 2,
    ...     "definition": ["Jan-Dec", "Jan-Jun"], "trust": ["B"] * 2, "source_title": ["x"] * 2,
    ...     "source_url": [None] * 2})
    >>> left_out(figures).select("period", "reason").rows()
    [('2022', 'part_of_year')]
    """
    rows = _described(figures).with_row_index("_row").with_columns(reason=_left_out_reason())
    order = [pl.col("trust").replace_strict(TRUST, return_dtype=pl.Int8), *_TIES]
    annual = rows.filter(pl.col("reason").is_null()).sort(order, nulls_last=True)
    first = annual.unique([*PLACE, "counted", "period"], keep="first", maintain_order=True)
    second = annual.join(first, on="_row", how="anti").with_columns(reason=pl.lit("second_source"))
    out = pl.concat([rows.filter(pl.col("reason").is_not_null()), second])
    return out.select(*COLUMNS, "reason").sort([*PAIR, "period", "value"])


def level_breaks(figures: pl.DataFrame) -> pl.DataFrame:
    """The level breaks that the definitions of the figures tell of.

    Read are notes such as "LEVEL BREAK 2004/2005 (+44.6%)", "concept change … in 2019", "2005 jump = …" and
    "2013年口径调整".
    Columns in: FIGURES. Columns out: those of LEVEL_BREAKS, one row per break, sorted; size_pct null where it is not
    printed. No such note gives no rows. Raises ContractError. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["essen"], "territory": ["city"], "indicator_id": ["unemployed"],
    ...     "period": ["2001"], "value": [30576.0], "unit": ["persons"],
    ...     "definition": ["annual average; 2005 jump = Hartz IV registration change"], "trust": ["A"],
    ...     "source_title": ["BA"], "source_url": [None]})
    >>> level_breaks(figures).select("period", "reason", "size_pct").row(0)
    ('2005', '2005 jump = Hartz IV registration change', None)
    """
    rows = chosen(figures)
    found = []
    for pattern in BREAKS:
        parts = pl.col("definition").str.extract_groups(pattern)
        size = parts.struct.field("size") if "?P<size>" in pattern else pl.lit(None, pl.String)
        table = rows.select(
            *PAIR,
            "territory",
            parts.struct.field("period").alias("period"),
            pl.col("definition").str.extract(pattern, 0).str.strip_chars().alias("reason"),
            size.cast(pl.Float64).alias("size_pct"),
        )
        found.append(table.filter(pl.col("period").is_not_null()))
    return pl.concat(found).unique().sort([*PAIR, "territory", "period", "reason"])


def changes_over(
    figures: pl.DataFrame,
    years: Sequence[int] = (1, 5, 10),
    not_after: str | None = None,
    breaks: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """How far each line moved over 1, 5 and 10 years up to its newest figure, next to the level.

    Formula: 100 * (value / value_from - 1) per cent; for figures in per cent value - value_from, in points. Both
    figures are of the same line and segment, exactly so many years apart.
    Columns in: FIGURES; ``years``: whole numbers from 1; ``not_after``: the newest year looked at, YYYY; ``breaks``:
    LEVEL_BREAKS. Columns out: city_id, indicator_id, territory, unit text, line UInt32, period text, value Float64,
    years Int64, period_from text, value_from Float64, change Float64, change_unit text (% or points), reason text,
    sorted by city, indicator, line and years. A change that must not be computed is null with the reason: no_figure,
    level_break: …, other_line: … (that year stands in a line of another vintage, definition, territory or unit),
    zero (no per cent of a figure that is zero or less).
    Raises ContractError. Source: our choice; the years are those of the Brookings Metro Monitor.

    >>> figures = pl.DataFrame({"city_id": ["x"] * 2, "territory": ["city"] * 2, "indicator_id": ["gdp"] * 2,
    ...     "period": ["2016", "2017"], "value": [200.0, 230.0], "unit": ["CNY"] * 2, "definition": [None] * 2,
    ...     "trust": ["A"] * 2, "source_title": ["NBS"] * 2, "source_url": [None] * 2})
    >>> [(row[0], round(row[1], 6) if row[1] else None, row[2]) for row in
    ...     changes_over(figures).select("years", "change", "reason").rows()]
    [(1, 15.0, None), (5, None, 'no_figure'), (10, None, 'no_figure')]
    """
    _require_years(years)
    rows = figure_lines(figures, breaks)
    if not_after is not None:
        rows = rows.filter(pl.col("period") <= not_after)
    return _moved(rows, rows.filter(pl.col("period") == pl.col("period").max().over(LINE)), years)


def year_on_year(figures: pl.DataFrame, breaks: pl.DataFrame | None = None) -> pl.DataFrame:
    """How far each annual figure moved on the year before, or why that must not be said.

    Formula, columns in and reasons: those of ``changes_over`` over one year, for every figure of every line instead of
    the newest alone. Columns out: those of ``changes_over``, one row a figure, sorted by city, indicator, line and
    period. No figure gives no rows. Raises ContractError. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["shenzhen"] * 3, "territory": ["city"] * 3, "indicator_id": ["gdp"] * 3,
    ...     "period": ["2003", "2004", "2005"], "value": [100.0, 110.0, 160.0], "unit": ["CNY"] * 3,
    ...     "definition": [None, "LEVEL BREAK 2004/2005", None], "trust": ["A"] * 3, "source_title": ["NBS"] * 3,
    ...     "source_url": [None] * 3})
    >>> [(period, round(change, 6) if change else None, reason) for period, change, reason in
    ...     year_on_year(figures).select("period", "change", "reason").rows()]
    [('2003', None, 'no_figure'), ('2004', 10.0, None), ('2005', None, 'level_break: LEVEL BREAK 2004/2005')]
    """
    rows = figure_lines(figures, breaks)
    return _moved(rows, rows, (1,))


def require_one_basis(figures: pl.DataFrame) -> pl.DataFrame:
    """The figures, refused if national and local definitions are mixed among them.

    Columns in: FIGURES. Columns out: the same, checked, with basis text (national, local or null = neither is said).
    Raises ComparabilityError naming one figure of each side; ContractError. Source: our choice.

    >>> figures = pl.DataFrame({"city_id": ["hangzhou"] * 2, "territory": ["city"] * 2, "indicator_id": ["culture"] * 2,
    ...     "period": ["2015"] * 2, "value": [2232.14, 855.0], "unit": ["CNY"] * 2,
    ...     "definition": ["local definition", "NBS definition"], "trust": ["B"] * 2, "source_title": ["x"] * 2,
    ...     "source_url": [None] * 2})
    >>> require_one_basis(figures)
    Traceback (most recent call last):
    ...
    indicators.cities.comparability.ComparabilityError: national and local definitions must not be mixed: hangzhou, \
culture 2015 is national (NBS definition), hangzhou, culture 2015 is local (local definition); choose one definition.
    """
    rows = chosen(figures).with_columns(basis(pl.col("definition"), pl.col("indicator_id")))
    sides = [rows.filter(pl.col("basis") == side) for side in ("national", "local")]
    if all(side.height for side in sides):
        told = []
        for side in sides:
            row = side.row(0, named=True)
            said = row["definition"] or row["indicator_id"]
            told.append(f"{row['city_id']}, {row['indicator_id']} {row['period']} is {row['basis']} ({said})")
        raise ComparabilityError(
            f"national and local definitions must not be mixed: {', '.join(told)}; choose one definition."
        )
    return rows


_TIES = ["territory", "unit", "definition", "source_title", "source_url", "value"]


def _described(figures: pl.DataFrame) -> pl.DataFrame:
    """The checked figures with what they count and whether they are a part of a year."""
    rows = chosen(figures).with_columns(
        counted=counted(pl.col("definition")),
        part_of_year=part_of_year(pl.col("definition"), pl.col("indicator_id"), pl.col("unit")),
    )
    whole = pl.col("counted").filter(~pl.col("part_of_year")).drop_nulls()
    only = whole.n_unique().over(PLACE) == 1
    told = whole.first().over(PLACE)
    joined = pl.when(pl.col("counted").is_null() & only & ~vintage(told)).then(told).otherwise(pl.col("counted"))
    return rows.with_columns(counted=joined)


def _left_out_reason() -> pl.Expr:
    return (
        pl.when("part_of_year")
        .then(pl.lit("part_of_year"))
        .when(pl.col("period").str.len_chars() > len("YYYY"))
        .then(pl.lit("month"))
    )


def _all_breaks(figures: pl.DataFrame, breaks: pl.DataFrame | None) -> pl.DataFrame:
    told = level_breaks(figures)
    if breaks is None:
        return told
    given = require(breaks, LEVEL_BREAKS)
    odd = given.filter(~pl.col("period").str.contains(r"^\d{4}$"))
    if odd.height:
        problem = f"column period: '{odd['period'][0]}' is not accepted; accepted: a year YYYY; correct it."
        raise ContractError(LEVEL_BREAKS, [problem])
    absent = [pl.lit(None, told.schema[name]).alias(name) for name in told.columns if name not in given.columns]
    return pl.concat([told, given.with_columns(absent).select(told.columns)]).unique(maintain_order=True)


def _cut(rows: pl.DataFrame, breaks: pl.DataFrame) -> pl.DataFrame:
    """The rows with segment and break_reason."""
    keyed = rows.sort([*LINE, "period"]).with_row_index("_row")
    previous = keyed.with_columns(_previous=pl.col("period").shift(1).over(LINE))
    ours = breaks.select(*PAIR, pl.col("territory").alias("_where"), pl.col("period").alias("_break"), "reason")
    hit = previous.select("_row", *PAIR, "territory", "period", "_previous").join(ours, on=PAIR, how="inner")
    here = pl.col("_where").is_null() | (pl.col("_where") == pl.col("territory"))
    between = (pl.col("_break") > pl.col("_previous")) & (pl.col("_break") <= pl.col("period"))
    reasons = (
        hit.filter(here & between)
        .sort("_row", "_break", "reason")
        .group_by("_row", maintain_order=True)
        .agg(pl.col("reason").unique(maintain_order=True).str.join("; ").alias("break_reason"))
    )
    joined = keyed.join(reasons, on="_row", how="left", maintain_order="left")
    segment = pl.col("break_reason").is_not_null().cum_sum().over(LINE) + 1
    return joined.with_columns(segment.cast(pl.UInt32).alias("segment"))


def _require_years(years: Sequence[int]) -> None:
    odd = [span for span in years if not isinstance(span, int) or span < 1]
    if odd or not years:
        shown = odd[0] if odd else "none"
        problem = f"years {shown} is not accepted; accepted: whole numbers from 1; correct it."
        raise ContractError(LEVEL_BREAKS, [problem])


def _moved(rows: pl.DataFrame, ends: pl.DataFrame, years: Sequence[int]) -> pl.DataFrame:
    """The change of each of the ends over so many years, or the reason why there is none; rows: those of the lines."""
    spans = pl.DataFrame({"years": sorted(set(years))}, schema={"years": pl.Int64})
    wanted = ends.select(*PLACE, "line", "segment", "apart", "period", "value").join(spans, how="cross")
    wanted = wanted.with_columns(_year_from=(pl.col("period").cast(pl.Int64) - pl.col("years")).cast(pl.String))
    before = rows.select(
        *LINE, pl.col("period").alias("_year_from"), pl.col("value").alias("_from"), pl.col("segment").alias("_segment")
    )
    paired = wanted.join(before, on=[*LINE, "_year_from"], how="left").join(
        rows.select(*PAIR, pl.col("period").alias("_year_from")).unique().with_columns(_elsewhere=pl.lit(value=True)),
        on=[*PAIR, "_year_from"],
        how="left",
    )
    return _computed(paired, rows).sort([*LINE, "period", "years"])


def _computed(paired: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The change of each row, or the reason why there is none."""
    steps = rows.filter(pl.col("break_reason").is_not_null()).select(
        *LINE, pl.col("segment").alias("_after"), "break_reason"
    )
    crossed = (
        paired.select(*LINE, "period", "years", "segment", "_segment")
        .join(steps, on=LINE, how="inner")
        .filter((pl.col("_after") > pl.col("_segment")) & (pl.col("_after") <= pl.col("segment")))
        .group_by([*LINE, "period", "years"])
        .agg(pl.col("break_reason").str.join("; "))
    )
    points = pl.col("unit") == "%"
    reason = (
        pl.when(pl.col("_from").is_null() & pl.col("_elsewhere"))
        .then(pl.lit("other_line: ") + pl.col("apart"))
        .when(pl.col("_from").is_null())
        .then(pl.lit("no_figure"))
        .when(pl.col("break_reason").is_not_null())
        .then(pl.lit("level_break: ") + pl.col("break_reason"))
        .when(~points & (pl.col("_from") <= 0))
        .then(pl.lit("zero"))
    )
    per_cent = 100.0 * (pl.col("value") / pl.col("_from") - 1.0)
    moved = pl.when(points).then(pl.col("value") - pl.col("_from")).otherwise(per_cent)
    return paired.join(crossed, on=[*LINE, "period", "years"], how="left").select(
        *PLACE,
        "line",
        "period",
        "value",
        "years",
        pl.when(pl.col("_from").is_not_null()).then(pl.col("_year_from")).alias("period_from"),
        pl.col("_from").alias("value_from"),
        pl.when(reason.is_null()).then(moved).alias("change"),
        pl.when(points).then(pl.lit("points")).otherwise(pl.lit("%")).alias("change_unit"),
        reason.alias("reason"),
    )
