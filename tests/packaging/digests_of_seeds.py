"""Prints the digests of runs of every model, and how many modules of the chaoskit that made them are compiled.

`test_compiled` starts it with the compiled modules and with the text alone.
"""

from __future__ import annotations

import json
import sys

from chaoskit.cli.doctor import typed_modules
from chaoskit.run import draw, execute
from chaoskit.settings import Settings

MODELS = ("raft", "abd", "gossip", "primary_backup", "kv_http")
SEEDS = range(11, 17)
OPS = 40


def main() -> None:
    runs = {f"{model} {seed}": draw(Settings(seed=seed, ops=OPS), model) for model in MODELS for seed in SEEDS}
    digests = {name: execute(plan).digests() for name, plan in runs.items()}
    json.dump({"compiled": sum(typed_modules().values()), "digests": digests}, sys.stdout)


if __name__ == "__main__":
    main()
