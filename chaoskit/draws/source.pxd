# C types for source.py when it is compiled.

cimport cython

from chaoskit.draws.address cimport fold_all, mix, u64

cdef class Draws:
    cdef public u64 seed_key
    cdef u64 _key
    cdef tuple _open
    cdef dict _overrides
    cdef tuple _prefix
    cdef dict _settled

    cpdef u64 at(self, u64 key)
    @cython.locals(below=Draws, whole=tuple, closed=cython.Py_ssize_t)
    cdef Draws _below(self, tuple address)
    cdef u64 _fold(self, tuple address)
