"""The libraries as they were before an answer was loaded, put back after its loading and every call.

An answer may replace `jax.jit`, `time.perf_counter` or a part of the grader, by mistake or on purpose.
Probes then still run on the originals. What an answer does to itself is left alone.

This is no wall: whoever knows this module can undo it from inside. It keeps mistakes and the usual tricks
from counting; what must not be forged is asked of the answer's value or of its program.
"""

from __future__ import annotations

import builtins
import pickle
import sys
import time
from types import FunctionType, ModuleType
from typing import Any

import cloudpickle
import jax
import jax.export
import jax.extend.core
import jax.monitoring
import jax.numpy as jnp
import numpy as np
from jax._src import api, array, core, dispatch, monitoring, pjit
from jax._src.interpreters import partial_eval, pxla

_MODULES: tuple[ModuleType, ...] = (
    *(builtins, time, np, pickle, cloudpickle),
    *(jax, jnp, jax.lax, jax.nn, jax.random, jax.tree, jax.tree_util, jax.monitoring, jax.export),
    *(api, array, core, dispatch, monitoring, pjit, partial_eval, pxla),
)
_CLASSES: tuple[type, ...] = (
    array.ArrayImpl,
    core.Tracer,
    jax.export.Exported,
    jax.extend.core.ClosedJaxpr,  # one class with the next in newer versions
    jax.extend.core.Jaxpr,
    jax.extend.core.JaxprEqn,
)


class Originals:
    """The functions and classes of the libraries that probes and evidence rest on."""

    def __init__(self) -> None:
        own = [m for name, m in sys.modules.items() if name.startswith("grader.worker.")]
        self._modules = {m.__name__: m for m in (*_MODULES, *own)}
        self._members: list[tuple[Any, str, Any]] = [
            (module, name, value)
            for module in self._modules.values()
            for name, value in vars(module).items()
            if callable(value) or isinstance(value, ModuleType)
        ]
        self._members += [
            (owner, name, value)
            for owner in dict.fromkeys((*_CLASSES, *_classes_of(own)))
            for name, value in vars(owner).items()
            if callable(value) or isinstance(value, property)
        ]
        self._codes = [
            (f"{owner.__name__}.{name}", value, value.__code__, value.__defaults__)
            for owner, name, value in self._members
            if isinstance(value, FunctionType)
        ]

    def restore(self) -> list[str]:
        """Put back what was replaced; the names of it, such as "jax.jit"."""
        replaced = []
        for name, module in self._modules.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module
                replaced.append(name)
        owner: Any
        for owner, name, value in self._members:
            if owner.__dict__.get(name) is not value:
                setattr(owner, name, value)
                replaced.append(f"{owner.__name__}.{name}")
        for name, function, code, defaults in self._codes:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                function.__code__, function.__defaults__ = code, defaults
                replaced.append(name)
        return replaced


def _classes_of(modules: list[ModuleType]) -> list[type]:
    """The classes that these modules define."""
    found = (value for module in modules for value in vars(module).values())
    names = {module.__name__ for module in modules}
    return [value for value in found if isinstance(value, type) and value.__module__ in names]
