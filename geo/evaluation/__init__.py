"""Whether the map forecasts: past windows, rivals, measures, and a verdict."""
