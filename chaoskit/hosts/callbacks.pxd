# C types for callbacks.py when it is compiled.

cimport cython

from chaoskit.hosts.handles cimport Handle, TimerHandle
from chaoskit.sim.clocks cimport Clock
from chaoskit.sim.host cimport Host, Process
from chaoskit.sim.kernel cimport Kernel
from chaoskit.sim.world cimport World

cdef class CallbackLoop:
    cdef public Process process
    cdef public Host host
    cdef public World world
    cdef public Kernel kernel
    cdef public Clock clock
    cdef public object broken
    cdef public object on_exit
    cdef public object ready
    cdef public long long numbers
    cdef bint _entered
    cdef bint _waking
    cdef bint _debug
    cdef long long _cancelled
    cdef public object _at_timer

    cpdef timer_cancelled(self)
    @cython.locals(timer=TimerHandle, clock=Clock, kernel=Kernel, at=cython.longlong)
    cpdef TimerHandle _timer(self, long long later, callback, tuple args, context)
    @cython.locals(clock=Clock, kernel=Kernel)
    cpdef _schedule(self, TimerHandle timer, long long at_least)
    cpdef _timer_due(self, TimerHandle timer)
    @cython.locals(clock=Clock, now=cython.longlong)
    cpdef bint _comes(self, TimerHandle timer) except -1
    cpdef _wake(self)
    cpdef _woken(self, _)
    @cython.locals(process=Process, world=World, kernel=Kernel, left=int, handle=Handle, args=tuple, timer=TimerHandle)
    cpdef _run_ready(self, bint goes_on)
