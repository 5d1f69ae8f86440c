"""What a file is checked against: the shipped registers with what is stored over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data import registry
from data.ingest.registers import Registers

if TYPE_CHECKING:
    from data.scoped import ScopedRows


def registers(store: ScopedRows | None) -> Registers:
    """The registers as this viewer of a store knows them; without a store the shipped ones.

    Parks and programmes are the shipped rows with the stored ones over them; partners, offers and needs are stored
    only. Errors: StoreError, RegistryError.
    """
    shipped = Registers(
        parks=registry.parks(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
    )
    if store is None:
        return shipped
    return Registers(
        parks=store.parks().collect(),
        items=shipped.items,
        answers=shipped.answers,
        programmes=store.programmes().collect(),
        districts=shipped.districts,
        industries=shipped.industries,
        partners=store.partners().collect(),
        offers=store.offers().collect(),
        needs=store.needs().collect(),
    )
