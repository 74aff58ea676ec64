"""What may come next in a search: the rules by which one configuration leads to others, whatever the order they are visited in.

Any pending call may come next, then any crashed one; reads are placed as soon as the state allows, because a read changes
nothing and an early place is as good as any. A write can always happen and its state does not depend on the one before, so that
right before a write every other open write may be placed too, unseen: such a *hidden* write is done with, and yet not used up,
for it may as well be placed later, where it is seen. One configuration stands so for all the ways to hide some of them.
"""

from __future__ import annotations

from typing import Union

from chaoskit.check.linear.layout import MOVER, WRITE, Layout, Stop
from chaoskit.check.linear.prunings import Prunings
from chaoskit.check.linear.tables import Table

NOWHERE = -1
UNSEEN_WRITE = -2

# call, state after it, how many calls are placed, the path before, stop, and the open bits of the writes that it hides
Path = tuple[int, int, int, Union["Path", None], int, int]
Placement = tuple[int, int]  # call, state after it

# stop, state, mask, burden, path; what nobody has seen yet: UNSEEN_WRITE for the effect of a write, the state before for that of
# another crashed call, NOWHERE for nothing; and is it late: has one that is the same but for this passed the stop?
Configuration = tuple[int, int, int, int, Path | None, int, bool]
Allowed = tuple[int, list[tuple[int, int]]]  # the open bits of the reads that a state allows; each with its call


def late(configuration: Configuration) -> Configuration:
    """The same, which has to place the write that ends at its stop where it is seen."""
    return *configuration[:6], True


class Moves:
    """The rules for one problem."""

    __slots__ = ("_allowed", "_rows", "_stops", "_table", "_unseen", "_waste")

    def __init__(self, layout: Layout, table: Table, prunings: Prunings) -> None:
        self._stops = layout.stops
        self._table = table
        self._rows = table.rows
        self._unseen = prunings.unseen_writes
        self._waste = prunings.waste
        self._allowed: list[dict[int, Allowed]] = [{} for _ in layout.stops]

    def enter(self, at: int, state: int, mask: int, burden: int, path: Path | None) -> Configuration:
        """The configuration that comes to this stop: what is new is open, but for reads that the state allows, now placed."""
        stop = self._stops[at]
        for bit, label, call in stop.fresh:
            if self.after(label, state):
                path = (call, state, path[2] + 1 if path else 1, path, at, 0)
            else:
                burden |= bit
        return at, state, mask, burden | stop.fresh_open, path, NOWHERE, False

    def passes(self, configuration: Configuration) -> bool:
        """Is the call placed that ends at its stop, and if it is late, seen?"""
        stop = self._stops[configuration[0]]
        if stop.kind == MOVER:
            return bool(configuration[2] & stop.bit)
        return not configuration[3] & stop.open_bit and (not configuration[6] or bool(configuration[3] & stop.bit))

    def has_hidden(self, configuration: Configuration) -> bool:
        """Does it pass its stop with a hidden write, which may just as well be placed now, at the last moment to be seen?"""
        stop = self._stops[configuration[0]]
        return stop.kind == WRITE and not configuration[3] & stop.bit

    def leave(self, configuration: Configuration) -> Configuration:
        """The configuration just behind its stop; the bits of the call that ended are given back."""
        at, state, mask, burden, path, _, _ = configuration
        stop = self._stops[at]
        if stop.kind == MOVER:
            mask ^= stop.bit
        elif stop.kind == WRITE and burden & stop.bit:
            burden ^= stop.bit
        return at + 1, state, mask, burden, path, NOWHERE, False

    def children(self, configuration: Configuration) -> list[Configuration]:
        """What one more call leads to, the call that returns first first."""
        stop = self._stops[configuration[0]]
        found: list[Configuration] = []
        if stop.movers:
            self._add_movers(configuration, stop, found)
        if configuration[5] != UNSEEN_WRITE:
            self._add_writes(configuration, stop, found)
        if stop.crashed:
            self._add_crashed(configuration, stop, found)
        return found

    def settle(self, configuration: Configuration) -> Configuration:
        """The configuration once the open reads that its state allows are placed too."""
        at, state, mask, burden, path, _, late = configuration
        allowed = self._allowed[at].get(state)
        if allowed is None:
            allowed = self._allow(at, state)
        closing = burden & allowed[0]
        if not closing:
            return configuration
        for bit, call in allowed[1]:
            if closing & bit:
                path = (call, state, path[2] + 1 if path else 1, path, at, 0)
        return at, state, mask, burden ^ closing, path, NOWHERE, late

    def forget(self, at: int) -> None:
        """Nothing will be asked about this stop again."""
        self._allowed[at].clear()

    def after(self, label: int, state: int) -> tuple[int, ...]:
        """The states after this label in this state."""
        known = self._rows[label].get(state)
        return self._table.step(label, state) if known is None else known

    def order(self, path: Path | None) -> list[Placement]:
        """The calls of a path from first to last, hidden writes before the write that hides them."""
        nodes = []
        while path is not None:
            nodes.append(path)
            path = path[3]
        seen = {node[0] for node in nodes}
        order = []
        for call, state, _, _, at, hidden in reversed(nodes):
            if hidden:
                for _, label, other, _, open_bit in self._stops[at].writes:
                    if hidden & open_bit and other not in seen:
                        order.append((other, self.after(label, state)[0]))
            order.append((call, state))
        return order

    def states_from(self, at: int, state: int, burden: int) -> list[int]:
        """The state of a configuration, and those that writes lead to from there."""
        stop = self._stops[at]
        found = [state]
        found += [self.after(label, state)[0] for bit, label, _, _, _ in stop.writes if not burden & bit]
        for label, members, is_write in stop.crashed:
            if is_write and any(not burden & bit for bit, _ in members):
                found.append(self.after(label, state)[0])
        return found

    def _add_movers(self, configuration: Configuration, stop: Stop, found: list[Configuration]) -> None:
        """The pending movers that are not placed. Equal calls are interchangeable: the elder goes first."""
        at, state, mask, burden, path, unseen, late = configuration
        placed = path[2] if path else 0
        for bit, label, call, twin, _ in stop.movers:
            if mask & bit or (twin and not mask & twin):
                continue
            for new in self.after(label, state):
                if not self._is_waste(label, new, unseen):
                    node = (call, new, placed + 1, path, at, 0)
                    found.append((at, new, mask | bit, burden, node, NOWHERE, late))

    def _add_writes(self, configuration: Configuration, stop: Stop, found: list[Configuration]) -> None:
        """The pending writes that are not used up."""
        at, state, mask, burden, path, unseen, late = configuration
        placed = path[2] if path else 0
        hidden = burden & stop.open_writes
        left = burden ^ hidden
        count = placed + hidden.bit_count()
        blind = UNSEEN_WRITE if self._unseen else NOWHERE
        for bit, label, call, twin, _ in stop.writes:
            if burden & bit or (twin and not burden & twin):
                continue
            new = self.after(label, state)[0]
            if not self._is_waste(label, new, unseen):
                found.append((at, new, mask, left | bit, (call, new, count, path, at, hidden), blind, late))

    def _add_crashed(self, configuration: Configuration, stop: Stop, found: list[Configuration]) -> None:
        """The first of each group of equal crashed calls that is not used yet, if it changes the state or hides a write."""
        at, state, mask, burden, path, unseen, late = configuration
        placed = path[2] if path else 0
        for label, members, is_write in stop.crashed:
            if is_write and unseen == UNSEEN_WRITE:
                continue
            bit, call = self._first_unused(members, burden)
            if not bit:
                continue
            hidden = burden & stop.open_writes if is_write else 0
            for new in self.after(label, state):
                if (new != state or hidden) and not self._is_waste(label, new, unseen):
                    node = (call, new, placed + 1 + hidden.bit_count(), path, at, hidden)
                    blind = UNSEEN_WRITE if is_write and self._unseen else state if not hidden else NOWHERE
                    found.append((at, new, mask, burden ^ hidden | bit, node, blind, late))

    def _first_unused(self, members: tuple[tuple[int, int], ...], burden: int) -> tuple[int, int]:
        for member in members:
            if not burden & member[0]:
                return member
        return 0, NOWHERE

    def _is_waste(self, label: int, new: int, unseen: int) -> bool:
        """Was the crashed call just placed useless?

        No read has seen its effect, and without it this label leads to the same state: the configuration that does without it has
        fewer crashed calls used, and is reached from the one before.
        """
        return unseen >= 0 and self._waste and new in self.after(label, unseen)

    def _allow(self, at: int, state: int) -> Allowed:
        """Which of the reads pending at a stop this state allows."""
        members = [(bit, call) for bit, label, call in self._stops[at].reads if self.after(label, state)]
        allowed = sum(bit for bit, _ in members), members
        self._allowed[at][state] = allowed
        return allowed
