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
    assert (
        found.rationale == "The program grows with the length: a Python loop is unrolled into it."
    )
    assert "operations at first" in found.evidence


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
