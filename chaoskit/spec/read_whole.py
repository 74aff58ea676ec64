"""What registers, texts, lists and counters have in common: one operation reads the object whole, the others only change it."""

from __future__ import annotations

from typing import ClassVar

from chaoskit.spec.contract import UNKNOWN, Label
from chaoskit.spec.text import call_text


class ReadWhole:
    """An object of which one operation, `reading`, returns all there is, and all others take one argument and return nothing."""

    reading: ClassVar[str] = "read"

    def is_read(self, label: Label) -> bool:
        return label.f == self.reading

    def describe_op(self, label: Label) -> str:
        return describe_reading(label) if label.f == self.reading else call_text(label.f, label.key, label.input)


def describe_reading(label: Label) -> str:
    """An operation that takes nothing and returns something, for people: `read k3 → 5`."""
    return call_text(label.f, label.key, result=label.output, shows_result=label.output is not UNKNOWN)
