"""Seasonal adjustment of monthly series, with the Spring Festival (春节) as part of the season."""
