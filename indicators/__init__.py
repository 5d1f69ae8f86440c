"""The figures of ParkPulse: pure functions from Polars frames to Polars frames.

Nothing here reads a file, asks the clock or draws an unseeded random number, so every
figure can be recomputed from the rows it was made of. ``indicators.methods`` lists the
functions that can be run on a CSV file, ``indicators.frames`` the columns they expect.
"""
