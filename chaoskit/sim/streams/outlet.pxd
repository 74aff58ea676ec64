# C types for outlet.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.world cimport World

@cython.final
cdef class Outlet:
    cdef public World world

    @cython.locals(world=World, body=bytes, number=cython.longlong, names=list)
    cpdef send(self, long long source, long long destination, str kind, content, Cause cause, bint secret=*)
