"""Which lines of a script are its training step, read from its source when it has died there.

A step is the innermost loop around a call of `backward`, `autograd.grad` or an optimizer's `step`,
or the function around it that has no such loop; without either, all lines up to that call. A call
of a function of the same file that makes the step counts as one.
"""

import ast
import linecache
from collections.abc import Iterator, Set
from functools import lru_cache
from types import CodeType, FrameType

_LONGEST = 20_000  # lines of a file that is read
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Loop = ast.For | ast.While | ast.AsyncFor
_LONGEST_NAME = 60


def in_a_step(code: CodeType, line: int) -> bool:
    """True if a line of a function, or of a module, belongs to a training step."""
    tree = _tree(code.co_filename)
    if tree is None:
        return False
    scope = _scope(tree, code)
    makes_step = _functions_that_step(tree)
    for call, loop in _calls(scope, None):
        itself = _steps(call)
        helps = not itself and _helps(call, makes_step)
        if not helps and not itself:
            continue
        if helps and _holds(call, line):
            continue  # the frame of that function will tell
        if loop is not None:
            if _holds(loop, line):
                return True
        elif isinstance(scope, ast.Module):
            if line <= (call.end_lineno or call.lineno):
                return True
        elif _holds(scope, line):
            return True
    return False


def call_at(frame: FrameType, instruction: int) -> str:
    """Name of the function that was called at an instruction; `@` and so on for an operator."""
    positions = list(frame.f_code.co_positions())
    tree = _tree(frame.f_code.co_filename)
    if tree is None or not 0 <= instruction // 2 < len(positions):
        return ""
    wanted = positions[instruction // 2]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call | ast.BinOp):
            continue
        if (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == wanted:
            if isinstance(node, ast.Call):
                return _name(node)[:_LONGEST_NAME]
            return type(node.op).__name__
    return ""


@lru_cache(maxsize=16)
def _tree(filename: str) -> ast.Module | None:
    lines = linecache.getlines(filename)
    if not lines or len(lines) > _LONGEST:
        return None
    try:
        return ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _scope(tree: ast.Module, code: CodeType) -> ast.Module | _Function:
    """The function that the code was made of; the module if it is that of the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if code.co_firstlineno in (first, node.lineno):
                return node
    return tree


def _calls(node: ast.AST, loop: _Loop | None) -> Iterator[tuple[ast.Call, _Loop | None]]:
    """Calls of a scope, each with the innermost loop around it; not those of inner functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call):
            yield child, loop
        inner = child if isinstance(child, ast.For | ast.While | ast.AsyncFor) else loop
        yield from _calls(child, inner)


def _functions_that_step(tree: ast.Module) -> frozenset[str]:
    """Names of functions of the file that make one step: not those with a loop of steps."""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    found: set[str] = set()
    while True:
        more = {
            f.name
            for f in functions
            if any(loop is None and (_steps(c) or _helps(c, found)) for c, loop in _calls(f, None))
            and not any(loop is not None and _steps(c) for c, loop in _calls(f, None))
        }
        if more <= found:
            return frozenset(found)
        found |= more


def _steps(call: ast.Call) -> bool:
    """True for `loss.backward()`, `torch.autograd.grad(…)`, `optimizer.step()`."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return isinstance(function, ast.Name) and function.id == "backward"
    if function.attr == "step":
        return "sched" not in ast.unparse(function.value).lower()
    if function.attr == "grad":
        return "autograd" in ast.unparse(function.value)
    return function.attr == "backward"


def _helps(call: ast.Call, makers: Set[str]) -> bool:
    """True if a function of the file is called; `scheduler.step()` is none of them."""
    own = isinstance(call.func, ast.Name) or _name(call) not in ("step", "backward", "grad")
    return own and _name(call) in makers


def _name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _holds(node: ast.AST, line: int) -> bool:
    first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
    return bool(first <= line <= last)
