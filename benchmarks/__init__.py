"""Measured comparisons with named peers; not part of the package."""
