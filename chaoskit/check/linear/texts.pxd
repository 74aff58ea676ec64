# C types for texts.py when it is compiled.

cimport cython

@cython.locals(row=long, f=long, putting=long, getting=long, piece=str, puts=dict, appends=dict, gets=list)
cpdef judge_text(object calls, object spec)

cdef class _Text:
    cdef public list began
    cdef public list ended
    cdef public list got
    cdef public list values
    cdef public list lengths
    cdef public list completions
    cdef public list ends
    cdef public long horizon
    cdef public object initial
    cdef public dict puts
    cdef public dict appends
    cdef public dict pieces
    cdef public dict beginnings

    cpdef bint is_ambiguous(self)
    @cython.locals(
        heads=dict, readers=dict, is_sure=cython.bint, sure_before=long, rows=list, found=list, row=long, last=long, number=long,
        piece=str
    )
    cpdef tuple _heads(self, list gets)
    cpdef str _beginning_of(self, object text)
    @cython.locals(length=long, piece=str)
    cpdef str piece_at(self, str text, long place)

cdef class _Block:
    cdef public list chain
    cdef public str text
    cdef public dict places
    cdef public list gets
    cdef public list firsts
    cdef public long first
    cdef public long latest
    cdef public long swept

cdef class _Reading:
    cdef public _Text text
    cdef public list began
    cdef public list ended
    cdef public dict heads
    cdef public dict appends
    cdef public dict used
    cdef public dict blocks
    cdef public list owners
    cdef public dict known
    cdef public list divided
    cdef public list divided_since

    @cython.locals(row=long, write=long, order=list, block=_Block)
    cpdef judged(self, list gets)
    @cython.locals(number=long, found=tuple, block=_Block, place=long, began=long, ended=long, later=long)
    cpdef bint _has_place(self, long get)
    @cython.locals(head=long, block=_Block, place=long, known=str)
    cpdef tuple _found(self, object text, str piece, long now)
    @cython.locals(block=_Block)
    cpdef _Block _block(self, long head, str piece)
    @cython.locals(end=long, piece=str, used=long, write=long, began=long, ended=long)
    cpdef bint _goes_on(self, _Block block, str text, long now)
    @cython.locals(first=long, latest=long, around=long, before=_Block)
    cpdef bint _stands_apart(self, _Block block)
    @cython.locals(ends=list, completions=list, place=long, row=long, owner=_Block)
    cpdef bint _sweep(self, _Block block, long first, long latest)
    @cython.locals(moments=list, unseen=list, head=long, row=long, block=_Block)
    cpdef list _in_order(self)
    @cython.locals(around=long, divided=_Block)
    cpdef long _moment(self, long first, long latest)
