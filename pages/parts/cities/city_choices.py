"""What one chooses on the page of cities: the view; only that view is computed."""

from __future__ import annotations

from pages.parts import filters
from pages.parts.session import Visit

VIEWS = ("indicators", "trajectories", "c3", "peers", "composite", "industrial", "city")


def view(visit: Visit) -> str:
    """The part of the page one looks at."""
    names = {value: visit.say(f"cities.view_{value}") for value in VIEWS}
    return filters.switch(visit.say("cities.view"), "look", names)
