"""What the association organises: events counted, compared, attended, spread over districts, and what came of them."""

from indicators.events.association import activity_and_prosperity
from indicators.events.attendance import attendance
from indicators.events.calendar import event_calendar
from indicators.events.changes import count_changes
from indicators.events.coding import CodedEvents, coded_events
from indicators.events.concentration import event_concentration, event_density, poisson_interval
from indicators.events.counts import event_counts, period_counts
from indicators.events.funnel import funnel, wilson
from indicators.events.reach import reach

__all__ = [
    "CodedEvents",
    "activity_and_prosperity",
    "attendance",
    "coded_events",
    "count_changes",
    "event_calendar",
    "event_concentration",
    "event_counts",
    "event_density",
    "funnel",
    "period_counts",
    "poisson_interval",
    "reach",
    "wilson",
]
