"""Checks of chapter 1: device arrays and asynchronous dispatch."""

import time

import jax
import numpy as np
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P

from grader.checks import check, example, given, vectors

SPECIAL = np.float32([0.0, -0.0, np.nan, np.inf, -np.inf, 3e38, -3e38, 2e-38, -2e-38])


# --- to_device -----------------------------------------------------------------------------------


@check("to_device", "gives a jax.Array of float32 with the numbers it got")
def test_to_device_values(both):
    both(lambda m, values: m.to_device(values), [[1, 2], [3, 4]]).agree()
    both(lambda m, values: m.to_device(values), ((0.5, -1.25, 3.0), (2, 0, 1))).agree()
    both(lambda m: m.to_device(np.arange(6, dtype=np.uint8).reshape(2, 3))).agree()
    both(lambda m: m.to_device(np.float64([0.1, -7.0]))).agree()
    both(lambda m: m.to_device(np.arange(6.0).reshape(3, 2).T)).agree()
    both(lambda m: m.to_device([np.array([True, False]), (2, np.int64(3))])).agree()
    both(lambda m: m.to_device([np.nan, np.inf, -np.inf, 3e38])).agree()
    both(lambda m: m.to_device(np.array([True, False]))).agree()
    both(lambda m: m.to_device(np.float16([0.5, 3]))).agree()
    both(lambda m: m.to_device(np.int32([7, -1]))).agree()
    both(lambda m: m.to_device(np.float32([np.nan, -0.0, 2.5]))).agree()


@check(
    "to_device",
    "keeps the shape, from a scalar to an empty list",
    hint="jax.numpy.array takes scalars and empty lists as they are: nothing has to be looped "
    "over, flattened or squeezed.",
)
def test_to_device_shapes(both):
    both(lambda m, values: m.to_device(values), 3).agree()
    both(lambda m: m.to_device(np.float64(-0.5))).agree()
    both(lambda m, values: m.to_device(values), []).agree()
    both(lambda m, values: m.to_device(values), [[[1], [2]]]).agree()
    both(lambda m: m.to_device(np.ones((1, 3, 0), np.int32))).agree()
    both(lambda m: m.to_device(np.ones((0, 2)))).agree()
    both(lambda m: m.to_device(np.arange(24).reshape(2, 3, 4))).agree()


@check(
    "to_device",
    "leaves a NumPy array as it was",
    hint="Make a new array of it. `values[...] = ` and `values += ` write into the caller's own.",
)
def test_to_device_pure(both):
    def after(m, values):
        """What is left of NumPy arrays of several dtypes when to_device has had them"""
        arrays = [np.array(values, dtype) for dtype in (np.float32, np.float64, np.int32)]
        for array in arrays:
            m.to_device(array)
        return [array.tolist() for array in arrays]

    both(after, [[1, -2], [3, 4]]).agree()


@check(
    "to_device",
    "gives a jax.Array for a single number too",
    hint="jax.numpy.array makes an array without axes of a number: nothing is special about it.",
)
def test_to_device_scalar(answer):
    result = answer(lambda m, values: isinstance(m.to_device(values), jax.Array), 2.5)
    result.demand(result.value, "to_device does not return a jax.Array.")


@check(
    "to_device",
    "refuses ragged lists",
    hint="jax.numpy.array refuses them by itself: let its error pass.",
)
def test_to_device_ragged(answer):
    answer.raises(lambda m, values: m.to_device(values), [[1, 2], [3]])
    answer.raises(lambda m, values: m.to_device(values), [[1, 2], 3])
    answer.raises(lambda m, values: m.to_device(values), [[[1, 2], [3]], [[4, 5], [6]]])


@check("to_device", "works inside jit", kind="transform")
def test_to_device_jit(matrix):
    matrix(lambda m, x: x * m.to_device([[1, 2], [3, 4]]), np.float32(1.5))


# --- nonnegative_mask ----------------------------------------------------------------------------


@check("nonnegative_mask", "is 1.0 exactly where x is not negative")
@given(x=vectors(-4, 4, sizes=(1, 6)))
@example(x=np.float32([-1.5, 0.0, 2.0]))
def test_mask_values(both, x):
    both(lambda m, x: m.nonnegative_mask(x), x, compile=True).agree()


@check(
    "nonnegative_mask",
    "gets minus zero, NaN and infinity right",
    hint="Compare with 0. A comparison takes -0.0 for zero, and NaN >= 0 is False.",
)
def test_mask_corners(both):
    both(lambda m, x: m.nonnegative_mask(x), SPECIAL).agree()


@check(
    "nonnegative_mask",
    "keeps the shape, from a scalar to three axes",
    hint="A comparison works on an array of any shape: no loop over x, no ravel.",
)
def test_mask_shapes(both):
    both(lambda m, x: m.nonnegative_mask(x), np.float32(-2)).agree()
    both(lambda m, x: m.nonnegative_mask(x), np.float32([[1, -1, 0], [-3, 4, 5]])).agree()
    both(
        lambda m, x: m.nonnegative_mask(x), np.float32([[[1], [-1], [0]], [[2], [3], [-4]]])
    ).agree()
    both(lambda m, x: m.nonnegative_mask(x), np.zeros((2, 0), np.float32)).agree()


@check(
    "nonnegative_mask",
    "works under vmap and grad",
    kind="transform",
    hint="What is made of jax.numpy alone can be mapped and differentiated; the slope of a step "
    "is 0.",
)
def test_mask_transforms(matrix, both):
    matrix(lambda m, x: m.nonnegative_mask(x), np.float32([[1, -1, 0.5], [-3, 4, 5]]))
    both(lambda m, x: jax.vmap(m.nonnegative_mask)(x), np.float32([1, -1, 0.5])).agree()


# --- device_names --------------------------------------------------------------------------------


@check("device_names", "names the devices of this computer")
def test_names_here(both):
    both(lambda m: m.device_names()).agree()


@check(
    "device_names",
    "names every device once, however often it is called",
    hint="Start from a new list at every call: one that lives outside the function keeps growing.",
)
def test_names_again(both):
    def twice(m):
        """what device_names() gives when it is called a second time"""
        m.device_names()
        return m.device_names()

    both(twice).agree()


@check(
    "device_names",
    "names two devices when there are two",
    devices=2,
    hint="Ask JAX for all devices, not for the default one, and keep the order of their ids.",
)
def test_names_two(both):
    both(lambda m: m.device_names()).agree()


@check(
    "device_names",
    "orders eleven devices by number, not as text",
    devices=11,
    hint='As text "cpu:10" comes before "cpu:2". Sort the devices by their id, not the names.',
)
def test_names_eleven(both):
    both(lambda m: m.device_names()).agree()


# --- time_call -------------------------------------------------------------------------------


def sleeper(naps):
    """(f, x): f(x) is x, handed over at once and ready only `naps[0]` seconds later.

    A Python callback does the sleeping. It is spread over two devices, because with a single
    one JAX runs a program that has callbacks before it returns.
    """
    mesh = jax.make_mesh((2,), ("devices",))

    def nap(x):
        time.sleep(naps[0])
        return x

    def sleep(x):
        return jax.pure_callback(nap, jax.ShapeDtypeStruct(x.shape, x.dtype), x)

    rows = P("devices")
    f = jax.jit(jax.shard_map(sleep, mesh=mesh, in_specs=rows, out_specs=rows, check_vma=False))
    return f, jax.device_put(np.ones(2, np.float32), NamedSharding(mesh, rows))


def shown(seconds):
    return f"got       {seconds:.4g} s"


@check(
    "time_call",
    "gives seconds as a Python float",
    repeats=False,
    hint="Call f(*args), and take the first reading of the clock from the last.",
)
def test_time_call_seconds(answer):
    def nap(m):
        """time_call(f), where f sleeps for 0.2 seconds, and how long that took all in all"""
        start = time.perf_counter()
        seconds = m.time_call(lambda: time.sleep(0.2) or jax.device_put(1.0))
        whole = time.perf_counter() - start
        kind = type(seconds).__name__
        return float(seconds) if isinstance(seconds, float) else kind, whole

    result = answer(nap)
    seconds, whole = result.value
    result.demand(
        isinstance(seconds, float),
        "time_call does not return a Python float.",
        f"got       something of the type {seconds}",
        hint="The difference of two readings of time.perf_counter() is one; return that alone.",
    )
    result.demand(
        0.19 <= seconds <= whole + 0.05,
        "time_call is not the number of seconds that passed.",
        f"{shown(seconds)}\nexpected  0.2 s or a little more; all in all {whole:.4g} s passed",
        hint="Read a clock that runs while Python waits (time.perf_counter) before calling f and "
        "again at the end, and subtract the first reading from the second.",
    )


@check(
    "time_call",
    "calls f once, with the arguments as they are",
    repeats=False,
    hint="Call f(*args) once, and keep what it returns.",
)
def test_time_call_once(answer):
    def watched(m, x):
        """time_call(f, x, 3, 4), where f notes with what it is called"""
        calls = []

        def f(*args):
            calls.append(["a tracer" if isinstance(a, jax.core.Tracer) else a for a in args])
            return x

        m.time_call(f, x, 3, 4)
        return len(calls), calls[0] if calls else []

    result = answer(watched, np.float32([1, 2]))
    count, received = result.value
    result.demand(
        count == 1,
        f"time_call called f {count} times, not once.",
        hint="Keep the result of the one call, and wait for that.",
    )
    result.demand(
        "a tracer" not in [a for a in received if isinstance(a, str)],
        "f was traced: it got a tracer instead of the array.",
        hint="Call f itself. Whether it is compiled is the caller's choice.",
    )
    result.demand(
        len(received) == 3
        and isinstance(received[0], np.ndarray)
        and [type(number) for number in received[1:]] == [int, int]
        and received[1:] == [3, 4],
        "f was not called as f(x, 3, 4), with that array and the Python numbers 3 and 4.",
        hint="args is a tuple: f(*args) unpacks it again. Nothing has to be converted.",
    )


@check(
    "time_call",
    "waits until the result is ready",
    repeats=False,
    devices=2,
    hint="f hands back an array that is still being computed. Wait for it, and only then look "
    "at the clock again.",
)
def test_time_call_waits(answer):
    def late(m):
        """time_call(f, x), where f returns at once and its result is ready 0.3 seconds later"""
        naps = [0.0]
        f, x = sleeper(naps)
        jax.block_until_ready(f(x))  # compiled
        naps[0] = 0.3
        return m.time_call(f, x)

    result = answer(late)
    result.demand(
        result.value >= 0.25,
        "time_call does not wait for the result: JAX returns before the work is done.",
        f"{shown(result.value)}\nexpected  0.3 s or a little more",
    )


@check(
    "time_call",
    "waits for every array of a pytree",
    repeats=False,
    devices=2,
    hint="jax.block_until_ready takes a whole pytree: tuples, dicts, whatever jax.tree knows.",
)
def test_time_call_pytrees(answer):
    def late(m, container):
        """time_call(f, x), where one array in the result of f is ready 0.2 seconds later"""
        naps = [0.0]
        f, x = sleeper(naps)
        ready = jax.block_until_ready(f(x))
        naps[0] = 0.2
        if container == "dict":
            return m.time_call(lambda x: {"a": ready, "b": (f(x), None), "c": [ready]}, x)
        return m.time_call(lambda x: (ready, jax.tree_util.Partial(max, f(x)), ready), x)

    for container, result_of_f in (
        ("dict", '{"a": ready, "b": (late, None), "c": [ready]}'),
        ("node", "(ready, jax.tree_util.Partial(max, late), ready)"),
    ):
        result = answer(late, container)
        result.demand(
            result.value >= 0.15,
            "time_call does not wait for every array of the result.",
            f"result    of f: {result_of_f}\n{shown(result.value)}\n"
            "expected  0.2 s or a little more",
        )
