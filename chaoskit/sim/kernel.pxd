# C types for kernel.py when it is compiled. Times are ns and fit 63 bits: 292 years.

cimport cython

ctypedef unsigned long long u64

cdef long long _SHIFT
cdef u64 _MASK
cdef u64 _GOLDEN

@cython.locals(x=u64)
cpdef u64 address(u64 cause_key, u64 link_salt, u64 number)
@cython.locals(x=u64)
cpdef u64 fate(u64 cause_key, u64 link_salt, u64 number, u64 seed_key)

@cython.locals(cell=cython.longlong, within=cython.longlong, low=cython.longlong, high=cython.longlong)
cpdef long long quantile(list table, u64 bits)

cpdef bint chance(u64 bits, int place, u64 ppm)

cdef class Kernel:
    cdef public long long now
    cdef public long long events
    cdef public bint stopped
    cdef public bint interrupted
    cdef public list heap
    cdef public list numbers
    cdef long long _until
    cdef long long _last

    @cython.locals(number=cython.longlong)
    cpdef schedule(self, long long time, long long source, callback, argument)
    cpdef schedule_as(self, long long time, long long source, long long number, callback, argument)
    @cython.locals(heap=list, last=cython.longlong, event=tuple)
    cpdef int run(self, long long until, long long events_max) except -1
    @cython.locals(heap=list, event=tuple)
    cpdef following(self, callback)
