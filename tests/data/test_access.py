"""Access: the whole table of roles and actions, and what a scope lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access import DEMO_VIEWERS, Action, Role, Scope, Verdict, Viewer, decide, sees_rows

CODES = st.text("0123456789", min_size=6, max_size=6)
SCOPES = st.one_of(st.none(), st.frozensets(CODES, max_size=5)).map(Scope)


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        (Role.ANALYST, Action.VIEW, True),
        (Role.ANALYST, Action.UPLOAD, True),
        (Role.LEADERSHIP, Action.VIEW, True),
        (Role.LEADERSHIP, Action.UPLOAD, False),
        (Role.OFFICIAL, Action.VIEW, True),
        (Role.OFFICIAL, Action.UPLOAD, False),
        (Role.ANALYST, Action.EDIT, True),
        (Role.LEADERSHIP, Action.EDIT, False),
        (Role.OFFICIAL, Action.EDIT, False),
    ],
)
def test_every_role_and_action(role, action, allowed):
    reason = "access.allowed" if allowed else f"access.{action}_needs_analyst"
    assert decide(Viewer("x", role, Scope(None)), action) == Verdict(allowed, reason)


def test_the_table_above_is_complete():
    assert (len(Role), len(Action)) == (3, 3)


def test_an_unknown_role_may_nothing():
    stranger = Viewer("x", "gardener", Scope(None))
    assert not any(decide(stranger, action).allowed for action in Action)
    assert not sees_rows(stranger)


@pytest.mark.parametrize("role", list(Role))
def test_only_analysts_see_rows(role):
    assert sees_rows(Viewer("x", role, Scope(None))) is (role is Role.ANALYST)


def test_demonstration_viewers():
    assert list(DEMO_VIEWERS) == ["leadership", "analyst", "official"]
    assert all(viewer.role == name for name, viewer in DEMO_VIEWERS.items())
    assert DEMO_VIEWERS["official"].scope == Scope(frozenset({"110105"}))
    assert DEMO_VIEWERS["analyst"].scope == DEMO_VIEWERS["leadership"].scope == Scope(None)


@given(SCOPES, st.one_of(st.none(), CODES))
def test_a_scope_allows_its_own_districts_only(scope, district):
    assert scope.allows(district) is (scope.districts is None or district in scope.districts)


def test_an_empty_scope_allows_nothing():
    assert not Scope(frozenset()).allows("110105")
    assert not Scope(frozenset()).allows(None)


@given(SCOPES, SCOPES)
def test_keys_are_equal_exactly_for_equal_scopes(one, other):
    assert (one.key() == other.key()) is (one == other)


@pytest.mark.parametrize("wrong", ["110105", ["110105"], {"110105"}])
def test_a_scope_is_a_frozenset(wrong):
    with pytest.raises(TypeError, match="frozenset"):
        Scope(wrong)
