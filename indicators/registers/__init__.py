"""What the registers say: members over time, needs matched with offers, communication, the scorecard of a park."""

from indicators.registers.communication import communication
from indicators.registers.matching import match_scores
from indicators.registers.membership import membership
from indicators.registers.scorecard import scorecard

__all__ = ["communication", "match_scores", "membership", "scorecard"]
