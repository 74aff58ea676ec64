# C types for stack.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.host cimport Host
from chaoskit.sim.network cimport Packet
from chaoskit.sim.streams.connection cimport Connection
from chaoskit.sim.streams.outlet cimport Outlet
from chaoskit.sim.world cimport World

cdef class Streams:
    cdef public World world
    cdef public object settings
    cdef public Outlet outlet
    cdef public dict connections
    cdef public list toxics
    cdef dict _listeners
    cdef dict _datagrams
    cdef public dict _poisoned
    cdef dict _met
    cdef list _off
    cdef list _opened
    cdef list _ports
    cdef object _messages

    @cython.locals(world=World, host=Host, cause=Cause, entries=list, number=cython.longlong)
    cpdef _arrived(self, Packet packet)
    @cython.locals(connection=Connection)
    cdef _segment_arrived(self, long long number, long long source, segment, Cause cause)
