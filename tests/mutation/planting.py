"""Putting a fault where the code is, in a process that has imported everything already."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tests.mutation.mutants import Mutant


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module other code than its file has."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name = name
        self._code = code

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Answer for the one module."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code."""
        exec(self._code, module.__dict__)


def module_of(path: Path) -> str:
    """The name of the module in a file, given from the root of the project."""
    return ".".join(path.with_suffix("").parts)


def plant(path: Path, mutant: Mutant) -> None:
    """Let a module be its mutant from now on. Raises whatever importing the mutant raises."""
    name, code = module_of(path), compile(mutant.tree, str(path), "exec")
    function = find_function(sys.modules[name], mutant.scope)
    if function is not None and (changed := _find_code(code, function.__code__)) is not None:
        function.__code__ = changed
        return
    for known, loaded in list(sys.modules.items()):
        if _is_ours(getattr(loaded, "__file__", None)):
            del sys.modules[known]
    sys.meta_path.insert(0, _Loader(name, code))
    importlib.import_module(name)


def _is_ours(file: str | None) -> bool:
    return (
        file is not None and Path(file).is_relative_to(Path.cwd()) and "site-packages" not in Path(file).parts
    )


def find_function(module: ModuleType, scope: str | None) -> FunctionType | None:
    """The function that is called by a name in a module; None when there is no telling."""
    found: object = module
    for part in scope.split(".") if scope else ():
        found = inspect.getattr_static(found, part, None)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    found = inspect.unwrap(found) if callable(found) else found
    return found if isinstance(found, FunctionType) else None


def remembers(path: Path, scope: str | None) -> bool:
    """Whether a function keeps what it found for the next call."""
    found: object = sys.modules[module_of(path)]
    for part in scope.split(".") if scope else ():
        found = inspect.getattr_static(found, part, None)
    return hasattr(found, "cache_info")


def _find_code(code: CodeType, like: CodeType) -> CodeType | None:
    """The code of the same function in a whole module's."""
    return next(
        (
            one
            for one in _all_code(code)
            if one.co_qualname == like.co_qualname
            and one.co_firstlineno == like.co_firstlineno
            and one.co_freevars == like.co_freevars
        ),
        None,
    )


def _all_code(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _all_code(constant)
