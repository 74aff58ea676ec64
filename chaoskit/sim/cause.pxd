# C types for cause.py when it is compiled.

cimport cython

ctypedef unsigned long long u64

cdef class Cause:
    cdef public str name
    cdef public dict counts
    cdef object _key

    @cython.locals(number=cython.longlong)
    cpdef long long count(self, long long place) except -1
