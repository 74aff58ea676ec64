"""What every Raft node does for the clients that are pinned to it: carry out their operations, or pass them on to the leader.

An operation is tried again while that may help; its session and serial make the retries apply once.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from chaoskit.model import MILLISECOND, Node, Request, TimedOut
from chaoskit.models.raft.messages import Answer, Ask, Forward, NotLeader

FOLLOWER, CANDIDATE, LEADER = "follower", "candidate", "leader"
FORWARD_TIMEOUT = 150 * MILLISECOND  # at first; twice as long each time, so that a leader that is slow is not flooded
FORWARD_TIMEOUT_MAX = 8 * FORWARD_TIMEOUT
RETRY = 40 * MILLISECOND
ATTEMPTS = 20  # how often a gateway tries before it leaves the client to its time-out


class Deposed(Exception):  # noqa: N818  # an answer to a waiting handler
    """This node no longer leads: what was asked of it may or may not come about."""


class Gateway(Node):
    """The clients' side of a node. Whoever subclasses it keeps `role` and `leader` and carries out operations as the leader."""

    role: str
    leader: str  # the node that leads as far as is known, "" for nobody

    @abstractmethod
    async def execute(self, ask: Ask) -> Any:
        """Carries out an operation as the leader. Raises `Deposed` when it is not, or no longer."""

    async def serve(self, request: Request, ask: Ask) -> None:
        """A client's gateway: carries out the operation here, or passes it on to the leader, trying again while it may help."""
        patience = FORWARD_TIMEOUT
        for _ in range(ATTEMPTS):
            try:
                if self.role == LEADER:
                    request.reply(Answer(await self.execute(ask)))
                    return
                if self.leader:
                    answer = await self.call(self.leader, Forward(ask), patience)
                    if isinstance(answer, Answer):
                        request.reply(answer)
                        return
            except TimedOut:
                patience = min(2 * patience, FORWARD_TIMEOUT_MAX)
                continue
            except Deposed:
                continue
            await self.sleep(RETRY)

    async def serve_forwarded(self, request: Request, ask: Ask) -> None:
        try:
            request.reply(Answer(await self.execute(ask)))
        except Deposed:
            request.reply(NotLeader())
