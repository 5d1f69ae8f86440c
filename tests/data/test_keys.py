"""The key and the unit of every data set are columns of its table, and the check stores in the same tables."""

from __future__ import annotations

import pytest

from data.ingest import DATASETS
from data.keys import KEYS, UNITS
from data.schema import TABLES, columns


def test_every_table_has_a_key_and_a_unit():
    assert set(KEYS) == set(UNITS) == set(TABLES) == set(DATASETS)


@pytest.mark.parametrize("name", TABLES)
def test_a_unit_is_part_of_the_key_and_the_key_of_the_table(name):
    assert set(UNITS[name]) <= set(KEYS[name]) <= set(columns(TABLES[name]))


def test_only_an_answer_is_replaced_together_with_others():
    assert {name for name in TABLES if UNITS[name] != KEYS[name]} == {"answers"}
