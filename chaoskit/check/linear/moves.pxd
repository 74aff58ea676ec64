# C types for moves.py when it is compiled.

cimport cython

from chaoskit.check.linear.layout cimport Stop
from chaoskit.check.linear.tables cimport Table

cdef long UNSEEN_WRITE

cpdef tuple late(tuple configuration)

cdef class Moves:
    cdef list _stops
    cdef list _rows
    cdef list _allowed
    cdef Table _table
    cdef bint _unseen
    cdef bint _waste

    @cython.locals(stop=Stop, label=long, call=long)
    cpdef tuple enter(self, long at, long state, mask, burden, tuple path)
    @cython.locals(stop=Stop)
    cpdef bint passes(self, tuple configuration)
    @cython.locals(stop=Stop)
    cpdef bint has_hidden(self, tuple configuration)
    @cython.locals(stop=Stop, at=long, state=long)
    cpdef tuple leave(self, tuple configuration)
    @cython.locals(stop=Stop, found=list)
    cpdef list children(self, tuple configuration)
    @cython.locals(at=long, state=long, path=tuple, allowed=tuple, call=long)
    cpdef tuple settle(self, tuple configuration)
    cpdef forget(self, long at)
    @cython.locals(row=dict)
    cpdef tuple after(self, long label, long state)
    @cython.locals(
        at=long, state=long, path=tuple, unseen=long, placed=long, count=long, blind=long, label=long, call=long, new=long
    )
    cdef _add_writes(self, tuple configuration, Stop stop, list found)
    @cython.locals(
        at=long, state=long, path=tuple, unseen=long, placed=long, label=long, call=long, new=long, node=tuple
    )
    cdef _add_movers(self, tuple configuration, Stop stop, list found)
    @cython.locals(
        at=long, state=long, path=tuple, unseen=long, placed=long, label=long, call=long, new=long, node=tuple, blind=long,
        members=tuple, is_write=cython.bint,
    )
    cdef _add_crashed(self, tuple configuration, Stop stop, list found)
    @cython.locals(member=tuple)
    cdef tuple _first_unused(self, tuple members, burden)
    cdef bint _is_waste(self, long label, long new, long unseen)
    cdef tuple _allow(self, long at, long state)
