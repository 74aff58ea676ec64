"""Protocols of a person's own, for tests of the command line: one that works, and ways to be wrong that every seed shows."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from chaoskit.model import Op, Request
from chaoskit.models.abd import RegisterClient, Replica, Write, abd


class Honest(RegisterClient):
    """As it should be."""


class Liar(RegisterClient):
    """Every read returns what nobody wrote."""

    async def invoke(self, op: Op) -> Op:
        done = await super().invoke(op)
        return op.ok(-1) if op.f == "read" else done


class Sometimes(RegisterClient):
    """A liar where the seed gives the cluster a sixth client."""

    async def invoke(self, op: Op) -> Op:
        done = await super().invoke(op)
        return op.ok(-1) if op.f == "read" and self.name == "c5" else done


class Deadly(RegisterClient):
    """Ends the whole process where the seed gives the cluster a sixth client."""

    async def invoke(self, op: Op) -> Op:
        if self.name == "c5":
            os._exit(9)
        return await super().invoke(op)


class Broken(RegisterClient):
    """Breaks the contract of clients: it raises."""

    async def invoke(self, op: Op) -> Op:
        if op.f == "read":
            raise ZeroDivisionError("one too many")
        return await super().invoke(op)


class Moody(RegisterClient):
    """Answers by chance from outside: clients see another history each time."""

    async def invoke(self, op: Op) -> Op:
        done = await super().invoke(op)
        return op.ok(int.from_bytes(os.urandom(8), "big") >> 1) if op.f == "read" else done


class Whimsical(Replica):
    """Observes by chance from outside: clients see the same, the cluster does not."""

    def observe(self) -> dict[str, Any]:
        return {"role": "replica", "mood": os.urandom(4).hex()}


class Chatty(Replica):
    """Logs by chance from outside: the cluster does the same and says something else."""

    async def receive(self, request: Request) -> None:
        if isinstance(request.body, Write):
            self.log(os.urandom(4).hex())
        await super().receive(request)


_clean = dataclasses.replace(abd, bugs=())
honest = dataclasses.replace(_clean, name="honest", summary="A register that keeps its word", clients={"register": Honest})
liar = dataclasses.replace(_clean, name="liar", clients={"register": Liar})
sometimes = dataclasses.replace(_clean, name="sometimes", clients={"register": Sometimes})
deadly = dataclasses.replace(_clean, name="deadly", clients={"register": Deadly})
broken = dataclasses.replace(_clean, name="broken", clients={"register": Broken})
moody = dataclasses.replace(_clean, name="moody", clients={"register": Moody})
whimsical = dataclasses.replace(_clean, name="whimsical", node=Whimsical)
chatty = dataclasses.replace(_clean, name="chatty", node=Chatty)
