"""Mistakes with random keys."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, ERRORS, misconception

RANDOM = DOCS + "random-numbers.html"
_FREE = {"fold_in", "key_data", "wrap_key_data", "zip", "len", "isinstance", "issubdtype", "str"}
_COPIES = ("vmap", "map", "fori_loop", "scan")


@dataclass
class _Uses:
    """Follows a function's statements and notes keys that are consumed a second time."""

    keys: set[str]
    consumed: dict[str, str] = field(default_factory=dict)
    again: list[tuple[str, str, str]] = field(default_factory=list)

    def block(self, statements: list[ast.stmt]) -> bool:
        """Whether control leaves the block for good at its end."""
        for statement in statements:
            if isinstance(statement, ast.Return | ast.Raise):
                self.expression(statement)
                return True
            self.statement(statement)
        return False

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.If):
            self.expression(node.test)
            before: dict[str, str] = dict(self.consumed)
            merged: dict[str, str] = {}
            for body in (node.body, node.orelse):
                self.consumed = dict(before)
                if not self.block(body):
                    merged |= self.consumed
            self.consumed = merged or before
        elif isinstance(node, ast.For | ast.While):
            self.expression(node.iter if isinstance(node, ast.For) else node.test)
            for _ in range(2):
                if isinstance(node, ast.For):
                    self.bind(node.target)
                self.block(node.body)
        elif isinstance(node, ast.FunctionDef):
            return
        else:
            self.expression(node)
            for target in getattr(node, "targets", []):
                self.bind(target, getattr(node, "value", None))

    def bind(self, target: ast.AST, value: ast.AST | None = None) -> None:
        """Names that get a new value are fresh; what a split gives are keys."""
        for name in (n.id for n in ast.walk(target) if isinstance(n, ast.Name)):
            self.consumed.pop(name, None)
            if value is not None and "split(" in ast.unparse(value):
                self.keys.add(name)

    def expression(self, node: ast.AST) -> None:
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            for generator in node.generators:
                self.expression(generator.iter)
            for _ in range(2):
                for generator in node.generators:
                    self.bind(generator.target)
                self.expression(node.elt)
            return
        if isinstance(node, ast.Lambda):
            return
        for child in ast.iter_child_nodes(node):
            self.expression(child)
        if isinstance(node, ast.Call):
            self.call(node)

    def call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        short = name.split(".")[-1].rstrip(")")
        if short in _FREE:
            return
        if any(name.split(".")[-1].startswith(copy) for copy in _COPIES):
            for mapped in (a for a in node.args if isinstance(a, ast.Lambda)):
                own = {a.arg for a in mapped.args.args}
                for _ in range(2):
                    for key in own & self.consumed.keys():
                        del self.consumed[key]
                    self.expression(mapped.body)
        for argument in node.args:
            if isinstance(argument, ast.Name) and argument.id in self.keys:
                if argument.id in self.consumed:
                    self.again.append((argument.id, self.consumed[argument.id], short))
                self.consumed[argument.id] = short


def _uses(e: Evidence) -> list[tuple[str, str, str]]:
    """(key, its first use, its second) for every key of the exercise that is consumed twice."""
    if not isinstance(e.code, ast.FunctionDef):
        return []
    uses = _Uses({name for name in e.parameters if "key" in name})
    uses.block(e.code.body)
    return uses.again


def _about_keys(e: Evidence) -> bool:
    """Whether the failure may come from the keys: KeyReuseError, or other numbers."""
    if e.error is not None:
        return e.raised("KeyReuseError")
    same_form = all(a.shape == b.shape and a.dtype == b.dtype for a, b in e.leaves)
    return same_form and bool(_key_names(e))


def _key_names(e: Evidence) -> list[str]:
    return [name for name in e.parameters if "key" in name]


@misconception(
    "NumPy's random numbers in place of JAX's",
    "Draw with jax.random and a key: NumPy's generator is outside of what JAX traces.",
    "ch07_prng",
    RANDOM,
)
def numpy_random(e: Evidence) -> str | None:
    found = re.search(r"\b(?:np|numpy)\.random\.\w+|default_rng", e.text)
    if not found or not (_about_keys(e) or e.raised("TracerArrayConversionError")):
        return None
    return f"`{found.group()}` draws where the key does not reach."


@misconception(
    "a constant key in place of the one that is passed in",
    "Split the argument `key`, and draw from its children.",
    "ch07_prng",
    RANDOM,
)
def constant_key(e: Evidence) -> str | None:
    fresh = [c for c in e.called("key", "PRNGKey") if "random" in ast.unparse(c.func)]
    if not fresh or not _about_keys(e):
        return None
    return f"`{ast.unparse(fresh[0])}` is the same, whatever `{_key_names(e)[0]}` is."


@misconception(
    "a key that is split and then used again",
    "After a split the old key is spent: go on with its children only.",
    "ch07_prng",
    ERRORS + "KeyReuseError",
)
def parent_used(e: Evidence) -> str | None:
    for key, first, second in _uses(e) if _about_keys(e) else ():
        if (first == "split") != (second == "split"):
            return f"`{key}` goes into `{first}` and into `{second}`."
    return None


@misconception(
    "the same key split twice",
    "One split gives all the children: first, second = jax.random.split(key); in a loop, replace the key.",
    "ch07_prng",
    ERRORS + "KeyReuseError",
)
def split_twice(e: Evidence) -> str | None:
    for key, first, second in _uses(e) if _about_keys(e) else ():
        if first == second == "split":
            return f"`{key}` is split again and gives the same children again."
    return None


@misconception(
    "one key for several draws",
    "Split the key first, and use every child once: the same key gives the same numbers.",
    "ch07_prng",
    ERRORS + "KeyReuseError",
)
def key_twice(e: Evidence) -> str | None:
    for key, first, second in _uses(e) if _about_keys(e) else ():
        if "split" not in (first, second):
            return f"`{key}` goes into `{first}` and again into `{second}`."
    return None


@misconception(
    "one key for all numbers, where each is to have its own",
    "jax.random.split(key, n) gives n subkeys; draw one number from each, with vmap.",
    "ch07_prng",
    RANDOM,
)
def no_subkeys(e: Evidence) -> str | None:
    if e.error is not None or "own subkey" not in e.check or e.called("split", "fold_in"):
        return None
    return "there is no split: one call of the sampler draws everything."


@misconception(
    "the two keys of a split taken the other way round",
    "key, subkey = split(key): the first goes on to the next round, the second is used.",
    "ch07_prng",
    RANDOM,
)
def split_swapped(e: Evidence) -> str | None:
    if not _about_keys(e) or not e.differs:
        return None
    for node in ast.walk(e.code):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            match = re.fullmatch(
                r"\(?(\w+), (\w+)\)? = (?:\w+\.)*split\((\w+)\)", ast.unparse(node)
            )
            if match and match[2] == match[3] != match[1]:
                return f"`{ast.unparse(node)}` draws from the first key and keeps the second."
    return None


@misconception(
    "a look inside the key",
    "Pass the key on as it is: split and the samplers take typed and raw keys.",
    "ch07_prng",
    RANDOM,
)
def one_kind_of_key(e: Evidence) -> str | None:
    if "raw key" not in e.check or e.error is None or not e.line.startswith("raise"):
        return None
    return "the function turns raw keys (uint32 arrays) down itself."


@misconception(
    "an upper end that randint never draws",
    "randint(key, shape, low, high) draws low to high - 1: high itself is not drawn.",
    "ch07_prng",
    DOCS + "_autosummary/jax.random.randint.html",
)
def randint_end(e: Evidence) -> str | None:
    if not _about_keys(e):
        return None
    for call in e.called("randint"):
        end = ast.unparse(call.args[3]) if len(call.args) > 3 else ""
        drawn = end.isdigit() and any((expected == int(end)).any() for _, expected in e.leaves)
        if end.endswith("- 1") or drawn:
            return f"`{ast.unparse(call)}` ends before {end}."
    return None


@misconception(
    "another distribution than the one asked for",
    "jax.random.normal draws with mean 0 and standard deviation 1, nothing cut off.",
    "ch07_prng",
    DOCS + "_autosummary/jax.random.normal.html",
)
def other_distribution(e: Evidence) -> str | None:
    if e.error is not None or "distributed like a standard normal" not in e.rationale:
        return None
    for call in e.called("uniform", "truncated_normal", "randint", "laplace"):
        return f"the numbers come from `{ast.unparse(call.func)}`."
    return None


@misconception(
    "several results made of one draw",
    "Draw anew for each, with a key of its own: what is computed from one draw is not independent.",
    "ch07_prng",
    RANDOM,
)
def derived_draws(e: Evidence) -> str | None:
    if e.error is not None or "depend on one another" not in e.rationale:
        return None
    draws = [
        c for c in e.called("normal", "permutation", "uniform") if "random" in ast.unparse(c.func)
    ]
    if len(draws) != 1 or "vmap" in e.text:
        return None
    loops = (ast.ListComp, ast.For)
    inside = any(draws[0] in ast.walk(n) for n in ast.walk(e.code) if isinstance(n, loops))
    return None if inside else f"`{ast.unparse(draws[0])}` is the only draw."


@misconception(
    "drawing without replacement",
    "Leave replace=False out: in a bootstrap an entry may come twice.",
    "ch07_prng",
    DOCS + "_autosummary/jax.random.choice.html",
)
def without_replacement(e: Evidence) -> str | None:
    if "replacement" not in f"{e.check} {e.rationale}" or "replace=False" not in e.text:
        return None
    return "replace=False uses every entry exactly once, so every resample is the same set."


@misconception(
    "a mask drawn with the probability of going, not of staying",
    "At rate 0 everything stays. bernoulli(key, p) is True with probability p: which p is yours, rate or 1 - rate?",
    "ch07_prng",
    DOCS + "_autosummary/jax.random.bernoulli.html",
)
def inverted_mask(e: Evidence) -> str | None:
    if e.error is not None:
        return None
    all_gone = "at rate 0" in e.check and bool(e.leaves) and not any(a.any() for a, _ in e.leaves)
    by_share = "share" in f"{e.check} {e.rationale}" and bool(e.called("where"))
    if not all_gone and not by_share:
        return None
    for call in e.called("bernoulli"):
        if len(call.args) > 1 and ast.unparse(call.args[1]) in ("rate", "p=rate"):
            return f"`{ast.unparse(call)}` is True with probability rate, and what is True is kept."
    return None


@misconception(
    "one random decision for many entries",
    "Draw with the shape of the array, so that every entry is decided on its own.",
    "ch07_prng",
    DOCS + "_autosummary/jax.random.bernoulli.html",
)
def shared_decision(e: Evidence) -> str | None:
    if e.error is not None or "share" not in f"{e.check} {e.rationale}":
        return None
    for call in e.called("bernoulli"):
        shape = ast.unparse(call.args[2]) if len(call.args) > 2 else ""
        if not call.keywords and not shape:
            return f"`{ast.unparse(call)}` draws a single True or False."
        if shape and "shape[" in shape:
            return f"`{ast.unparse(call)}` draws fewer decisions than there are entries."
    return None
