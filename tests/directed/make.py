"""Makes directed plans: finds a seed that shows a planted bug, and makes its plan small.

    python tests/directed/make.py                    all bugs of all models
    python tests/directed/make.py raft               the bugs of one model
    python tests/directed/make.py raft stale-read    one bug
    python tests/directed/make.py --broken           those whose plan no longer shows the bug, or is not there

A plan shows the bug as one of its expected kinds, and the same plan is valid without the flag. Same code, same plans. Make them
anew when a protocol, the simulator or a nemesis changed what a seed means; the default suite says when.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))

from campaign import CORES, Workers, ask_for_bugs  # they stand beside this folder
from making import make


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broken", action="store_true", help="only those whose plan does not show the bug any more")
    parser.add_argument("--cores", type=int, default=CORES, help="processes (default: %(default)s)")
    arguments, bugs = ask_for_bugs(parser, bugs="only these bugs")
    failed = 0
    with Workers(arguments.cores) as pool:
        for done in pool.in_order(partial(make, model, bug.name, broken_only=arguments.broken) for model, bug in bugs):
            line, made = done.value or (f"the process that made it {done.death}", False)
            failed += not made
            print(line, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
