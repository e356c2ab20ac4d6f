"""Small faults put into a module one at a time, as syntax trees: each is one that a test should notice."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

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
    """A module with one fault in it."""

    line: int
    fault: str
    tree: ast.Module


def mutants_of(source: str) -> Iterator[Mutant]:
    """Every mutant of a module; annotations and docstrings say nothing that can be wrong at run time."""
    tree = ast.parse(source)
    places = list(_places(tree))
    for number, node in enumerate(places):
        for fault, _ in _faults(node):
            changed = copy.deepcopy(tree)
            same = list(_places(changed))[number]
            made = dict(_faults(same))[fault]
            _Put(same, made).visit(changed)
            whole = ast.fix_missing_locations(changed)
            yield Mutant(
                getattr(node, "lineno", 0), f"{ast.unparse(node).splitlines()[0][:70]}: {fault}", whole
            )


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
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield from _places(child)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _faults(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What can be wrong with a node, each with the node to put in its place."""
    yield from _faults_of_logic(node)
    yield from _faults_of_values(node)
    yield from _faults_of_flow(node)


def _faults_of_logic(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Compare(ops=[operator, *_]) if type(operator) in _COMPARISONS:
            other = _COMPARISONS[type(operator)]
            yield type(other).__name__, _with(node, ops=[other, *node.ops[1:]])
        case ast.BoolOp():
            swapped: ast.boolop = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield type(swapped).__name__, _with(node, op=swapped)
            for number in range(len(node.values)):
                left = node.values[:number] + node.values[number + 1 :]
                yield f"without part {number + 1}", left[0] if len(left) == 1 else _with(node, values=left)
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


def _faults_of_flow(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
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
        case ast.Expr() | ast.Raise() | ast.Continue() | ast.AugAssign():
            yield "without it", ast.Pass()
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "nothing", _with(node, value=ast.Constant(None))


def _with(node: ast.AST, **changes: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in changes.items():
        setattr(made, name, value)
    return made
