"""What is odd about a checked file against what is stored: warnings that stop nothing, each at its line of the file.

They need the history, so they are no part of the check: the page and the command line ask for them before storing.
"""

from __future__ import annotations

import polars as pl

from data.ingest.delimited import LINE
from data.ingest.findings import REJECTED_SCHEMA, nothing_found
from data.ingest.problems import Rule
from data.ingest.registers import Registers
from data.ingest.rows import Checked
from data.keys import UNITS
from data.questionnaires import CHANGE

JUMP_POINTS = 30.0
LEAST_ITEMS = 5
LASTING_MONTHS = 3
ROBUST_Z, LEAST_MONTHS, MOST_MONTHS = 3.5, 6, 24
MAD_TO_SIGMA, MEAN_TO_SIGMA = 1.4826, 1.2533
TIMES = 10.0
THREE_LEVELS = pl.DataFrame({"answer": ["up", "same", "down"], "score": [1.0, 0.5, 0.0]})
NUMBERS: dict[str, tuple[str, ...]] = {
    "events": ("participants_online", "participants_onsite", "enterprises"),
    "enterprises": ("employees",),
    "figures": ("value",),
    "publications": ("n", "reads", "likes"),
}
EVENT_SAME = ("date", "programme_id", "city_id", "district_code", "park_id")
PARK_MONTH = ("questionnaire_id", "park_id", "period")
SERIES = ("city_id", "territory", "indicator_id", "definition", "unit")
RETIRED = "retired_on"


def history_warnings(checked: Checked, stored: pl.DataFrame, registers: Registers) -> pl.DataFrame:
    """Everything odd about a checked file of any data set against the stored rows of the same data set.

    In: the stored rows (columns as `checked.accepted`). Columns out: those of `Checked.warnings`, by line. A retired
    entry, in the file or stored, is neither warned of nor compared with.
    """
    if checked.accepted.is_empty():
        return nothing_found()
    if checked.dataset == "answers":
        return survey_warnings(checked, stored, registers)
    found = [value_warnings(checked, stored)]
    if checked.dataset == "events":
        found.append(event_warnings(checked, stored))
    if checked.dataset == "followups":
        found.append(followup_warnings(checked, stored))
    return pl.concat(found).sort(LINE, maintain_order=True)


def survey_warnings(checked: Checked, history: pl.DataFrame, registers: Registers) -> pl.DataFrame:
    """Parks whose answers are odd: all alike, far from before, or the first ever.

    Formula: a park's balance in a month = 200 x mean score of its answers on up/down scales - 100 (score 1 best, 0
    worst, turned round where the question has direction -1). Warned of: at least 5 answers all alike (stronger from the
    third month running); a balance 30 points or more from the park's last one; a balance more than 3.5 robust standard
    deviations (1.4826 x MAD; 1.2533 x mean deviation where that is zero) from the median of its last 6 to 24 months; a
    park that never answered before, where others have. In: history: stored answers, columns as `checked.accepted`;
    months of the file go in their place. Columns out: those of `Checked.warnings`. Missing: a month without scored
    answers has no balance. Source: Iglewicz and Hoaglin (1993) for 3.5; the rest our choice.
    """
    told = _park_months(checked, history, registers)
    title = next((title for title, name in checked.mapping.items() if name in ("park_id", "park_name")), "park_id")
    before, balance = pl.col("before"), pl.col("balance")
    month = pl.col("before_period").dt.strftime("%Y-%m")
    usual = pl.format("{} (n = {})", _points("median"), "n_before")
    found = [
        _at(told.filter("alike", pl.col("run") < LASTING_MONTHS), Rule.STRAIGHT_LINE, "answer", pl.col("n")),
        _at(told.filter("alike", pl.col("run") >= LASTING_MONTHS), Rule.LASTING_STRAIGHT_LINE, "answer", pl.col("run")),
        _at(
            told.filter((balance - before).abs() >= JUMP_POINTS),
            Rule.BALANCE_JUMP,
            _points("balance"),
            pl.format("{} ({})", _points("before"), month),
        ),
        _at(told.filter(pl.col("z").abs() > ROBUST_Z), Rule.UNUSUAL_BALANCE, _points("balance"), usual),
    ]
    if history.height:
        found.append(_at(told.filter(pl.col("place") == 0), Rule.FIRST_ANSWER, "park_id", pl.lit("")))
    return _placed(pl.concat(found).with_columns(column=pl.lit(title)))


def value_warnings(checked: Checked, stored: pl.DataFrame) -> pl.DataFrame:
    """Numbers ten times as large as stored under the same id, or a tenth: a wrong unit or decimal point.

    A figure is compared with the newest stored one of its series (city, territory, indicator, definition, unit) that is
    not later. In: stored rows, columns as `checked.accepted`. Columns out: those of `Checked.warnings`. Missing or zero
    on either side, or retired: not compared. Source: our choice.
    """
    titles = {name: title for title, name in checked.mapping.items()}
    both = _with_stored(checked, stored)
    found = []
    for name in NUMBERS.get(checked.dataset, ()):
        new, old = pl.col(name).cast(pl.Float64), pl.col(f"{name}|stored").cast(pl.Float64)
        ratio = (new / old).abs()
        odd = both.filter((new != 0) & (old != 0), (ratio >= TIMES) | (ratio <= 1 / TIMES))
        told = _at(odd, Rule.TENFOLD_CHANGE, _plain(new), _plain(old))
        found.append(told.with_columns(column=pl.lit(titles.get(name, name))))
    return _placed(pl.concat([*found, nothing_found()]))


def event_warnings(checked: Checked, stored: pl.DataFrame) -> pl.DataFrame:
    """Events with the day, programme, city, district and park of another event, in the file or stored.

    In: stored events, columns as `checked.accepted`; one the file has too is as the file has it. Columns out: those
    of `Checked.warnings`. Missing: two events without a park are in the same place if they are in the same district. An
    event that is retired is no other event. Source: our choice.
    """
    titles = {name: title for title, name in checked.mapping.items()}
    new = _kept(checked.accepted).join(checked.lines, on="event_id", maintain_order="left")
    old = _kept(stored).join(checked.accepted, on="event_id", how="anti")
    known = pl.concat([frame.select("event_id", *EVENT_SAME) for frame in (old, new)])
    others = known.rename({"event_id": "other"})
    twice = new.join(others, on=list(EVENT_SAME), nulls_equal=True).filter(pl.col("event_id") != pl.col("other"))
    by_event = twice.group_by(LINE, "event_id").agg(pl.col("other").sort().head(5).str.join(", "))
    told = _at(by_event, Rule.EVENT_TWICE, "event_id", pl.col("other"))
    return _placed(told.with_columns(column=pl.lit(titles.get("event_id", "event_id"))))


def followup_warnings(checked: Checked, stored: pl.DataFrame) -> pl.DataFrame:
    """Steps that come after the signature of the same need and offer, in the file or stored, and are none themselves.

    In: stored follow-ups, columns as `checked.accepted`. Columns out: those of `Checked.warnings`. Missing: a pair that
    was never signed is not told of; a step that is retired is none. Source: our choice.
    """
    pair, key = ["need_id", "offer_id"], ["need_id", "offer_id", "date"]
    new = _kept(checked.accepted).select(*key, "status")
    old = _kept(stored).join(checked.accepted, on=key, how="anti")
    known = pl.concat([old.select(*key, "status"), new])
    signed = known.filter(pl.col("status") == "signed").group_by(pair).agg(signed=pl.col("date").min())
    back = new.filter(pl.col("status") != "signed").join(signed, on=pair).filter(pl.col("date") >= pl.col("signed"))
    told = back.join(checked.lines, on=key, maintain_order="left")
    titles = {name: title for title, name in checked.mapping.items()}
    found = _at(told, Rule.BACK_FROM_SIGNED, "status", pl.col("signed"))
    return _placed(found.with_columns(column=pl.lit(titles.get("status", "status"))))


def _park_months(checked: Checked, history: pl.DataFrame, registers: Registers) -> pl.DataFrame:
    """One row per park and month of the file: its answers in short, and its own past beside them."""
    new = checked.accepted.select(columns := ["questionnaire_id", "period", "park_id", "item_id", "answer"])
    parks = new.select("questionnaire_id", "park_id").unique()
    kept = history.select(columns).join(parks, on=["questionnaire_id", "park_id"], how="semi")
    kept = kept.join(new.select(PARK_MONTH).unique(), on=list(PARK_MONTH), how="anti")
    answers = _scored(pl.concat([kept, new]), registers)
    months = answers.group_by(PARK_MONTH).agg(
        pl.len().alias("n"),
        ((pl.len() >= LEAST_ITEMS) & (pl.col("answer").n_unique() == 1)).alias("alike"),
        pl.col("answer").first(),
        (200.0 * pl.col("score").mean() - 100.0).alias("balance"),
    )
    past = _with_run(_with_past(months.sort(PARK_MONTH)))
    in_file = past.join(checked.lines, on=list(PARK_MONTH), maintain_order="left")
    return in_file.with_row_index("row").pipe(_with_z)


def _scored(answers: pl.DataFrame, registers: Registers) -> pl.DataFrame:
    """The answers with their scores, each on the scale its question had in that month; null off the up/down scales."""
    questions = registers.items
    defaults = {"questionnaire_id": "monthly", "scale_id": CHANGE, "direction": 1, "valid_from": None}
    for name, value in defaults.items():
        if name not in questions.columns:
            questions = questions.with_columns(pl.lit(value).alias(name))
    asked = questions.select(
        "questionnaire_id", "item_id", "scale_id", pl.col("direction").cast(pl.Int8), pl.col("valid_from").cast(pl.Date)
    )
    held = answers.join(asked, on=["questionnaire_id", "item_id"], how="left")
    early = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("period"))
    held = held.sort(early, "valid_from", nulls_last=False, maintain_order=True)
    held = held.unique([*PARK_MONTH, "item_id"], keep="last")
    scores = THREE_LEVELS.with_columns(scale_id=pl.lit(CHANGE))
    if {"scale_id", "score"} <= set(registers.answers.columns):
        scores = registers.answers.select("scale_id", "answer", pl.col("score").cast(pl.Float64))
    scored = held.join(scores, on=["scale_id", "answer"], how="left")
    turned = pl.when(pl.col("direction") == -1).then(1.0 - pl.col("score")).otherwise("score")
    return scored.with_columns(turned.alias("score"))


def _with_past(months: pl.DataFrame) -> pl.DataFrame:
    """Months in order, each with its place in the park's own history, its last balance and the 24 before it."""
    park = list(PARK_MONTH[:2])
    balance = pl.col("balance")
    earlier = [balance.shift(step).over(park) for step in range(1, MOST_MONTHS + 1)]
    return months.with_columns(
        pl.int_range(pl.len()).over(park).alias("place"),
        balance.shift(1).over(park).alias("before"),
        pl.col("period").shift(1).over(park).alias("before_period"),
        pl.concat_list(earlier).list.drop_nulls().alias("earlier"),
    )


def _with_run(months: pl.DataFrame) -> pl.DataFrame:
    """For each month how many months running, itself included, all answers of the park were alike."""
    park = list(PARK_MONTH[:2])
    goes_on = (
        pl.col("alike")
        & pl.col("alike").shift(1).over(park)
        & (pl.col("period").shift(1).over(park).dt.offset_by("1mo") == pl.col("period"))
    )
    starts = months.with_columns((~goes_on.fill_null(False)).cum_sum().over(park).alias("part"))
    return starts.with_columns(pl.int_range(1, pl.len() + 1).over(*park, "part").alias("run"))


def _with_z(months: pl.DataFrame) -> pl.DataFrame:
    """How far each balance lies from the median of the park's own earlier months, in robust standard deviations."""
    past = months.select("row", "earlier", pl.col("earlier").list.median().alias("median"))
    apart = past.explode("earlier").with_columns((pl.col("earlier") - pl.col("median")).abs().alias("apart"))
    spread = apart.group_by("row").agg(
        pl.col("median").first(),
        pl.col("earlier").count().alias("n_before"),
        (MAD_TO_SIGMA * pl.col("apart").median()).alias("robust"),
        (MEAN_TO_SIGMA * pl.col("apart").mean()).alias("mean"),
    )
    sigma = pl.when(pl.col("robust") > 0).then("robust").when(pl.col("mean") > 0).then("mean")
    z = pl.when(pl.col("n_before") >= LEAST_MONTHS).then((pl.col("balance") - pl.col("median")) / sigma)
    return months.join(spread, on="row", how="left", maintain_order="left").with_columns(z.alias("z"))


def _with_stored(checked: Checked, stored: pl.DataFrame) -> pl.DataFrame:
    """Accepted rows with their line and, as `name|stored`, the stored numbers of the same unit or series."""
    names = NUMBERS.get(checked.dataset, ())
    unit = list(UNITS[checked.dataset])
    new = _kept(checked.accepted).join(checked.lines, on=unit, maintain_order="left")
    stored = _kept(stored)
    if checked.dataset != "figures":
        old = stored.select(*unit, *(pl.col(name).alias(f"{name}|stored") for name in names))
        return new.join(old, on=unit, how="inner", maintain_order="left")
    at = pl.col("period").str.pad_end(4).str.head(4) + "-" + pl.col("period").str.slice(5, 2).replace("", "01") + "-01"
    series = [*SERIES, "length"]
    dated = [
        frame.with_columns(at.str.to_date("%Y-%m-%d").alias("at"), pl.col("period").str.len_chars().alias("length"))
        for frame in (new, stored.rename({"value": "value|stored"}))
    ]
    old = dated[1].select(*series, "at", "value|stored").sort("at")
    return dated[0].sort("at").join_asof(old, on="at", by=series, check_sortedness=False)


def _kept(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not retired; all of a data set whose entries are not."""
    return rows.filter(pl.col(RETIRED).is_null()) if RETIRED in rows.columns else rows


def _at(rows: pl.DataFrame, rule: Rule, value: str | pl.Expr, accepted: pl.Expr) -> pl.DataFrame:
    """Rows as warnings, still without the title of their column."""
    shown = pl.col(value) if isinstance(value, str) else value
    told = rows.select(
        pl.col(LINE),
        pl.lit("").alias("column"),
        shown.cast(pl.String).alias("value"),
        pl.lit(str(rule)).alias("rule"),
        pl.lit("").alias("suggestion"),
        accepted.cast(pl.String).alias("accepted"),
    )
    return told.cast({LINE: pl.UInt32})


def _placed(told: pl.DataFrame) -> pl.DataFrame:
    return told.select(list(REJECTED_SCHEMA)).sort(LINE, maintain_order=True)


def _points(name: str) -> pl.Expr:
    return pl.col(name).round(1).cast(pl.String)


def _plain(number: pl.Expr) -> pl.Expr:
    """A number as people write it: 1200, not 1200.0."""
    whole = (number == number.round(0)) & (number.abs() < 1e15)
    shown = number.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(whole).then(shown).otherwise(number.cast(pl.String))
