"""The entries of the catalogue, one module a subject, each with its ``ENTRIES``."""
