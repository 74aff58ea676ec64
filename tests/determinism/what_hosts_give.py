"""Prints what asyncio hosts give for a few seeds: for comparing processes."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from pathlib import Path

from chaoskit.hosts import AsyncioHost, Universe
from chaoskit.run import draw, execute, judge
from chaoskit.settings import Settings

CERTIFICATE = Path(__file__).parents[1] / "unit" / "hosts" / "certificate.pem"
SERVER = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
SERVER.load_cert_chain(CERTIFICATE)
CLIENT = ssl.create_default_context(cafile=str(CERTIFICATE))


async def serve(host: AsyncioHost) -> None:
    """Answers each line after a random while."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            await asyncio.sleep(random.expovariate(100))
            writer.write(line[::-1])
        writer.close()

    server = await asyncio.start_server(converse, port=443, ssl=SERVER)
    await server.serve_forever()


async def ask(host: AsyncioHost) -> list[str]:
    """Asks eighty questions at once, in the order of a set of tasks; a lost connection is noted."""

    async def question(number: int) -> str:
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection("n1", 443, ssl=CLIENT)
                writer.write(b"question %d\n" % number)
                answer = await reader.readline()
                writer.close()
                return answer.decode()
        except (OSError, TimeoutError) as error:
            return type(error).__name__

    await asyncio.sleep(0.01)
    done, _ = await asyncio.wait({asyncio.create_task(question(number)) for number in range(80)})
    return [task.result() for task in done]


def talk(seed: int) -> list[object]:
    with Universe({"n1": serve, "n2": ask}, seed=seed, loss=20_000) as universe:
        universe.run(0.06)
        universe.control.kill("f1", "n1", power_loss=True)
        universe.run(0.1)
        universe.control.heal("f1")
        return [universe.run("n2"), universe.digest(), universe.now]


def judged(seed: int) -> list[object]:
    outcome = execute(draw(Settings(seed=seed, ops=60), "kv_http"))
    return [outcome.digests(), str(judge(outcome).status)]


if __name__ == "__main__":
    print(json.dumps({"talk": [talk(1), talk(2)], "judged": judged(5)}))
