# D08: has XLA take 64 GiB of memory
# stopped at: PARTIAL
# expected: RESOURCE_EXHAUSTED|Out of memory|MemoryError|ended early
import jax
import jax.numpy as jnp


def double(x):
    jax.block_until_ready(jnp.ones((2**34,), jnp.float32))
    return 2 * x


def triple(x):
    return 3 * x
