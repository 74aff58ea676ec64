"""What a generator may know when it is asked: the time, which threads there are, which are free, and who they are.

A thread is a client slot or the nemesis; the process is the name under which it works now, and changes when the outcome of an
operation is unknown. Threads are bits of an integer, slot i as bit i and the nemesis last: narrowing a context costs one `and`.

After the contexts of jepsen-io/generator.
"""

from __future__ import annotations

import msgspec

from chaoskit.core.errors import UsageError
from chaoskit.core.op import NEMESIS, Process
from chaoskit.draws import Draws
from chaoskit.generate.ask import Thread


class Context(msgspec.Struct, frozen=True):
    """The world as generators see it, at one instant. A function used as a generator is handed one.

    `turn` counts invocations, so that threads are used in rotation and none starves. `draws` is for the function that is asked,
    at an address of its own.
    """

    time: int
    slots: int
    all_bits: int
    free_bits: int
    processes: tuple[Process, ...]  # by thread index
    turn: int
    draws: Draws

    @classmethod
    def start(cls, *, slots: int, draws: Draws, time: int = 0) -> Context:
        """The context before anything was asked: `slots` clients and the nemesis, all free. Raises `UsageError`."""
        if slots < 1:
            raise UsageError(f"expected at least one client slot but got slots={slots}.")
        everyone = (1 << slots + 1) - 1
        return cls(time, slots, everyone, everyone, (*range(slots), NEMESIS), 0, draws)

    @property
    def all_threads(self) -> tuple[Thread, ...]:
        """The threads that may be asked of here, the nemesis last."""
        return threads_of(self.all_bits, self.slots)

    @property
    def free_threads(self) -> tuple[Thread, ...]:
        """Those of them that are not busy."""
        return threads_of(self.free_bits, self.slots)

    def process_of(self, thread: Thread) -> Process:
        """The process that a thread works as now."""
        return self.processes[index_of(thread, self.slots)]

    def thread_of(self, process: Process) -> Thread:
        """The thread that a process belongs to, also of a process that is gone."""
        return process if process == NEMESIS else int(process) % self.slots

    def is_free(self, thread: Thread) -> bool:
        """Whether a thread may be used now."""
        return bool(self.free_bits >> index_of(thread, self.slots) & 1)

    def first(self) -> int:
        """The index at which the rotation stands: among the clients, or with the nemesis where it is here."""
        return self.turn % (self.slots + (self.all_bits >> self.slots))

    def next_free(self) -> int:
        """The index of the free thread whose turn it is, -1 when all are busy."""
        free = self.free_bits
        if not free:
            return -1
        first = self.turn % (self.slots + (self.all_bits >> self.slots))  # first(), without the call: this is asked for every op
        later = free >> first
        if later:
            return first + (later & -later).bit_length() - 1
        return (free & -free).bit_length() - 1

    def narrowed(self, bits: int) -> Context:
        """The same, with only these threads in it."""
        return Context(
            self.time, self.slots, self.all_bits & bits, self.free_bits & bits, self.processes, self.turn, self.draws
        )

    def at(self, time: int) -> Context:
        """The same at another time."""
        return Context(time, self.slots, self.all_bits, self.free_bits, self.processes, self.turn, self.draws)

    def drawing(self, draws: Draws) -> Context:
        """The same with other draws."""
        return Context(self.time, self.slots, self.all_bits, self.free_bits, self.processes, self.turn, draws)

    def freed(self, bits: int) -> Context:
        """The same once these threads are free."""
        return Context(self.time, self.slots, self.all_bits, self.free_bits | bits, self.processes, self.turn, self.draws)

    def taken(self, bit: int) -> Context:
        """The same once this thread is busy; it is the next one's turn."""
        return Context(
            self.time, self.slots, self.all_bits, self.free_bits & ~bit, self.processes, self.turn + 1, self.draws
        )

    def retired(self, index: int) -> Context:
        """The same once the slot at this index goes on as a new process."""
        before = self.processes
        processes = (*before[:index], int(before[index]) + self.slots, *before[index + 1 :])
        return Context(self.time, self.slots, self.all_bits, self.free_bits, processes, self.turn, self.draws)


def index_of(thread: Thread, slots: int) -> int:
    """A thread's place among the bits."""
    return thread if isinstance(thread, int) else slots


def index_of_process(process: Process, slots: int) -> int:
    """The place of a process's thread among the bits: a slot's processes are slot, slot + slots, slot + 2 · slots …"""
    return process % slots if isinstance(process, int) else slots


def thread_at(index: int, slots: int) -> Thread:
    """The thread at a place among the bits."""
    return index if index < slots else NEMESIS


def threads_of(bits: int, slots: int) -> tuple[Thread, ...]:
    """The threads whose bits are set, the nemesis last."""
    return tuple(thread_at(index, slots) for index in range(slots + 1) if bits >> index & 1)
