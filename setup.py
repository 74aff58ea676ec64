"""Compiles the simulator's innermost modules where Cython and a C compiler are at hand; everything works without.

The Python text is the only source: a `.pxd` beside a module gives C types to what stands there. An editable installation is
never compiled, because what a developer edits must be what runs.
"""

import sys

from setuptools import Extension, setup

COMPILED = (
    "draws/address",
    "draws/source",
    "sim/kernel",
    "sim/cause",
    "sim/clocks",
    "sim/tasks",
    "sim/triggers",
    "sim/network",
    "sim/host",
    "sim/world",
)
FLAGS = ["-ffp-contract=off"]  # no machine may round otherwise than another


def extensions() -> list[Extension]:
    """The modules to compile: none in an editable installation, or without Cython."""
    if "editable_wheel" in sys.argv or "develop" in sys.argv:
        return []
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    modules = [
        Extension(f"chaoskit.{path.replace('/', '.')}", [f"chaoskit/{path}.py"], optional=True, extra_compile_args=FLAGS)
        for path in COMPILED
    ]
    # Annotations are for people and mypy; the C types are those of the .pxd files, where they were chosen.
    directives = {"language_level": "3", "annotation_typing": False, "embedsignature": False}
    compiled: list[Extension] = cythonize(modules, compiler_directives=directives, build_dir="build/cython", quiet=True)
    return compiled


setup(ext_modules=extensions())
