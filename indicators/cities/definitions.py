"""What the text of a published figure says about it: what is counted, by whose rules, over which part of the year.

Sources write their definitions in free words. What belongs to the one figure only (a quotation, a rounding, the day of
the count) is taken off; what is left says what is counted, and two figures that differ there are never one line.
"""

from __future__ import annotations

import polars as pl

BASES = ("national", "local")
"""Whose rules were applied where both exist: the national statistical office's, or the city's own."""

STOCKS = ("parks", "enterprises", "companies", "establishments", "units", "organisations", "institutions", "members",
          "sites", "museums", "theatres", "cities", "zones", "persons", "students", "km2", "m2", "mu")  # fmt: skip
"""Units of what is counted on a day: such a count may fall on any day of its year."""

BREAKS = (
    r"LEVEL BREAK \d{4}/(?P<period>\d{4})(?: ?\((?P<size>[+-]\d+(?:\.\d+)?) ?%\))?[^;]*",
    r"(?:concept|definition|register|series|level)[a-z ]* (?:change|break|shift)\b[^;]*? in (?P<period>\d{4})[^;]*",
    r"(?P<period>\d{4}) jump = [^;]*",
    r"(?P<period>\d{4})\s*年起?(?:统计)?(?:口径|范围)(?:调整|变化|变更)[^;；]*",
)
"""How a definition tells of a level break: the period is the first one on the new level."""

_NATIONAL = r"(?i)\bNBS[- ]definition|national(?: statistical)? definition|国标口径|国家(?:统计局)?口径|国标"
_LOCAL = r"(?i)\blocal\b[^;,]*definition|local definition|地方口径|本市口径|市口径"
_PART_OF_YEAR = (
    r"(?i)\b(?:jan(?:uary)?|april)\s*(?:[-–—~]|to)\s*(?:feb|mar|apr|may|jun|jul|aug|sep|oct|nov)[a-z]*"
    r"|\bfirst (?:half|quarter|two quarters|three quarters|(?:two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|[2-9]|1[01]) months)\b|\bfirst[- ]half\b|\b(?:[1-9]|1[01]) months\b|\bH[12]\b|\bQ[1-4]\b|year[- ]to[- ]date"
    r"|\bYTD\b|\bM?0?1\s*[-–—]\s*M?0?(?:[2-9]|1[01])\s*months?|1\s*[-–—~至到]\s*(?:[2-9]|1[01])\s*月"
    r"|上半年|下半年|[一二三四]季度|前[二三]季度|前[2-9]个?月|累计"
)
_QUOTED = r'"[^"]*"|“[^”]*”|「[^」]*」'
_ASIDE = (
    r"\((?:[^()]*(?:stored page|another report|also prints|before:|table stands|prints \d|June|rounded|Kreis code)"
    r"[^()]*)\)"
)
_BOUND = r"\b(?:estimate|projection) of the\b"
_REMARK = (
    r"(?i)^(?:"
    r"(?:about |approx|around |more than |over |almost |nearly |rounded|preliminary|printed|derived|base$|peak"
    r"|average$).*|(?:annual|monthly|12-month) average.*|mean of the .*|(?:end|beginning|close) of \d{4}"
    r"|31 Dec.*|year (?:set|not|inferred).*|calendar year.*|winter term.*|[\d.]+ (?:ha|km2|bn|pp|%).*|[\d.]+% of .*"
    r"|[\d.]+ minus .*|[+-][\d.]+ (?:bn|%).*|\d{4}-\d{4} [+-].*%|period = .*|record year|not comparable .*|quoted"
    r")$"
)
_NOTE = r"(?i)^(?:\d{4} looks like .*|(?:the )?(?:same |stored )?(?:page|item) .*|other sources .*|WS \d.* minus .*)$"
_VINTAGE = (
    r"(?i)vintage|pre-revision|before the .* revision|\d{4} revision|based on \d{4} census|re-based|delineation"
    r"|delimitation|nomenclature|release|new series|financial year"
)


def counted(definition: pl.Expr) -> pl.Expr:
    """What a definition says is counted, without the words that belong to one figure only; null = nothing is said.

    Rule: quotations, notes on a break and asides are taken off; of the pieces between semicolons and commas those that
    are remarks (rounded, preliminary, end of 2012, annual average, winter term) are left out; the rest is put together.
    Text in, text out. Missing stays missing. Errors: none. Source: our choice.

    >>> said = pl.DataFrame({"d": ["local definition", "9.75 minus the printed +0.51 pp", "end of 2012",
    ...     "current prices, 2019 export vintage; 2009 looks like the rounded figure", None]})
    >>> said.select(counted(pl.col("d")))["d"].to_list()
    ['local definition', None, None, 'current prices, 2019 export vintage', None]
    """
    bare = _plain(definition)
    for pattern in BREAKS:
        bare = bare.str.replace_all(pattern, "")
    bare = bare.str.replace_all(_BOUND, "of the").str.replace_all(r"(\d),(\d{3})", "${1}${2}")
    sentences = _without(bare.str.replace_all("；", ";").str.split(";"), _NOTE).list.join(";")
    joined = _without(sentences.str.replace_all("[,，]", ";").str.split(";"), _REMARK).list.join(", ")
    return pl.when(joined != "").then(joined)


def basis(definition: pl.Expr, indicator_id: pl.Expr) -> pl.Expr:
    """Whose rules the figure follows: national, local, or null where neither is said.

    Text in; text out (national or local). An indicator whose id ends in _local is
    local unless its definition says national. Missing: null. Errors: none.
    Source: our choice.

    >>> rows = pl.DataFrame({"d": ["NBS definition", "local definition", None], "i": ["a", "a", "a_local"]})
    >>> rows.select(basis(pl.col("d"), pl.col("i")))["basis"].to_list()
    ['national', 'local', 'local']
    """
    text = definition.fill_null("")
    national = text.str.contains(_NATIONAL)
    local = text.str.contains(_LOCAL) | (indicator_id.str.ends_with("_local") & ~national)
    return pl.when(local).then(pl.lit("local")).when(national).then(pl.lit("national")).alias("basis")


def part_of_year(definition: pl.Expr, indicator_id: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """Whether the figure adds up a part of the year only, such as January to June or seven months.

    Text in; Boolean out. A count on a day (unit in STOCKS) is not a part of a year, whenever it was taken. Missing
    definition: decided by the id alone. Errors: none. Source: our choice.

    >>> rows = pl.DataFrame({"d": ["Jan-Jun", "Jan-Dec", "converted parks, first half of 2019"], "i": ["revenue"] * 3,
    ...     "u": ["CNY", "CNY", "parks"]})
    >>> rows.select(part_of_year(pl.col("d"), pl.col("i"), pl.col("u")))["part_of_year"].to_list()
    [True, False, False]
    """
    words = _plain(definition).fill_null("") + " ; " + indicator_id.str.replace_all("_", " ")
    return (words.str.contains(_PART_OF_YEAR) & ~unit.is_in(STOCKS)).alias("part_of_year")


def vintage(definition: pl.Expr) -> pl.Expr:
    """Whether the definition names the state of the data: a vintage, a revision, a delineation.

    Text in; Boolean out; missing is false. Errors: none. Source: our choice.

    >>> said = pl.DataFrame({"d": ["vintage of the 2019 export", "annual average"]})
    >>> said.select(vintage(pl.col("d")))["d"].to_list()
    [True, False]
    """
    return definition.fill_null("").str.contains(_VINTAGE)


def _plain(definition: pl.Expr) -> pl.Expr:
    """The text without quotations and asides."""
    return definition.str.replace_all(_QUOTED, "").str.replace_all(_ASIDE, "")


def _without(pieces: pl.Expr, pattern: str) -> pl.Expr:
    """The pieces that are not empty and are no remark."""
    stripped = pieces.list.eval(pl.element().str.strip_chars(" \t-–—"))
    return stripped.list.eval(pl.element().filter((pl.element() != "") & ~pl.element().str.contains(pattern)))
