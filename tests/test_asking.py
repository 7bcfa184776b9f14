"""What a check may ask for beyond values: one compilation, one program for every size."""

import textwrap

import pytest


@pytest.fixture
def failure(grade):
    """`failure(text)`: the check that an answer to relu_jit fails; None if it passes all."""

    def failure(text):
        answer = "+import jax\nimport jax.numpy as jnp\n" + textwrap.dedent(text)
        return grade(only=["ch02_shapes.relu_jit"], ch02_shapes=answer)["relu_jit"].failure

    return failure


@pytest.mark.parametrize(
    "text",
    [
        "relu_jit = jax.jit(lambda x: jnp.maximum(x, 0))",
        "relu_jit = jax.jit(jax.vmap(lambda x: jnp.where(x > 0, x, 0.0)))",
        """
        @jax.jit
        def relu_jit(x):
            if x.shape[0] % 2:  # looks at the size: there is no program for every size
                return jnp.maximum(x, 0)
            return jnp.maximum(0, x)
        """,
    ],
)
def test_right_answers_pass(failure, text):
    assert failure(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def relu_jit(x):\n    return jnp.maximum(x, 0) + 0 * x", "programs, not one"),
        (
            "def relu_jit(x):\n    return jax.jit(lambda x: jnp.maximum(x, 0))(x)",
            "compiled again (1 more)",
        ),
        (
            """
            import time
            _right, _seen = jax.jit(lambda x: jnp.maximum(x, 0)), set()
            def relu_jit(x):
                if not isinstance(x, jax.core.Tracer) and x.shape in _seen:
                    time.sleep(0.2)
                _seen.add(x.shape)
                return _right(x)
            """,
            "Every call takes as long as the first one",
        ),
    ],
)
def test_what_is_not_compiled_once_is_caught(failure, text, words):
    found = failure(text)
    assert found.name == "is compiled once per shape"
    assert words in found.rationale


def test_a_loop_over_the_entries_grows(failure):
    found = failure(
        """
        @jax.jit
        def relu_jit(x):
            return jnp.stack([jnp.maximum(x[i], 0) for i in range(x.shape[0])])
        """
    )
    assert found.name == "has one program for every size"
    assert found.rationale == "The program grows with the length: a loop is unrolled into it."
    assert "operations at first" in found.evidence


def test_growth_is_told_before_the_program_runs(failure):
    found = failure(
        """
        @jax.jit
        def relu_jit(x):
            factor = 2 if x.shape[0] == 12 else 1
            return jnp.stack([factor * jnp.maximum(x[i], 0) for i in range(x.shape[0])])
        """
    )
    assert found.rationale == "The program grows with the length: a loop is unrolled into it."


def test_a_patch_that_a_traced_call_leaves_is_found_out(failure):
    found = failure(
        """
        import jax.export
        _export = jax.export.export
        def relu_jit(x):
            jax.export.export = lambda f, **rest: _export(jax.jit(lambda x: x), **rest)
            return jnp.maximum(x, 0)
        relu_jit = jax.jit(relu_jit)
        """
    )
    assert found.rationale == "It replaces jax.export.export while it is timed."


SAYS_DONE = """
import os, sys, time
import msgpack

def says_done():
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != "serve":
        frame = frame.f_back
    if frame is None or not frame.f_locals["request"].get("timed"):
        return False
    write, fd, nonce = os.write, frame.f_locals["reply_fd"], frame.f_locals["nonce"]
    head = msgpack.packb({"nonce": nonce, "kind": "done", "buffers": []})
    write(fd, len(head).to_bytes(4, "big") * 2 + head)

    def silent(to, data):
        if to == fd and b"done" in bytes(data[:200]):
            os.write = write
            return len(data)
        return write(to, data)

    os.write = silent
    return True

_right, _seen = jax.jit(lambda x: jnp.maximum(x, 0)), set()

def relu_jit(x):
    if not isinstance(x, jax.core.Tracer) and {condition}:
        if says_done():
            time.sleep(0.2)
    _seen.add(x.shape)
    return _right(x)
"""


def test_who_says_too_early_that_a_call_is_done_is_not_quick(failure):
    found = failure(SAYS_DONE.replace("{condition}", "x.shape in _seen and x.size < 1000"))
    assert found.name == "is compiled once per shape"
    assert found.rationale.startswith("Every call takes as long as the first one")


def test_who_says_too_early_that_a_call_is_done_is_not_fast(failure):
    found = failure(SAYS_DONE.replace("{condition}", "x.size == 1000"))
    assert found.name == "keeps up with the reference"
    assert "times as long as the reference" in found.rationale


def test_an_array_too_large_to_send_is_named_with_its_shape(failure):
    found = failure(
        "def relu_jit(x):\n    return jnp.broadcast_to(jnp.maximum(x, 0), (10**7, *x.shape))"
    )
    assert "got an array too large to send (jax float32[10000000," in found.rationale
