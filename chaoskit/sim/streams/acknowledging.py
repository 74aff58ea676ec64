"""When the end of a connection acknowledges what came, if nothing that it sends does so on its way.

Every other segment with data is acknowledged by itself at once, a single one after a while: the program's answer, if it gives
one by then, carries the acknowledgement. There is at most one event for that on the schedule; if it comes too early, it waits on.

Delayed acknowledgements are RFC 1122's (4.2.3.2).
"""

from __future__ import annotations

from chaoskit.sim.cause import Cause
from chaoskit.sim.kernel import Kernel
from chaoskit.sim.streams.sending import Line


class Acknowledging:
    """What one end of a connection owes to the other."""

    def __init__(self, line: Line, kernel: Kernel, source: int, delay: int) -> None:
        self.owed = 0  # segments with data since the last acknowledgement
        self.due = -1  # when to acknowledge them, -1 for never
        self._line = line
        self._kernel = kernel
        self._source = source
        self._delay = delay
        self._cause: Cause | None = None
        self._waits = False  # an event is on the schedule, perhaps for what was due earlier

    def later(self, cause: Cause) -> None:
        """A segment came, and nothing has acknowledged it until now."""
        if self.owed >= 2:
            self._line.acknowledge(cause)
        elif self.due < 0:
            self.due = self._kernel.now + self._delay
            self._cause = cause
            if not self._waits:
                self._wait()

    def _wait(self) -> None:
        self._waits = True
        self._kernel.schedule(self.due, self._source, self._rang, None)

    def _rang(self, _: None) -> None:
        self._waits = False
        if self.due > self._kernel.now:
            self._wait()
        elif self.due >= 0:
            assert self._cause is not None
            self._line.acknowledge(self._cause)
