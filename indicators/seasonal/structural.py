"""The default engine: the structural model of statsmodels with festival regressors and shocks.

y = smooth trend + fixed monthly season + festival + shocks + noise, as UnobservedComponents
(integrated random walk trend, twelve month dummies, regressors). Window, shocks and variances
come from ``selection``; the Kalman smoother then gives the parts.
"""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import numpy as np

from indicators.seasonal.components import Components, Floats, Shock
from indicators.seasonal.selection import Selection, design, selected
from indicators.seasonal.spring_festival import regressors

ENGINE = "structural"
"""The name this engine goes by."""


def structural_components(
    values: Floats, first: date, ahead: int, window: str, declared: tuple[Shock, ...]
) -> Components:
    """The parts of a series of at least 24 months without gaps, and its season ``ahead`` months on.

    Formula: see the module. The season of a month is the same in every year; the twelve sum to 0.
    Columns in: values a month, ``first`` the first month. Raises SeasonalError.
    Source: Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter; statsmodels.
    """
    chosen = selected(values, first, window, declared)
    results = _smoothed(values, first, chosen)
    season = np.asarray(results.seasonal.smoothed)
    parts = regressors(first, len(values) + ahead, chosen.window)
    width = parts.shape[1]
    started = int(results.filter_results.nobs_diffuse)
    return Components(
        engine=ENGINE,
        window=chosen.window,
        seasonal=_continued(season, ahead),
        festival=parts @ chosen.coefficients[:width],
        shocks=dict(zip(chosen.shocks, chosen.coefficients[width:].tolist(), strict=True)),
        found=chosen.found,
        residuals=np.asarray(results.standardized_forecasts_error[0, started:]),
        figures={f"aicc_{name}": value for name, value in chosen.aicc.items()},
    )


def _smoothed(values: Floats, first: date, chosen: Selection) -> Any:
    """The smoothed states of the state space model at the variances and coefficients chosen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.tsa.statespace.structural import UnobservedComponents

        columns = design(first, len(values), chosen.window, chosen.shocks)
        model = UnobservedComponents(
            values,
            level="smooth trend",
            seasonal=12,
            stochastic_seasonal=False,
            exog=columns if columns.shape[1] else None,
            mle_regression=True,
            use_exact_diffuse=True,
        )
        noise = chosen.variance
        return model.smooth([noise, noise * chosen.ratio, *chosen.coefficients], cov_type="none")


def _continued(season: Floats, ahead: int) -> Floats:
    """The season with ``ahead`` more months, each as twelve months before."""
    index = np.arange(len(season) + ahead)
    late = index - 12 * np.ceil((index - len(season) + 1).clip(0) / 12).astype(int)
    return np.asarray(season[late])
