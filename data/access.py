"""Who may do what, and whose rows they may see: actions, roles, scopes and the one decision about them.

The rules are the same with and without accounts; `DEMO_VIEWERS` are the three people one can look as while no sign-in
is set up. Row rights are applied by the store (`store.for_viewer`), never by a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a person can ask for."""

    VIEW = "view"
    UPLOAD = "upload"
    EDIT = "edit"  # an entry of a register: add, change, retire


class Role(StrEnum):
    """Who a person is to the association."""

    LEADERSHIP = "leadership"
    ANALYST = "analyst"
    OFFICIAL = "official"


@dataclass(frozen=True)
class Scope:
    """The districts whose rows a person may see: a set of official codes, or None for all of them.

    An empty set allows nothing. A row without a district is allowed to the unrestricted scope only.

    >>> Scope(frozenset({"110105"})).allows("110105"), Scope(frozenset({"110105"})).allows("110106")
    (True, False)
    >>> Scope(None).allows(None), Scope(frozenset({"110105"})).allows(None)
    (True, False)
    """

    districts: frozenset[str] | None

    def __post_init__(self) -> None:
        """Refuse a bare text: its letters would become districts."""
        if self.districts is not None and not isinstance(self.districts, frozenset):
            raise TypeError(f"Scope needs a frozenset of district codes or None, not {self.districts!r}")

    def allows(self, district_code: str | None) -> bool:
        """Whether rows of this district may be seen."""
        return self.districts is None or district_code in self.districts

    def key(self) -> str:
        """The scope as text, the same for equal scopes and for no others: part of every cache key.

        >>> Scope(None).key(), Scope(frozenset({"110106", "110105"})).key(), Scope(frozenset()).key()
        ('*', '110105,110106', '')
        """
        return "*" if self.districts is None else ",".join(sorted(self.districts))


@dataclass(frozen=True)
class Viewer:
    """A person looking at the dashboard: a name for the audit, a role for actions, a scope for rows."""

    name: str
    role: Role
    scope: Scope


@dataclass(frozen=True)
class Verdict:
    """The answer to `decide`; `reason` is a key of the text files that says why in the reader's language."""

    allowed: bool
    reason: str


_ALLOWED: dict[Role, frozenset[Action]] = {
    Role.ANALYST: frozenset({Action.VIEW, Action.UPLOAD, Action.EDIT}),
    Role.LEADERSHIP: frozenset({Action.VIEW}),
    Role.OFFICIAL: frozenset({Action.VIEW}),
}
_REFUSED = {
    Action.VIEW: "access.view_refused",
    Action.UPLOAD: "access.upload_needs_analyst",
    Action.EDIT: "access.edit_needs_analyst",
}


def decide(viewer: Viewer, action: Action) -> Verdict:
    """Whether the person may do this; whatever is not granted is refused.

    Reasons: access.allowed, access.view_refused, access.upload_needs_analyst, access.edit_needs_analyst.
    Source: our choice.

    >>> decide(DEMO_VIEWERS["analyst"], Action.UPLOAD)
    Verdict(allowed=True, reason='access.allowed')
    >>> decide(DEMO_VIEWERS["official"], Action.UPLOAD)
    Verdict(allowed=False, reason='access.upload_needs_analyst')
    """
    if action in _ALLOWED.get(viewer.role, frozenset()):
        return Verdict(True, "access.allowed")
    return Verdict(False, _REFUSED[action])


def sees_rows(viewer: Viewer) -> bool:
    """Whether single answers may be shown to the person; everybody else gets figures only.

    >>> [name for name, viewer in DEMO_VIEWERS.items() if sees_rows(viewer)]
    ['analyst']
    """
    return viewer.role is Role.ANALYST


def sees_park_answers(viewer: Viewer, district_code: str | None) -> bool:
    """Whether one park's own answers may be shown to the person: to analysts, for the parks of their scope.

    Leadership and officials get figures of at least five parks, in the official's own district too: confidential
    answers never leave as rows.

    >>> [name for name, viewer in DEMO_VIEWERS.items() if sees_park_answers(viewer, "110105")]
    ['analyst']
    """
    return sees_rows(viewer) and viewer.scope.allows(district_code)


DEMO_VIEWERS: dict[str, Viewer] = {
    "leadership": Viewer("demo-leadership", Role.LEADERSHIP, Scope(None)),
    "analyst": Viewer("demo-analyst", Role.ANALYST, Scope(None)),
    "official": Viewer("demo-official", Role.OFFICIAL, Scope(frozenset({"110105"}))),
}
