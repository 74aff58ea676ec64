"""The sending half of a connection: what is written and not yet acknowledged, and when it is sent (again).

Bytes leave in segments while the receiver's window has room. The oldest segment that is not acknowledged is sent again when
its time is up, later and later, until the connection gives up; while the window is closed, probes ask for it. Nothing here
decides by chance. There is no congestion control, no selective acknowledgement and no fast retransmission.

The retransmission timer is RFC 6298's; after it, each partial acknowledgement sends the next hole (RFC 6582).
"""

from __future__ import annotations

from collections import deque

from chaoskit.core.units import MILLISECOND
from chaoskit.sim.cause import Cause
from chaoskit.sim.kernel import Kernel
from chaoskit.sim.streams.segments import StreamSettings

PROBES = 4  # a closed window is asked for at least so many times before the connection gives up


class Flight:
    """A segment that was sent and is not acknowledged. It has no constructor: `Sending` fills it in, at one place."""

    __slots__ = ("cause", "data", "end", "fin", "sent", "sequence", "syn", "timed")

    sequence: int
    data: bytes
    end: int
    cause: Cause
    syn: bool
    fin: bool
    sent: int
    timed: bool  # whether its acknowledgement tells the round trip


class Line:
    """What the halves of a connection need of it."""

    def transmit(self, flight: Flight) -> None:
        raise NotImplementedError

    def probe(self, cause: Cause) -> None:
        raise NotImplementedError

    def acknowledge(self, cause: Cause) -> None:
        raise NotImplementedError

    def wake_at(self, instant: int) -> None:
        raise NotImplementedError

    def gave_up(self) -> None:
        raise NotImplementedError


class Sending:
    """One direction, at the end that writes."""

    def __init__(self, line: Line, kernel: Kernel, settings: StreamSettings) -> None:
        self.acknowledged = 0  # all before this number arrived
        self.next = 0
        self.edge = 1  # the receiver's window ends here; only the opening fits before it is known
        self.flying: deque[Flight] = deque()
        self.unsent: deque[tuple[bytes, Cause]] = deque()
        self.buffered = 0  # bytes written and not acknowledged
        self.ending: Cause | None = None  # why no more will be written
        self.ended = False  # the end is on its way
        self.deadline = -1  # when to send again, ask or give up; -1 for never
        self._line = line
        self._kernel = kernel
        self._settings = settings
        self._segment = settings.segment
        self._ordinary = settings.retransmit_first  # how long an acknowledgement is waited for when none was missed
        self._wait = self._ordinary
        self._smooth = -1  # the round trip, and its variation
        self._varies = 0
        self._recover = 0  # what was sent before the last time-out ends here
        self._since = 0  # when something moved last

    @property
    def done(self) -> bool:
        """Whether all was acknowledged, its end included."""
        return self.ended and not self.flying

    @property
    def opened(self) -> bool:
        """Whether the other end has acknowledged the opening."""
        return self.acknowledged > 0

    def open(self, cause: Cause) -> None:
        """Sends the SYN."""
        self._launch(b"", cause, True, False)

    def write(self, data: bytes, cause: Cause) -> None:
        """Takes bytes and sends what fits. What waits is put together into whole segments."""
        size, segment = len(data), self._segment
        self.buffered += size
        if size <= segment and not self.unsent and self.next + size <= self.edge:
            self._launch(data, cause, False, False)  # the ordinary case
            return
        if self.unsent and len(self.unsent[-1][0]) + size <= segment:
            before, cause_before = self.unsent[-1]
            self.unsent[-1] = (before + data, cause_before)
        else:
            self.unsent.extend([(data[start : start + segment], cause) for start in range(0, size, segment)])
        self.push()

    def finish(self, cause: Cause) -> None:
        """Nothing more will be written."""
        if self.ending is None:
            self.ending = cause
            self.push()

    def push(self) -> None:
        """Sends what the window lets through, and the end when everything else is sent."""
        while self.unsent and self.next < self.edge:
            data, cause = self.unsent[0]
            room = self.edge - self.next
            if len(data) > room:
                if self.flying:
                    break  # a better moment comes with its acknowledgement
                self.unsent[0] = (data[room:], cause)
                data = data[:room]
            else:
                self.unsent.popleft()
            self._launch(data, cause, False, False)
        if self.ending is not None and not self.unsent and not self.ended and self.opened:
            self.ended = True
            self._launch(b"", self.ending, False, True)
        elif self.unsent and not self.flying and self.deadline < 0:
            self._moved()

    def acknowledge(self, number: int, window: int) -> None:
        """The receiver has all before `number` and room for `window` more."""
        if number > self.next:
            return
        self.edge = max(self.edge, number + window)
        if number > self.acknowledged:
            self.acknowledged = number
            self._land()
            self._moved()
            if self.flying and number < self._recover:
                self._again(self.flying[0])
        elif not self.flying:
            self._since = self._kernel.now  # whoever answers probes is alive
        if self.unsent or self.ending is not None:
            self.push()

    def time_is_up(self) -> None:
        """The deadline came: sends the oldest again, asks for the window, or gives up."""
        now = self._kernel.now
        limit = self._settings.give_up if self.opened else self._settings.connect_timeout
        if not self.flying and not self.unsent:
            self.deadline = -1
            return
        if now - self._since >= limit:
            self.deadline = -1
            self._line.gave_up()
            return
        self._wait = min(2 * self._wait, self._settings.retransmit_max)
        if self.flying:
            self._recover = self.next
            for flight in self.flying:
                flight.timed = False  # what comes behind a hole is acknowledged late
            self._again(self.flying[0])
        else:
            self._wait = min(self._wait, limit // PROBES)
            self._line.probe(self.unsent[0][1])
        self._arm()

    def lose_beyond(self, kept: int) -> None:
        """The program died: of what was written only so many bytes had left it."""
        while self.unsent and self.buffered > kept:
            data, cause = self.unsent.pop()
            left = max(0, len(data) - (self.buffered - kept))
            self.buffered -= len(data) - left
            if left:
                self.unsent.append((data[:left], cause))

    def clear(self) -> None:
        """Forgets everything: the connection is gone."""
        self.flying.clear()
        self.unsent.clear()
        self.buffered = 0
        self.deadline = -1

    # -----------------------------------------------------------------------------------------------------------------------

    def _launch(self, data: bytes, cause: Cause, syn: bool, fin: bool) -> None:
        """Sends what comes next."""
        flight = Flight.__new__(Flight)
        flight.sequence = self.next
        flight.data, flight.cause, flight.syn, flight.fin = data, cause, syn, fin
        flight.sent, flight.timed = self._kernel.now, True
        self.next = flight.end = self.next + len(data) + syn + fin
        self.flying.append(flight)
        self._line.transmit(flight)
        if len(self.flying) == 1:
            self._moved()

    def _again(self, flight: Flight) -> None:
        flight.timed = False  # Karn's rule: nobody knows which one is acknowledged
        self._line.transmit(flight)

    def _land(self) -> None:
        """Takes away what was acknowledged, and measures the round trip."""
        flying = self.flying
        while flying and flying[0].end <= self.acknowledged:
            flight = flying.popleft()
            self.buffered -= len(flight.data)
            if flight.timed:
                self._measured(self._kernel.now - flight.sent)
        self._wait = self._ordinary

    def _measured(self, trip: int) -> None:
        if self._smooth < 0:
            self._smooth, self._varies = trip, trip // 2
        else:
            self._varies += (abs(self._smooth - trip) - self._varies) // 4
            self._smooth += (trip - self._smooth) // 8
        wait = self._smooth + max(MILLISECOND, 4 * self._varies)
        self._ordinary = min(max(wait, self._settings.retransmit_min), self._settings.retransmit_max)

    def _moved(self) -> None:
        self._since = self._kernel.now
        self._arm()

    def _arm(self) -> None:
        """Sets the deadline by what is to be waited for; the line is woken then at the latest, not once for every deadline."""
        if not self.flying and not self.unsent:
            self.deadline = -1
            return
        limit = self._settings.give_up if self.acknowledged > 0 else self._settings.connect_timeout
        self.deadline = min(self._kernel.now + self._wait, self._since + limit)
        self._line.wake_at(self.deadline)
