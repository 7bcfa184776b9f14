"""Checks of chapter 9: several devices. They run with eight forced host devices."""

import re

import jax
import numpy as np

from grader.checks import check

DEVICES = 8
OTHER = 12  # another machine has another number of devices
COUNT = (
    "Ask jax.device_count() or the mesh how many devices there are: 8 is the number of one machine."
)
UNMAPPED = ("jit", "grad", "jit(grad)")  # the matrix maps over batches of four, not of eight


def table(rows, columns):
    """A float32 matrix in which no number comes twice."""
    return np.arange(rows * columns, dtype=np.float32).reshape(rows, columns) / 4 - 3


def regression(seed, batch=16):
    """`(params, xs, ys)` of a linear regression with three features."""
    rng = np.random.default_rng(seed)
    numbers = [rng.integers(-32, 33, shape) / 16 for shape in ((3,), (), (batch, 3), (batch,))]
    w, b, xs, ys = (np.asarray(n, np.float32) for n in numbers)
    return (w, b), xs, ys


def demand_collective(program):
    """Fail the check unless a psum stands inside a shard_map of rows (a pmean is a psum and a division)."""
    found = f"got       {', '.join(program.operations)}"
    program.demand(
        program.has("manual_computation"),
        "There is no shard_map in its program.",
        found,
        "Map the work of one device with jax.shard_map over the mesh of device_mesh.",
    )
    program.demand(
        program.has("all_reduce"),
        "No psum or pmean inside its shard_map.",
        found,
        "Combine the devices' values inside the mapped function, by jax.lax.psum or jax.lax.pmean.",
    )
    program.demand(
        program.splits_inputs,
        "Every device gets all rows: the work is done once on each of them, and not shared.",
        hint='P() hands an array to every device as a whole; P("data") gives each its own rows.',
    )


# device_mesh


@check("device_mesh", 'is a Mesh with the one axis "data"')
def test_device_mesh_axis(answer):
    mesh = answer(lambda m: isinstance(m.device_mesh(), jax.sharding.Mesh))
    mesh.demand(
        mesh.value is True,
        "device_mesh does not return a jax.sharding.Mesh.",
        hint="jax.make_mesh makes one of all devices; so does jax.sharding.Mesh of jax.devices().",
    )
    names = answer(lambda m: list(m.device_mesh().axis_names))
    names.demand(
        names.value == ["data"],
        'The mesh must have one axis, called "data".',
        f"got       axis names {names.value}",
        'The axis names are a tuple: ("data",), with its comma.',
    )


@check("device_mesh", "holds every visible device once")
def test_device_mesh_devices(answer):
    held = answer(lambda m: [device.id for device in m.device_mesh().devices.flat])
    held.demand(
        sorted(held.value) == list(range(DEVICES)),
        f"The mesh must hold all {DEVICES} visible devices.",
        f"got       the devices with the ids {held.value}",
        "Ask jax.device_count() or jax.devices(); another machine has another number.",
    )


@check("device_mesh", "is as long as there are devices", devices=OTHER, hint=COUNT)
def test_device_mesh_elsewhere(answer):
    size = answer(lambda m: [len(m.device_mesh().devices.flat), m.device_mesh().size])
    size.demand(
        size.value == [OTHER, OTHER],
        f"With {OTHER} visible devices the mesh must hold {OTHER}.",
        f"got       a mesh of {size.value[0]}",
    )


@check("device_mesh", "has an axis of type Auto")
def test_device_mesh_auto(answer):
    types = answer(lambda m: [kind.name for kind in m.device_mesh().axis_types])
    types.demand(
        types.value == ["Auto"],
        "The axis of the mesh must be of type Auto.",
        f"got       axis types {types.value}",
        "jax.make_mesh makes Explicit axes unless its argument axis_types says otherwise.",
    )


# shard_rows


def placed(m, x):
    """shard_rows(x).addressable_shards"""
    shards = m.shard_rows(x).addressable_shards
    return sorted((s.index[0].start or 0, list(s.data.shape), s.device.id) for s in shards)


def mesh_under(m, x):
    """shard_rows(x).sharding.mesh"""
    mesh = m.shard_rows(x).sharding.mesh
    return list(mesh.axis_names), [kind.name for kind in mesh.axis_types]


@check("shard_rows", "puts an equal block of rows on every device")
def test_shard_rows_blocks(both, answer):
    for x in (table(8, 3), table(24, 8)):
        both(lambda m, x: m.shard_rows(x), x).agree()
        shards = answer(placed, x)
        starts, shapes, devices = zip(*shards.value, strict=True)
        block = len(x) // DEVICES
        shards.demand(
            list(starts) == list(range(0, len(x), block))
            and all(shape == [block, x.shape[1]] for shape in shapes)
            and sorted(devices) == list(range(DEVICES)),
            f"The {len(x)} rows must lie on {DEVICES} devices, {block} on each.",
            f"got       blocks of shapes {[tuple(s) for s in shapes]} on the devices {devices}",
            'jax.device_put with a NamedSharding; the spec P("data") splits the first axis.',
        )
    both(lambda m, x: m.shard_rows(x), table(16, 2).astype(np.int32)).agree()


@check("shard_rows", 'lies on an Auto axis called "data"')
def test_shard_rows_mesh(answer):
    mesh = answer(mesh_under, table(16, 3))
    names, types = mesh.value
    mesh.demand(
        (names, types) == (["data"], ["Auto"]),
        "The rows must be split over the mesh of device_mesh.",
        f"got       axis names {names}, axis types {types}",
        "Call device_mesh() for the mesh instead of making another one.",
    )


@check(
    "shard_rows",
    "refuses rows that the devices do not divide",
    hint="Compare x.shape[0] with the number of devices before you place x.",
)
def test_shard_rows_refusal(answer):
    for rows in (12, 3):
        refusal = answer.raises(lambda m, x: m.shard_rows(x), table(rows, 5), types=("ValueError",))
        named = {int(number) for number in re.findall(r"\d+", refusal.message)}
        refusal.demand(
            {rows, DEVICES} <= named,
            f"The message must name both the {rows} rows and the {DEVICES} devices.",
            hint="Put the two numbers into the text of the ValueError.",
        )


@check("shard_rows", "goes by the number of devices that there are", devices=OTHER, hint=COUNT)
def test_shard_rows_elsewhere(both, answer):
    both(lambda m, x: m.shard_rows(x), table(12, 2)).agree()
    blocks = answer(lambda m, x: len(m.shard_rows(x).addressable_shards), table(12, 2))
    blocks.demand(
        blocks.value == OTHER,
        f"The 12 rows must lie on {OTHER} devices.",
        f"got       {blocks.value} blocks",
    )
    refusal = answer.raises(lambda m, x: m.shard_rows(x), table(16, 2), types=("ValueError",))
    named = {int(number) for number in re.findall(r"\d+", refusal.message)}
    refusal.demand(
        {16, OTHER} <= named, f"The message must name both the 16 rows and the {OTHER} devices."
    )


@check(
    "shard_rows",
    "works under jit and grad",
    kind="transform",
    hint="Placing an array is a step of the computation like any other: gradients pass through it.",
)
def test_shard_rows_transforms(matrix):
    matrix(lambda m, x: m.shard_rows(x), table(8, 3), rows=UNMAPPED)


# parallel_sum_of_squares


@check(
    "parallel_sum_of_squares",
    "gives the sum of the squares",
    hint="Each device sums the squares of its own rows; a psum adds these sums. An eighth of the "
    "result is a mean over the devices or one device's part; 8 times the result counts every row "
    "on every device.",
)
def test_parallel_sum_values(both):
    for x in (table(8, 3), table(24, 5)):
        both(lambda m, x: m.parallel_sum_of_squares(m.shard_rows(x)), x).agree()


@check(
    "parallel_sum_of_squares",
    "gives the same sum on another number of devices",
    devices=OTHER,
    hint=COUNT,
)
def test_parallel_sum_elsewhere(both):
    both(lambda m, x: m.parallel_sum_of_squares(m.shard_rows(x)), table(24, 3)).agree()


@check("parallel_sum_of_squares", "works under jit, vmap and grad", kind="transform")
def test_parallel_sum_transforms(matrix, both):
    x, stack = table(8, 3), np.stack([table(8, 3) / k for k in (1, 2, 4, 8, 1, 2, 4, 8)])
    matrix(lambda m, x: m.parallel_sum_of_squares(m.shard_rows(x)), x, rows=UNMAPPED)
    both(lambda m, stack: jax.vmap(m.parallel_sum_of_squares)(stack), stack).agree()


@check("parallel_sum_of_squares", "adds with a psum inside shard_map", kind="structure")
def test_parallel_sum_psum(answer):
    demand_collective(answer.program(lambda m, x: m.parallel_sum_of_squares(x), table(8, 3)))


# parallel_update


@check(
    "parallel_update",
    "takes the step of a single device",
    hint="Divide your change of w and of b by the expected one. 8: grad in replicated parameters "
    "has summed over the devices already, see the lesson. -1: uphill. No common number: average "
    "the gradients over the devices, and treat w and b alike.",
)
def test_parallel_update_values(both):
    for (params, xs, ys), size in ((regression(0), 0.25), (regression(1, batch=40), 0.5)):
        both(
            lambda m, params, xs, ys, step_size: m.parallel_update(params, xs, ys, step_size),
            *(params, xs, ys, size),
        ).agree()


@check(
    "parallel_update", "takes the same step on another number of devices", devices=OTHER, hint=COUNT
)
def test_parallel_update_elsewhere(both):
    (w, b), xs, ys = regression(2, batch=24)
    both(lambda m, *args: m.parallel_update(*args), (w, b), xs, ys, 0.25).agree()


@check("parallel_update", "works under jit, vmap and grad", kind="transform")
def test_parallel_update_transforms(matrix, both):
    params, xs, ys = regression(0)
    matrix(
        lambda m, params, xs, ys: m.parallel_update(params, xs, ys, 0.25),
        *(params, xs, ys),
        rows=UNMAPPED,
    )
    both(
        lambda m, params, xs, ys: jax.vmap(lambda p: m.parallel_update(p, xs, ys, 0.25))(params),
        *(tuple(np.stack([p * k for k in range(DEVICES)]) for p in params), xs, ys),
    ).agree()


@check("parallel_update", "averages across the devices inside shard_map", kind="structure")
def test_parallel_update_pmean(answer):
    demand_collective(
        answer.program(
            lambda m, params, xs, ys: m.parallel_update(params, xs, ys, 0.25), *regression(0)
        )
    )
