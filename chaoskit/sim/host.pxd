# C types for host.py when it is compiled.

cimport cython

from chaoskit.sim.cause cimport Cause
from chaoskit.sim.clocks cimport Clock
from chaoskit.sim.kernel cimport Kernel
from chaoskit.sim.network cimport Network, Packet
from chaoskit.sim.tasks cimport Gathering, Promise, Task
from chaoskit.sim.triggers cimport Triggers
from chaoskit.sim.world cimport World

@cython.final
cdef class Request:
    cdef public object body
    cdef public str sender
    cdef public long long sender_number
    cdef public long long _call
    cdef public Process _process
    cdef public bint _answered

    cpdef reply(self, message)

cdef class Timer:
    cdef public str name
    cdef public object callback
    cdef public long long deadline
    cdef public long long scheduled
    cdef public long long firings

cdef class Host:
    cdef public str name
    cdef public long long number
    cdef public str role
    cdef public object disk
    cdef public Clock clock
    cdef public long long boots
    cdef public Process process
    cdef public list paused_by
    cdef public list down_by
    cdef public bint wiped
    cdef public list inbox

    cpdef place(self, long long purpose)
    cpdef occasion(self, Cause cause, long long purpose)

cdef class Process:
    cdef public World world
    cdef public Host host
    cdef public long long boot
    cdef public bint alive
    cdef public object program
    cdef public dict calls
    cdef public dict callers
    cdef public dict timers
    cdef public dict tasks
    cdef public dict observed
    cdef public str place
    cdef public object on_death
    cdef long long _call_count
    cdef long long _unique
    cdef bint _syncing
    cdef object _outbox
    cdef list _awaiting_sync

    cpdef send(self, str to, message)
    cpdef send_number(self, long long to, message, long long call)
    @cython.locals(timer=Timer, world=World)
    cpdef set_timer(self, callback, long long delay, str name)
    cpdef cancel_timer(self, str name)
    @cython.locals(clock=Clock)
    cpdef now(self)
    cpdef spawn(self, coroutine)
    @cython.locals(request=Request, call=cython.longlong)
    cpdef deliver(self, Packet packet)
    @cython.locals(clock=Clock)
    cdef long long _true_delay(self, long long delay) except? -1
    @cython.locals(world=World, host=Host, triggers=Triggers, number=cython.longlong)
    cpdef _transmit(self, long long to, message, long long call, Cause cause)
    cdef _schedule_timer(self, Timer timer)
    @cython.locals(world=World, timer=Timer)
    cpdef _timer_due(self, tuple event)
