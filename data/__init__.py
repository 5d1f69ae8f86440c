"""What ParkPulse stores and reads: registers, ingest, store, boundaries, settings and the command line."""
