"""Pairs of save_ and read_ per noun."""
