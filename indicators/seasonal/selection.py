"""Which festival window, shocks and smoothness a series calls for: the structural model as a regression.

The structural model - smooth trend, fixed monthly season, festival, shocks, noise - is
y = D d + X b + u with D = constant, time and eleven month dummies, X = festival and shocks, and
u = noise + the smooth trend's departure from a line, Cov(u) = s2 (I + q L L'), where L adds up
twice. Taking out D and turning to the eigenvectors of what is left of L L' makes the errors
independent, so that any choice of X costs one small weighted regression. The likelihood is the
diffuse likelihood of the state space form; ``structural`` uses what is found here.

A few festivals cannot tell the festival from the season of its months: two coefficients of opposite
sign and any size fit the past alike and miss the next year's date. So the festival coefficients are
drawn towards 0, the less the longer the series.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from indicators.seasonal.components import Floats, SeasonalError, Shock
from indicators.seasonal.spring_festival import NO_WINDOW, WINDOWS, month_starts, regressors

FAMILY_LEVEL = 0.05
"""Chance that a series without any shock is given one: shared out over all months and both kinds."""

MOST_SHOCKS = 6
"""Shocks found in one series at most."""

MONTHS_A_SHOCK = 24
"""At most one shock is looked for in so many months."""

FEWEST_MONTHS = 36
"""No shock is looked for in a shorter series: with two years, a shock cannot be told from the season."""

FEWEST_FREE = 6
"""Degrees of freedom that the declared shocks must leave."""

_GRID = np.concatenate([[0.0], 10.0 ** np.arange(-6.0, 1.01, 0.5)])
"""Ratios q of the trend's to the noise's variance that are tried, before the best is refined."""

Aicc = dict[str, float]


@dataclass(frozen=True)
class Selection:
    """The model chosen: window, shocks, ratio q and noise variance s2, coefficients of X in order.

    ``likeliest`` are the coefficients of the highest likelihood, before the festival's were drawn towards 0.
    """

    window: str
    shocks: tuple[Shock, ...]
    found: tuple[Shock, ...]
    ratio: float
    variance: float
    coefficients: Floats
    likeliest: Floats
    aicc: Aicc


@dataclass(frozen=True)
class _Fit:
    ratio: float
    variance: float
    coefficients: Floats
    deviance: float
    rest: Floats
    columns: Floats


@dataclass(frozen=True)
class _Series:
    """A series turned so that its errors are independent: ``spread`` is the trend's part of their variances."""

    first: date
    months: int
    basis: Floats
    spread: Floats
    target: Floats
    floor: float

    def turned(self, window: str, shocks: tuple[Shock, ...]) -> Floats:
        return np.asarray(self.basis.T @ design(self.first, self.months, window, shocks))


def selected(values: Floats, first: date, window: str, declared: tuple[Shock, ...]) -> Selection:
    """The window with the lowest AICc (if ``window`` is auto) and the shocks that stand out.

    Formula: AICc = -2 log L + 2 k m / (m - k - 1), m = months - 13, k = coefficients + 2. Window first, then
    shocks one by one: the largest t of all months and both kinds, while it is beyond the critical value of
    ``FAMILY_LEVEL`` shared out over all of them (Bonferroni); then the window once more. Festival coefficients:
    those that minimise |y - D d - X b|^2 / s2 (errors independent, as above) + |b of the festival|^2 / m^2 with
    m = mean |y(t) - y(t - 1)| without the shocks: before the data, a part of the festival is expected to move a month
    by as much as months move anyway. Simulated series of 48 months from 2022, the year after the last estimation,
    January to March: error 0.55 of no adjustment, without this 0.91; inside 60 months 0.25 and 0.26.
    Raises SeasonalError if a series is too short for its shocks. Source: our choice; the variances are those
    that maximise the diffuse likelihood (Durbin and Koopman, Time Series Analysis by State Space Methods, ch. 7).
    """
    series = _series(values, first)
    _require_room(series, declared)
    windows = tuple(WINDOWS) if window == "auto" else (window,)
    plain = _best_window(series, windows, declared)[0]
    found = _search(series, plain, declared)
    shocks = (*declared, *found)
    chosen, fit, aicc = _best_window(series, windows, shocks)
    festival = len(WINDOWS[chosen])
    rest = values - design(first, len(values), NO_WINDOW, shocks) @ fit.coefficients[festival:]
    coefficients = _drawn(fit, festival, float(np.abs(np.diff(rest)).mean()))
    return Selection(chosen, shocks, found, fit.ratio, fit.variance, coefficients, fit.coefficients, aicc)


def design(first: date, months: int, window: str, shocks: tuple[Shock, ...]) -> Floats:
    """X: the regressors of the festival, then one column a shock.

    >>> design(date(2026, 7, 1), 2, "none", (Shock(date(2026, 8, 1), "AO"),)).tolist()
    [[0.0], [1.0]]
    """
    columns = [shock.column(first, months)[:, None] for shock in shocks]
    return np.hstack([regressors(first, months, window), *columns])


def _series(values: Floats, first: date) -> _Series:
    basis, spread = _rotation(len(values))
    floor = 1e-12 * max(float(np.mean(values**2)), np.finfo(float).tiny)
    return _Series(first, len(values), basis, spread, np.asarray(basis.T @ values), floor)


@lru_cache(maxsize=64)
def _rotation(months: int) -> tuple[Floats, Floats]:
    """Eigenvectors and -values of the trend's covariance once constant, line and season are out."""
    index = np.arange(months)
    fixed = np.column_stack([index - (months - 1) / 2, np.eye(12)[index % 12]])
    rest = np.linalg.qr(fixed, mode="complete")[0][:, 13:]
    sums = np.maximum(index[:, None] - index[None, :] - 1.0, 0.0)
    values, vectors = np.linalg.eigh(rest.T @ sums @ sums.T @ rest)
    return np.asarray(rest @ vectors), np.asarray(values.clip(min=0))


def _require_room(series: _Series, declared: tuple[Shock, ...]) -> None:
    most = len(series.target) - FEWEST_FREE
    if len(declared) > most:
        raise SeasonalError(
            f"{len(declared)} crisis months in {series.months} months leave too little to estimate a season from; "
            f"accepted: at most {max(most, 0)}; name fewer months or wait for a longer series."
        )


def _best_window(series: _Series, windows: tuple[str, ...], shocks: tuple[Shock, ...]) -> tuple[str, _Fit, Aicc]:
    fits = {window: _fitted(series, series.turned(window, shocks)) for window in windows}
    aicc = {window: _aicc(fit) for window, fit in fits.items()}
    best = min(windows, key=lambda window: aicc[window])
    return best, fits[best], aicc


def _aicc(fit: _Fit) -> float:
    count, free = len(fit.rest), len(fit.coefficients) + 2
    return fit.deviance + 2 * free * count / max(count - free - 1, 0.5)


def _search(series: _Series, window: str, declared: tuple[Shock, ...]) -> tuple[Shock, ...]:
    """Shocks added one at a time, the most striking first."""
    most = min(MOST_SHOCKS, series.months // MONTHS_A_SHOCK) if series.months >= FEWEST_MONTHS else 0
    candidates = _candidates(series, declared)
    turned = series.turned(NO_WINDOW, candidates)
    found: tuple[Shock, ...] = ()
    while len(found) < most:
        fit = _fitted(series, series.turned(window, (*declared, *found)))
        ts, free = _added_ts(series, fit, turned)
        best = int(np.argmax(ts))
        if fit.variance <= series.floor or ts[best] < _critical(len(candidates), free):
            break
        found = (*found, candidates[best])
    return found


def _candidates(series: _Series, declared: tuple[Shock, ...]) -> tuple[Shock, ...]:
    """Every month as AO; as LS all but the first and last two, where the two cannot be told apart."""
    months = month_starts(series.first, series.months)
    shocks = [Shock(month, "AO") for month in months] + [Shock(month, "LS") for month in months[2:-2]]
    return tuple(shock for shock in shocks if shock not in declared)


def _added_ts(series: _Series, fit: _Fit, turned: Floats) -> tuple[Floats, int]:
    """|t| of each candidate if it alone were added, and the degrees of freedom of that t."""
    candidates = turned / np.sqrt(1.0 + fit.ratio * series.spread)[:, None]
    before = (candidates**2).sum(axis=0)
    if fit.columns.shape[1]:
        candidates = candidates - fit.columns @ np.linalg.lstsq(fit.columns, candidates, rcond=None)[0]
    own = (candidates**2).sum(axis=0)
    gain = np.divide((fit.rest @ candidates) ** 2, own, out=np.zeros_like(own), where=own > 1e-6 * before)
    free = len(fit.rest) - fit.columns.shape[1] - 1
    left = np.maximum(float(fit.rest @ fit.rest) - gain, np.finfo(float).tiny)
    return np.sqrt(gain * free / left), free


@lru_cache(maxsize=256)
def _critical(candidates: int, free: int) -> float:
    from scipy.stats import t

    return float(t.isf(FAMILY_LEVEL / 2 / candidates, free))


def _fitted(series: _Series, columns: Floats) -> _Fit:
    """The ratio of the highest likelihood and its regression: best of a grid, refined twice."""
    grid = _GRID
    best = _best_of(grid, series, columns)
    for _ in range(2):
        if best in (0, len(grid) - 1):
            break
        low, high = np.log10(max(grid[best - 1], _GRID[1] / 10)), np.log10(grid[best + 1])
        grid = np.append(10.0 ** np.linspace(low, high, 9), grid[best])
        grid.sort()
        best = _best_of(grid, series, columns)
    return _at(float(grid[best]), series, columns)


def _drawn(fit: _Fit, festival: int, step: float) -> Floats:
    """The coefficients of the fit, the first ``festival`` of them drawn towards 0; ``step`` is their expected size."""
    if not festival or not step:
        return fit.coefficients
    pull = np.sqrt(fit.variance) / step * np.eye(len(fit.coefficients))[:festival]
    left = np.append(fit.rest + fit.columns @ fit.coefficients, np.zeros(festival))
    return np.asarray(np.linalg.lstsq(np.vstack([fit.columns, pull]), left, rcond=None)[0])


def _best_of(ratios: Floats, series: _Series, columns: Floats) -> int:
    """Which of the ratios has the highest likelihood: the regressions of ``_at``, all at once."""
    scale = 1.0 + np.outer(ratios, series.spread)
    weighted = columns.T / scale[:, None, :]
    moments = np.linalg.pinv(weighted @ columns, hermitian=True) @ (weighted @ series.target)[:, :, None]
    rest = series.target - (columns @ moments)[:, :, 0]
    variance = np.maximum((rest**2 / scale).mean(axis=1), series.floor)
    return int(np.argmin(len(series.target) * np.log(variance) + np.log(scale).sum(axis=1)))


def _at(ratio: float, series: _Series, columns: Floats) -> _Fit:
    """The regression for one ratio; deviance = -2 log L up to a constant."""
    scale = 1.0 + ratio * series.spread
    root = np.sqrt(scale)
    left, right = series.target / root, columns / root[:, None]
    coefficients = np.linalg.lstsq(right, left, rcond=None)[0] if columns.shape[1] else np.zeros(0)
    rest = left - right @ coefficients
    variance = max(float(rest @ rest) / len(rest), series.floor)
    deviance = len(rest) * np.log(variance) + float(np.log(scale).sum())
    return _Fit(ratio, variance, np.asarray(coefficients, dtype=np.float64), float(deviance), rest, right)
