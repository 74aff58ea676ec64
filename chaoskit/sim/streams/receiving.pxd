# C types for receiving.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause

@cython.final
cdef class Receiving:
    cdef public long long next
    cdef public object unread
    cdef public long long unread_bytes
    cdef public bint ended
    cdef dict _early
    cdef long long _edge
    cdef long long _room
    cdef long long _step
    cdef long long _beyond

    cpdef bint follows(self, long long sequence, long long size) except -1
    cpdef keep(self, bytes data, Cause cause)
    cpdef tuple take(self)
    @cython.locals(edge=cython.longlong)
    cpdef long long window(self, long long held) except *
    cpdef bint has_opened(self, long long held) except -1
    @cython.locals(free=cython.longlong)
    cdef long long _free(self, long long held) except *
