"""Which industries supply which, and what an industry does in a park: the product's own short lists.

Divisions of GB/T 4754-2017. Both lists are our choice, made for parks of culture and creative work, and are printed
with their results; the first is no input-output table. Other parks want other lists.
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

KINDS = {
    "content": (86, 87, 88),
    "digital": (63, 64, 65),
    "research": (73, 74, 75),
    "business": (66, 67, 68, 69, 70, 71, 72),
    "trade": tuple(range(51, 61)),
    "making": tuple(range(1, 51)),
    "other": (61, 62, *range(76, 86), *range(89, 98)),
}  # what an enterprise does -> divisions

FUNCTIONS = tuple((f"{division:02d}", kind) for kind, divisions in KINDS.items() for division in divisions)
