"""Synthetic demonstration data: survey answers, events, enterprises and sample parks, all marked is_synthetic."""
