# C types for address.py when it is compiled: every key is 64 bits, and wraps as the masks in the Python text do.

cimport cython

ctypedef unsigned long long u64

cdef u64 _MASK
cdef u64 _GOLDEN

cpdef u64 mix(u64 x)
@cython.locals(position=cython.Py_ssize_t, count=cython.Py_ssize_t, number=u64, word=u64)
cpdef u64 fold_all(u64 key, tuple parts)
