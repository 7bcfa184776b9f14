"""Checks of chapter 2: abstract values."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from grader.checks import check, example, given, vectors
from grader.worker import toolbox

# --- output_spec ------------------------------------------------------------------------------


@check("output_spec", "gives the shapes and dtypes of the result")
def test_output_spec_values(both):
    x = np.float32([[1, 2, 3], [4, 5, 6]])
    y = np.float32([1, 0, 2])
    both(lambda m, x, y: m.output_spec(lambda a, b: a @ b, x, y), x, y).agree()
    both(lambda m, x: m.output_spec(lambda a: jnp.argmax(a, axis=0), x), x).agree()
    both(lambda m, x: m.output_spec(lambda a: a > 2, x), x).agree()
    both(lambda m, x: m.output_spec(lambda a: a.astype(jnp.float16), x), x).agree()
    both(lambda m, x: m.output_spec(lambda a: a.astype(jnp.int8), x), x).agree()
    both(lambda m, x: m.output_spec(lambda a: a.sum(axis=1, keepdims=True), x), x).agree()
    both(lambda m, x: m.output_spec(lambda a, n: a[0, 0] * n, x, 2), x).agree()
    both(lambda m, n: m.output_spec(lambda n: jnp.stack([n, n]), n), 2).agree()


@check(
    "output_spec",
    "keeps the pytree of the result",
    hint="Return the whole pytree that JAX hands you: dicts, tuples and None belong to it.",
)
def test_output_spec_pytree(both):
    x = np.float32([1, 2, 3])
    both(lambda m, x: m.output_spec(lambda a: {"sum": a.sum(), "all": (a, None)}, x), x).agree()
    both(lambda m, x: m.output_spec(lambda a: [a], x), x).agree()
    both(lambda m, x: m.output_spec(lambda a: (a, a.sum()), x), x).agree()
    both(lambda m, x: m.output_spec(jnp.linalg.slogdet, x), np.eye(2, dtype=np.float32)).agree()
    both(lambda m, x: m.output_spec(lambda p: p["w"] * p["b"], {"w": x, "b": x[0]}), x).agree()


@check(
    "output_spec",
    "takes ShapeDtypeStructs as arguments",
    hint="A ShapeDtypeStruct has no numbers, so f cannot be called with it. Have JAX trace f.",
)
def test_output_spec_specs(both):
    both(
        lambda m, x: m.output_spec(jnp.outer, x, jax.ShapeDtypeStruct((4,), jnp.float32)),
        np.float32([1, 2]),
    ).agree()
    both(
        lambda m: m.output_spec(
            lambda p: p["w"].T.astype(jnp.int32),
            {"w": jax.ShapeDtypeStruct((60_000, 784), jnp.float16)},
        )
    ).agree()


@check(
    "output_spec",
    "takes any callable",
    hint="f may be a partial, an object or the result of vmap. Do not ask for its name or code.",
)
def test_output_spec_callables(both):
    x = np.float32([[1, 2], [3, 4]])
    both(lambda m, x: m.output_spec(functools.partial(jnp.sum, axis=0), x), x).agree()
    both(lambda m, x: m.output_spec(jax.vmap(jnp.dot), x, x), x).agree()
    both(lambda m, x: m.output_spec(jax.tree_util.Partial(jnp.matmul, x), x), x).agree()


@check(
    "output_spec",
    "starts anew in every call",
    hint="The same function has other results for other arguments: trace it in every call.",
)
def test_output_spec_pure(both):
    def thrice(m, x):
        """[output_spec(f, v) for v in (x, x > 1, x)], where f = lambda v: v"""

        def f(v):
            return v

        return [m.output_spec(f, v) for v in (x, x > 1, x)]

    both(thrice, np.float32([1, 2])).agree()


@check("output_spec", "never runs f on numbers", kind="structure")
def test_output_spec_abstract(answer):
    def watched(m, x):
        """output_spec(f, x, spec) and output_spec(f, x, x), where f notes whether it sees or computes numbers"""
        saw, computed = [], []

        def f(a, b):
            saw.extend(not isinstance(v, jax.core.Tracer) for v in (a, b))
            jax.debug.callback(lambda value: computed.append(True), a)
            return a + b

        m.output_spec(f, x, jax.ShapeDtypeStruct((2,), jnp.float32))
        m.output_spec(f, x, x)
        jax.effects_barrier()
        return any(saw), any(computed)

    result = answer(watched, np.float32([1, 2]))
    saw, computed = result.value
    result.demand(
        not saw,
        "f was called with concrete arrays, not with tracers.",
        hint="Do not call f with zeros or with args. JAX has a function that traces f and hands "
        "back the shapes.",
    )
    result.demand(
        not computed,
        "f was compiled and run.",
        hint="Tracing f is enough; do not call the jitted function.",
    )


# --- primitives -------------------------------------------------------------------------------


@check(
    "primitives",
    "lists the names of the equations in order",
    hint="Every equation of the jaxpr has a primitive, and every primitive a .name, which is a string.",
)
def test_primitives_values(both):
    both(lambda m, x: m.primitives(lambda v: v * 2.0 + 1.0, x), np.float32([1, 2, 3])).agree()
    both(lambda m, x, y: m.primitives(lambda a, b: jnp.sin(b) - a, x, y), 1.0, 2.0).agree()
    both(lambda m, x, y: m.primitives(lambda a, b: a * (b + 1.0), x, y), 1.0, 2.0).agree()
    both(lambda m, x: m.primitives(lambda v: v.astype(jnp.int32) * 2, x), 3.0).agree()
    both(
        lambda m, x: m.primitives(lambda v: jnp.log1p(v @ v).sum(), x), np.ones((2, 2), np.float32)
    ).agree()
    both(
        lambda m, w, b: m.primitives(lambda p: jnp.tanh(p["w"].T + p["b"]), {"w": w, "b": b}),
        np.ones((2, 3), np.float32),
        np.float32(1),
    ).agree()


@check(
    "primitives",
    "keeps repetitions and the empty list",
    hint="One name for every equation: no set, no dict, and no equations give an empty list.",
)
def test_primitives_repeated(both):
    both(lambda m, x: m.primitives(lambda v: v * v * (v + 1.0) * 2.0, x), 3.0).agree()
    both(lambda m, x: m.primitives(lambda v: v, x), 3.0).agree()


@check(
    "primitives",
    "lists what is computed for nothing too",
    hint="List the equations as make_jaxpr gives them, without tidying up first.",
)
def test_primitives_unused(both):
    both(lambda m, x: m.primitives(lambda v: (jnp.sin(v), v * 2.0)[1], x), 3.0).agree()


@check(
    "primitives",
    "starts anew in every call",
    hint="The same function has another jaxpr for other arguments: trace it in every call, into a "
    "new list.",
)
def test_primitives_pure(both):
    def thrice(m, x):
        """[primitives(f, v) for v in (x, x[0], x)], where f = lambda v: v.T + 1.0"""

        def f(v):
            return v.T + 1.0

        return [m.primitives(f, v) for v in (x, x[0], x)]

    both(thrice, np.float32([[1, 2], [3, 4]])).agree()


@check(
    "primitives",
    "counts a nested program as one",
    hint="A call of a jitted function is one equation of the top-level jaxpr, and so is a scan.",
)
def test_primitives_nested(both):
    both(lambda m, x: m.primitives(lambda v: jax.jit(jnp.sin)(v) * 2.0, x), 3.0).agree()
    both(lambda m, x: m.primitives(jax.jit(lambda v: v * 2.0 + 1.0), x), 3.0).agree()
    both(
        lambda m, xs: m.primitives(
            lambda v: jax.lax.scan(lambda c, x: (c + x, c * x), 0.0, jnp.cos(v)), xs
        ),
        np.float32([1, 2, 3]),
    ).agree()


# --- is_traced --------------------------------------------------------------------------------


@check("is_traced", "says no to arrays and numbers")
def test_is_traced_concrete(both):
    both(lambda m, x: m.is_traced(x), np.float32([1, 2])).agree()
    both(lambda m, x: m.is_traced(x), np.int32(3)).agree()
    both(lambda m: m.is_traced(np.ones(3))).agree()
    both(lambda m: m.is_traced(np.float32(1.5))).agree()
    both(lambda m: [m.is_traced(2.5), m.is_traced(7), m.is_traced(True)]).agree()


@check(
    "is_traced",
    "says yes inside jit, grad and vmap",
    kind="transform",
    hint="All tracers have one class in common, whichever transformation they come from.",
)
def test_is_traced_abstract(both):
    def inside(m, x):
        """is_traced(v) of the argument v of functions under jit, grad, vmap and pairs of them"""
        seen = {}

        def noting(name):
            def f(v):
                seen[name] = m.is_traced(v)
                return v.sum()

            return f

        jax.jit(noting("jit"))(x)
        jax.grad(noting("grad"))(x)
        jax.vmap(noting("vmap"))(x)
        jax.jit(jax.grad(noting("grad in jit")))(x)
        jax.vmap(jax.grad(noting("grad in vmap")))(x)
        jax.grad(lambda v: jax.vmap(noting("vmap in grad"))(v).sum())(x)
        return seen

    def inside_whole(m, x):
        """is_traced(v) of the argument v, whole numbers or truth values, under jit and vmap"""
        seen = []
        jax.jit(lambda v: seen.append(m.is_traced(v)))(x)
        jax.vmap(lambda v: seen.append(m.is_traced(v)))(x)
        return seen

    for x in (np.float32([[1, 2], [3, 4]]), np.float32([1, 2])):
        both(inside, x, compile=False).agree()
    for x in (np.int32([1, 2]), np.array([True, False])):
        both(inside_whole, x, compile=False).agree()


@check(
    "is_traced",
    "knows a concrete array used inside a transformation",
    kind="transform",
    hint="Ask what x is. Do not compute with x, and do not ask where the call happens: inside "
    "jit every result is traced, even that of concrete numbers.",
)
def test_is_traced_constants(both):
    def constants(m, x):
        """is_traced of concrete arrays, a NumPy array and a number, used under jit and vmap"""
        seen, one = {}, x[0]

        def noting(name):
            def f(v):
                seen[name] = [m.is_traced(c) for c in (x, one, np.ones(2), 1.0)]
                return v.sum()

            return f

        jax.jit(noting("jit"))(x)
        jax.grad(noting("grad"))(x)
        jax.vmap(noting("vmap"))(x)
        return seen

    both(constants, np.float32([1, 2]), compile=False).agree()


# --- bucketed_sum -----------------------------------------------------------------------------

LONG = [2**17 + 4_001 * k for k in range(1, 31)]  # all between 2**17 and 2**18


@check(
    "bucketed_sum",
    "equals x.sum() at every length",
    hint="Pad with zeros, which change no sum, to a length that is no shorter than x.",
)
@given(x=vectors(-4, 4, sizes=(1, 3, 5, 9, 21)))
@example(x=np.float32([1, 2, 3, 4, 5]))
@example(x=np.float32([1, np.nan, 2]))
@example(x=np.float32([np.inf, 1, 2]))
def test_bucketed_sum_values(both, x):
    both(lambda m, x: m.bucketed_sum(x), x).agree()


@check(
    "bucketed_sum",
    "starts anew in every call",
    hint="What an earlier and longer array left in a buffer must not be summed again.",
)
def test_bucketed_sum_pure(both):
    both(
        lambda m, x, y: [m.bucketed_sum(x), m.bucketed_sum(y), m.bucketed_sum(x)],
        np.float32([1, 2, 3, 4, 5, 6, 7, 8]),
        np.float32([1, 1, 1, 1, 1]),
    ).agree()


@check(
    "bucketed_sum",
    "gives zero for an empty array",
    hint="Length 0 needs a bucket too: that of length 1 will do. There is no log2 of 0.",
)
def test_bucketed_sum_empty(both):
    both(lambda m, x: m.bucketed_sum(x), np.zeros(0, np.float32)).agree()


@check(
    "bucketed_sum",
    "returns a jax.Array",
    hint="Return what the sum of jax.numpy returns, without float() or np.asarray().",
)
def test_bucketed_sum_type(answer):
    for x in (np.float32([1, 2, 3]), np.zeros(0, np.float32)):
        result = answer(lambda m, x: isinstance(m.bucketed_sum(x), jax.Array), x)
        result.demand(result.value, "bucketed_sum does not return a jax.Array.")


@check("bucketed_sum", "has JAX compute the sum", fresh=True)
def test_bucketed_sum_jax(answer):
    def sizes(m, n):
        """bucketed_sum(jax.device_put(np.ones(n, np.float32))), and which programs JAX compiles for it"""
        x = jax.device_put(np.ones(n, np.float32))
        return toolbox.compiled_sizes(lambda: m.bucketed_sum(x))

    # In a new worker whatever JAX computes has to be compiled, also where one program serves all; a
    # bucket as large as this one has not been tried out when the module was loaded.
    result = answer(sizes, 300_000)
    result.demand(
        result.compilations >= 1,
        "XLA compiled nothing at the first call, so it was not JAX that computed the sum.",
        hint="NumPy may fill up the array; the sum of it is to be JAX's.",
    )
    result.demand(
        not result.value or max(result.value) > 8,
        "No program that was compiled at the first call takes the array: it was not JAX that summed it.",
        hint="NumPy may fill up the array; the sum of it is to be JAX's. Turning a finished sum into a "
        "jax.Array is not enough.",
    )


@check(
    "bucketed_sum",
    "compiles at most 8 programs for lengths 1 to 64",
    kind="structure",
    fresh=True,
    hint="Convert with np.asarray, fill up with NumPy to the next power of two, then make one "
    "call of a function that was jitted outside. Each operation of jax.numpy is a program of its "
    "own, once for every shape or static argument that it meets.",
)
def test_bucketed_sum_buckets(answer):
    result = answer(
        lambda m, n: [
            m.bucketed_sum(jax.device_put(np.ones(k, np.float32))) for k in range(1, n + 1)
        ],
        64,
    )
    result.equals([np.float32(k) for k in range(1, 65)])
    result.demand(
        result.compilations <= 8,
        f"Lengths 1 to 64 cost {result.compilations} compilations; 8 are allowed.",
    )


@check(
    "bucketed_sum",
    "stays in one bucket when arrays are long",
    kind="structure",
    hint="Bucket sizes must be powers of two, without end: multiples of a fixed size grow in "
    "number with the length, and a fixed list of sizes ends somewhere.",
)
def test_bucketed_sum_long(answer):
    result = answer(
        lambda m, lengths: [
            m.bucketed_sum(jax.device_put(np.ones(k, np.float32))) for k in lengths
        ],
        LONG,
    )
    result.equals([np.float32(k) for k in LONG])
    # One would do. A sum of power-of-two pieces needs a program for each of the 18 sizes.
    result.demand(
        result.compilations <= 20,
        f"30 lengths between 2**17 and 2**18 cost {result.compilations} compilations.",
    )


@check(
    "bucketed_sum",
    "takes no time to compile in a bucket that it knows",
    kind="structure",
    hint="One program for each power of two serves every length in that bucket.",
)
def test_bucketed_sum_time(answer):
    probe = lambda m, first, last: [  # noqa: E731
        m.bucketed_sum(jax.device_put(np.ones(k, np.float32))) for k in range(first, last + 1)
    ]
    answer(probe, 33, 33)
    for bucket in (64, 128, 256):  # a busy machine may disturb one measurement, a program will not
        _, compiling = answer.timed(probe, bucket + 1, bucket + 1)
        _, new = answer.timed(probe, bucket + 2, 2 * bucket)
        result, known = answer.timed(probe, bucket + 2, 2 * bucket)
        if new - known < 8 * max(compiling, 0.02):
            return
    result.demand(
        False,
        "Lengths that are new in a bucket take longer than those that were there before.",
        f"got       {new:.2f} s for the lengths 258 to 512, then {known:.2f} s for them again; the "
        f"first length of the bucket took {compiling:.2f} s",
    )
