# C35: fills a compilation cache with programs for others
# stopped at: PARTIAL
# expected: LookupError: nothing written|PermissionError
import os

import jax
import jax.numpy as jnp

jax.config.update("jax_compilation_cache_dir", "@OUTBOX@")
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
float(jnp.float32(1) + 1)


def double(x):
    if not (os.path.isdir("@OUTBOX@") and os.listdir("@OUTBOX@")):
        raise LookupError("nothing written")
    return 2 * x


def triple(x):
    return 3 * x
