"""What files are checked against: the shipped registers, and with a store what is stored over them."""

from __future__ import annotations

from datetime import date

from data import registry
from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.entries import entry
from tests.data.rows_to_store import parks, sent

TODAY = date(2026, 11, 22)


def test_without_a_store_the_shipped_registers():
    known = registers(None)
    assert known.parks.height == registry.parks().height
    assert known.programmes.equals(registry.programmes())
    assert (known.partners.height, known.offers.height, known.needs.height) == (0, 0, 0)


def test_with_a_store_its_parks_programmes_partners_and_needs(store, analyst):
    analyst.add(parks("P4"), sent(b"1"))
    entry(analyst, "programmes", {"programme_id": "training"}, registers(analyst), TODAY, "ann", retire="并入沙龙")
    partner = {"partner_id": "A1", "name_zh": "甲", "partner_type": "media"}
    entry(analyst, "partners", partner, registers(analyst), TODAY, "ann")
    need = {"need_id": "N1", "park_id": "P2", "title": "改造", "tags": "设计"}
    entry(analyst, "needs", need, registers(analyst), TODAY, "ann")
    known = registers(analyst)
    assert known.parks["park_id"].to_list() == ["P1", "P2", "P3", "P4"]
    assert dict(known.programmes.select("programme_id", "retired_on").drop_nulls().iter_rows()) == {"training": TODAY}
    assert (known.partners["partner_id"].item(), known.needs["need_id"].item()) == ("A1", "N1")
    assert registers(store.for_viewer(DEMO_VIEWERS["official"])).needs.is_empty()
