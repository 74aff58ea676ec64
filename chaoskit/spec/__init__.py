"""Sequential specifications: how one object behaves when operations come one at a time.

A checker asks whether a history of concurrent operations can be told as such a story. Specs know nothing of time, of other
operations or of checkers; they may import `core` and nothing else of ours.
"""

from chaoskit.spec.contract import FAILED, UNKNOWN, CompleteSpec, Illegal, Label, Outcome, Spec, State, Step, complete
from chaoskit.spec.parameters import Parameter
from chaoskit.spec.table import SPECS, SpecEntry, spec_from_text, spec_text

__all__ = [
    "FAILED",
    "SPECS",
    "UNKNOWN",
    "CompleteSpec",
    "Illegal",
    "Label",
    "Outcome",
    "Parameter",
    "Spec",
    "SpecEntry",
    "State",
    "Step",
    "complete",
    "spec_from_text",
    "spec_text",
]
