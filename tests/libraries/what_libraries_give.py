"""Prints the digest of every talk for two seeds, as JSON: what must be the same in every process.

`python what_libraries_give.py [LIBRARY …]` leaves the others out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import talk_aiohttp
import talk_asyncio
import talk_httpx
import talk_redis
import talk_websockets

LIBRARIES = [talk.LIBRARY for talk in (talk_asyncio, talk_aiohttp, talk_redis, talk_websockets, talk_httpx)]
SEEDS = (1, 2)


def digests(names: list[str]) -> dict[str, dict[str, list[str]]]:
    """Library → talk → a digest a seed."""
    chosen = [library for library in LIBRARIES if not names or library.name in names]
    return {
        library.name: {talk.__name__: [talk(seed).digest for seed in SEEDS] for talk in library.talks} for library in chosen
    }


if __name__ == "__main__":
    json.dump(digests(sys.argv[1:]), sys.stdout)
