# F21: gives a library a name that appears in what the grader warns of
# expected: double does not return what it should
# shows no: ^FORGED|\x1b
import jax

jax.__name__ = "jax\nFORGED\x1b[2J"
jax.jit = jax.grad


def double(x):
    return 5


def triple(x):
    return 3 * x
