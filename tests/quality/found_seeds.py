"""Which seeds find which planted bug: `found_seeds.json`, made by `bug_table.py`, which takes it up again where it stopped.

The maker of directed plans begins its search with these seeds. They hold for one state of the code: a record made with
another is begun anew.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

import msgspec

from chaoskit.catalogue import model_digest, model_named
from chaoskit.session import source_digest

FILE = Path(__file__).with_name("found_seeds.json")


class Record(msgspec.Struct, omit_defaults=True):
    """How often a bug was found in seeds 1 … `seeds`, and by which kind of violation."""

    code: str = ""  # which code it was made with
    seeds: int = 0
    found: list[int] = []
    kinds: dict[str, int] = {}

    def add(self, seed: int, kind: str | None) -> None:
        """Takes the next seed's result: the fingerprint's kind, None when it was valid."""
        self.seeds = seed
        if kind is not None:
            self.found.append(seed)
            self.kinds[kind] = self.kinds.get(kind, 0) + 1

    @property
    def median_seeds(self) -> float | None:
        """How many seeds it takes to find it, wherever one begins: the median distance of one find from the one before."""
        distances = [later - earlier for earlier, later in zip([0, *self.found], self.found, strict=False)]
        return median(distances) if distances else None


Records = dict[str, dict[str, Record]]  # model → bug → its record


def load() -> Records:
    """What is known so far."""
    return msgspec.json.decode(FILE.read_bytes(), type=Records) if FILE.exists() else {}


def save(records: Records) -> None:
    """Writes it all, a bug a line."""
    models = []
    for model, bugs in records.items():
        lines = [f'  "{bug}": {msgspec.json.encode(record).decode()}' for bug, record in bugs.items()]
        models.append(f' "{model}": {{\n' + ",\n".join(lines) + "\n }")
    fresh = FILE.with_suffix(".new")
    fresh.write_text("{\n" + ",\n".join(models) + "\n}\n", encoding="utf-8")
    fresh.replace(FILE)


def code_digest(model: str) -> str:
    """Stands for the code that decides what a model's runs are."""
    return f"{source_digest()[:12]}-{model_digest(model_named(model), model)[:12]}"
