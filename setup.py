"""Compiles the innermost modules of simulator and search where Cython and a C compiler are at hand; everything works without.

The Python text is the only source: a `.pxd` beside a module gives C types to what stands there, and is what has it compiled. The
modules know each other's C types, so they are compiled all together or not at all. What runs from its sources (an editable
installation) is never compiled, because what a developer edits must be what runs. See docs/decisions/0009-compiled-kernel.md.
"""

import os
from pathlib import Path
from sysconfig import get_config_var

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

TYPES = sorted(Path("chaoskit").rglob("*.pxd"))
FLAGS = [
    "-ffp-contract=off",  # no machine may round otherwise than another
    "-O2",  # as quick as -O3 here, and built in two thirds of the time
    "-g0",  # with symbols for a debugger it would be ten times the size
]
DIRECTIVES = {
    "language_level": "3",
    "annotation_typing": False,  # annotations are for people and mypy; the C types are those of the .pxd files
}


class BuildKernel(build_ext):
    """Builds every module or none, and never fails: what cannot be compiled is installed as plain Python."""

    def run(self) -> None:
        if self.inplace:
            self.extensions = []
            return
        self.force = True  # not by dates: a library that is older than its text would be another program
        self.parallel = os.cpu_count()
        self._clear()
        try:
            super().run()
        except Exception as error:  # noqa: BLE001  # whatever is missing or goes wrong, the text is there
            self.warn(f"chaoskit's kernel is installed as plain Python, for compiling it failed: {error}")
            self._clear()
            self.extensions = []

    def build_extensions(self) -> None:
        from Cython.Build import cythonize

        translated = cythonize(self.extensions, compiler_directives=DIRECTIVES, build_dir=self.build_temp, force=True, quiet=True)
        sources = {extension.name: extension.sources for extension in translated}
        for extension in self.extensions:
            extension.sources = sources[extension.name]
        super().build_extensions()

    def _clear(self) -> None:
        """A build folder may hold what an earlier build left there."""
        for library in Path(self.build_lib).rglob(f"*{get_config_var('EXT_SUFFIX')}"):
            library.unlink()


def extension(types: Path) -> Extension:
    """The module that these types are for."""
    module = types.with_suffix("")
    return Extension(".".join(module.parts), [f"{module.as_posix()}.py"], extra_compile_args=FLAGS)


setup(ext_modules=[extension(types) for types in TYPES], cmdclass={"build_ext": BuildKernel})
