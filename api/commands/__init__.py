"""The safe-region command."""
