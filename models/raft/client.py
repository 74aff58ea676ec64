"""Raft's clients: one session each, pinned to one node, which passes on to the leader what it cannot serve."""

from __future__ import annotations

from typing import Any

from chaoskit.model import Client, Op
from chaoskit.models.raft.messages import Answer, Ask


class RaftClient(Client):
    """Speaks for one session; every operation has a serial in it, so that a retry anywhere on the way is applied once."""

    async def ask(self, f: str, key: Any, value: Any) -> Any:
        self.requests += 1
        answer: Answer = await self.call(Ask(self.session, self.requests, f, key, value))
        return answer.value


class RegisterClient(RaftClient):
    async def invoke(self, op: Op) -> Op:
        answer = await self.ask(op.f, op.key, op.value)
        if op.f == "cas" and not answer:
            return op.fail("the value was another")
        return op.ok(answer if op.f == "read" else op.value)


class SetClient(RaftClient):
    async def invoke(self, op: Op) -> Op:
        answer = await self.ask(op.f, op.key, op.value)
        return op.ok((answer or []) if op.f == "read" else op.value)


class CounterClient(RaftClient):
    async def invoke(self, op: Op) -> Op:
        answer = await self.ask("increment" if op.f == "add" else op.f, op.key, op.value)
        return op.ok((answer or 0) if op.f == "read" else op.value)
