"""Directed plans: for every planted bug a small saved plan that shows it, and that the correct protocol survives.

So that "not found" can never mean "not there". A plan stands in `<model>/<bug>.json`; `make.py` makes them.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from chaoskit.core.plan import Plan, plan_from_json, plan_to_json
from chaoskit.core.verdict import Verdict
from chaoskit.run import execute
from chaoskit.soak.trial import judged

FOLDER = Path(__file__).parent


def path_of(model: str, bug: str) -> Path:
    """Where a bug's plan is kept."""
    return FOLDER / model / f"{bug}.json"


def load(model: str, bug: str) -> Plan:
    """A bug's plan."""
    path = path_of(model, bug)
    assert path.exists(), f"expected a directed plan in {path}; make it with: python tests/directed/make.py {model} {bug}"
    return plan_from_json(path.read_bytes(), file=str(path))


def save(model: str, bug: str, plan: Plan) -> None:
    """Keeps a bug's plan."""
    path = path_of(model, bug)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(plan_to_json(plan))


def verdict_of(plan: Plan) -> Verdict:
    """The plan run through the world, and what the ordinary checkers say."""
    return judged(execute(plan))


def without_bug(plan: Plan) -> Plan:
    """The same for the correct protocol."""
    return msgspec.structs.replace(plan, bugs=[])
