# C types for triggers.py when it is compiled.

cdef class Triggers:
    cdef public bint armed
    cdef public bint packets
    cdef dict _waiting
    cdef object _strike
    cdef object _now

    cpdef effect(self, str event, sender, receiver)
    cpdef observed(self, host, dict before, dict after)
