"""The columns that name one row of a data set, and those that name what a newer file replaces as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "answers": ("questionnaire_id", "period", "park_id", "item_id"),
        "events": ("event_id",),
        "enterprises": ("enterprise_id",),
        "parks": ("park_id",),
        "members": ("body", "member_id"),
        "figures": ("city_id", "territory", "indicator_id", "period", "definition"),
        "programmes": ("programme_id",),
        "partners": ("partner_id",),
        "offers": ("offer_id",),
        "needs": ("need_id",),
        "followups": ("need_id", "offer_id", "date"),
        "documents": ("document_id",),
        "publications": ("channel", "period", "kind"),
        "scorecards": ("park_id", "year"),
    }
)

# Of answers a park's month, so that a correction can leave an answer out.
UNITS: Mapping[str, tuple[str, ...]] = MappingProxyType({**KEYS, "answers": ("questionnaire_id", "period", "park_id")})
