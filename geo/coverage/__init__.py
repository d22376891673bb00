"""Daylight, street light and patrol cover of cells and sections."""
