# C types for texts.py when it is compiled.

cimport cython

@cython.locals(row=long, f=long, putting=long, getting=long, piece=str, puts=dict, appends=dict, gets=dict)
cpdef judge_text(object calls, object spec)

cdef class _Text:
    cdef public list began
    cdef public list ended
    cdef public list writes
    cdef public list lengths
    cdef public long horizon
    cdef public object initial
    cdef public dict puts
    cdef public dict appends
    cdef public dict pieces

    @cython.locals(heads=dict, readers=dict, is_sure=cython.bint, gets=list, found=list, row=long, last=long)
    cpdef tuple _heads(self, list got)
    cpdef bint is_ambiguous(self)
    cpdef str beginning_of(self, object text)
    @cython.locals(length=long, piece=str)
    cpdef str piece_at(self, str text, long place)

cdef class _Reading:
    cdef public _Text text
    cdef public list began
    cdef public list ended
    cdef public long fails_by
    cdef public dict heads
    cdef public dict appends
    cdef public dict used
    cdef public dict chains
    cdef public dict longest
    cdef public dict gets
    cdef public dict row_at
    cdef public dict shown

    @cython.locals(write=long, row=long, head=long, order=list, blocks=list, seen=set, gets=list, piece=str)
    cpdef judged(self, list got)
    cpdef _fail(self, long by)
    @cython.locals(head=long, place=long, write=long, known=tuple, chain=list, ends=dict)
    cpdef long _last_of(self, object text, str piece)
    @cython.locals(piece=str, used=long)
    cpdef tuple _append_at(self, str text, long place)
    @cython.locals(
        began=list, ended=list, gets=list, first=long, latest=long, before=long, write=long, row=long
    )
    cpdef tuple _block(self, long head, list chain)
    @cython.locals(
        divided=list, moments=list, ends=list, block=tuple, ended=long, began=long, head=long, around=long
    )
    cpdef list _in_order(self, list blocks)
