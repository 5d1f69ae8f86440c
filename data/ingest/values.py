"""One cell of text to one value: months, dates, numbers, yes/no. What is not certain is refused, never guessed."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, timedelta

from data.ingest.problems import Refused, Rule

MISSING = frozenset(
    {"", "-", "--", "—", "——", "–", "/", "\\", "无", "空", "未填", "不详", "暂无", "缺失", "未填写", "未提供", "不适用"}
    | {"n/a", "n.a.", "#n/a", "na", "null", "none", "nan", "nil"}
)
YES = frozenset({"yes", "y", "true", "t", "1", "是", "真", "√"})
NO = frozenset({"no", "n", "false", "f", "0", "否", "假", "×"})
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
MARKED = "^'+[=+@\t\r＝＋－＠-]"  # an apostrophe before what a spreadsheet would take for a formula
MONTHS_ACCEPTED = "2026-11, 2026/11, 202611, 2026年11月, 2026-11-01"
DATES_ACCEPTED = "2026-11-05, 2026/11/5, 20261105, 2026年11月5日"
SEVERAL = ";"
TIMES_ACCEPTED = "14:00, 9:30"
YEARS_ACCEPTED = "2024, 2024年"
NUMBERS_ACCEPTED = "1234, 1,234.5, 3.2万, 12%"

# NFKC makes digits out of superscripts, fractions and circled numbers: 10³ would become 103
_NOT_A_DIGIT = re.compile(
    "[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u215f\u2189\u2460-\u24ff\u2776-\u2793\u3200-\u33ff]"
)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_DROPPED = dict.fromkeys(map(ord, INVISIBLE))
_UNIT = {"": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12}
_PART = {"": 1.0, "%": 0.01, "‰": 0.001}
_NUMBER = re.compile(
    r"(?P<open>\( ?)?(?P<sign>[+-])? ?[¥$]? ?"
    r"(?P<digits>(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:[eE][+-]?[0-9]{1,3})?)"
    r" ?(?P<unit>百万|千万|百亿|千亿|万亿|千|万|亿)? ?(?P<part>[%‰])? ?元?(?P<close> ?\))?"
)
_MONTH = re.compile(
    r"(?P<y>(?:19|20)[0-9]{2})(?:(?P<m8>[0-9]{2})(?P<d8>[0-9]{2})?"  # 202403, 20240315; 20243 is no month
    r"|[年./-](?P<m>[0-9]{1,2})(?:月|$|(?:月|[./-])(?P<d>[0-9]{1,2})[日号]?))"
)
_SHORT_YEAR = re.compile(
    r"(?P<y>[0-9]{2})(?:年(?P<m>[0-9]{1,2})月(?:(?P<d>[0-9]{1,2})[日号]?)?"
    r"|(?P<mark>[/-])(?P<m2>[0-9]{1,2})(?P=mark)(?P<d2>[0-9]{1,2}))"
)
_TIME = re.compile(r"(?:T|\s+)(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?Z?$")
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")
_FIRST_SERIAL = date(1899, 12, 30)
LAST_SERIAL = 73_050  # the end of 2099
PIVOT = 70
_BETWEEN = re.compile(r"[;,、|\n]")
_CLOCK = re.compile(r"(?P<h>[01]?[0-9]|2[0-3])[:时点](?P<m>[0-5][0-9])?(?::00|分)?")
_YEAR_ALONE = re.compile(r"(?P<y>(?:18|19|20)[0-9]{2})年?(?:\.0+)?")
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_MARKED = re.compile(MARKED)
_ID_AS_NUMBER = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+")


def tidy(raw: str) -> str:
    r"""The cell with full-width forms made ordinary, invisible characters dropped and outer blanks cut.

    >>> tidy(" \uff12\uff10\uff12\uff16 ")
    '2026'
    """
    return unicodedata.normalize("NFKC", raw.translate(_DROPPED)).strip()


def is_missing(raw: str | None) -> bool:
    """Whether a cell says that there is no value: blank, a dash, 无, 空, N/A, NULL.

    >>> [is_missing(cell) for cell in ("", "－", "N/A", "0")]
    [True, True, True, False]
    """
    return raw is None or tidy(raw).casefold() in MISSING


def folded(text: str) -> str:
    """The spelling answers and choices are compared in: ordinary widths, small letters, no blanks."""
    return "".join(tidy(text).casefold().split())


def name_key(text: str) -> str:
    """The spelling names, ids and headers are compared in: letters and digits only.

    >>> name_key("Park_ID") == name_key("park id *")
    True
    """
    if text.isascii() and text.isalnum():
        return text.lower()
    return "".join(filter(str.isalnum, tidy(text).casefold()))


def month(raw: str) -> date:
    """First day of the month a cell names.

    Errors: Refused bad_month; also for 2024.1, which may be a 2024.10 that a spreadsheet took for a number.

    >>> month("2026年11月")
    datetime.date(2026, 11, 1)
    """
    found = None if re.fullmatch(r"[0-9]{4}\.1", tidy(raw)) else _day(raw, whole=False)
    if found is None:
        raise Refused(Rule.BAD_MONTH, accepted=MONTHS_ACCEPTED)
    return found.replace(day=1)


def day(raw: str) -> date:
    """The day a cell names; a month alone is not a day.

    Errors: Refused bad_date.

    >>> day("2026/11/5")
    datetime.date(2026, 11, 5)
    """
    found = _day(raw, whole=True)
    if found is None:
        raise Refused(Rule.BAD_DATE, accepted=DATES_ACCEPTED)
    return found


def short_year(raw: str, whole: bool) -> date | None:
    """The day of a date whose year has two digits; 70 to 99 are of the last century.

    whole: False also reads a month alone, as its first day.

    Only where it is plain which number is the year: before 年, or first among three with - or / and 13 or more, so no
    month. None for anything else.

    >>> short_year("24年3月15日", whole=True), short_year("24年3月", whole=False), short_year("5/11/24", whole=True)
    (datetime.date(2024, 3, 15), datetime.date(2024, 3, 1), None)
    """
    match = None if _NOT_A_DIGIT.search(raw) else _SHORT_YEAR.fullmatch(_date_text(raw))
    day_of_month = match and (match["d"] or match["d2"])
    if match is None or (match["mark"] and int(match["y"]) <= 12) or (whole and not day_of_month):
        return None
    year = int(match["y"]) + (1900 if int(match["y"]) >= PIVOT else 2000)
    return _date(year, match["m"] or match["m2"], day_of_month)


def serial_day(raw: str) -> date | None:
    """The day a spreadsheet counts with this number, 1 being 1900-01-01; None below 20000 (1954) and after 2099.

    >>> serial_day("45352"), serial_day("45352.75"), serial_day("2024")
    (datetime.date(2024, 3, 1), datetime.date(2024, 3, 1), None)
    """
    kept = tidy(raw)
    if _NOT_A_DIGIT.search(raw) or not _SERIAL.fullmatch(kept) or float(kept) >= LAST_SERIAL + 1:
        return None
    return _FIRST_SERIAL + timedelta(days=int(float(kept)))


def _day(raw: str, whole: bool) -> date | None:
    match = None if _NOT_A_DIGIT.search(raw) else _MONTH.fullmatch(_date_text(raw))
    if match is None:
        return None
    day_of_month = match["d8"] or match["d"]
    return None if whole and day_of_month is None else _date(int(match["y"]), match["m8"] or match["m"], day_of_month)


def _date_text(raw: str) -> str:
    """The cell with a time of day cut off, without blanks, with Chinese numerals as digits."""
    text = "".join(_TIME.sub("", tidy(raw)).split())
    for word, digits in (("十一月", "11月"), ("十二月", "12月"), ("十月", "10月")):
        text = text.replace(word, digits)
    return text.translate(_CHINESE_DIGITS)


def _date(year: int, month_of_year: str, day_of_month: str | None) -> date | None:
    try:
        return date(year, int(month_of_year), int(day_of_month or 1))
    except ValueError:
        return None


def number(raw: str) -> float:
    """The number a cell names; thousands marks, 万 and 亿, percent and accounting brackets are read.

    Errors: Refused bad_number.

    >>> number("3.2万"), number("(1,200)"), number("12%")
    (32000.0, -1200.0, 0.12)
    """
    match = None if _NOT_A_DIGIT.search(raw) else _NUMBER.fullmatch(_number_text(raw))
    if match is None:
        raise Refused(Rule.BAD_NUMBER, accepted=NUMBERS_ACCEPTED)
    opened, closed, sign = bool(match["open"]), bool(match["close"]), match["sign"]
    if opened != closed or (opened and sign):
        raise Refused(Rule.BAD_NUMBER, accepted=NUMBERS_ACCEPTED)
    value = float(re.sub("[, ]", "", match["digits"])) * _UNIT[match["unit"] or ""] * _PART[match["part"] or ""]
    if not math.isfinite(value):
        raise Refused(Rule.BAD_NUMBER, accepted=NUMBERS_ACCEPTED)
    return -value if opened or sign == "-" else value


def whole_number(raw: str) -> int:
    """The whole number a cell names.

    Errors: Refused bad_number, not_whole_number.

    >>> whole_number("1,200")
    1200
    """
    value = number(raw)
    nearest = round(value)
    if abs(value - nearest) > 1e-6 or abs(nearest) > 2**62:
        raise Refused(Rule.NOT_WHOLE_NUMBER)
    return nearest


def _number_text(raw: str) -> str:
    return re.sub("[−–—]", "-", re.sub(r"\s+", " ", tidy(raw)))


def yes_no(raw: str) -> bool:
    """Yes or no: yes/no, true/false, 1/0, 是/否.

    Errors: Refused bad_yes_no.

    >>> yes_no("是"), yes_no("No")
    (True, False)
    """
    text = folded(raw)
    if text in YES or text in NO:
        return text in YES
    raise Refused(Rule.BAD_YES_NO)


def text(raw: str, longest: int = 500) -> str:
    """The cell as text, outer blanks cut; text that looks like a formula stays text, without the mark of `inert`.

    Errors: Refused text_too_long.

    >>> text(" '=1+1 "), text("'tis")
    ('=1+1', "'tis")
    """
    kept = raw.translate(_DROPPED).strip()
    kept = kept[1:] if _MARKED.match(kept) else kept
    if len(kept) > longest:
        raise Refused(Rule.TEXT_TOO_LONG, accepted=str(longest))
    return kept


def inert(cell: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe in front where it might; `text` takes it off again.

    >>> inert("=1+1"), inert("'=1+1"), inert("1+1")
    ("'=1+1", "''=1+1", '1+1')
    """
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA_STARTS) else cell


def identifier(raw: str) -> str:
    """An id or code as text; leading zeros stay.

    Errors: Refused bad_id when a spreadsheet has turned it into 2.01909E+11; text_too_long above 100 characters.

    >>> identifier("00123")
    '00123'
    """
    kept = tidy(raw)
    if _ID_AS_NUMBER.fullmatch(kept):
        raise Refused(Rule.BAD_ID)
    return text(kept, 100)


def is_formula_like(value: str) -> bool:
    """Whether a spreadsheet would take this text for a formula (CWE-1236)."""
    return value.startswith(FORMULA_STARTS)


def parts_of(raw: str) -> list[str]:
    """The parts of a cell that lists several things; ; , 、 and | stand between them.

    >>> parts_of("设计；展览、 media"), parts_of(" ; ")
    (['设计', '展览', 'media'], [])
    """
    return [part.strip() for part in _BETWEEN.split(tidy(raw)) if part.strip()]


def tags(raw: str) -> str:
    """Tags in one spelling: small letters, each once, in the order of the cell, with ; between.

    Errors: Refused text_too_long.

    >>> tags("Design, 展览；design")
    'design;展览'
    """
    return SEVERAL.join(dict.fromkeys(part.casefold() for part in parts_of(text(raw))))


def clock(raw: str) -> str:
    """A time of day as HH:MM. Errors: Refused bad_time.

    >>> clock("9:30"), clock("14时"), clock("14:00:00")
    ('09:30', '14:00', '14:00')
    """
    found = _CLOCK.fullmatch("".join(tidy(raw).split()))
    if found is None or (found[0].endswith(":") and not found["m"]):
        raise Refused(Rule.BAD_TIME, accepted=TIMES_ACCEPTED)
    return f"{int(found['h']):02d}:{found['m'] or '00'}"


def year(raw: str, today: date) -> int:
    """A year of four digits, not after today's. Errors: Refused bad_year.

    >>> year("2024年", date(2026, 11, 22))
    2024
    """
    found = _YEAR_ALONE.fullmatch("".join(tidy(raw).split()))
    if found is None or int(found["y"]) > today.year:
        raise Refused(Rule.BAD_YEAR, accepted=f"{YEARS_ACCEPTED} (≤ {today.year})")
    return int(found["y"])


def percent(raw: str) -> float:
    """A share in per cent: 35 and 35% are both 35. Errors: Refused bad_number.

    >>> percent("35%"), percent("35"), percent("0.5")
    (35.0, 35.0, 0.5)
    """
    value = number(raw)
    return round(100.0 * value, 10) if tidy(raw).rstrip().endswith("%") else value
