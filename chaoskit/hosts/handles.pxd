# C types for handles.py when it is compiled.

from chaoskit.sim.cause cimport Cause

cdef class Handle:
    cdef public tuple args
    cdef public object callback
    cdef public Cause cause
    cdef public object context

    cpdef cancel(self)
    cpdef cancelled(self)

cdef class TimerHandle(Handle):
    cdef public long long at
    cdef public object loop
