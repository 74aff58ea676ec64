"""One end of a TCP-like connection: opening, ordered bytes both ways, half-close, close, reset, time-outs.

Two layers meet here. The machine's: it acknowledges, sends again and closes, whether its program is paused or dead. And the
program's: it is told what happened one event at a time, while it is alive and not paused, and nothing after
`connection_lost`. Closing hands the rest to the machine: a program that closed never learns whether its last bytes arrived.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chaoskit.core.errors import UsageError
from chaoskit.sim.cause import Cause
from chaoskit.sim.streams import events as failures
from chaoskit.sim.streams.acknowledging import Acknowledging
from chaoskit.sim.streams.events import Endpoint, Events
from chaoskit.sim.streams.pipe import CUT, END, Item, Pipe
from chaoskit.sim.streams.receiving import Receiving
from chaoskit.sim.streams.segments import ACK, DATA, FIN, RST, SYN, Key, Segment
from chaoskit.sim.streams.sending import Flight, Line, Sending

if TYPE_CHECKING:
    from chaoskit.sim.host import Process
    from chaoskit.sim.streams.stack import Listener, Streams


class Connection(Line):
    """An end of a connection, for the program of `process`. `local` and `remote` are (host name, port)."""

    def __init__(
        self,
        streams: Streams,
        process: Process,
        *,
        key: Key,
        local: Endpoint,
        remote: Endpoint,
        other: int,
        listener: Listener | None = None,
    ) -> None:
        self.process = process
        self.key = key
        self.local = local
        self.remote = remote
        self.other = other  # the other end's host number
        self.listener = listener  # who accepted it; None at the end that opened it
        self.cause = streams.world.cause
        self.secret = False  # what is written is encrypted by chance that no seed decides: the journal knows its size only
        self.address: tuple[str, int] = ("", 0)  # of its own draws: the cause that opened it, and that cause's how-many-eth here
        self.events: Events | None = None  # known once it is accepted, or from the beginning at the end that opens
        self.sending = Sending(self, streams.world.kernel, streams.settings)
        self.receiving = Receiving(streams.settings)
        self.pipe = Pipe(self)
        self.world = streams.world
        self._kernel = streams.world.kernel
        self._number = process.host.number
        self._streams = streams
        self._outlet = streams.outlet
        self._acknowledging = Acknowledging(self, self._kernel, self._number, streams.settings.ack_delay)
        self._settings = streams.settings
        self._high, self._low = streams.settings.high_water, streams.settings.low_water
        self._joined = False  # both ends know of each other
        self._made = False  # what the program was told
        self._reading = True
        self._writing_paused = False
        self._eof_told = False
        self._eof = False  # the other end's last byte was handed on
        self._closing = False  # the program closed it
        self._gone = False  # the machine has forgotten it
        self._detached = False  # the program is told nothing any more
        self._severed = False  # something in between closed it
        self._failure: OSError | None = None
        self._noticed = False  # the program stumbled over the failure
        self._telling = False  # an event that tells is on the schedule
        self._wakes_at = -1
        self._expiring = False
        self._ended_first = False  # this end's FIN was under way before the other's came: it stays a while to acknowledge again

    def __repr__(self) -> str:
        return f"<Connection {self.local[0]}:{self.local[1]} to {self.where}, {self.state}>"

    # What a program may do -----------------------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        return f"{self.remote[0]}:{self.remote[1]}"

    @property
    def server(self) -> int:
        """The number of the host that accepted it."""
        return self.other if self.key[2] else self.process.host.number

    @property
    def state(self) -> str:
        """`opening`, `open`, `half-closed` (one direction has ended), `closing` or `closed`."""
        if self._gone or self._detached:
            return "closed"
        if not self.sending.opened or not self.receiving.next:
            return "opening"
        if self._closing:
            return "closing"
        return "half-closed" if self.sending.ending is not None or self._eof else "open"

    @property
    def is_joined(self) -> bool:
        """Whether both ends know of each other, and this one may still hear something."""
        return self._joined and not self._detached

    @property
    def is_closing(self) -> bool:
        return self._closing or self._detached

    @property
    def write_buffer_size(self) -> int:
        """Bytes that wait in the program because the machine's buffer is full."""
        return max(0, self.sending.buffered - self._settings.send_buffer)

    def set_write_buffer_limits(self, *, high: int, low: int) -> None:
        """When `pause_writing` and `resume_writing` come, by `write_buffer_size`."""
        if not 0 <= low <= high:
            raise UsageError(f"expected 0 <= low <= high but got low={low}, high={high}.")
        self._high, self._low = high, low

    def write(self, data: bytes) -> None:
        """Sends bytes, in order behind all before. Raises `BrokenPipeError` after `write_eof`, `close` or the loss."""
        if (self.sending.ending is not None and not self._severed) or self._closing or self._detached:
            raise failures.broken_pipe(self.where)
        if self._failure is not None or self._severed:
            self._stumble()
        elif data:
            self.sending.write(data, self.world.cause)
            if not self._writing_paused and self.write_buffer_size > self._high:
                self._writing_paused = True
                assert self.events is not None
                self.events.pause_writing()  # back-pressure comes at once when it begins, as an event when it ends

    def write_eof(self) -> None:
        """Ends this direction; the other stays open."""
        if not self._gone:
            self.sending.finish(self.world.cause)

    def pause_reading(self) -> None:
        """No `data_received` until reading is resumed; what comes fills the window, and then the sender waits."""
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._tell_soon()

    def close(self) -> None:
        """Ends both directions: what is written still goes out; the other end is reset if it sent what is not read."""
        if self._closing or self._detached:
            return
        self._closing = True
        if self.receiving.unread_bytes and not self._gone:
            self._reset_other()
            self._forget()
        elif not self._made:
            self._forget()
        else:
            self.write_eof()
        self._tell_soon()

    def abort(self) -> None:
        """Ends it at once: what is not sent is lost, and the other end is reset."""
        if self._detached:
            return
        self._closing = True
        if not self._gone and self.receiving.next:
            self._reset_other()
        self._forget()
        self._tell_soon()

    # What the machine does -----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Sends the SYN, or the answer to one."""
        self.sending.open(self.cause)

    def arrived(self, segment: Segment, cause: Cause) -> None:
        """A segment of this connection came to its host."""
        if segment.reset:
            self._was_reset()
            return
        sending, receiving = self.sending, self.receiving
        again = receiving.next > 0
        if segment.syn and not again:
            receiving.next = 1
        elif not again:
            return  # the answer to the SYN is late: what follows it will be sent again
        if segment.acknowledges:
            sending.acknowledge(segment.acknowledges, segment.window)
            if self._gone:
                return  # a fault struck at what that let out
        if not self._joined and sending.acknowledged > 0:
            self._join()
        if segment.data or segment.fin:
            self._take(segment, cause)
        elif segment.probe or (segment.syn and (again or self.listener is None)):
            self.acknowledge(cause)
        self._settle()
        self._tell_now()
        if self._acknowledging.owed and not self._gone:  # else the program's answer has acknowledged it
            self._acknowledging.later(cause)

    def killed(self) -> None:
        """The program died; its machine closes for it: what had left the program still goes out."""
        self._detached = True
        if self._gone:
            self._forget()
        elif self.receiving.unread_bytes or not self._made:
            if self.receiving.next:
                self._reset_other()
            self._forget()
        else:
            self.sending.lose_beyond(self._settings.send_buffer)
            self.sending.finish(self.world.cause)
            self._settle()

    def vanish(self) -> None:
        """The machine lost its power: nobody is told anything."""
        self._detached = True
        self._forget()

    # What toxics do ------------------------------------------------------------------------------------------------------

    def handed_on(self, item: Item, cause: Cause) -> None:
        """Bytes, the end, or the cut by a toxic left the pipe."""
        if self._severed or (item and self._unheard()):
            return
        if item is CUT:
            self.sever()
        elif item:
            self.receiving.keep(item, cause)
        else:
            self._eof = True
        self._tell_soon()

    def sever(self) -> None:
        """Something in between closes both ways in order: each end sees the other's end, and what it writes is refused."""
        self._severed = self._eof = True
        self.write_eof()
        self._settle()

    def cut_off(self) -> None:
        """Something in between resets both ends."""
        if not self._gone:
            self._reset_other()
        self._fail(failures.reset(self.where))

    def pipe_drained(self) -> None:
        """Toxics let something out: a sender may have waited for that."""
        self._offer_window()
        if self._gone and not self.pipe.is_waiting:
            self.pipe.clear()

    def pipe_cleared(self) -> None:
        self._streams.lighter(self)

    # What the sending half needs -----------------------------------------------------------------------------------------

    def transmit(self, flight: Flight) -> None:
        data, syn, fin = flight.data, flight.syn, flight.fin
        self._send(flight.sequence, flight.cause, DATA if data else SYN if syn else FIN, data, syn, fin, False)

    def probe(self, cause: Cause) -> None:
        self._send(self.sending.next, cause, ACK, b"", False, False, True)

    def acknowledge(self, cause: Cause) -> None:
        if not self._gone:
            self._send(self.sending.next, cause, ACK, b"", False, False, False)

    def wake_at(self, instant: int) -> None:
        if self._wakes_at < 0 or instant < self._wakes_at:
            self._wakes_at = instant
            self._kernel.schedule(instant, self._number, self._woken, instant)

    def gave_up(self) -> None:
        self._fail(failures.timed_out(self.where))

    # ---------------------------------------------------------------------------------------------------------------------

    def _woken(self, instant: int) -> None:
        if instant != self._wakes_at:
            return
        self._wakes_at = -1
        deadline = self.sending.deadline
        if 0 <= deadline <= instant:
            self.sending.time_is_up()
        elif deadline > instant:
            self.wake_at(deadline)

    def _send(self, sequence: int, cause: Cause, kind: str, data: bytes, syn: bool, fin: bool, probe: bool) -> None:
        """Sends a segment with all that is known of the other direction: it acknowledges, too."""
        self._acknowledging.due, self._acknowledging.owed = -1, 0
        opener, serial, is_opener = self.key
        expected = self.receiving.next
        window = self.receiving.window(self.pipe.held()) if expected else self._settings.receive_buffer
        source, to = self.local[1], self.remote[1]
        segment = Segment(opener, serial, not is_opener, source, to, sequence, expected, window, syn, fin, False, probe, data)
        self._outlet.send(self._number, self.other, kind, segment, cause, self.secret)

    def _reset_other(self) -> None:
        opener, serial, is_opener = self.key
        numbers = (self.sending.next, self.receiving.next, 0)
        segment = Segment(opener, serial, not is_opener, self.local[1], self.remote[1], *numbers, reset=True)
        self._outlet.send(self._number, self.other, RST, segment, self.world.cause)

    def _take(self, segment: Segment, cause: Cause) -> None:
        receiving, data = self.receiving, segment.data
        late = segment.sequence < receiving.next
        if data and not late and self._unheard():
            return
        telling, self._telling = self._telling, True  # what this brings is told of at the end of `arrived`, once
        self._acknowledging.owed += 1
        if not segment.fin and receiving.follows(segment.sequence, len(data)):
            self.pipe.feed(data, cause)
        else:
            was_ended = receiving.ended
            for ready, why in receiving.arrived(segment, cause):
                self.pipe.feed(ready, why)
            if receiving.ended and not was_ended:
                self._ended_first = self.sending.ended
                self.pipe.feed(END, cause)
            if late or receiving.has_gap or receiving.ended:
                self.acknowledge(cause)
        self._telling = telling

    def _join(self) -> None:
        self._joined = True
        self._streams.joined(self)

    def _unheard(self) -> bool:
        """Whether nobody will read what comes: then the other end is reset."""
        if not (self._detached or self._closing or self._severed):
            return False
        if not self._gone:
            self._reset_other()
            if self._severed:
                self._forget()  # this end knows only what is between
            else:
                self._fail(failures.reset(self.where))
        return True

    def _offer_window(self) -> None:
        """Tells the sender that there is room again, if it may be waiting."""
        receiving = self.receiving
        if self._joined and not self._gone and not receiving.ended and receiving.has_opened(self.pipe.held()):
            self.acknowledge(self.world.cause)

    def _was_reset(self) -> None:
        if self.sending.done and self.receiving.ended:
            self._forget()  # all was read and acknowledged both ways: an old packet found nobody at the other end
        elif not self.sending.opened and self.listener is None:
            self._fail(failures.refused(self.where))
        elif self.receiving.ended:
            self._fail(failures.broken_pipe(self.where))  # as Linux does in CLOSE_WAIT
        else:
            self._fail(failures.reset(self.where))

    def _fail(self, error: OSError) -> None:
        if not self._closing or self.write_buffer_size:  # a program that closed has its last word
            self._failure = error
        self._forget()
        self._tell_soon()

    def _stumble(self) -> None:
        """The program writes to a connection that is dead: it learns of it now, whatever it has not read."""
        if self._failure is None:
            self._failure = failures.broken_pipe(self.where)
        self._noticed = True
        self._tell_soon()

    def _settle(self) -> None:
        """Lets the machine forget a connection that has ended both ways, or that nobody here waits for."""
        if self._gone or not self.sending.ended or self.sending.flying:
            return
        both = self.receiving.ended
        if both and not self._ended_first:
            self._forget()
        elif (both or self._detached or self._closing or self._severed) and not self._expiring:
            self._expiring = True
            self._kernel.schedule(self._kernel.now + self._settings.linger, self._number, self._forget, None)

    def _forget(self, _: Any = None) -> None:
        """The machine forgets it; segments that come later are answered by a reset."""
        if self._failure is not None or self._closing or self._detached:
            self.pipe.clear()  # else the program still gets what toxics hold
        if self._gone:
            return
        self._gone = True
        self._acknowledging.due = -1
        self.sending.clear()
        self.receiving.clear()
        if not self.pipe.is_waiting:
            self.pipe.clear()
        self._streams.forget(self)

    # Telling -------------------------------------------------------------------------------------------------------------

    def _tell_soon(self) -> None:
        if not self._telling and not self._detached:
            self._telling = True
            self._kernel.schedule(self._kernel.now, self._number, self._tell, self.world.cause)

    def _tell_now(self) -> None:
        """Tells what a segment brought; data as an event if there are others at this instant, for more may come with them."""
        if self._telling or self._detached or not self._has_news():
            return
        heap = self._kernel.heap
        if self.receiving.unread and heap and heap[0][0] == self._kernel.now:
            self._tell_soon()
        else:
            self._telling = True  # until it was told: a host that is paused hears of it later
            self._tell(self.world.cause)

    def _tell(self, cause: Cause) -> None:
        """Tells the program all that it has not been told, unless it is paused: then once it goes on."""
        world, process = self.world, self.process
        if self._detached or not process.alive:
            return
        if process.host.paused_by and self._has_news() and world.postponed(process.host, self._tell, cause):
            return
        self._telling = False
        while process.alive and not self._detached:
            world.cause = cause
            if not self._tell_next():
                break
        self._offer_window()

    def _has_news(self) -> bool:
        """Whether the program would be told something now."""
        if self._reading and (self.receiving.unread or (self._eof and not self._eof_told)):
            return True
        if not self._made or self._closing or self._failure is not None:
            return True
        return self._writing_paused and self.write_buffer_size <= self._low

    def _tell_next(self) -> bool:
        """Tells the program what comes next, in the order in which it happened. False when there is nothing."""
        events, receiving = self.events, self.receiving
        if not self._made:
            return self._tell_of_opening()
        assert events is not None
        if self._closing:
            return bool(self._gone or not self.write_buffer_size) and self._tell_of_loss(events)
        if self._writing_paused and self.write_buffer_size <= self._low and self._failure is None:
            self._writing_paused = False
            self._guarded(events.resume_writing, ())
        elif receiving.unread and self._reading and not self._noticed:
            data, self.world.cause = receiving.take()
            self._guarded(events.data_received, (data,))
        elif self._failure is not None and (self._noticed or not receiving.unread):
            self._tell_of_loss(events)
        elif self._eof and self._reading and not self._eof_told and not receiving.unread:
            self._eof_told = True
            self._guarded(self._tell_eof, ())
        else:
            return False
        return True

    def _guarded(self, tell: Callable[..., object], what: tuple[object, ...]) -> None:
        """Calls into the program: what it raises is its own failure."""
        try:
            tell(*what)
        except Exception as error:  # noqa: BLE001  # `failed` decides what it means
            self.world.failed(self.process, error)
        self.world.after(self.process)

    def _tell_of_opening(self) -> bool:
        events, failure = self.events, self._failure
        if failure is not None and events is not None:
            self._detached = True
            self._guarded(events.connection_failed, (failure,))
        elif failure is not None or self._closing or not (self.sending.opened and self.receiving.next):
            return False
        else:
            self._made = True
            self._guarded(self._tell_made, ())
        return True

    def _tell_made(self) -> None:
        if self.events is None:
            assert self.listener is not None
            self.events = self.listener.accept(self)
        self.events.connection_made(self)

    def _tell_of_loss(self, events: Events) -> bool:
        self._detached, error = True, self._failure
        if self._gone:
            self._forget()
        self._settle()
        self._guarded(events.connection_lost, (error,))
        return True

    def _tell_eof(self) -> None:
        assert self.events is not None
        if not self.events.eof_received():
            self.close()
