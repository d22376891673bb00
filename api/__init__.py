"""Outermost room: HTTP, command line, and the composition of the other rooms."""
