"""Written values → numbers, times, words and codes, with what was inferred said."""
