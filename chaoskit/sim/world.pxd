# C types for world.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.host cimport Host, Process
from chaoskit.sim.kernel cimport Kernel
from chaoskit.sim.network cimport Network, Packet
from chaoskit.sim.triggers cimport Triggers

cdef class World:
    cdef public object plan
    cdef public object cast
    cdef public object draws
    cdef public long long clients_from
    cdef public list names
    cdef public long long source_slots
    cdef public long long source_faults
    cdef public long long source_phases
    cdef public long long source_generator
    cdef public Kernel kernel
    cdef public object journal
    cdef public list entries
    cdef public object history
    cdef public Cause cause
    cdef public long long messages
    cdef public list violations
    cdef public list graveyard
    cdef public list hosts
    cdef public list nodes
    cdef public Network network
    cdef public object slots
    cdef public object faults
    cdef public Triggers triggers
    cdef public object phases
    cdef public dict view
    cdef public object streams
    cdef dict _numbers
    cdef object _on_progress
    cdef bint _check_aliasing
    cdef list _watches
    cdef public bint observes
    cdef public object garbage

    cpdef long long host_number(self, name) except -1
    cpdef postponed(self, Host host, callback, argument)
    cpdef guard(self, Process process, callback)
    @cython.locals(host=Host)
    cpdef after(self, Process process)
    cpdef _arrived(self, Packet packet)
    @cython.locals(process=Process, host=Host, cause=Cause)
    cpdef _hand_over(self, Packet packet)
