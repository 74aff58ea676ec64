"""Prints the digests of worlds whose hosts speak over connections, under toxics, losses and crashes: equal in every process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "sim"))
from town import Town


def digests(seed: int) -> dict[str, str]:
    """Echo servers, many clients, everything that goes wrong; and what programs were told."""
    town = Town(seed=seed, latency="lognormal:2ms,sigma=0.4", loss=30_000, duplicate=20_000, reorder=20_000)
    for host in ("n2", "n3"):
        town.listen(host, ready=lambda diary: setattr(diary, "on_data", lambda connection, data: connection.write(data)))
    town.toxic("latency", token="f1", latency=5, jitter=4, toxicity=500_000)
    town.toxic("slicer", token="f2", node="n3", average_size=50, size_variation=20, delay=1, direction="upstream")
    town.toxic("corrupt", token="f3", node="n3", probability=300_000)
    clients = []
    for number in range(40):
        client = town.connect(to=("n2", "n3")[number % 2])
        client.on_made = lambda connection: connection.write(bytes(range(256)) * 20)
        clients.append(client)
        town.at(town.now + 7)
    town.control.kill("f4", "n2", power_loss=True)
    town.at(town.now + 500).control.heal("f4")
    town.control.heal("f2")
    for client in clients:
        if not client.connection.is_closing:
            client.connection.write_eof()
    town.rest()
    told = json.dumps([[(entry[0], entry[1]) for entry in client.entries] for client in clients])
    return {**town.world.journal.digests(), "told": told}


if __name__ == "__main__":
    json.dump({str(seed): digests(seed) for seed in (1, 2)}, sys.stdout)
