# C types for layout.py when it is compiled. Bits are Python's integers: a history may have any number of calls open at once.

cdef class Stop:
    cdef public long call
    cdef public long kind
    cdef public object open_bit
    cdef public object bit
    cdef public tuple fresh
    cdef public object fresh_open
    cdef public tuple reads
    cdef public tuple movers
    cdef public tuple writes
    cdef public object open_writes
    cdef public tuple crashed
