"""Which industries supply which, and what each does in a park: the product's own short list, printed with its results.

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

FUNCTIONS = {
    **dict.fromkeys(("13", "14", "17", "18", "19", "20", "21", "22", "23", "24", "34", "35", "38", "39"), "making"),
    **dict.fromkeys(("51", "52"), "trade"),
    **dict.fromkeys(("63", "64", "65"), "digital"),
    **dict.fromkeys(("73", "74", "75"), "research"),
    **dict.fromkeys(("86", "87", "88"), "content"),
    **dict.fromkeys(("61", "62", "89", "90"), "leisure"),
    **dict.fromkeys(("66", "67", "68", "69", "70", "71", "72", "83"), "services"),
}
