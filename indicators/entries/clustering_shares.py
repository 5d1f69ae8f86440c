"""The methods of enterprise clustering that compare shares: specialisation, unevenness, agglomeration, stars."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import BY_NOTE, BY_OUT, Method, MethodError, Option
from indicators.clustering.agglomeration import PLANTS, agglomeration, coagglomeration, group_coagglomeration
from indicators.clustering.published import CELLS, PUBLISHED, cell_quotients, implied_base_shares, published_quotients
from indicators.clustering.share_indices import (
    LITZENBERGER,
    SHARES,
    cluster_index,
    share_indices,
    standardised_quotients,
)
from indicators.clustering.specialisation import Base, location_quotients
from indicators.clustering.stars import REGIONS, STRENGTHS, cluster_stars
from indicators.frames import ENTERPRISES, Column, Contract

_PERSONS = ENTERPRISES.columns[-1]
_MEASURED = replace(ENTERPRISES, columns=(*ENTERPRISES.columns[:-1], replace(_PERSONS, optional=True)))
_CODE = Column("class", pl.String, "code", "a column of codes", nullable=True)
_REGION_AND_INDUSTRY = {"region": ENTERPRISES.columns[1], "industry": ENTERPRISES.columns[2]}
_PAIR = {
    "region": Option(str, "district_code", "the column of the region"),
    "industry": Option(str, "industry_code", "the column of the industry"),
}
_PAIR_OUT = ("the region and industry columns", "code")
_SHOWN = {
    "measure": Option(str, "enterprises", "enterprises or employees"),
    "minimum": Option(int, 5, "fewest enterprises of a cell that is shown"),
    "ranked": Option(int, 10, "fewest enterprises of a cell that is ranked"),
    "confidence": Option(float, 0.95, "how sure the interval is, between 0 and 1"),
}
_AMOUNTS = tuple(
    (name, "enterprises or persons") for name in ("amount", "region_amount", "industry_amount", "total_amount")
)
_QUOTIENT = (("share_pct", "per cent of the region"), ("location_quotient", "ratio, 1 = as in the whole"))
_INTERVAL = (("low", "ratio, lower end of the interval"), ("high", "ratio, upper end of the interval"))
_REASON = ("reason", "why there is no quotient")
_FEWEST = {"minimum": Option(int, 10, "fewest plants of an industry that is shown")}
_BASIS = (("shown", "true or false"), ("basis", "what the shares of the regions are of"))
_QUOTIENTS = Contract(
    "quotients",
    (
        Column("district_code", pl.String, "code", "the region"),
        Column("industry_code", pl.String, "code", "the industry"),
        Column("location_quotient", pl.Float64, "ratio, 1 = as in the whole", "the quotient", low=0, nullable=True),
    ),
)
_IMPLIED = Contract(
    "published",
    (
        Column("industry_code", pl.String, "code", "the industry"),
        *(
            replace(column, optional=False)
            for column in PUBLISHED.columns
            if column.name in ("amount", "region_amount", "published")
        ),
        PUBLISHED.columns[-1],
    ),
)


def _location_quotients(
    enterprises: pl.DataFrame, region: str, industry: str, measure: str, minimum: int, ranked: int, confidence: float,
    area: str | None, level: int, class_column: str | None, class_value: str | None, base: str | None,
) -> pl.DataFrame:  # fmt: skip
    """location_quotients with the base in single options."""
    if (class_column is None) != (class_value is None):
        problem = "options class_column and class_value belong together; accepted: both or neither; give both."
        raise MethodError(f"location_quotients: {problem}")
    only = None if class_column is None or class_value is None else (class_column, class_value)
    return location_quotients(
        enterprises, region, industry, measure, minimum, Base(area, level, only, base), ranked, confidence
    )


ENTRIES: tuple[Method, ...] = (
    Method(
        "location_quotients",
        "How strongly each region specialises in each industry, against a base that is named.",
        _location_quotients,
        _MEASURED,
        {
            **_PAIR,
            **_SHOWN,
            "area": Option(
                str, None, "the column of the area each region is compared with; not given = the whole file"
            ),
            "level": Option(int, 0, "leading characters of the industry code that count; 0 = the code as it is"),
            "class_column": Option(str, None, "the column of the class, such as ownership"),
            "class_value": Option(str, None, "the one class whose industries are looked at"),
            "base": Option(str, None, "with a class: all (totals of all enterprises) or class; must then be said"),
        },
        (
            _PAIR_OUT,
            ("n", "enterprises"),
            *_AMOUNTS,
            *_QUOTIENT,
            ("shown", "true or false"),
            ("n_unknown", "enterprises whose employees are not known"),
            *_INTERVAL,
            ("indicative", "true or false: the interval of employees covers less than it says"),
            ("ranked", "true or false"),
            _REASON,
            ("base", "area, level and enterprises of the base"),
        ),
        "Hoover-Balassa location quotient; BLS, QCEW (base: all enterprises)",
        {**_REGION_AND_INDUSTRY, "area": _CODE, "class_column": _CODE},
    ),
    Method(
        "cell_quotients",
        "Location quotients from a table of counts, suppressed cells kept apart from zeros.",
        cell_quotients,
        CELLS,
        {**_PAIR, **_SHOWN},
        (
            _PAIR_OUT,
            ("n", "enterprises"),
            *_AMOUNTS,
            *_QUOTIENT,
            ("shown", "true or false"),
            ("ranked", "true or false"),
            *_INTERVAL,
            ("suppressed", "true or false"),
            ("totals_complete", "true or false"),
            _REASON,
        ),
        "Hoover-Balassa location quotient; BLS, QCEW (disclosure codes)",
        {"region": CELLS.columns[0], "industry": CELLS.columns[1]},
    ),
    Method(
        "published_quotients",
        "What a published quotient must have been, and whether the printed one agrees.",
        published_quotients,
        PUBLISHED,
        {},
        (
            ("the columns of the file", "as given"),
            ("suppressed", "true or false"),
            ("low", "ratio"),
            ("high", "ratio"),
            ("location_quotient", "ratio, 1 = as in the base"),
            ("inside", "true or false"),
            ("rounds_equal", "true or false"),
        ),
        "BLS, QCEW location quotients: base of all ownerships",
    ),
    Method(
        "implied_base_shares",
        "The share of the base that all printed quotients of an industry agree on.",
        implied_base_shares,
        _IMPLIED,
        {"by": Option(tuple, ("industry_code",), BY_NOTE)},
        (
            BY_OUT,
            ("n_regions", "regions"),
            ("base_share_low", "share of 1"),
            ("base_share_high", "share of 1"),
            ("consistent", "true or false"),
        ),
        "our own test of the definition of BLS",
        {"by": replace(_CODE, nullable=False)},
    ),
    Method(
        "standardised_quotients",
        "The quotients of each industry on one scale, the average region at 0.",
        standardised_quotients,
        _QUOTIENTS,
        {**_PAIR, "log10": Option(int, 0, "1: of the logarithm to the base 10, for skewed quotients")},
        (
            _PAIR_OUT,
            ("location_quotient", "ratio"),
            ("standardised", "standard deviations"),
            ("n_regions", "regions"),
        ),
        "O'Donoghue & Gleave (2004)",
        {"region": _QUOTIENTS.columns[0], "industry": _QUOTIENTS.columns[1]},
    ),
    Method(
        "share_indices",
        "How uneven values are, and how far their mix is from a yardstick: Herfindahl, Gini, Hoover, Krugman and more.",
        share_indices,
        SHARES,
        {"by": Option(tuple, (), BY_NOTE)},
        (
            BY_OUT,
            ("n", "rows"),
            ("n_unknown", "rows left out"),
            ("hhi", "1/n to 1"),
            ("hhi_normalised", "0 to 1"),
            ("equivalent_number", "1 to n"),
            ("gini", "0 to 1"),
            ("gini_corrected", "0 to 1"),
            ("gini_weighted", "0 to 1"),
            ("hoover_equal", "0 to 1"),
            ("hoover", "0 to 1"),
            ("krugman", "0 to 2"),
            ("gini_of_quotients", "0 to 1"),
            ("gini_locational", "0 to 1"),
            ("average_quotient", "1 upwards"),
            ("hachman", "0 to 1"),
        ),
        "Herfindahl-Hirschman; Gini; Hoover (1936); Krugman (1991); Hachman (1995)",
        {"by": _CODE},
    ),
    Method(
        "cluster_index",
        "How dense an industry is in a region by area and population.",
        cluster_index,
        LITZENBERGER,
        {},
        (("the columns of the file", "as given"), ("cluster_index", "ratio, above 1 = denser than the whole")),
        "Litzenberger & Sternberg (2006)",
    ),
    Method(
        "agglomeration",
        "Whether each industry is more concentrated than the size of its plants explains.",
        agglomeration,
        PLANTS,
        {
            **_FEWEST,
            "draws": Option(int, 0, "seeded draws of the plants for low and high; 0 = none"),
            "seed": Option(int, 0, "the seed of the draws"),
        },
        (
            ("industry_code", "code"),
            ("n_plants", "plants"),
            ("employees", "persons"),
            ("concentration", "0 to 2"),
            ("plant_hhi", "0 to 1"),
            ("gamma", "index, 0 = as darts would place it"),
            ("low", "index"),
            ("high", "index"),
            *_BASIS,
            ("n_unknown", "plants left out"),
        ),
        "Ellison & Glaeser (1997)",
    ),
    Method(
        "coagglomeration",
        "Which pairs of industries settle in the same regions.",
        coagglomeration,
        PLANTS,
        _FEWEST,
        (
            ("industry_a", "code"),
            ("industry_b", "code"),
            ("coagglomeration", "index, above 0 = together"),
            ("n_a", "plants"),
            ("n_b", "plants"),
            *_BASIS,
        ),
        "Ellison, Glaeser & Kerr (2010)",
    ),
    Method(
        "group_coagglomeration",
        "Whether several industries as a group settle together.",
        group_coagglomeration,
        PLANTS,
        {"industries": Option(tuple, (), "the group, codes with commas between; empty = all of the file"), **_FEWEST},
        (
            ("n_industries", "industries"),
            ("n_plants", "plants"),
            ("coagglomeration", "index, above 0 = together"),
            *_BASIS,
        ),
        "Ellison & Glaeser (1997)",
    ),
    Method(
        "cluster_stars",
        "The stars of each industry in each region, and the rank behind each.",
        cluster_stars,
        REGIONS,
        {
            "top_pct": Option(float, 10.0, "best per cent of the regions that get a star"),
            "quotient": Option(float, 2.0, "location quotient from which specialisation gets a star"),
        },
        (
            ("district_code", "code"),
            ("industry_code", "code"),
            ("amount", "persons or enterprises"),
            ("location_quotient", "ratio"),
            *(
                out
                for name in STRENGTHS
                for out in ((f"{name}_rank", "rank, 1 = largest"), (f"{name}_star", "true or false"))
            ),
            ("n_regions", "regions with the industry"),
            ("stars", "stars"),
            ("stars_of", "strengths that could be judged"),
            ("few_regions", "true or false: read the rank, not the star"),
        ),
        "European Cluster Observatory; European Cluster Panorama",
    ),
)
