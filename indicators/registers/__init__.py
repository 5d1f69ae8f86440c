"""What the registers say: members over time, needs, offers and what became of them, communication, scorecards."""

from indicators.registers.communication import communication
from indicators.registers.followups import last_steps
from indicators.registers.matching import match_scores
from indicators.registers.membership import membership
from indicators.registers.scorecard import scorecard

__all__ = ["communication", "last_steps", "match_scores", "membership", "scorecard"]
