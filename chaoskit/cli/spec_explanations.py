"""What `chaoskit explain` says of specifications. Prose, one entry a name, said after its own summary from its table."""

from __future__ import annotations

SPECS: dict[str, str] = {
    "register": """
        Whoever reads gets what was written last. Write a different value each time: then it is known who wrote what a
        read returned, and checking is quick whatever the number of clients.
        """,
    "cas-register": """
        A register whose value may also be replaced on the condition that it is what one thinks. Whether a failed
        compare-and-set is news (the register held something else) or nothing at all depends on what your clients call a
        failure: failed-cas=observe trusts that it was the comparison that failed, failed-cas=drop does not.
        """,
    "multi-register": """
        Several registers of one object, read and written in small transactions that happen as a whole. They are checked
        together, which is costly: judge registers that never meet in a transaction one by one, as keys.
        """,
    "kv": """
        What Porcupine's key-value histories speak: put replaces a text, append adds to its end, get returns it. Appended
        texts that differ make every get tell the whole past of its key, and checking quick.
        """,
    "append-list": """
        Elements are appended, and reads return all of them, in order. Hardly an object tells more about what happened:
        a read fixes the order of everything before it.
        """,
    "set": """
        Elements are added and removed, asked for one by one, or read all at once. Reads have no order, and an element is
        there once, however often it was added.
        """,
    "counter": """
        Whole numbers are added, and a read returns the total. Reads must agree with some choice and order of the adds
        that were under way; the checker of the same name only looks at bounds.
        """,
    "fifo-queue": """
        What goes in first comes out first. A dequeue that returns nil says that the queue was empty at some instant of
        it. One that was never answered may have taken the element at the front, or nothing.
        """,
    "unordered-queue": """
        Every element that went in comes out once, in any order: what is left of a queue when order is given up, as in
        most distributed ones. A dequeue that was never answered may have taken any element, so that many of those make
        checking hard.
        """,
    "priority-queue": """
        The smallest number comes out first, whenever it went in (first=largest: the largest); elements of equal priority
        come in any order.
        """,
    "stack": """
        What goes in last comes out first. A pop that returns nil says that the stack was empty.
        """,
    "mutex": """
        Held or free, and nobody asks by whom: one client may release what another one acquired. That makes it blind to a
        lock that is given back by a stranger; owner-mutex sees that.
        """,
    "owner-mutex": """
        Held by somebody or free. A client whose acquire was never answered may hold the lock for good, since only it
        could give it back; in a history it goes on as another process. Where your clients have names that outlive that,
        put them into the values and write owner=value.
        """,
    "reentrant-mutex": """
        Its owner may acquire it again, and must release it as often as it did. times=2 allows two at once, and so on.
        """,
    "semaphore": """
        A number of permits. An operation takes or gives back one, or as many as its value says. owner=process holds
        everyone to their own permits.
        """,
}
