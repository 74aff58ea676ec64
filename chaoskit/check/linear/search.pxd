# C types for search.py when it is compiled.

cimport cython

from chaoskit.check.linear.moves cimport Moves

@cython.locals(stack=list, found=tuple, more=list, at=long, state=long, path=tuple)
cdef bint _dive(tuple start, long end, Moves moves, Visits visits)

@cython.locals(
    behind=dict, waiting=list, more=list, used=long, crashed=long, configuration=tuple, found=tuple
)
cpdef dict pass_stop(long at, dict frontier, Moves moves, Visits visits, long first_crashed)

@cython.locals(entering=list, state=long, path=tuple, burdens=dict)
cdef list _entering(long at, dict frontier, Moves moves)

cdef class Visits:
    cdef public str limit_met
    cdef public long configurations
    cdef long _mask_bits
    cdef long _limit
    cdef object _out_of_time
    cdef bint _dominance
    cdef bint _certain
    cdef long _width
    cdef list _visited
    cdef tuple _best

    @cython.locals(at=long, state=long, path=tuple, seen=dict, burdens=tuple, placed=long)
    cpdef bint admit(self, tuple configuration)
    @cython.locals(state=long, path=tuple, burdens=dict)
    cpdef keep_best(self, dict frontier, tuple configuration)
    cpdef forget(self, long at)
    cpdef finish(self, tuple path)
