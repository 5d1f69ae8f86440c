"""The optional engine: X-13ARIMA-SEATS with the festival taken out before, by our own specification.

The festival is that of ``selection`` for both engines: the program cannot draw the coefficients of a
few festivals towards 0. Then a fixed airline model (0 1 1)(0 1 1), AO and LS outliers, additive X-11.
What the program asks for and does not say: input lines are cut after about 132 characters; errors are
on an HTML page and the exit code is 0, so only the presence of the tables tells that a run worked.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from datetime import date

import numpy as np

from indicators.seasonal.components import Components, Floats, SeasonalError, Shock
from indicators.seasonal.selection import selected
from indicators.seasonal.spring_festival import regressors
from indicators.seasonal.x13_program import ProgramError, program_files

ENGINE = "x13"
"""The name this engine goes by."""

FEWEST_MONTHS = 48
"""Below this the program often finds no model."""

LEAD = 12
"""Months of forecast that extend the series before it is filtered."""

_A_LINE = 90
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TABLES = (".d10", ".d11", ".est", ".udg")
_FIGURES = {
    "f3.m07": "m7",
    "f3.q": "q",
    "qsori": "qs_before",
    "qssadj": "qs_after",
    "aicc": "aicc",
}


def x13_components(values: Floats, first: date, ahead: int, window: str, declared: tuple[Shock, ...]) -> Components:
    """The parts of a series of at least 48 months without gaps, and its season ``ahead`` months on.

    Columns in: values a month, ``first`` the first month. Window and coefficients of the festival are those of the
    structural engine. The season may drift from year to year (X-11 moving seasonal filter chosen by the
    program); it is the program's own up to 12 months ahead and the year before's after that.
    Raises SeasonalError: too short, no program, or the program's own words when it gives up.
    Source: U.S. Census Bureau, X-13ARIMA-SEATS Reference Manual; genhol.
    """
    if len(values) < FEWEST_MONTHS:
        raise SeasonalError(
            f"the engine x13 needs {FEWEST_MONTHS} months to estimate from and found {len(values)}; "
            f"wait for a longer series or choose the engine structural."
        )
    chosen = selected(values, first, window, declared)
    parts = regressors(first, len(values) + ahead, chosen.window)
    festival = parts @ chosen.coefficients[: parts.shape[1]]
    try:
        texts = program_files(specification(values - festival[: len(values)], first, declared))
    except ProgramError as error:
        raise SeasonalError(str(error)) from None
    _require_tables(texts)
    shocks = _shocks(texts[".est"])
    return Components(
        engine=ENGINE,
        window=chosen.window,
        seasonal=_continued(saved_table(texts[".d10"]), len(values) + ahead),
        festival=festival,
        shocks=shocks,
        found=tuple(shock for shock in shocks if shock not in declared),
        residuals=saved_table(texts[".rsd"]) if ".rsd" in texts else np.zeros(0),
        figures=_figures(texts[".udg"]),
    )


def specification(values: Floats, first: date, declared: Sequence[Shock]) -> str:
    """The specification file of one run, no line longer than 100 characters.

    Columns in: values a month without the festival, ``first`` the first month, ``declared`` the shocks that are
    known beforehand.

    >>> lines = specification(np.ones(3), date(2026, 1, 1), ()).splitlines()
    >>> lines[0], lines[2].strip()
    ('series{', '1.000000 1.000000 1.000000')
    """
    start = f"{first.year}.{first.month}"
    parts = [f"series{{\n  start={start} period=12 decimals=5 data=(\n{_wrapped(values)}\n  )\n}}"]
    parts.append("transform{function=none}")
    if declared:
        names = [f"{shock.kind.lower()}{shock.month.year}.{shock.month.month}" for shock in declared]
        parts.append("regression{\n  variables=(\n" + _lines(names) + "\n  )\n}")
    parts += [
        "arima{model=(0 1 1)(0 1 1)}",
        "outlier{types=(ao ls)}",
        "estimate{save=(est rsd)}",
        f"forecast{{maxlead={LEAD}}}",
        "x11{mode=add appendfcst=yes save=(d10 d11)}",
    ]
    return "\n".join(parts) + "\n"


def saved_table(text: str) -> Floats:
    """The values of a table as the program saves it: two lines of header, then month, tab, value.

    >>> saved_table("date\\tm.d11\\n------\\t----\\n202601\\t+0.15E+01\\n").tolist()
    [1.5]
    """
    return np.array([float(line.split("\t")[1]) for line in text.splitlines()[2:] if line.strip()])


def error_words(page: str) -> str:
    """The errors on the program's HTML page as one line of text.

    >>> error_words("<style>p {}</style><h1>Error messages</h1><p><strong>ERROR:</strong>  No data.</p>")
    'ERROR: No data.'
    """
    body = re.sub(r"<(style|head|h1)\b.*?</\1>", " ", page, flags=re.DOTALL | re.IGNORECASE)
    words = " ".join(re.sub(r"<[^>]+>|&nbsp;", " ", body).split())
    return words[:300] or "it says nothing; an input line may have been too long"


def _require_tables(texts: dict[str, str]) -> None:
    missing = [name for name in _TABLES if not texts.get(name)]
    if missing:
        raise SeasonalError(
            f"X-13ARIMA-SEATS gave no adjusted series: {error_words(texts.get('_err.html', ''))}; "
            f"choose the engine structural, or another window."
        )


def _shocks(text: str) -> dict[Shock, float]:
    """The shocks among the estimates and their sizes."""
    shocks: dict[Shock, float] = {}
    for line in text.splitlines():
        parts = line.split("\t")
        if len(parts) < 4:
            continue
        shock = re.fullmatch(r"(AO|LS)(\d{4})\.(\w+)", parts[1].strip(), flags=re.IGNORECASE)
        if shock:
            month = _MONTHS.index(shock[3].title()) + 1 if shock[3].isalpha() else int(shock[3])
            shocks[Shock(date(int(shock[2]), month, 1), shock[1].upper())] = float(parts[2])
    return shocks


def _figures(text: str) -> dict[str, float]:
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name in _FIGURES and rest.split():
            found[_FIGURES[name]] = float(rest.split()[0])
    return found


def _continued(season: Floats, months: int) -> Floats:
    """The season as far as the program gives it, then each month as twelve months before."""
    continued = list(season[:months])
    while len(continued) < months:
        continued.append(continued[-12])
    return np.array(continued)


def _wrapped(values: Floats) -> str:
    return _lines([f"{value:.6f}" for value in values])


def _lines(words: Sequence[str]) -> str:
    return textwrap.fill(" ".join(words), _A_LINE, initial_indent="    ", subsequent_indent="    ")
