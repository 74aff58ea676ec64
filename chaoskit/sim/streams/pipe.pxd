# C types for pipe.py when it is compiled. A stage has none: kinds of toxic are plain Python, and give it what they need.

from chaoskit.sim.cause cimport Cause

cdef class Pipe:
    cdef public object connection
    cdef public list stages

    cpdef long long held(self) except *
    cpdef feed(self, bytes item, Cause cause)
