"""The enterprises around a park: near it where its own place is known, else those of its district and the reason."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_clusters, cached_firms, enterprises
from pages.parts.clustering.cached_concentration import industry_names
from pages.parts.clustering.cached_firms import Lens
from pages.parts.filters import Selection
from pages.parts.parks import cached_parks, park_facts
from pages.parts.session import Visit

Park = dict[str, Any]


def show(visit: Visit, park: Park) -> None:
    """The cluster the park lies in, or what is known of its district and why no more can be said."""
    with st.container(border=True):
        st.subheader(visit.say("parks.around"), anchor=False)
        if not cached_firms.register(visit.key, park["city_id"], visit)["open"].any():
            st.markdown(visit.say("parks.around_no_firms"))
        elif (known := park_facts.precision(park)) == park_facts.SITE:
            near(visit, park)
        elif known == "none":
            st.markdown(visit.say("parks.around_nowhere"))
        else:
            st.markdown(visit.say("parks.around_no_place"))
            of_district(visit, park)
        st.page_link("pages/clustering.py", label=visit.say("parks.to_clusters"), query_params=address(park))


def address(park: Park) -> dict[str, str]:
    """City and district of the page of clusters."""
    return {"city": park["city_id"]} | ({"district": park["district_code"]} if park["district_code"] else {})


def foot(visit: Visit, park: Park, n: str, where: str, method: str = "") -> str:
    """The foot line: source, month, place and number."""
    source, status = blocks.source(visit, "enterprises", park["city_id"])
    month = cached_firms.register_month(visit.key, park["city_id"], visit)
    when = tables.period_label(month, visit.language) if month else ""
    line = Foot(source, status, visit.say("unit.enterprises"), when, where, n, method)
    return line.line(visit)


def near(visit: Visit, park: Park) -> None:
    """How many enterprises are within reach, and the cluster the park lies in or that it lies in none."""
    city = park["city_id"]
    count = cached_parks.around(visit.key, city, park["lon"], park["lat"], visit)
    if count is None:
        st.markdown(visit.say("parks.around_no_firm_places"))
        return
    metres, told = f"{cached_parks.AROUND_M:g}", [f"{count:,}"]
    st.markdown(visit.say("parks.around_near", n=told[0], metres=metres))
    found = cached_parks.cluster(visit.key, city, park["park_id"], visit)
    if found is None:
        st.markdown(visit.say("parks.around_no_cluster", rule=enterprises.rule_note(visit)))
        st.caption(foot(visit, park, told[0], visit.say("parks.within", metres=metres)))
        return
    industries = industry_names(visit, Lens(Selection(city)).scheme)
    leading = industries.get(str(found["leading_industry"]), str(found["leading_industry"] or tables.MISSING))
    n = f"{found['n_enterprises']:,}"
    st.markdown(visit.say("parks.around_cluster", rank=found["cluster"], n=n, leading=leading))
    st.caption(foot(visit, park, n, visit.say("parks.cluster"), "clusters"))


def of_district(visit: Visit, park: Park) -> None:
    """Open enterprises of the district and the clusters that reach into it."""
    lens = Lens(Selection(park["city_id"], park["district_code"]))
    counted = cached_firms.enterprises_by_district(visit.key, lens, visit)
    rows = counted.filter(pl.col("district_code") == park["district_code"])
    n = f"{rows['n'].item():,}" if rows.height else "0"
    where = park_facts.district(visit, park)
    found = cached_clusters.clusters(visit.key, lens, visit).height
    st.markdown(visit.say("parks.around_district", n=n, district=where, clusters=found))
    st.caption(foot(visit, park, n, where, "clusters"))
