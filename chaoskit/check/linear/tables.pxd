# C types for tables.py when it is compiled.

cdef class Table:
    cdef public object spec
    cdef public list reads
    cdef public list rows
    cdef public list states
    cdef public long initial
    cdef long _asked
    cdef list _labels
    cdef list _writes
    cdef dict _leads_to
    cdef dict _numbers

    cpdef long number(self, state) except -1
    cpdef tuple step(self, long label, long state)
    cpdef ask(self, long label, long state)
