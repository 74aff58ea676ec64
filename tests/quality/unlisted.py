"""Bugs that no list names, patched into Raft from outside: the nemeses are not tuned to the list of planted ones.

A model from a file of one's own: `chaoskit run tests/quality/unlisted.py:counts_messages --seed 1`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chaoskit.models.raft import raft
from chaoskit.models.raft.messages import Ask, Vote
from chaoskit.models.raft.node import ELECTION_MAX, Raft


class CountsMessages(Raft):
    """Counts the votes that arrive, not the voters that sent them: a duplicated message is another vote."""

    def start(self) -> None:
        super().start()
        self.arrived = 0

    def on_vote(self, sender: str, vote: Vote) -> None:
        self.arrived += 1
        super().on_vote(f"{sender}, message {self.arrived}", vote)


class TrustsLease(Raft):
    """Answers reads at once while a majority's answers are younger than the longest election time-out by its own clock.

    The age is counted from when an answer is handled, not from when it was asked for, and others may have lost patience sooner:
    after a pause the lease still seems to hold.
    """

    async def read(self, ask: Ask) -> Any:
        if self.commit >= self.term_start and self._has_lease():
            return self.machine.read(ask)
        return await super().read(ask)

    def _has_lease(self) -> bool:
        now = self.now()
        fresh = sum(peer == self.name or 0 <= now - self.answered[peer] < ELECTION_MAX for peer in self.members)
        return fresh >= self.quorum_size


counts_messages = replace(raft, name="counts_messages", node=CountsMessages, summary="Raft that counts votes by message")
trusts_lease = replace(raft, name="trusts_lease", node=TrustsLease, summary="Raft with a leader lease trusted across a pause")
