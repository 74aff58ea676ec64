# C types for acknowledging.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.kernel cimport Kernel
from chaoskit.sim.streams.sending cimport Line

@cython.final
cdef class Acknowledging:
    cdef public long long owed
    cdef public long long due
    cdef Line _line
    cdef Kernel _kernel
    cdef long long _source
    cdef long long _delay
    cdef Cause _cause
    cdef bint _waits

    cpdef later(self, Cause cause)
    cdef _wait(self)
