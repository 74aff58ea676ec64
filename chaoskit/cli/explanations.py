"""What `chaoskit explain` says of anomalies, of verdicts of the world, and of exit codes. Prose, one entry a name.

Each entry says what was seen, why it cannot be right, what usually causes it, and where to look. What is said here of a
checker or a fault family comes after its own summary from its table. Paragraphs have a blank line between them; how they
are broken here means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaoskit.cli.exit_codes import ExitCode


@dataclass(frozen=True, slots=True)
class Explanation:
    """A title and what follows it."""

    title: str
    text: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return paragraphs_of(self.text)


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line."""
    return tuple(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


ANOMALIES: dict[str, Explanation] = {
    "phantom-read": Explanation(
        "a read returned a value that nobody ever wrote",
        """
        No write of this value, successful, failed or unanswered, had begun before the read ended. The value came out of
        nothing.

        Look for corrupted or mixed-up messages and records (a checksum that is not checked), answers that reach the
        wrong request, and memory that is shared between requests.
        """,
    ),
    "dirty-read": Explanation(
        "a read returned a value that was never committed",
        """
        Only a write that failed, or one that was taken back, wrote this value: somebody saw what never happened.

        The usual cause is a node that answers reads from what it has appended or received instead of from what is
        committed. Try what a leader does with entries that it loses with its leadership.
        """,
    ),
    "stale-read": Explanation(
        "a read returned a value that had been overwritten before the read began",
        """
        A newer write was acknowledged, and after that a read began and still returned the older value. In real time the
        write comes first, so every order of the operations that respects it makes the read see the newer value.

        Usual causes: a deposed leader that does not know it and serves reads from its own state; a follower that serves
        reads; a read lease that trusts a skewed clock; a client that is moved to a replica that lags behind. The faults
        in force during the read, and who led, stand under the sentences.
        """,
    ),
    "new-old-inversion": Explanation(
        "one read saw a new value, and a later read saw the old one again",
        """
        A write was still under way, so either value may be seen; but once a read has returned the new one, reads that
        begin later must not go back.

        Typical of reads that ask one replica without making the value durable on a majority before they answer (the
        write-back of ABD), and of replicas that serve reads while a write spreads.
        """,
    ),
    "lost-write": Explanation(
        "a write was acknowledged, and no later read ever saw it",
        """
        Since the write was acknowledged only older values were read, by more than one read, and its own value never.
        One old value would be a stale read; everybody missing it means that it is gone.

        Usual causes: acknowledging before a majority has it, or before it is synced to disk; a new leader that is
        elected without the newest entries; a log that is cut where it should not be; writes lost in a power failure.
        """,
    ),
    "duplicate-apply": Explanation(
        "a value came back after it had been overwritten and the newer value had been seen",
        """
        The write took effect twice: once where it belongs and once more after a newer write.

        The usual cause is a retry that is applied again: a request without an identity, or a session table that is lost
        or not replicated. Messages that are duplicated or delayed make it likely.
        """,
    ),
    "non-linearizable": Explanation(
        "no order of the operations explains what they returned",
        """
        Every order that respects real time (an operation that ended before another began comes first) makes some
        operation return something else than it did. None of the simpler patterns fits: the search shows the longest
        order that works, and why the failing operation has no place in it.
        """,
    ),
    "own-write-forgotten": Explanation(
        "a process wrote, and then read what was there before its write",
        """
        The write was acknowledged to the very process that reads, and its read returned the initial value or an older
        write of its own. Read your writes, and every level above it, forbids that.

        Usual causes: the read went to a replica that the write had not reached; a session that moved to another node
        and did not carry along what it had written; an older write that overtook a newer one.
        """,
    ),
    "read-went-back": Explanation(
        "a process saw a value replaced, and later saw it again",
        """
        Every value is written once, so that a value that is back was never really gone: what the process reads went
        back in time. Monotonic reads, and every level above it, forbids that.

        Usual causes: reads that are spread over replicas which lag differently, without a session that remembers how
        far it has seen.
        """,
    ),
    "writes-out-of-order": Explanation(
        "a process saw the later write of another process without the earlier one",
        """
        Its reads are monotonic, and yet no order of what it saw keeps the writes of every process in the order in which
        they were made.

        Usual causes: writes that travel apart (one key a shard, one connection a write) and are applied as they come;
        clocks of two nodes that stamp one process' writes.
        """,
    ),
    "write-before-its-cause": Explanation(
        "a write was seen, and what its process had seen before it was not",
        """
        Somebody read a value and then wrote: an answer to it, perhaps. Somebody else saw the answer, and after that not
        yet what it answers.

        Usual causes: replication that keeps the order of each origin and forgets what a write depends on. Vector clocks
        or explicit dependencies mend it.
        """,
    ),
    "non-pram": Explanation(
        "no order explains what a process saw and keeps what each process did in order",
        """
        The session guarantees may hold one by one; together they do not. The steps say what must come before what, each
        with its reason, until something would have to come before itself.
        """,
    ),
    "non-causal": Explanation(
        "no order explains what a process saw and keeps causes before their effects",
        """
        A cause is what the same process did before, or the write that a read saw, or a cause of a cause. The steps say
        what must come before what, each with its reason, until something would have to come before itself.

        Usual causes are those of writes that are seen before what their process had seen.
        """,
    ),
    "non-sequential": Explanation(
        "no one order of all operations explains every read and keeps what each process did in order",
        """
        Real time does not matter here: a stale read alone is no violation. Two processes saw things in ways that exclude
        each other, such as two writes in opposite orders, or each its own write before the other's.

        Usual causes: replicas that apply concurrent writes in different orders; a write that is acknowledged while it
        sits in a buffer, and a read that does not wait for it.
        """,
    ),
    "phantom-element": Explanation(
        "an element was read that nobody ever added",
        """
        No add or enqueue of it had begun. Look where phantom reads come from: corruption, mixed-up answers, shared
        memory.
        """,
    ),
    "lost-element": Explanation(
        "an element was acknowledged, and later reads do not have it",
        """
        It was added for certain, or had been seen, and was gone for good afterwards; of a queue: it was enqueued for
        certain and never came out. What a lost write is to a register, this is to a collection.

        Usual causes are those of lost writes, and merges that let one side win where both should be kept.
        """,
    ),
    "missing-element": Explanation(
        "once everything was healed, a read still lacked an element that was acknowledged",
        """
        The replicas were given time to converge and did not: look at what is retransmitted after a partition, and at
        merges.
        """,
    ),
    "resurrected-element": Explanation(
        "an element was there again after it had been removed",
        """
        It was removed for certain before the read began, and nobody added it again. Look for tombstones that are
        dropped or lose a merge.
        """,
    ),
    "duplicate-element": Explanation(
        "one read returned the same element twice",
        """
        A set holds an element once. Look for adds that are applied again on a retry, and for merges by concatenation.
        """,
    ),
    "duplicate-delivery": Explanation(
        "an element came out of a queue more often than it went in",
        """
        Look for a dequeue that is answered before its removal is committed, and for retries that are applied again.
        """,
    ),
    "lost-append": Explanation(
        "an append was acknowledged, and no later read has it",
        """
        Since it was acknowledged the list was read more than once, and the element was never there. What a lost write is
        to a register, this is to a list.

        Usual causes are those of lost writes.
        """,
    ),
    "duplicate-append": Explanation(
        "an element is in a list more often than it was appended",
        """
        An append took effect twice. The usual cause is a retry that is applied again: a request without an identity, or
        a session table that is lost or not replicated.
        """,
    ),
    "incompatible-order": Explanation(
        "two reads of one list have its elements in different orders",
        """
        A list only grows at its end, so that of two reads one must be the beginning of the other. These two part: they
        come from two lists.

        Usual causes: replicas that apply concurrent appends in different orders; two leaders that both accept them.
        """,
    ),
    "out-of-order": Explanation(
        "a later element came before an earlier one",
        """
        An element came out of a queue, while another that was ahead of it was still there: one that was enqueued for
        certain before it, of a stack one that was pushed on top of it, of a priority queue a better one. Or it stands
        before another in a list, though that was appended for certain before it.
        """,
    ),
    "out-of-bounds": Explanation(
        "a counter read a total that no choice among the adds allows",
        """
        What was acknowledged before the read must be in the total; what was under way may be. The value lies outside
        those bounds: too low means that adds were lost or the read is stale, too high that adds were applied twice.
        """,
    ),
    "wrong-total": Explanation(
        "once everything was healed, a counter read a total that the adds do not allow",
        """
        The replicas were given time to converge. Too low: adds were lost in a merge. Too high: an add was counted
        twice.
        """,
    ),
    "double-grant": Explanation(
        "a lock was given to two at once",
        """
        Look for lock services without fencing: a lease that ran out by one clock and not by another, or a grant that
        was not committed.
        """,
    ),
    "over-grant": Explanation(
        "a semaphore gave more permits than it has",
        """
        In every order, fewer permits were free than somebody was given. Look where locks that are given to two come from:
        leases without fencing, and grants that were not committed.
        """,
    ),
    "release-not-held": Explanation(
        "a lock was released by somebody who did not hold it",
        """
        The release succeeded although, in every order, the lock was free or somebody else's.
        """,
    ),
    "unavailable": Explanation(
        "fewer operations succeeded than was promised",
        """
        Nothing wrong was answered; too little was answered at all.
        """,
    ),
    "two-leaders": Explanation(
        "two nodes led the same term",
        """
        A term has at most one leader, because a majority votes once in it. Two leaders accept different writes, and one
        side loses them.

        Usual causes: a vote or a term that is not on disk before it is answered, so that a restarted node votes again;
        a majority that is counted wrongly (half of an even cluster, or two memberships that do not overlap).
        """,
    ),
    "logs-diverge": Explanation(
        "two nodes committed different entries at the same place",
        """
        Committed means final: replicas that disagree about it answer differently for ever.

        Usual causes: an append without a look at the entry before; committing entries of an older term by counting
        copies (figure 8 of the Raft paper); votes for candidates whose log is behind; entries that were acknowledged
        and not synced.
        """,
    ),
    "committed-entry-removed": Explanation(
        "a node lost log entries that it knew to be committed",
        """
        Committed means final: what a node has told others, or its own state machine, to be committed must stay in its
        log. The log was cut below that point.

        Usual causes: a snapshot or an append that replaces more than it should, a late message that cuts off what
        matches, and entries that were acknowledged before they were synced.
        """,
    ),
    "no-progress": Explanation(
        "a healed quorum did not complete one operation within the bound",
        """
        The faults on a core that the model claims is enough were healed, the rest stayed as it was, and clients kept
        asking. Nothing succeeded in virtual seconds that are ages for a cluster.

        Look at what the nodes wait for (it stands with the violation): an election that never ends, a leader that waits
        for a node that is gone, a message that nobody sends again.
        """,
    ),
    "deadlock": Explanation(
        "nothing can ever happen again, and operations are still open",
        """
        No message is under way, no timer is set, and somebody waits. What waits for what stands with the violation.
        """,
    ),
    "livelock": Explanation(
        "the cluster is busy without end at one instant",
        """
        More events happened at a single instant of virtual time than any protocol needs: messages or timers of no delay
        that set each other off.
        """,
    ),
    "disagreement": Explanation(
        "after everything was healed and quiet, the nodes still differ",
        """
        All nodes were up, all faults were gone, and there was time; each node's own account of its state should be the
        same, and is not.

        Usual causes: a replica that misses what was committed while it was away, or that applied something it should
        not have.
        """,
    ),
    "node-exception": Explanation(
        "a node's own code raised an exception",
        """
        An assertion that failed, or a case that nobody thought of. The node is treated as crashed; unless a disk fault
        did it, this is a violation on its own, whatever clients saw.
        """,
    ),
}

EXIT_CODES: dict[ExitCode, Explanation] = {
    ExitCode.VALID: Explanation(
        "everything that was promised held",
        """
        All checkers said valid. A green result is only as good as what was tried: see 'What was exercised' in the
        report, and --strict-exercise. Commands that judge nothing (list, show, report …) exit with 0 when they did what
        was asked.
        """,
    ),
    ExitCode.VIOLATION: Explanation(
        "a violation was found",
        """
        At least one checker said invalid, with evidence, or a sweep has a finding. The run is kept; its report explains
        it, and its reproduce command makes it again.
        """,
    ),
    ExitCode.USAGE: Explanation(
        "the command line, a configuration, a plan or a history was not understood",
        """
        Nothing was run. The message says what was expected, what came, and what to write instead.
        """,
    ),
    ExitCode.UNKNOWN: Explanation(
        "nobody knows",
        """
        No violation was found, but something could not be decided: a budget was used up, a checker raised, a function
        never succeeded, or, with --strict-exercise, too little was tried. The reason names the limit and what to
        change.
        """,
    ),
    ExitCode.BROKEN: Explanation(
        "something broke that is neither the verdict nor the command line",
        """
        A model, specification, client or nemesis broke its contract (the message says which, and log.txt of the run has
        the trace); a run could not be written or read back; or it is a bug in chaoskit, and the message says what to
        send. Whatever had been recorded is kept.
        """,
    ),
    ExitCode.DIFFERENT: Explanation(
        "a replay differs from its recording",
        """
        The same plan gave other bytes. The message names the first event that differs. If the model's code or chaoskit
        has changed, it says so, and that is why; if not, something is not deterministic: a model that reads a clock,
        global randomness, or the order of a set.
        """,
    ),
    ExitCode.INTERRUPTED: Explanation(
        "somebody pressed Ctrl-C",
        """
        What had been recorded until then is kept as a run of its own. A second Ctrl-C does not wait for that.
        """,
    ),
    ExitCode.TERMINATED: Explanation(
        "somebody sent SIGTERM: a supervisor, a time limit, 'kill'",
        """
        It is taken as Ctrl-C: what had been found and recorded is kept, and a second one does not wait for that. Whatever
        the command had found by then, this is its exit code.
        """,
    ),
}

NEMESES: dict[str, str] = {
    "partition": """
        Safety must hold whatever is cut. Progress is expected only where the model's quorum can still talk to each
        other.
        """,
    "kill": """
        This is kill -9: no cleanup runs. What was not synced survives a kill, since the system still has it; a power
        loss may take or tear it.
        """,
    "pause": """
        This is SIGSTOP: the process knows nothing of it. It wakes up and goes on with what it believed before, perhaps
        as a leader of long ago.
        """,
    "clock": """
        Leases and timeouts trust clocks. A protocol that is safe only while clocks agree shows here.
        """,
    "packet": """
        Networks delay, drop, repeat and mix up what is sent. Nothing but a checksum tells a corrupted message from a
        true one.
        """,
    "toxic": """
        What a stream of bytes can suffer that a message cannot: it comes in other pieces than it was written in, stops
        in the middle, ends early, is reset. Only models whose hosts speak over connections have any.
        """,
    "disk": """
        A sync that fails has perhaps written something; what fails once may succeed next time. A full disk refuses, and
        must not be taken for done.
        """,
    "wipe": """
        A node that forgot everything it had promised. Few protocols claim to survive it, so it is mostly beyond the
        claim (write 'wipe!').
        """,
}
