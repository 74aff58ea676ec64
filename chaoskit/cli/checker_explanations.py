"""What `chaoskit explain` says of consistency levels and of checkers, after their own summaries. Prose, one entry a name."""

from __future__ import annotations

LEVELS: dict[str, str] = {
    "sequential": """
        As if all operations happened one after the other, each process' in its own order. Unlike with linearizability,
        real time does not count: everybody may be behind the times, as long as all see one order. Deciding it may be
        hard; when the budget is used up the verdict is unknown.
        """,
    "causal": """
        Every process sees an order of its own, of all writes and its own reads, which keeps causes before effects: what
        a process did before, and the writes that it had seen. Writes that do not know of each other may be seen in
        different orders. This is causal memory (Ahamad and others, 1995).
        """,
    "pram": """
        Every process sees an order of its own, which keeps what each process did in its order, and nothing more. It is
        what read your writes, monotonic reads and monotonic writes are when they hold together (pipelined RAM, Lipton
        and Sandberg, 1988).
        """,
    "read-your-writes": """
        Once a process has written a register, it reads neither the initial value there nor an older write of its own.
        """,
    "monotonic-reads": """
        The reads of a process never go back: a value that it saw replaced does not come back.
        """,
    "monotonic-writes": """
        Whoever sees a write has seen what its process wrote before. It shows to a process whose own reads are monotonic,
        and only such processes are asked.
        """,
    "writes-follow-reads": """
        Whoever sees a write has seen what its process had seen when it wrote. It shows to a process whose own reads are
        monotonic, and only such processes are asked.
        """,
}

CHECKERS: dict[str, str] = {
    "linearizable": """
        The strongest promise for a single object: every operation seems to happen at one instant between its call and
        its answer. Each key is judged on its own; an operation that was never answered may have happened at any time
        after its call, or not at all. A valid verdict is replayed through the specification; an invalid one comes with
        the operation that has no place; when the budget of states is used up the verdict is unknown and says where.
        """,
    "set": """
        Jepsen's set checker: looks at the last read alone. What was acknowledged must be there, what was never
        attempted must not.
        """,
    "set-full": """
        Jepsen's full set checker: follows every element from its add on. An element is lost when it was known and a
        later read lacks it for good.
        """,
    "g-set": """
        For sets that converge: while the cluster is cut in parts a read may lack what others added, but once it is
        healed all reads must have all of it.
        """,
    "counter": """
        For linearizable counters: every read lies between the adds that were acknowledged before it began and those
        that were attempted before it ended.
        """,
    "pn-counter": """
        For counters that converge: once the cluster is healed, every read is a sum of acknowledged adds and some of
        those nobody knows about.
        """,
    "stats": """
        Counts how operations ended. A function that never once succeeded was not tested: the verdict is unknown,
        whatever the others say.
        """,
    "availability": """
        How large a share of the operations succeeded. Without a goal it never objects.
        """,
    "invariants": """
        Promises about the nodes themselves, looked at whenever a node's account of its state changes: one leader per
        term, equal committed logs.
        """,
    "node-exceptions": """
        Code of a node that raised without a disk fault as the reason.
        """,
    "liveness": """
        Does the cluster recover? At the end of the main phase a quorum is healed, and must serve an operation within a
        bound; then all is healed, and all must agree. Judged only within what the model claims to survive.
        """,
}
