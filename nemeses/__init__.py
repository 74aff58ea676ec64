"""What goes wrong: one fault family a file.

A nemesis plans faults as data (`plan`) and brings them about through `sim.control` (`inject`); `NEMESES` and `INJECTORS`
are the tables, `parse_nemesis` and `plan_faults` turn what a person asked for into the faults of a run.
"""

from chaoskit.nemeses.arena import Arena
from chaoskit.nemeses.asks import faults_from_asks
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.schedule import Wishes, parse_nemesis, plan_faults
from chaoskit.nemeses.table import INJECTORS, NEMESES
from chaoskit.nemeses.tactics import Occasion, Tactic

__all__ = [
    "INJECTORS",
    "NEMESES",
    "Arena",
    "Nemesis",
    "Occasion",
    "Tactic",
    "Wishes",
    "faults_from_asks",
    "parse_nemesis",
    "plan_faults",
]
