# C types for sending.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.kernel cimport Kernel

@cython.final
@cython.freelist(64)
cdef class Flight:
    cdef public long long sequence
    cdef public bytes data
    cdef public long long end
    cdef public Cause cause
    cdef public bint syn
    cdef public bint fin
    cdef public long long sent
    cdef public bint timed

cdef class Line:
    cpdef transmit(self, Flight flight)
    cpdef probe(self, Cause cause)
    cpdef acknowledge(self, Cause cause)
    cpdef wake_at(self, long long instant)
    cpdef gave_up(self)

@cython.final
cdef class Sending:
    cdef public long long acknowledged
    cdef public long long next
    cdef public long long edge
    cdef public object flying
    cdef public object unsent
    cdef public long long buffered
    cdef public Cause ending
    cdef public bint ended
    cdef public long long deadline
    cdef Line _line
    cdef Kernel _kernel
    cdef object _settings
    cdef long long _segment
    cdef long long _ordinary
    cdef long long _wait
    cdef long long _smooth
    cdef long long _varies
    cdef long long _recover
    cdef long long _since

    cpdef open(self, Cause cause)
    @cython.locals(size=cython.longlong, segment=cython.longlong, start=cython.longlong)
    cpdef write(self, bytes data, Cause cause)
    cpdef finish(self, Cause cause)
    @cython.locals(data=bytes, cause=Cause, room=cython.longlong)
    cpdef push(self)
    cpdef acknowledge(self, long long number, long long window)
    cdef _launch(self, bytes data, Cause cause, bint syn, bint fin)
    cdef _again(self, Flight flight)
    @cython.locals(flight=Flight)
    cdef _land(self)
    @cython.locals(wait=cython.longlong)
    cdef _measured(self, long long trip)
    cdef _moved(self)
    @cython.locals(limit=cython.longlong)
    cdef _arm(self)
