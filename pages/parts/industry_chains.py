"""Which industries supply which: the product's own short list, printed with its results.

Divisions of GB/T 4754-2017. The list is our choice, made for parks of culture and creative work; it is no
input-output table. Other parks want another list.
"""

from __future__ import annotations

CONTENT, DESIGN, DIGITAL, LEISURE = "content", "design", "digital", "leisure"

LINKS = (  # supplies, is supplied, chain
    ("88", "87", CONTENT),
    ("88", "86", CONTENT),
    ("86", "23", CONTENT),
    ("73", "74", DESIGN),
    ("74", "24", DESIGN),
    ("24", "51", DESIGN),
    ("51", "52", DESIGN),
    ("39", "65", DIGITAL),
    ("65", "64", DIGITAL),
    ("64", "63", DIGITAL),
    ("65", "73", DIGITAL),
    ("88", "90", LEISURE),
    ("90", "62", LEISURE),
    ("89", "90", LEISURE),
    ("61", "62", LEISURE),
)
