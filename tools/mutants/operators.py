"""Every small change that can be made to a module: one edit of its text for each, found in its syntax tree.

A change never touches docstrings, annotations, type-checking blocks, decorators' names or what only a developer reads
(the message of an `assert`). Each keeps the module parsable.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAPPED_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
SWAPPED_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.FloorDiv: "*"}
SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "min_horizontal": "max_horizontal"}
EMPTY_OF_TYPE: tuple[tuple[str, str], ...] = (
    ("bool", "False"),
    ("int", "0"),
    ("float", "0.0"),
    ("str", '""'),
    ("bytes", 'b""'),
    ("tuple[", "()"),
    ("list[", "[]"),
    ("dict[", "{}"),
    ("set[", "set()"),
    ("frozenset[", "frozenset()"),
)


@dataclass(frozen=True, slots=True, order=True)
class Mutation:
    """One edit: the text from `start` to `end` (characters of the module) becomes `new`."""

    file: str
    start: int
    end: int
    new: str
    operator: str
    function: str
    """Qualified name of the function or class around it; empty at the level of the module."""
    line: int
    old: str
    row: str
    """The line of the text on which the edit begins, without its indent."""
    statement: tuple[int, int]
    """First and last line of the statement, or of its head when it has a body: what must be run to reach the edit."""

    def apply(self, text: str) -> str:
        """Return the text of the module with the edit made."""
        return text[: self.start] + self.new + text[self.end :]

    @property
    def change(self) -> str:
        """The edit on one line, as people read it."""
        return f"{' '.join(self.old.split())} → {' '.join(self.new.split()) or '(nothing)'}"


def find_mutations(file: str, text: str) -> list[Mutation]:
    """Return every edit of a module, in the order of the text; `is_program` says which of them can be run."""
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    kept: dict[tuple[int, int, str], Mutation] = {}
    for mutation in finder.found:
        if mutation.new != mutation.old:
            kept.setdefault((mutation.start, mutation.end, mutation.new), mutation)
    return sorted(kept.values())


def is_program(text: str) -> bool:
    """Whether a text can be compiled; asked of drawn mutations only, for a parse costs more than all the rest."""
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


class _Finder(ast.NodeVisitor):
    """Walks the tree and notes the edits; positions of the tree are UTF-8 bytes of a line, edits are characters."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.rows = text.splitlines(keepends=True)
        self.starts = [0]
        for row in self.rows:
            self.starts.append(self.starts[-1] + len(row))
        self.around: list[str] = []
        self.statement = (1, 1)
        self.returns: list[str] = []
        self.found: list[Mutation] = []

    def visit(self, node: ast.AST) -> None:
        """Go into a node, knowing of which statement it is a part."""
        before = self.statement
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            self.statement = (node.lineno, max(last, node.lineno))
        super().visit(node)
        self.statement = before

    def offset(self, line: int, column: int) -> int:
        """Return the character at a line (from 1) and a column in bytes."""
        return self.starts[line - 1] + len(self.rows[line - 1].encode()[:column].decode())

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends."""
        last, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(last, column)

    def source(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def note(self, operator: str, start: int, end: int, new: str) -> None:
        """Note one edit."""
        line = self.text.count("\n", 0, start) + 1
        old, function = self.text[start:end], ".".join(self.around)
        row = self.rows[line - 1].strip()
        self.found.append(Mutation(self.file, start, end, new, operator, function, line, old, row, self.statement))

    def replace(self, operator: str, node: ast.expr | ast.stmt, new: str) -> None:
        """Note that a node becomes another text."""
        self.note(operator, *self.span(node), new)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Go into the body of a class."""
        self._visit_scope(node, node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Change the defaults of a function, then go into its body."""
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.around.append(node.name)
            self._change_constant("default argument", default)
            self.around.pop()
        self.returns.append("" if node.returns is None else self.source(node.returns))
        self._visit_scope(node, node.body)
        self.returns.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Go into the body of a coroutine."""
        self._visit_scope(node, node.body)

    def _visit_scope(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, body: list[ast.stmt]) -> None:
        self.around.append(node.name)
        for statement in body:
            self.visit(statement)
        self.around.pop()

    def visit_If(self, node: ast.If) -> None:
        """Negate the condition, but leave imports for type checkers alone."""
        if self.source(node.test) in {"TYPE_CHECKING", '__name__ == "__main__"'}:
            return
        self._negate(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Negate the condition of an expression."""
        self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """Leave `while True` alone: without it there is an endless loop or none, which everybody sees."""
        self.generic_visit(node)

    def _negate(self, test: ast.expr) -> None:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            self.replace("negated condition", test, self.source(test.operand))
        elif not isinstance(test, ast.Compare) or len(test.ops) > 1:
            self.replace("negated condition", test, f"(not ({self.source(test)}))")

    def visit_Compare(self, node: ast.Compare) -> None:
        """Move the boundary of a comparison, or turn it round."""
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            start, end = self.span(left)[1], self.span(right)[0]
            between = self.text[start:end]
            sign = between.strip(" ()\n")
            if sign in _SIGNS:
                first, last = self.span(node)
                turned = between.replace(sign, SWAPPED_COMPARISONS[type(operator)])
                self.note("comparison", first, last, self.text[first:start] + turned + self.text[end:last])
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Swap `and` and `or`; leave out one part of the condition."""
        old, new = (" and ", " or ") if isinstance(node.op, ast.And) else (" or ", " and ")
        parts = [self.source(value) for value in node.values]
        values = [
            f"({part})" if isinstance(v, ast.BoolOp) else part for part, v in zip(parts, node.values, strict=True)
        ]
        self.replace("and/or", node, "(" + new.join(values) + ")")
        for index in range(len(values)):
            rest = old.join(values[:index] + values[index + 1 :])
            self.replace("part of a condition", node, f"({rest})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Swap plus and minus; drop one side of a sum."""
        new = SWAPPED_ARITHMETIC.get(type(node.op))
        texts = any(
            isinstance(side, ast.JoinedStr | ast.List | ast.Tuple) or _is_text(side) for side in (node.left, node.right)
        )
        if new is not None and not texts:
            self.replace("arithmetic", node, f"({self.source(node.left)} {new} {self.source(node.right)})")
        if isinstance(node.op, ast.Add | ast.Sub | ast.BitOr | ast.BitAnd):
            self.replace("part of a sum", node, self.source(node.left))
            if not isinstance(node.op, ast.Sub):
                self.replace("part of a sum", node, self.source(node.right))
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Turn `+=` into `-=`, or leave the line out."""
        target, value = self.source(node.target), self.source(node.value)
        if type(node.op) in SWAPPED_ARITHMETIC and not isinstance(node.value, ast.List | ast.Tuple | ast.JoinedStr):
            self.replace("arithmetic", node, f"{target} {SWAPPED_ARITHMETIC[type(node.op)]}= {value}")
        self.replace("statement removed", node, "pass")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Leave out an assignment to an attribute or an element; names would only be missing."""
        if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self.replace("statement removed", node, "pass")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Change the value only; a default of a dataclass is a constant like any other."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Leave out a call made for its effect; never touch a docstring."""
        if isinstance(node.value, ast.Constant):
            return
        self.replace("statement removed", node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Leave out the exception."""
        self.replace("statement removed", node, "pass")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        """Go on in the loop all the same."""
        self.replace("statement removed", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        """Stay in the loop for the next turn."""
        self.replace("statement removed", node, "continue")

    def visit_Return(self, node: ast.Return) -> None:
        """Return an empty value of the declared type, or fall through."""
        if node.value is None:
            self.replace("return value", node, "pass")
            return
        declared = self.returns[-1] if self.returns else ""
        empty = next((new for start, new in EMPTY_OF_TYPE if declared.startswith(start)), None)
        if empty is None and "None" in declared.split(" | "):
            empty = "None"
        if empty is not None:
            self.replace("return value", node, f"return {empty}")
            if declared == "bool":
                self.replace("return value", node, "return True")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Swap calls that have an opposite; leave out an argument that has a name."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else name
        if name in SWAPPED_CALLS:
            end = self.span(node.func)[1]
            self.note("opposite call", end - len(name), end, SWAPPED_CALLS[name])
        self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """Leave out one element of a tuple of three or more: a pair has two places, and fails at once without one."""
        if len(node.elts) > 2:
            self._leave_out(node, node.elts)
        else:
            self.generic_visit(node)

    def visit_List(self, node: ast.List) -> None:
        """Leave out one element of a list."""
        self._leave_out(node, node.elts)

    def visit_Set(self, node: ast.Set) -> None:
        """Leave out one element of a set."""
        self._leave_out(node, node.elts)

    def _leave_out(self, node: ast.Tuple | ast.List | ast.Set, elements: list[ast.expr]) -> None:
        # A tuple of which each element has its place (a pair) would fail at once: only rows of one kind lose one.
        kinds = {type(element) for element in elements}
        if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and len(elements) > 1 and len(kinds) == 1:
            for element in elements[:1] + elements[-1:]:
                start, end = self.span(element)
                rest = self.text[end : self.span(node)[1]]
                comma = len(rest) - len(rest.lstrip(" \n")) if rest.lstrip(" \n").startswith(",") else -1
                if comma >= 0:
                    self.note("element left out", start, end + comma + 1, "")
                else:
                    before = self.text.rfind(",", 0, start)
                    self.note("element left out", before + 1, end, "")
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        """Leave out the first or the last entry of a dictionary."""
        pairs = list(zip(node.keys, node.values, strict=True))
        for key, value in pairs[:1] + pairs[1:][-1:]:
            if key is not None:
                end = self.span(value)[1]
                comma = self.text[end:].lstrip(" \n").startswith(",")
                stop = self.text.index(",", end) + 1 if comma else end
                self.note("element left out", self.span(key)[0], stop, "")
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        """Move a bound of a slice by one."""
        for bound in (node.lower, node.upper):
            if bound is not None:
                self.replace("slice bound", bound, f"{self.source(bound)} + 1")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Change a number or a truth value."""
        self._change_constant("constant", node)

    def _change_constant(self, operator: str, node: ast.expr) -> None:
        if not isinstance(node, ast.Constant):
            return
        if isinstance(node.value, bool):
            self.replace(operator, node, str(not node.value))
        elif isinstance(node.value, int | float):
            self.replace(operator, node, f"{self.source(node)} + 1" if node.value != 1 else "2")
            if isinstance(node.value, int) and node.value > 0:
                self.replace(operator, node, str(node.value - 1))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave formatted text alone: positions inside it are not those of the file."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """Leave assertions alone: they are there for the type checker."""

    def visit_arguments(self, node: ast.arguments) -> None:
        """Leave parameters alone; their defaults were changed where the function is."""


_SIGNS = {"<", "<=", ">", ">=", "==", "!=", "in", "not in", "is", "is not"}


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def count_code_lines(text: str) -> int:
    """Count the lines that hold statements inside functions: what a module of pure data has few of."""
    inside = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    lines: set[int] = set()
    for function in inside:
        for statement in _iterate_statements(function):
            lines.add(statement.lineno)
    return len(lines)


def _iterate_statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and node is not function and not _is_docstring(node):
            yield node


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
