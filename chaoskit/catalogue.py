"""Finds things by name: one explicit table a kind, what other packages add by entry point, and a person's own file.

`path/to/store.py:my_model` takes a model from a file that is not installed; without `:my_model` the file must hold exactly one.
`package.module:my_model` takes one from a module that can be imported, which a file of a package must be.
The same goes for a conversation of the wire sweep, and for a specification, a class or an object of one; the parameters of a
class follow: `mine.py:MaxRegister:initial=3`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import os
import sys
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from chaoskit.core.errors import ChaoskitError, ModelError, UsageError, unknown_name

if TYPE_CHECKING:
    from chaoskit.model.model import Model
    from chaoskit.spec import Spec
    from chaoskit.wire.sweep import Conversation

MODELS = {
    "raft": "chaoskit.models.raft",
    "abd": "chaoskit.models.abd",
    "primary_backup": "chaoskit.models.primary_backup",
    "gossip": "chaoskit.models.gossip",
    "kv_http": "chaoskit.models.kv_http",
    "hotline": "chaoskit.models.hotline",
}
CONVERSATIONS = {
    "hotline": ("chaoskit.models.hotline.conversations", "HOTLINE"),
    "hotline-handshake": ("chaoskit.models.hotline.conversations", "HANDSHAKE"),
    "hotline-stranger": ("chaoskit.models.hotline.conversations", "STRANGER"),
}
ENTRY_POINT_GROUP = "chaoskit.models"

_Wanted = TypeVar("_Wanted")


def model_named(reference: str) -> Model:
    """A model from the table, an entry point, a file or a module. Raises `UsageError` for none, `ModelError` for a broken one."""
    from chaoskit.model.model import Model

    path, _, name = reference.partition(":")
    if path.endswith(".py"):
        return _model_of(Path(path), name or None)
    if name:
        return _found_in(path, name, "model", Model)
    if reference in MODELS:
        module = importlib.import_module(MODELS[reference])
        return _checked(getattr(module, reference), reference, Model)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == reference:
            return _checked(point.load(), reference, Model)
    raise unknown_name("model", reference, model_names(), listing="models")


def reference_of(model: Model) -> str:
    """The reference by which this model is found again: its name in the table, in a package, or in a file.

    Raises `UsageError` for a model that has no name in a module: what runs elsewhere could not find it.
    """
    for name, module in MODELS.items():
        if module in sys.modules and getattr(sys.modules[module], name, None) is model:
            return name
    homes = [role.node.__module__ for role in model.roles.values()] + [client.__module__ for client in model.clients.values()]
    for home in dict.fromkeys([*homes, *sys.modules]):
        found = sys.modules.get(home)
        file = getattr(found, "__file__", None)
        names = [key for key, value in _names_in(found) if value is model]
        if names and file is not None:
            in_package = (Path(file).parent / "__init__.py").is_file()
            return f"{home if in_package else os.path.relpath(file)}:{names[0]}"
    raise UsageError(
        f"expected a model with a name in a module but {model.name!r} has none; assign it at the top of a file, or name the file."
    )


def model_names() -> list[str]:
    """The models that are installed."""
    return [*MODELS, *sorted(point.name for point in entry_points(group=ENTRY_POINT_GROUP))]


def model_digest(model: Model, reference: str) -> str:
    """A hash of the source of a model, and of the file that it was taken from: a seed means the same only on the same code."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(model_files(model, reference), key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def model_files(model: Model, reference: str) -> set[Path]:
    """The files of a model's programs, and the one that it was taken from."""
    classes = [role.node for role in model.roles.values()] + list(model.clients.values())
    files: set[Path] = set()
    for module in {cls.__module__ for cls in classes}:
        file = getattr(sys.modules[module], "__file__", None)
        if file is not None:
            path = Path(file)
            package = module.count(".") > 1 and module.startswith("chaoskit.models.")
            files.update(path.parent.glob("*.py") if package and path.parent.name != "models" else [path])
    file, _, _ = reference.partition(":")
    if file.endswith(".py") and not any(path.samefile(file) for path in files):
        files.add(Path(file))
    return files


def conversation_named(reference: str) -> Conversation:
    """A conversation from the table, a file or a module. Raises `UsageError` for none, `ModelError` for a broken one."""
    from chaoskit.wire.sweep import Conversation

    path, _, name = reference.partition(":")
    if path.endswith(".py"):
        found = {key: each for key, each in _names_in(_module_of(Path(path), "conversation")) if isinstance(each, Conversation)}
        if name and name not in found:
            raise unknown_name(f"conversation in {path}", name, found)
        return found[name or _only(found, Path(path), "conversation")]
    if name:
        return _found_in(path, name, "conversation", Conversation)
    if reference not in CONVERSATIONS:
        raise unknown_name("conversation", reference, CONVERSATIONS, listing="conversations")
    return _found_in(*CONVERSATIONS[reference], "conversation", Conversation)


def spec_named(reference: str) -> Spec:
    """A specification from the table or a file, with its parameters.

    Raises `UsageError` for what was not understood, `ModelError` for a broken one.
    """
    from chaoskit.spec import spec_from_text

    path, _, rest = reference.partition(":")
    if not path.endswith(".py"):
        return spec_from_text(reference)
    name, _, given = rest.partition(":")
    return _spec_of(Path(path), name, given)


def _model_of(path: Path, name: str | None) -> Model:
    from chaoskit.model.model import Model

    module = _module_of(path, "model")
    models = {key: value for key, value in vars(module).items() if isinstance(value, Model)}
    own = {key: model for key, model in models.items() if any(r.node.__module__ == module.__name__ for r in model.roles.values())}
    if name is not None:
        if name not in models:
            raise unknown_name(f"model in {path}", name, models)
        return models[name]
    found = own or models  # what a file imports from elsewhere is not what it is about
    return found[_only(found, path, "model")]


def _found_in(module: str, name: str, kind: str, wanted: type[_Wanted]) -> _Wanted:
    """What a module that can be imported, from the working directory as well, has under a name."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise _not_imported(module, error) from error
        reason = f"expected a {kind} but got {module}:{name}, and there is no module {error.name!r}"
        raise UsageError(f"{reason}; write path/to/file.py:{name} for a file.") from error
    except Exception as error:
        raise _not_imported(module, error) from error
    finally:
        sys.path.pop(0)
    if not hasattr(found, name):
        raise unknown_name(f"{kind} in {module}", name, [key for key, value in _names_in(found) if isinstance(value, wanted)])
    return _checked(getattr(found, name), f"{module}:{name}", wanted)


def _names_in(module: ModuleType | None) -> list[tuple[str, Any]]:
    return list(vars(module).items()) if isinstance(module, ModuleType) else []


def _spec_of(path: Path, name: str, given: str) -> Spec:
    from chaoskit.spec import complete

    module = _module_of(path, "spec")
    if not name:
        own = {
            key: value
            for key, value in vars(module).items()
            if _is_spec(value) and (not isinstance(value, type) or value.__module__ == module.__name__)
        }
        name = _only(own, path, "spec")
    elif not hasattr(module, name):
        raise unknown_name(f"spec in {path}", name, [key for key, value in vars(module).items() if _is_spec(value)])
    found = getattr(module, name)
    if callable(found):
        found = _made(found, f"{path}:{name}", given)
    elif given.strip():
        raise UsageError(f"expected no parameters of {path}:{name}, which is made already, but got {given!r}; name its class.")
    complete(found)
    spec: Spec = found
    return spec


def _is_spec(value: Any) -> bool:
    return callable(getattr(value, "init", None)) and callable(getattr(value, "step", None))


def _made(make: Any, reference: str, given: str) -> Any:
    """What a class, or a function that gives specs, makes with the parameters that a person typed."""
    from chaoskit.spec.parameters import assignments, parse_value

    taken = {key.replace("_", "-"): key for key in inspect.signature(make).parameters}
    values: dict[str, Any] = {}
    for typed, value in assignments(given):
        key = taken.get(typed.replace("_", "-"))
        if key is None:
            raise unknown_name(f"parameter of {reference}", typed, taken)
        if value is None:
            raise UsageError(f"expected {typed}=value but got {typed!r}; write e.g. '{reference}:{typed}=0'.")
        if key in values:
            raise UsageError(f"expected {typed} of {reference} once but got it twice in {given!r}.")
        values[key] = parse_value(value)
    try:
        return make(**values)
    except ChaoskitError:
        raise
    except Exception as error:
        raise ModelError(f"{reference} could not be made: {type(error).__name__}: {error}") from error


def _only(found: dict[str, Any], path: Path, kind: str) -> str:
    """The one name among those found in a file. Raises `UsageError` when there is none, or several."""
    if not found:
        raise UsageError(f"expected a {kind} in {path} but nothing in it is one; name the file that has it.")
    if len(found) > 1:
        raise UsageError(f"expected one {kind} in {path} but found {', '.join(sorted(found))}; say which with {path}:NAME.")
    return next(iter(found))


def _module_of(path: Path, kind: str) -> ModuleType:
    if not path.is_file():
        seen_from = "" if path.is_absolute() else ", seen from the working directory"
        raise UsageError(f"expected a Python file with a {kind} but there is no file {str(path)!r}{seen_from}.")
    try:
        return _import(path.resolve(), hashlib.blake2b(path.read_bytes()).hexdigest())
    except Exception as error:
        raise _not_imported(str(path), error) from error


def _not_imported(what: str, error: Exception) -> ModelError:
    """What went wrong, and in which line of whose file: the last one outside of the machinery of imports and of what it calls."""
    steps = [step for step in extract_tb(error.__traceback__) if step.name == "<module>"]
    place = f" in line {steps[-1].lineno} of {Path(steps[-1].filename).name}" if steps else ""
    return ModelError(f"{what} could not be imported: {type(error).__name__}{place}: {error}")


@lru_cache(maxsize=16)
def _import(path: Path, digest: str) -> ModuleType:
    """The module of a file, imported once for each content that the file has had, under a name that no other file takes over."""
    name = f"chaoskit_user_{path.stem}_{hashlib.blake2b(f'{path} {digest}'.encode(), digest_size=8).hexdigest()}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, "a .py file always has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


def _checked(value: Any, reference: str, wanted: type[_Wanted]) -> _Wanted:
    if not isinstance(value, wanted):
        raise ModelError(f"expected a {wanted.__name__} under the name {reference!r} but got {value!r:.100}.")
    return value
