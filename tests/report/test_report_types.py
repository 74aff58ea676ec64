"""The types of the page's script, written in JSDoc, checked by the TypeScript compiler where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).with_name("tsconfig.json")


def test_the_script_has_no_type_error() -> None:
    """`tsc --checkJs --strict` has nothing to say. Name a compiler by CHAOSKIT_TSC, or have `tsc` on the path."""
    compiler = os.environ.get("CHAOSKIT_TSC") or shutil.which("tsc")
    if compiler is None:
        pytest.skip("no TypeScript compiler: npm install typescript, and set CHAOSKIT_TSC to node_modules/.bin/tsc")
    found = subprocess.run([compiler, "-p", str(CONFIGURATION)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")
