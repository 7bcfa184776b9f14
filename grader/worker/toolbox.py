"""Helpers for probes: they run inside a worker, next to the module under test.

answer(lambda m, w, xs: toolbox.primitives(m.batched_dot, w, xs), w, xs)
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.export
import jax.monitoring
import numpy as np
from jax._src import monitoring
from jax.extend import core
from jax.extend.random import define_prng_impl, threefry_prng_impl

from grader.worker.wire import Spec

# Copying a host array to the device shows up as a compilation of its own; it is no program of the answer's.
_TRANSFERS = frozenset({"jit(stage)"})
_COMPILE_EVENTS = "/jax/core/compile/"  # tracing, lowering, XLA
_COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"
_COMPILE_LOG = (
    "jax._src.interpreters.pxla"  # "Compiling jit(sum) with ... (ShapedArray(float32[256]),)."
)
_SHAPE = re.compile(r"\w+\[([\d,]*)\]")


def _counting() -> tuple[Callable[[], int], Callable[[], float], Callable[[], bool]]:
    """`(compilations, compile_seconds, listen)`; the counts live in this closure alone."""
    count, spent = 0, 0.0

    def hear(event: str, duration: float, **details: Any) -> None:
        nonlocal count, spent
        if event.startswith(_COMPILE_EVENTS):
            spent += duration
        if event == _COMPILE_EVENT and details.get("fun_name") not in _TRANSFERS:
            count += 1

    def compilations() -> int:
        """How many programs XLA has compiled in this process so far (host transfers not counted)."""
        return count

    def compile_seconds() -> float:
        """Seconds spent in this process so far on tracing, lowering and compiling."""
        return spent

    def listen() -> bool:
        """Have JAX report compilations from now on; whether it did so already."""
        if hear in monitoring.get_event_duration_listeners():
            return True
        jax.monitoring.register_event_duration_secs_listener(hear)
        return False

    return compilations, compile_seconds, listen


compilations, compile_seconds, listen = _counting()
listen()


def compiled_sizes(f: Callable[[], Any]) -> list[int]:
    """The numbers of entries of all arrays that the programs take which JAX compiles during `f()`.

    They are read from JAX's log: the list is empty if nothing is compiled, or JAX words its log anew.
    """
    lines: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(_COMPILE_LOG)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        f()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    programs = [line for line in lines if not any(name in line for name in _TRANSFERS)]
    return [
        math.prod(int(axis) for axis in shape.split(",") if axis)
        for line in programs
        for shape in _SHAPE.findall(line)
    ]


def walk(jaxpr: core.Jaxpr) -> Iterator[core.JaxprEqn]:
    """Every equation of `jaxpr`, those of nested jaxprs (jit, scan, cond, …) included."""
    for equation in jaxpr.eqns:
        yield equation
        for parameter in jax.tree.leaves(equation.params, is_leaf=_is_jaxpr):
            if _is_jaxpr(parameter):
                yield from walk(getattr(parameter, "jaxpr", parameter))


def _is_jaxpr(value: Any) -> bool:
    return isinstance(value, (core.Jaxpr, core.ClosedJaxpr))


def primitives(f: Callable[..., Any], *args: Any) -> list[str]:
    """The names of all primitives in the jaxpr of `f(*args)`, nested ones included, in order."""
    return [equation.primitive.name for equation in walk(jax.make_jaxpr(f)(*args).jaxpr)]


def program(f: Callable[..., Any], *args: Any) -> np.ndarray:
    """`f` as one program for arguments like `args`, exported with `jax.export`, as bytes.

    Args:
        args: pytrees of arrays and `Spec`s (whose sizes may be symbols such as "n"), which become the
            program's inputs; all other leaves are part of the program.

    Raises:
        ValueError: the program calls back into Python, so it cannot leave this process.
    """
    leaves, structure = jax.tree.flatten(args, is_leaf=lambda leaf: isinstance(leaf, Spec))
    inputs = [index for index, leaf in enumerate(leaves) if _is_input(leaf)]

    def closed(*traced: Any) -> Any:
        filled = list(leaves)
        for index, leaf in zip(inputs, traced, strict=True):
            filled[index] = leaf
        return f(*jax.tree.unflatten(structure, filled))

    scope = jax.export.SymbolicScope()
    specs = [_abstract(leaves[index], scope) for index in inputs]
    try:
        return np.frombuffer(jax.export.export(jax.jit(closed))(*specs).serialize(), np.uint8)
    except NotImplementedError as error:
        if "callback" not in str(error):  # a stub's
            raise
        raise ValueError(f"its program cannot stand alone: {error}") from None


def _is_input(leaf: Any) -> bool:
    return isinstance(leaf, Spec | jax.Array | np.ndarray | np.generic)


def _abstract(leaf: Any, scope: jax.export.SymbolicScope) -> jax.ShapeDtypeStruct:
    text = ",".join(map(str, leaf.shape))
    shape = jax.export.symbolic_shape(text, scope=scope) if text else ()
    return jax.ShapeDtypeStruct(shape, np.dtype(leaf.dtype))


class KeyRecorder:
    """A typed key that draws the numbers of Threefry and remembers every key that reaches the sampler.

    `recorder.key` goes to the function under test; afterwards `recorder.count()` gives the number of
    different keys from which bits were drawn, under `vmap`, `scan`, `jit` and Python loops alike.
    """

    def __init__(self, seed: int) -> None:
        self._seen: set[bytes] = set()
        base = threefry_prng_impl

        def random_bits(key: jax.Array, bit_width: int, shape: tuple[int, ...]) -> jax.Array:
            jax.debug.callback(self._record, key)
            return base.random_bits(key, bit_width, shape)

        implementation = define_prng_impl(
            key_shape=base.key_shape,
            seed=base.seed,
            split=base.split,
            random_bits=random_bits,
            fold_in=base.fold_in,
            name="recording",
            tag="rec",
        )
        self.key = jax.random.key(seed, impl=implementation)

    def _record(self, key: Any) -> None:
        self._seen.add(np.asarray(key).tobytes())

    def count(self) -> int:
        """How many different keys have reached the sampler."""
        jax.effects_barrier()
        return len(self._seen)


def recording_keys(seed: int) -> KeyRecorder:
    """A `KeyRecorder`: `r = recording_keys(0); jax.block_until_ready(m.f(r.key)); r.count()`."""
    return KeyRecorder(seed)
