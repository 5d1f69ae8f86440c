"""Small libraries for the tests of the search."""

from __future__ import annotations

import polars as pl


def documents(*titles, **more):
    """Documents a, b, c … with these titles."""
    names = [chr(ord("a") + place) for place in range(len(titles))]
    return pl.DataFrame({"document_id": names, "title": titles, **more})


def ids(index, words):
    return index.found(words)["document_id"].to_list()
