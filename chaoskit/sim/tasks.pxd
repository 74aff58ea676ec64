# C types for tasks.py when it is compiled.

cdef class Promise:
    cdef public object about
    cdef public bint done
    cdef public object value
    cdef public object error
    cdef public object on_done

    cpdef resolve(self, value)
    cpdef fail(self, error)
    cpdef _announce(self)

cdef class Gathering(Promise):
    cdef public long long needed
    cdef public list values

    cpdef add(self, value)

cdef class Task:
    cdef public object coroutine
    cdef public object finished
    cdef public object waiting_for
    cdef public bint dropped

    cpdef step(self, _=*)
