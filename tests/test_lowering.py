"""One MLIR context serves all programs of a worker, and what goes wrong in one spoils no other."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax._src.interpreters import mlir
from jax.extend import core

from grader.worker import lowering


@pytest.fixture
def shared(monkeypatch):
    """The contexts that were made."""
    made = []
    make = mlir.make_ir_context
    monkeypatch.setattr(mlir, "make_ir_context", lambda: made.append(make()) or made[-1])
    lowering.share_context()
    jax.clear_caches()
    return made


def test_a_context_is_made_once(shared):
    for size in range(1, 6):
        x = jnp.arange(float(size))
        assert jax.jit(lambda x: (x * 2).sum())(x) == size * (size - 1)
    exported = jax.export.export(jax.jit(jnp.cos))(jnp.ones(3))
    again = jax.export.deserialize(exported.serialize())
    np.testing.assert_allclose(again.call(np.zeros(3, np.float32)), 1)
    assert len(shared) == 1


def test_a_program_that_cannot_be_lowered_spoils_no_other(shared):
    primitive = core.Primitive("no_rule")
    primitive.def_abstract_eval(lambda x: x)
    for _ in range(2):
        with pytest.raises(NotImplementedError):
            jax.jit(primitive.bind)(jnp.ones(3))
        assert jax.jit(lambda x: x.sum())(jnp.ones(3)) == 3


def test_threads_may_lower_side_by_side(shared):
    found = {}

    def lower(start):
        for size in range(start, start + 10):
            found[size] = int(jax.jit(lambda x: jnp.cumsum(x)[-1])(np.ones(size, np.float32)))

    threads = [threading.Thread(target=lower, args=(start,)) for start in (1, 101, 201, 301)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 40
    assert all(size == total for size, total in found.items())


def test_a_jax_that_has_no_such_function_is_left_alone(monkeypatch):
    monkeypatch.delattr(mlir, "make_ir_context")
    lowering.share_context()
    assert not hasattr(mlir, "make_ir_context")
