# C types for network.py when it is compiled.

cimport cython

from chaoskit.draws.address cimport mix
from chaoskit.sim.cause cimport Cause
from chaoskit.sim.kernel cimport Kernel, address, chance, fate, quantile, u64

cdef u64 _MASK
cdef u64 _GOLDEN

cdef class Link:
    cdef public str name
    cdef public long long number
    cdef public u64 salt
    cdef public object weather
    cdef public list table
    cdef public bint exempt
    cdef public list cuts
    cdef public list disturbances
    cdef public list held
    cdef public long long epoch
    cdef public long long busy_until
    cdef public bint quiet
    cdef public object settled

@cython.final
@cython.freelist(256)
cdef class Packet:
    cdef public long long source
    cdef public long long destination
    cdef public long long number
    cdef public str kind
    cdef public bytes body
    cdef public tuple payload
    cdef public Cause cause
    cdef public Link link
    cdef public long long epoch
    cdef public long long copy

    cpdef bint is_lost(self)
    @cython.locals(copy=Packet)
    cpdef Packet duplicate(self)

cdef class Network:
    cdef public Kernel kernel
    cdef public list names
    cdef public object weather
    cdef public object law
    cdef object _draws
    cdef u64 _seed_key
    cdef dict _overrides
    cdef long long _clients_from
    cdef bint _partition_clients
    cdef object _deliver
    cdef object _listener
    cdef long long _width
    cdef list _links

    cpdef Link link(self, long long source, long long destination)
    @cython.locals(kernel=Kernel, link=Link, place=cython.longlong, nth=cython.longlong, bits=u64, packet=Packet)
    cpdef carry(
        self, long long source, long long destination, long long number, str kind, bytes body, tuple payload, Cause cause
    )
    cdef _schedule(self, Packet packet, long long delay)
    @cython.locals(link=Link, delay=cython.longlong, stir=u64, more=cython.longlong)
    cdef _carry_through_weather(self, Packet packet, u64 bits)
    @cython.locals(link=Link, delay=cython.longlong)
    cdef long long _weather(self, Packet packet, u64 bits) except? -2
    @cython.locals(link=Link, delay=cython.longlong)
    cdef long long _disturb(self, Packet packet, fault, u64 bits) except? -2
    cdef bint _in_burst(self, Link link, u64 ppm, u64 bits, owner) except -1
    cdef _send_copy(self, Packet packet, u64 bits)
