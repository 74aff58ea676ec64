# C types for connection.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.host cimport Host, Process
from chaoskit.sim.kernel cimport Kernel
from chaoskit.sim.streams.acknowledging cimport Acknowledging
from chaoskit.sim.streams.outlet cimport Outlet
from chaoskit.sim.streams.pipe cimport Pipe
from chaoskit.sim.streams.receiving cimport Receiving
from chaoskit.sim.streams.sending cimport Flight, Line, Sending
from chaoskit.sim.world cimport World

cdef class Connection(Line):
    cdef public Process process
    cdef public tuple key
    cdef public tuple local
    cdef public tuple remote
    cdef public long long other
    cdef public object listener
    cdef public Cause cause
    cdef public bint secret
    cdef public tuple address
    cdef public object events
    cdef public Sending sending
    cdef public Receiving receiving
    cdef public Pipe pipe
    cdef public World world
    cdef Kernel _kernel
    cdef long long _number
    cdef object _streams
    cdef Outlet _outlet
    cdef object _settings
    cdef long long _high
    cdef long long _low
    cdef bint _joined
    cdef bint _made
    cdef bint _reading
    cdef bint _writing_paused
    cdef bint _eof_told
    cdef bint _eof
    cdef bint _closing
    cdef bint _gone
    cdef bint _detached
    cdef bint _severed
    cdef object _failure
    cdef bint _noticed
    cdef bint _telling
    cdef long long _wakes_at
    cdef Acknowledging _acknowledging
    cdef bint _expiring
    cdef bint _ended_first

    cpdef write(self, bytes data)
    @cython.locals(sending=Sending, receiving=Receiving, again=bint)
    cpdef arrived(self, segment, Cause cause)
    cpdef handed_on(self, bytes item, Cause cause)
    @cython.locals(data=bytes, syn=bint, fin=bint)
    cpdef transmit(self, Flight flight)
    cpdef probe(self, Cause cause)
    cpdef acknowledge(self, Cause cause)
    cpdef wake_at(self, long long instant)
    cpdef gave_up(self)
    @cython.locals(expected=cython.longlong, window=cython.longlong)
    cdef _send(self, long long sequence, Cause cause, str kind, bytes data, bint syn, bint fin, bint probe)
    @cython.locals(receiving=Receiving, data=bytes, late=bint, telling=bint, was_ended=bint)
    cdef _take(self, segment, Cause cause)
    cdef bint _unheard(self) except -1
    cdef _offer_window(self)
    cdef _settle(self)
    cdef _tell_soon(self)
    @cython.locals(heap=list)
    cdef _tell_now(self)
    @cython.locals(world=World, process=Process)
    cpdef _tell(self, Cause cause)
    cdef bint _has_news(self) except -1
    @cython.locals(receiving=Receiving)
    cdef bint _tell_next(self) except -1
    cdef _guarded(self, tell, tuple what)
