# C types for clocks.py when it is compiled.

cdef class Clock:
    cdef public long long base_offset
    cdef public long long base_drift
    cdef public list skews
    cdef public long long rate
    cdef public bint is_true
    cdef public long long lead
    cdef long long _counted
    cdef long long _counted_at

    cpdef monotonic(self, now)
    cpdef read(self, now)
    cpdef true_delay(self, local)
