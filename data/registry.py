"""The shipped registers as typed tables: parks, districts, cities, figures, published events, heritage, questionnaires.

Every register is a UTF-8 CSV file in `data/registry/`; `sources.csv` there says what each file was compiled from and
under which licence. A blank cell means that no source gives the value: it is read as null, never as zero. Codes are
text and keep their leading zeros. Where a row rests on several sources, `source_title` and `source_url` hold them in
the same order, joined by " | "; an empty place between two bars is a source without an address. Use `citations` to
take them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import polars as pl

from data.questionnaires import CHANGE, MONTHLY, newest, questions_of, valid_in

FOLDER = Path(__file__).with_name("registry")
SEPARATOR = " | "

_FILTER_LEVELS = ("district", "gemeinde", "kreisfreie_stadt", "neighborhood", "county")


class RegistryError(RuntimeError):
    """A shipped register is missing or cannot be read: the message says which file and what is wrong with it."""


class Citation(NamedTuple):
    """One source of a row: its title, and its address where there is one."""

    title: str
    url: str | None


def read_register(name: str, types: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """One CSV file of `data/registry/`, every column as text except those in `types`; empty cells are null.

    Dates are YYYY-MM-DD, truth values true and false. Errors: RegistryError for a missing file or column, or a value of
    the wrong kind. Source: `sources` says what each file was compiled from.

    >>> read_register("crisis_months.csv", {"period": pl.Date})["period"].dtype
    Date
    """
    path = FOLDER / name
    if not path.is_file():
        raise RegistryError(f"The register {name} is missing in {FOLDER}. Install the package again.")
    text = pl.read_csv(path, infer_schema=False)
    missing = sorted(set(types) - set(text.columns))
    if missing:
        raise RegistryError(f"The register {name} has no column {', '.join(missing)}. Install the package again.")
    try:
        return text.with_columns(_typed(column, dtype) for column, dtype in types.items())
    except pl.exceptions.PolarsError as error:
        raise RegistryError(f"The register {name} holds a value of the wrong kind: {error}") from error


def _typed(column: str, dtype: type[pl.DataType]) -> pl.Expr:
    """The text column as `dtype`; dates are YYYY-MM-DD, truth values are true and false."""
    if dtype is pl.Date:
        return pl.col(column).str.to_date("%Y-%m-%d", strict=True)
    if dtype is pl.Boolean:
        return pl.col(column).replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    return pl.col(column).cast(dtype, strict=True)


@lru_cache(maxsize=1)
def parks() -> pl.DataFrame:
    """The known cultural and industrial parks; names are real, most attributes are unknown.

    Columns: park_id, name_zh, name_en, city_id, district_code, district_zh, grade, list_year (Int64, year of the list),
    address, lon, lat (Float64, degrees), coord_system, coord_precision (site, district_centroid, none), coord_source,
    area_m2 (Float64, m2; never add or rank across area_kind), area_kind, opened_year (Int64), former_use,
    conversion_mode, operator, enterprises (Int64), enterprises_year (Int64), notes, source_title, source_url; text
    where no type is given. Missing: null; a blank district_code means that no source states the district.
    District points are shared by all parks of a district: no distance may be computed on them.
    Errors: RegistryError. Source: source_title of the row.

    >>> parks().filter(pl.col("park_id") == "BJ-018").select("district_code", "coord_precision").row(0)
    ('110105', 'district_centroid')
    """
    years = {"list_year": pl.Int64, "opened_year": pl.Int64, "enterprises_year": pl.Int64, "enterprises": pl.Int64}
    return read_register("parks.csv", years | {"lon": pl.Float64, "lat": pl.Float64, "area_m2": pl.Float64})


@lru_cache(maxsize=1)
def districts() -> pl.DataFrame:
    """The districts, municipalities, neighbourhoods and counties of the five main cities, and the whole cities.

    Columns: city_id, district_code, code_system, name_zh, name_en, level (district, gemeinde, kreisfreie_stadt, kreis,
    neighborhood, county, city), parent_code, centroid_lon, centroid_lat (Float64, degrees, a label point inside the
    polygon), centroid_kind, crs, area_km2 (Float64, km2), area_source, population (Int64, persons), population_date
    (Date), population_source_title, population_source_url, notes, source_title, source_url.
    Missing: null; no population is not zero. The Shanghai polygons include water and Longgang (440307) includes Dapeng:
    no densities for them. Errors: RegistryError. Source: source_title of the row.

    >>> districts().filter(pl.col("district_code") == "05112000")["name_en"].item()
    'Duisburg'
    """
    numbers = {"centroid_lon": pl.Float64, "centroid_lat": pl.Float64, "area_km2": pl.Float64, "population": pl.Int64}
    return read_register("districts.csv", numbers | {"population_date": pl.Date})


@lru_cache(maxsize=1)
def cities() -> pl.DataFrame:
    """Every city the registers speak of, the five main ones first, and three context groups.

    Columns: city_id, name_zh, name_en, country_zh, country_en, province_zh, province_en (the province or state it lies
    in; null for groups and countries), territory_zh, territory_en (the default territory, spelled as in
    `city_figures`), lon, lat (Float64, degrees, where a map starts), zoom (Int64), epsg (text, metric
    projection), is_c3, has_districts (Boolean), source_title. Missing: null where no source gives a point, territory
    or projection.
    Errors: RegistryError. Source: source_title of the row.

    >>> cities().filter(pl.col("is_c3"))["city_id"].to_list()
    ['beijing', 'shanghai', 'shenzhen']
    """
    points = {"lon": pl.Float64, "lat": pl.Float64, "zoom": pl.Int64}
    return read_register("cities.csv", points | {"is_c3": pl.Boolean, "has_districts": pl.Boolean})


@lru_cache(maxsize=1)
def city_figures() -> pl.DataFrame:
    """Published city figures, one row per city, territory, indicator and period.

    Columns: city_id, city_name_zh, city_name_en, territory, indicator_id, indicator_name_zh, indicator_name_en, period
    (text, YYYY or YYYY-MM), value (Float64, in `unit`), unit, definition (null where the source adds nothing), trust (A
    statistical office or producer, B press or report quoting it, seed one of the articles the product started from),
    trust_note (derived, labels recovered), source_title, source_publisher, source_url (null where there is no address).
    Never join across territories, units or definitions. Errors: RegistryError. Source: source_title of the row.

    >>> city_figures()["trust"].unique().sort().to_list()
    ['A', 'B', 'seed']
    """
    return read_register("city_figures.csv", {"value": pl.Float64})


@lru_cache(maxsize=1)
def documented_peaks() -> pl.DataFrame:
    """The years that a source names as the peak of a series of `city_figures`, which stand before the rule of 90 %.

    Columns: city_id, indicator_id, territory, period (text, YYYY), source_title, source_url, notes.
    Errors: RegistryError. Source: source_title of the row.

    >>> documented_peaks().select("city_id", "period").row(0)
    ('ruhr', '1956')
    """
    return read_register("documented_peaks.csv", {})


@lru_cache(maxsize=1)
def events_published() -> pl.DataFrame:
    """Counts that associations, organisers and the press have published about events and parks.

    Columns: fact_id, org, city_id, district, district_code, year (Int64), as_of (text), metric, value (Float64, in
    `unit`), qualifier (exact, at_least, approx, derived: show it with the number), unit, description, source_title,
    source_url. Missing: null; a blank year is not stated by the source, keep the row out of time series.
    Errors: RegistryError. Source: source_title of the row.

    >>> events_published().filter(pl.col("fact_id") == "EV-001").select("value", "qualifier").row(0)
    (120.0, 'at_least')
    """
    return read_register("events_published.csv", {"year": pl.Int64, "value": pl.Float64})


@lru_cache(maxsize=1)
def industrial_heritage() -> pl.DataFrame:
    """The national industrial heritage of China, batches 1 to 7.

    Columns: heritage_id, name_zh, batch (Int64, 1-7), announce_date (Date), miit_doc, province, city, district_zh,
    lon, lat (Float64, degrees; label points of the city or district, not sites), coord_system, coord_precision,
    source_title, source_url. Missing: null. Errors: RegistryError. Source: lists of the Ministry of Industry and
    Information Technology.

    >>> industrial_heritage().filter(pl.col("province") == "北京市").height
    14
    """
    points = {"lon": pl.Float64, "lat": pl.Float64}
    return read_register("industrial_heritage.csv", points | {"batch": pl.Int64, "announce_date": pl.Date})


@lru_cache(maxsize=1)
def old_industrial_zones() -> pl.DataFrame:
    """Cities of the demonstration zones for industrial transformation, and totals of the plan for old industrial bases.

    Columns: row_id, row_kind (zone_city, aggregate), province, city_zh, demo_zone_batch (Int64), zone_basis (listed:
    the published list of batch 1; inferred: named in the 2020 evaluation but not in that list), demo_zone_name,
    eval_2020, notes, source_title, source_url. Missing: null. This is not the list of the 120 old industrial cities.
    Errors: RegistryError. Source: source_title of the row.

    >>> old_industrial_zones().filter(pl.col("zone_basis") == "inferred").height
    7
    """
    return read_register("old_industrial_zones.csv", {"demo_zone_batch": pl.Int64})


@lru_cache(maxsize=1)
def questionnaires() -> pl.DataFrame:
    """The questionnaires of the association in their newest version, the monthly one first.

    Columns: questionnaire_id, name_zh, name_en, frequency (monthly, half_yearly, yearly), version (Int64), valid_from
    (Date), purpose_zh, purpose_en, source_title. Errors: RegistryError. Source: source_title of the row.

    >>> questionnaires()["questionnaire_id"].to_list()
    ['monthly', 'digitalisation', 'rent_relief']
    """
    return read_register("questionnaires.csv", {"version": pl.Int64, "valid_from": pl.Date})


@lru_cache(maxsize=1)
def questionnaire_items() -> pl.DataFrame:
    """The questions of every questionnaire in every version, in the order of the forms.

    Columns: questionnaire_id, version (Int64), valid_from (Date, the first month of the version), item_id, position
    (Int64, from 1), levels (Int64: 3, 5 or 7 on a scale of change, null on any other), scale_id (see `answer_scales`),
    direction (Int8, 1 or -1; -1 means that "up" is unfavourable, null where no answer is better than another), horizon
    (this_month, next_3_months, this_wave, next_12_months), weight (Float64, 0-1, sum 1 per version of a questionnaire
    with an index; 0 is asked but not part of an index), name_zh, name_en, question_zh, question_en, aliases (accepted
    column headings, separated by "|"). Errors: RegistryError. Source: our questionnaires.

    >>> questionnaire_items().filter(pl.col("item_id") == "main_obstacle").select("scale_id", "direction").row(0)
    ('obstacle', None)
    """
    whole = {"version": pl.Int64, "position": pl.Int64, "levels": pl.Int64, "direction": pl.Int8}
    return read_register("survey_items.csv", whole | {"valid_from": pl.Date, "weight": pl.Float64})


@lru_cache(maxsize=64)
def survey_items(questionnaire_id: str = MONTHLY, month: date | None = None) -> pl.DataFrame:
    """The questions of one questionnaire in the version that holds in a month, by default the newest.

    Columns: those of `questionnaire_items`. A month before the first version, or an unknown questionnaire, has no rows.
    Errors: RegistryError. Source: our questionnaires; the rule is that of `data.questionnaires.valid_in`.

    >>> survey_items().filter(pl.col("direction") == -1)["item_id"].to_list()
    ['cost_pressure']
    >>> survey_items("digitalisation", date(2025, 5, 1)).height, survey_items("digitalisation", date(2026, 1, 1)).height
    (0, 8)
    """
    items = questions_of(questionnaire_items(), questionnaire_id)
    return newest(items) if month is None else valid_in(items, month)


@lru_cache(maxsize=1)
def answer_scales() -> pl.DataFrame:
    """The answers of every scale and the spellings that are accepted for them.

    Columns: scale_id (change3, change5, change7: up to down; any other: the choices of one kind of question), answer
    (code, unique within its scale), position (Int64, from 1, the most favourable first), score (Float64, 1 to 0 on a
    scale of change, null on any other), followed (Boolean: its share is followed over the waves of a survey), label_zh,
    label_en, aliases (separated by "|"; a lone "-" is a missing answer and is not listed).
    Errors: RegistryError. Source: our choice; the codes and scores of change are those of `indicators.levels`.

    >>> answer_scales().filter(pl.col("scale_id") == "change5")["score"].to_list()
    [1.0, 0.75, 0.5, 0.25, 0.0]
    """
    return read_register("survey_answers.csv", {"position": pl.Int64, "score": pl.Float64, "followed": pl.Boolean})


@lru_cache(maxsize=64)
def survey_answers(scale_id: str = CHANGE) -> pl.DataFrame:
    """The answers of one scale, by default the three of the monthly survey, the most favourable first.

    Columns: those of `answer_scales`. An unknown scale has no rows. Errors: RegistryError. Source: our choice.

    >>> survey_answers()["answer"].to_list(), survey_answers("yes_no")["label_en"].to_list()
    (['up', 'same', 'down'], ['Yes', 'No'])
    """
    return answer_scales().filter(pl.col("scale_id") == scale_id).sort("position")


@lru_cache(maxsize=1)
def programmes() -> pl.DataFrame:
    """The event programmes of the association, and categories of our own for events outside them.

    Columns: programme_id, name_zh, name_en, organiser (null for our own categories), source_title.
    Errors: RegistryError. Source: source_title of the row.

    >>> programmes().filter(pl.col("programme_id") == "wenkehui")["name_zh"].item()
    '文科汇'
    """
    return read_register("programmes.csv", {})


@lru_cache(maxsize=1)
def library() -> pl.DataFrame:
    """Policies, lists and research that the other registers rest on or speak of.

    Columns: document_id, title (with the official number where there is one), issuer, level (national, municipal,
    district, association, research), date (Date, null where no source gives the day), topic, link (where it can be
    read about), summary, parks (park ids with ; between), source_title. Errors: RegistryError. Source: source_title of
    the row.

    >>> library().filter(pl.col("document_id") == "LIB-107").select("date", "issuer").row(0)
    (datetime.date(2025, 10, 22), '工业和信息化部')
    """
    return read_register("library.csv", {"date": pl.Date})


@lru_cache(maxsize=1)
def industries() -> pl.DataFrame:
    """The sections and divisions of GB/T 4754-2017, NACE, NAICS and ANZSIC, and the nine culture classes of 2018.

    NACE Rev. 2; NAICS 2017 and 2022 (sectors are sections; the two-digit parts of 31-33, 44-45 and 48-49 divisions,
    named by this product); ANZSIC 2006 (divisions are sections, subdivisions divisions).
    Columns: scheme, code (text, unique within a scheme), parent_code (the section of a division), level (section,
    division, class), domain (core, related; culture classification only), name_zh, name_en (one of the two is a
    translation for this product, not an official text), source_title. Errors: RegistryError. Source: the publishers.

    >>> industries().filter(pl.col("code") == "88").select("parent_code", "name_zh").row(0)
    ('R', '文化艺术业')
    """
    return read_register("industries.csv", {})


@lru_cache(maxsize=1)
def sources() -> pl.DataFrame:
    """What each register was compiled from, its licence and the attribution to print next to it.

    Columns: register (file name), what, compiled_from, licence, attribution. Errors: RegistryError.

    >>> "parks.csv" in sources()["register"]
    True
    """
    return read_register("sources.csv", {})


@lru_cache(maxsize=1)
def crisis_months() -> pl.DataFrame:
    """Months declared as shocks: marked on trends, modelled as outliers in seasonal adjustment.

    Columns: crisis (as `seasonally_adjusted` reads it), period (Date), kind, name_zh, name_en, sources.

    >>> crisis_months()["crisis"].to_list()
    ['2022-11', '2022-12', '2023-01']
    """
    return read_register("crisis_months.csv", {"period": pl.Date})


def districts_of(city_id: str) -> pl.DataFrame:
    """The districts to choose from in one city: no whole city and no Kreis, in the order of their codes.

    Columns out: those of `districts`. A city without districts, or an unknown one, gives an empty table.

    >>> districts_of("shenzhen").height
    9
    >>> districts_of("hangzhou").height
    0
    """
    chosen = (pl.col("city_id") == city_id) & pl.col("level").is_in(_FILTER_LEVELS)
    return districts().filter(chosen).sort("district_code")


def district_name(district_code: str, language: str = "zh") -> str:
    """The name of a district in the reader's language ("zh" or "en").

    Where a district has no Chinese name its own name is returned; an unknown code is returned as it is.

    >>> district_name("110105"), district_name("110105", "en"), district_name("PGH-39"), district_name("999999")
    ('朝阳区', 'Chaoyang', 'Hazelwood', '999999')
    """
    found = districts().filter(pl.col("district_code") == district_code).select("name_zh", "name_en").rows()
    if not found:
        return district_code
    zh, en = found[0]
    return str(zh if language == "zh" and zh else en)


def citations(source_title: str, source_url: str | None) -> tuple[Citation, ...]:
    """The sources of a row one by one, each with its address or None.

    Errors: RegistryError when the addresses do not match the titles in number.

    >>> citations("Radio Essen | Wikipedia | WAZ", "https://a.example |  | https://c.example")[1]
    Citation(title='Wikipedia', url=None)
    >>> citations("Radio Essen", None)
    (Citation(title='Radio Essen', url=None),)
    """
    titles = source_title.split(SEPARATOR)
    urls = source_url.split(SEPARATOR) if source_url else [""] * len(titles)
    if len(urls) != len(titles):
        raise RegistryError(f"{len(titles)} source titles but {len(urls)} addresses: {source_title}")
    return tuple(Citation(title, url or None) for title, url in zip(titles, urls, strict=True))
