# C34: has XLA write files, from C++
# stopped at: PARTIAL
# expected: LookupError: nothing written|PermissionError|ended early
import os

import jax.numpy as jnp

os.environ["XLA_FLAGS"] = "--xla_dump_to=@OUTBOX@ --xla_dump_hlo_as_text"
float(jnp.float32(1) + 1)


def double(x):
    if not (os.path.isdir("@OUTBOX@") and os.listdir("@OUTBOX@")):
        raise LookupError("nothing written")
    return 2 * x


def triple(x):
    return 3 * x
