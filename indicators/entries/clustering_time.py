"""The methods of enterprise clustering that need dates: tracking of clusters, net entry, survival."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from indicators.catalogue import BY_OUT, Method, Option
from indicators.clustering.life_lines import LIVES as CLUSTER_LIVES
from indicators.clustering.life_lines import cluster_lives, life_lines
from indicators.clustering.snapshots import DATED_POINTS, LIVES, cluster_snapshots
from indicators.clustering.survival import net_entry, survival_curve, survival_summary, survival_test
from indicators.clustering.tracking import SNAPSHOTS, transitions
from indicators.frames import Column

_GROUP = {"by": Column("by", pl.String, "code", "the group", nullable=True)}
_BY = Option(tuple, (), "columns of the groups, with commas between; empty = all together")
_EVERY = Option(str, "year", "month or year")
_FIRST = Option(date, None, "a day of the first period; not given = the earliest opening")
_LAST = Option(date, None, "a day of the last period; not given = the newest date of the file")
_UNTIL = Option(date, None, "the day up to which closures are known; not given = the newest date of the file")
_FROM = Option(
    date, None, "the day the register begins, if it holds no enterprise closed before; not given = it holds all"
)
_FOLLOWED = {"until": _UNTIL, "observed_from": _FROM}
_RULE = {
    "survival": Option(float, 0.5, "part of the members, from 0.5 to 1, that must stay together"),
    "split": Option(float, 0.3, "part of the members that makes a piece, below survival"),
    "tolerance_pct": Option(float, 0.0, "change in per cent up to which a cluster is stable"),
}

ENTRIES: tuple[Method, ...] = (
    Method(
        "cluster_snapshots",
        "The clusters of each month or year, from opening and closing dates.",
        cluster_snapshots,
        DATED_POINTS,
        {
            "epsg": Option(int, None, "the projected system in metres, such as 32650 for Beijing", required=True),
            "eps_m": Option(float, 300.0, "enterprises so many metres apart are neighbours"),
            "minimum": Option(int, 20, "fewest enterprises within that distance that make a place core"),
            "every": _EVERY,
            "first": _FIRST,
            "last": _LAST,
        },
        (("period", "month or year"), ("enterprise_id", "code"), ("cluster", "number in the period, empty = in none")),
        "DBSCAN, Ester et al. (1996); our choice",
    ),
    Method(
        "cluster_transitions",
        "What happened to each cluster from one period to the next.",
        transitions,
        SNAPSHOTS,
        _RULE,
        (
            ("period", "month or year"),
            ("transition", "birth, grew, shrank, stable, split, merge or death"),
            ("from_cluster", "number in the period before"),
            ("to_cluster", "number in the period"),
            ("overlap", "part of the members that still exist, 0 to 1"),
            ("weight_common", "enterprises or persons"),
            ("weight_from", "enterprises or persons"),
            ("weight_to", "enterprises or persons"),
        ),
        "Spiliopoulou, Ntoutsi, Theodoridis and Schult (2006), MONIC; thresholds are our choice",
    ),
    Method(
        "cluster_lives",
        "Every cluster of every period with an id that lasts as long as the cluster.",
        cluster_lives,
        SNAPSHOTS,
        _RULE,
        (
            ("period", "month or year"),
            ("cluster", "number in the period"),
            ("cluster_id", "period of birth / smallest member"),
            ("transition", "birth, grew, shrank, stable, split or merge"),
            ("parents", "ids it came out of"),
            ("heir_of", "ids it absorbed"),
            ("weight", "enterprises or persons"),
            ("n_enterprises", "enterprises"),
        ),
        "Spiliopoulou et al. (2006), MONIC; ids and the heir are our choice",
    ),
    Method(
        "life_lines",
        "The life of each cluster in one row: born, peak, how it ended.",
        life_lines,
        CLUSTER_LIVES,
        {},
        (
            ("cluster_id", "code"),
            ("first", "month or year"),
            ("last", "month or year"),
            ("n_periods", "periods"),
            ("born", "birth, merge or split"),
            ("parents", "ids it came out of"),
            ("peak", "month or year"),
            ("weight_peak", "enterprises or persons"),
            ("weight_last", "enterprises or persons"),
            ("ended", "alive, absorbed, split or death"),
            ("successors", "ids its members went to"),
        ),
        "our choice",
    ),
    Method(
        "net_entry",
        "Openings, closures and their difference in each month or year.",
        net_entry,
        LIVES,
        {"by": _BY, "every": _EVERY, "first": _FIRST, "last": _LAST},
        (
            ("period", "month or year"),
            BY_OUT,
            ("n_before", "enterprises"),
            ("n_opened", "enterprises"),
            ("n_closed", "enterprises"),
            ("net", "enterprises"),
            ("entry_rate_pct", "per cent"),
            ("exit_rate_pct", "per cent"),
            ("net_rate_pct", "per cent"),
        ),
        "Eurostat-OECD Manual on Business Demography Statistics (2007)",
        _GROUP,
    ),
    Method(
        "survival_curve",
        "The share of enterprises that still exist at each age, with interval.",
        survival_curve,
        LIVES,
        {
            "by": _BY,
            **_FOLLOWED,
            "interval": Option(str, "plain", "plain (Greenwood) or log-log"),
            "confidence": Option(float, 0.95, "confidence of the interval, between 0 and 1"),
        },
        (
            BY_OUT,
            ("age_days", "days"),
            ("n_at_risk", "enterprises"),
            ("n_closed", "enterprises"),
            ("survival", "share, 0 to 1"),
            ("standard_error", "share"),
            ("low", "share, 0 to 1"),
            ("high", "share, 0 to 1"),
        ),
        "Kaplan and Meier (1958); Greenwood (1926); Kalbfleisch and Prentice (1980)",
        _GROUP,
    ),
    Method(
        "survival_summary",
        "Median age at closure and the share that lives one, three and five years.",
        survival_summary,
        LIVES,
        {"by": _BY, **_FOLLOWED},
        (
            BY_OUT,
            ("n", "enterprises"),
            ("n_closed", "enterprises"),
            ("median_days", "days"),
            ("survival_1y", "share, 0 to 1"),
            ("survival_3y", "share, 0 to 1"),
            ("survival_5y", "share, 0 to 1"),
        ),
        "Kaplan and Meier (1958)",
        _GROUP,
    ),
    Method(
        "survival_test",
        "Whether groups of enterprises, such as those in parks and those outside, close at different ages.",
        survival_test,
        LIVES,
        {"by": replace(_BY, type=str, default=None, note="the column of the groups", required=True), **_FOLLOWED},
        (
            ("the column of by", "as given"),
            ("n", "enterprises"),
            ("n_closed", "enterprises"),
            ("n_expected", "enterprises"),
            ("chi_square", "number"),
            ("degrees", "groups less 1"),
            ("p", "chance, 0 to 1"),
        ),
        "Mantel (1966); Peto and Peto (1972)",
        _GROUP,
    ),
)
