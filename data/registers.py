"""The registers in which one event can be recorded."""

from __future__ import annotations

LINKED_REGISTERS = ("erdr", "kui", "call102", "koap")
"""Registers that tell of the same events, the most careful first."""

REGISTERS = (*LINKED_REGISTERS, "other")
"""What a record can stand in; one of another register is alone with its event."""
