"""A node's own clock: an offset and a drift from virtual time, which faults may change.

`read` is what the node reads (a wall clock: it may jump); timers and `monotonic` follow the drift but not the jumps.
"""

from __future__ import annotations

import msgspec

from chaoskit.core.units import MILLION


class Skew(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a clock under a token: an offset in ns, a drift in ppm, or a strobe that flips the offset every period (ns)."""

    token: str
    since: int
    offset: int = 0
    drift: int = 0
    strobe_period: int = 0


class Clock:
    """One node's clock. `base_offset` and `base_drift` are its ordinary error, and stay."""

    __slots__ = ("_counted", "_counted_at", "base_drift", "base_offset", "is_true", "lead", "rate", "skews")

    def __init__(self, *, base_offset: int = 0, base_drift: int = 0) -> None:
        self.base_offset = base_offset
        self.base_drift = base_drift
        self.skews: list[Skew] = []
        self.rate = MILLION  # ppm of true time at which timers run
        self.is_true = True  # no fault changes it, and timers run at the true rate: then
        self.lead = 0  # is how far `monotonic` is before true time
        self._counted = self._counted_at = 0  # what the monotonic clock showed when its rate changed last, and when that was
        self._refresh(0)

    def read(self, now: int) -> int:
        """Local time at a true instant (ns)."""
        local = now + self.base_offset + now * self.base_drift // MILLION
        for skew in self.skews:
            elapsed = now - skew.since
            on = not skew.strobe_period or (elapsed // skew.strobe_period) % 2 == 0
            local += (skew.offset if on else 0) + elapsed * skew.drift // MILLION
        return local

    def monotonic(self, now: int) -> int:
        """The clock of timers at a true instant (ns): it begins at 0 with the run, runs at `rate` and never goes back."""
        elapsed = now - self._counted_at
        return self._counted + (elapsed if self.rate == MILLION else elapsed * self.rate // MILLION)

    def true_delay(self, local: int) -> int:
        """How long a timer of `local` nanoseconds really takes; one that was due before now is due at once."""
        return max(0, local if self.rate == MILLION else local * MILLION // self.rate)

    def change(self, skew: Skew) -> None:
        self.skews.append(skew)
        self._refresh(skew.since)

    def heal(self, token: str, now: int) -> None:
        if self.skews:
            self.skews = [skew for skew in self.skews if skew.token != token]
            self._refresh(now)

    def _refresh(self, now: int) -> None:
        self._counted, self._counted_at = self.monotonic(now), now
        self.rate = max(MILLION // 10, MILLION + self.base_drift + sum(skew.drift for skew in self.skews))
        self.is_true = self.rate == MILLION and not self.skews
        self.lead = self._counted - now
