"""Small faults put into a module one at a time, as syntax trees: each is one that a test should notice."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

T = TypeVar("T")
_COMPARISONS: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
}
_OPERATIONS: dict[type[ast.operator], ast.operator] = {
    ast.BitOr: ast.BitAnd(),
    ast.BitAnd: ast.BitOr(),
    ast.Add: ast.Sub(),
    ast.Sub: ast.BitOr(),
    ast.Mult: ast.Add(),
}
_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list"}


@dataclass(frozen=True)
class Mutant:
    """A module with one fault in it: in these lines, of this function (`Class.method`; None: outside all of them)."""

    line: int
    last_line: int
    scope: str | None
    fault: str
    tree: ast.Module


def mutants_of(source: str, *, features_only: bool = False) -> Iterator[Mutant]:
    """Every mutant of a module; annotations and docstrings say nothing that can be wrong at run time.

    With `features_only` those in which something that the module does is taken out, none in which it is done wrongly.
    """
    tree = ast.parse(source)
    find = _faults_of_features if features_only else _faults
    places = list(_places(tree))
    for number, node in enumerate(places):
        for fault, _ in find(node):
            changed = copy.deepcopy(tree)
            same = list(_places(changed))[number]
            made = dict(find(same))[fault]
            _Put(same, made).visit(changed)
            first, last = _lines_of(node)
            told = f"{ast.unparse(node).splitlines()[0][:70]}: {fault}"
            yield Mutant(first, last, _scope_of(tree, first), told, ast.fix_missing_locations(changed))


def _lines_of(node: ast.AST) -> tuple[int, int]:
    """The lines that are run when a node is: of what has a body, its head."""
    match node:
        case ast.comprehension(target=target):
            return target.lineno, target.lineno
        case ast.If(test=head) | ast.Match(subject=head):
            return node.lineno, head.end_lineno or node.lineno
        case ast.Try(body=[first, *_]) | ast.With(body=[first, *_]) | ast.AsyncWith(body=[first, *_]):
            return first.lineno, first.lineno
        case ast.expr() | ast.stmt():
            return node.lineno, node.end_lineno or node.lineno
        case _:
            raise AssertionError(f"a fault in {type(node).__name__}, which has no line")


def _scope_of(tree: ast.Module, line: int) -> str | None:
    """The function of a module, or the method of a class of it, whose body has a line."""
    for node in tree.body:
        if _holds(node, line):
            return node.name
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if _holds(part, line):
                    return f"{node.name}.{part.name}"
    return None


def _holds(node: ast.stmt, line: int) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return node.body[0].lineno <= line <= (node.end_lineno or 0)
        case _:
            return False


class _Put(ast.NodeTransformer):
    """Puts a node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old = old
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the one node, and look further in all others."""
        return self._new if node is self._old else self.generic_visit(node)


def _places(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that are run, from the top down."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_docstring(child) and not _is_signature(child):
                yield from _places(child)


def _is_signature(node: ast.AST) -> bool:
    """Whether it is the type of a function, which an annotation can also have by a name."""
    match node:
        case ast.Subscript(value=ast.Name(id="Callable")):
            return True
        case _:
            return False


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _faults(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What can be wrong with a node, each with the node to put in its place."""
    yield from _faults_of_logic(node)
    yield from _faults_of_values(node)
    yield from _faults_of_features(node)
    match node:
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "nothing", _with(node, value=ast.Constant(None))


def _faults_of_logic(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[operator, *_]) if type(operator) in _COMPARISONS:
            other = _COMPARISONS[type(operator)]
            yield type(other).__name__, _with(node, ops=[other, *node.ops[1:]])
        case ast.BoolOp():
            swapped: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield type(swapped).__name__, _with(node, op=swapped)
        case ast.UnaryOp(op=ast.Not()):
            yield "without not", node.operand


def _faults_of_values(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.BinOp() if type(node.op) in _OPERATIONS:
            yield type(_OPERATIONS[type(node.op)]).__name__, _with(node, op=_OPERATIONS[type(node.op)])
            yield "left alone", node.left
        case ast.Constant(value=bool() as value):
            yield "the other", ast.Constant(not value)
        case ast.Constant(value=int() as number):
            yield "one more", ast.Constant(number + 1)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
            yield _CALLS[name], _with(node, func=ast.Name(_CALLS[name], ast.Load()))


def _faults_of_features(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node does, taken out: a statement, what depends on a condition, a part of a condition, an entry."""
    yield from _choices_taken_out(node)
    yield from _entries_taken_out(node)
    match node:
        case ast.Expr() | ast.Raise() | ast.Continue() | ast.AugAssign():
            yield "without it", ast.Pass()
        case ast.Try(handlers=[_, *_]):
            for number in range(len(node.handlers)):
                kept = node.handlers[:number] + node.handlers[number + 1 :]
                bare = not kept and not node.finalbody
                yield (
                    f"without handler {number + 1}",
                    _always(node.body) if bare else _with(node, handlers=kept),
                )
        case ast.With(items=items) | ast.AsyncWith(items=items) if not any(i.optional_vars for i in items):
            yield "without with", _always(node.body)


def _choices_taken_out(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.BoolOp():
            for number in range(len(node.values)):
                left = node.values[:number] + node.values[number + 1 :]
                yield f"without part {number + 1}", left[0] if len(left) == 1 else _with(node, values=left)
        case ast.IfExp():
            yield "always", node.body
            yield "never", node.orelse
        case ast.If():
            yield "always", _with(node, test=ast.Constant(True))
            yield "never", _with(node, test=ast.Constant(False))
        case ast.comprehension(ifs=[_, *_]):
            yield "without if", _with(node, ifs=[])
        case ast.Match() if len(node.cases) > 1:
            for number, case in enumerate(node.cases):
                kept = node.cases[:number] + node.cases[number + 1 :]
                yield f"without case {ast.unparse(case.pattern)[:40]}", _with(node, cases=kept)


def _entries_taken_out(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Headers, rows of a table: what stands in a list, and in a tuple that is one for sure and no pair."""
    match node:
        case ast.Dict(keys=[_, *_]):
            for number in range(len(node.keys)):
                keys, values = _without(node.keys, number), _without(node.values, number)
                yield f"without entry {number + 1}", _with(node, keys=keys, values=values)
        case ast.List(elts=[_, *_], ctx=ast.Load()) | ast.Set(elts=[_, _, *_]):
            for number in range(len(node.elts)):
                yield f"without entry {number + 1}", _with(node, elts=_without(node.elts, number))
        case ast.Tuple(elts=[_, _, *_], ctx=ast.Load()) if _is_table(node.elts):
            for number in range(len(node.elts)):
                yield f"without entry {number + 1}", _with(node, elts=_without(node.elts, number))


def _is_table(entries: list[ast.expr]) -> bool:
    return any(isinstance(entry, ast.Starred) for entry in entries) or all(
        isinstance(entry, ast.Tuple | ast.JoinedStr | ast.Attribute) for entry in entries
    )


def _without(entries: list[T], number: int) -> list[T]:
    return entries[:number] + entries[number + 1 :]


def _always(body: list[ast.stmt]) -> ast.If:
    return ast.If(test=ast.Constant(True), body=body, orelse=[])


def _with(node: ast.AST, **changes: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in changes.items():
        setattr(made, name, value)
    return made
