"""The catalogue of methods that can be run on one CSV file, each with its columns, units and source.

``run`` is what ``python -m data compute METHOD FILE`` calls: it turns the text of a CSV into the
method's dtypes, reads the options, and calls the same function the pages call. A new method is
entered in the ``ENTRIES`` of a module of ``indicators.entries``.
"""

from __future__ import annotations

import polars as pl

from indicators.catalogue import Method, MethodError, Option, execute
from indicators.entries import (
    choices,
    cities,
    cities_composite,
    cities_lines,
    cities_metrics,
    cities_scores,
    clustering,
    clustering_links,
    clustering_points,
    clustering_shares,
    clustering_time,
    composite,
    events,
    precision,
    registers,
    seasonal,
    survey,
    survey_panel,
)

__all__ = ["METHODS", "Method", "MethodError", "Option", "run"]

METHODS: dict[str, Method] = {
    method.name: method
    for subject in (
        *(survey, composite, precision, survey_panel, seasonal, choices, events, registers),
        *(clustering_shares, clustering, clustering_points, clustering_links, clustering_time, cities),
        *(cities_lines, cities_metrics, cities_composite, cities_scores),
    )
    for method in subject.ENTRIES
}
"""Every method by name, in the order of ``python -m data compute --list``."""


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
    return execute(METHODS, name, frame, options)
