"""Offers, needs and follow-ups: what they refer to must be known, and a signature is not taken back unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from data.ingest import check
from data.ingest.warnings import followup_warnings, history_warnings

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def known(registers):
    return replace(
        registers,
        partners=pl.DataFrame({"partner_id": ["P1"], "name_zh": ["甲公司"], "name_en": [None]}),
        offers=pl.DataFrame({"offer_id": ["O1", "O2", "O3"], "title": ["设计", "展览", "展览"]}),
        needs=pl.DataFrame({"need_id": ["N1", "N2"], "title": ["改造", "传播"]}),
    )


@pytest.fixture(scope="session")
def run(known):
    def checked(dataset: str, *rows: str):
        return check(dataset, "\n".join(rows).encode(), f"{dataset}.csv", known, TODAY)

    return checked


def found(checked):
    return checked.rejected.select("line", "column", "rule").rows()


OFFER = "offer_id,partner_id,title,tags,stage,region,since,until"
NEED = "need_id,park_id,enterprise_name,title,tags,stage,region,since,until"
STEP = "need_id,offer_id,date,status,event_id,note"


def test_offers(run):
    checked = run(
        "offers",
        OFFER,
        "O7,甲公司,改造设计,设计;展览,建设,全国,2025-01-01,2028-01-01",
        "O8,P1,展览策划,展览,运营,北京市,,",
        "O9,P1,品牌,品牌,,河北省,,",
    )
    assert checked.rejected.is_empty()
    assert checked.accepted.select("offer_id", "partner_id", "stage", "region").rows() == [
        ("O7", "P1", "construction", "national"),
        ("O8", "P1", "operation", "beijing"),
        ("O9", "P1", None, "河北省"),
    ]


def test_offer_problems(run):
    checked = run(
        "offers",
        OFFER,
        "O7,乙公司,设计,设计,,,,",
        "O8,P1,,设计,,,,",
        "O9,P1,设计,,,,,",
        "O10,P1,设计,设计,,,2025-01-02,2025-01-01",
    )
    assert found(checked) == [
        (2, "partner_id", "unknown_partner"),
        (3, "title", "missing_value"),
        (4, "tags", "missing_value"),
        (5, "until", "ends_before_start"),
    ]


def test_needs_belong_to_a_park(run):
    checked = run(
        "needs",
        NEED,
        "N7,竞园,甲企业,改造,设计,both,beijing,2026-01-01,",
        "N8,无名园,,改造,设计,,,,",
        "N9,,,改造,设计,,,,",
    )
    assert checked.accepted.select("need_id", "park_id", "enterprise_name").rows() == [("N7", "BJ-021", "甲企业")]
    assert found(checked) == [(3, "park_id", "unknown_park"), (4, "park_id", "missing_value")]


def test_followups_refer_to_needs_and_offers(run):
    checked = run(
        "followups",
        STEP,
        "N1,设计,2026-10-01,已签约,E1,好",
        "N9,O1,2026-10-01,contacted,,",
        "N1,O9,2026-10-01,contacted,,",
        "N1,展览,2026-10-01,contacted,,",
        "N2,O1,2026-10-01,contacted,,",
        "N2,O1,2026-10-01,meeting,,",
        "N2,O2,2027-10-01,maybe,,",
    )
    assert checked.accepted.select("need_id", "offer_id", "status").rows() == [("N1", "O1", "signed")]
    assert found(checked) == [
        (3, "need_id", "unknown_need"),
        (4, "offer_id", "unknown_offer"),
        (5, "offer_id", "unknown_offer"),  # two offers have this title
        (6, "need_id", "doubled_id"),
        (7, "need_id", "doubled_id"),
        (8, "date", "future_date"),
        (8, "status", "bad_choice"),
    ]
    told = checked.rejected.filter(pl.col("line") == 5)["suggestion"].item()
    assert told == "O2 | O3"


def test_going_back_from_a_signature_is_told(run, known):
    stored = run("followups", STEP, "N1,O1,2026-05-01,signed,,", "N2,O1,2026-05-01,meeting,,").accepted
    new = run(
        "followups",
        STEP,
        "N1,O1,2026-06-01,contacted,,",
        "N1,O1,2026-04-01,contacted,,",
        "N2,O1,2026-06-01,contacted,,",
        "N2,O2,2026-06-01,signed,,",
        "N2,O2,2026-07-01,declined,,",
    )
    told = history_warnings(new, stored, known)
    assert told.select("line", "column", "value", "rule", "accepted").rows() == [
        (2, "status", "contacted", "back_from_signed", "2026-05-01"),
        (6, "status", "declined", "back_from_signed", "2026-06-01"),
    ]
    mended = run("followups", STEP, "N1,O1,2026-05-01,meeting,,", "N1,O1,2026-06-01,contacted,,")
    assert followup_warnings(mended, stored).is_empty()  # the file takes the signature itself back
    assert followup_warnings(new, stored.with_columns(retired_on=pl.lit(TODAY))).height == 1  # that of the file itself
    gone = replace(new, accepted=new.accepted.with_columns(retired_on=pl.lit(TODAY)))
    assert followup_warnings(gone, stored).is_empty()
