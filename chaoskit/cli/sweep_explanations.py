"""What `chaoskit explain` says of the outcomes of a wire sweep, after the line that each has in its table."""

from __future__ import annotations

from chaoskit.core.sweep import (
    ANSWERED,
    COMPLETE,
    CRASH,
    CUT_DEPENDENT,
    FAILED,
    HANG,
    LEAK,
    LIMIT_IGNORED,
    SHORT,
    TIMED_OUT,
    TRUNCATION_UNNOTICED,
    WRONG_ANSWER,
)

OUTCOMES = {
    HANG: """
        At the limit of the cell, a minute of virtual time unless the conversation says otherwise, the handler was
        still there. Either it waits for something that will never come, and the sentence says where; or it goes round
        without waiting, most often because it reads an end again and again and takes b"" for bytes that will follow.

        The usual causes are a read without a time-out, a drain without one (a client that takes nothing stops a
        writer as well as one that says nothing stops a reader), and wait_closed of a connection whose client takes
        nothing.
        """,
    LIMIT_IGNORED: """
        A client said that a message would be longer than messages may be, and the handler believed it: it waited for
        that many bytes, or took bytes without end. A few such clients take all the memory there is.

        Check a length when it is read, before a byte of what it announces is waited for.
        """,
    WRONG_ANSWER: """
        What the handler wrote is neither a beginning of what it writes without a fault, nor anything that the
        conversation's judge allows. With the detail 'early' the bytes are the right ones, but the message that they
        answer had not wholly come.

        Look for partial reads taken as whole ones, a buffer kept from an earlier message, an answer after an error
        was answered. If the answer is right, tell the judge.
        """,
    CRASH: """
        The handler ended with an error that is not among those which the conversation says it may end with
        (may_raise): nobody had thought of this case. Often a parser met bytes that it did not expect.
        """,
    LEAK: """
        The handler ended, and a task that it began was still there at the limit, or its connection was: not closed,
        or closed with bytes in it that the client does not take, for which a close waits without end.

        Close in a finally; cancel what was begun, and wait for it; abort a transport whose client takes nothing.
        """,
    TRUNCATION_UNNOTICED: """
        The client left inside a message, and the handler returned as it does when all is well. Whoever called it
        takes a part for the whole: an upload that was cut is kept as if it were complete.

        Conversations say from which byte on an end must be noticed (whole_from). Look for an end that ends every loop
        in the same way, and for IncompleteReadError taken as a goodbye.
        """,
    CUT_DEPENDENT: """
        All bytes came, in order and in time, only not at once: the outcome changed nevertheless. The network cuts
        bytes as it likes, so this handler fails now and then without any fault.

        The usual cause is one read for one message. Read exactly, or until the end of the message.
        """,
    COMPLETE: "The fault cost nothing: it was waited out, came too late to matter, or changed bytes that nobody looks at.",
    SHORT: """
        The handler saw that its client had left, or hung up itself, and ended without an error; what it had written
        is a beginning of what it writes without the fault.
        """,
    TIMED_OUT: """
        Nothing came for as long as the handler waits, and it ended by itself, with an error, with an answer that its
        judge allows, or quietly. That is what it should do with a client that falls silent or takes nothing.
        """,
    ANSWERED: """
        The handler was given other bytes than those of the script, or was late, and answered something else. The
        detail is the name that the conversation's judge has for that; without a judge, nobody can say what other
        bytes deserve.
        """,
    FAILED: """
        The handler passed on what went wrong, an error of the connection say, to whoever called it. The detail is the
        error's name. What it may end with is in the conversation (may_raise).
        """,
}
