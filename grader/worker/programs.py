"""Exported programs in a process that has never seen an answer: what they do, what they cost.

A program (StableHLO, as `jax.export` writes it) is data: it can neither tell that it is watched nor
remember an earlier call. One with a call to foreign code is refused before anything of it runs.
"""

from __future__ import annotations

import collections
import functools
import math
import re
import time
from typing import Any

import jax
import jax.export

# Calls that the program makes to code outside it: partitioning marks of XLA's own, LAPACK's routines.
_HARMLESS = re.compile(
    r"Sharding|SPMD\w+|shape_assertion|annotate_device_placement|lapack_\w+_ffi|mhlo\.\w+|chlo\.\w+"
)
_FOREIGN = re.compile(r"custom_call\b")
_TARGET = re.compile(r"(?:custom_call\s*@|call_target_name\s*=\s*\")([\w.$-]+)")
_OPERATION = re.compile(
    r"(?:^|=\s)\s*\"?((?:stablehlo|sdy|chlo|mhlo)\.\w+|(?:func\.)?call)\"?\b", re.M
)
_IN_SHARDINGS = re.compile(r"sdy\.manual_computation.* in_shardings=\[(.*?)\] out_shardings=")
_TENSOR = re.compile(r"tensor<((?:\d+x)*)[a-z]\w*>")
_NO_WORK = {"stablehlo.constant", "stablehlo.return", "sdy.return", "sdy.mesh"}
_CACHED = 16


class ForeignCode(Exception):
    """The program calls code that is not part of it."""


@functools.lru_cache(_CACHED)
def load(data: bytes) -> jax.export.Exported:
    """The program in `data`.

    Raises:
        ForeignCode: it calls code outside itself.
        ValueError: `data` holds no program.
    """
    try:
        exported = jax.export.deserialize(bytearray(data))
        text = exported.mlir_module()
    except Exception as error:  # the bytes come from a stranger
        raise ValueError(f"no program of JAX: {type(error).__name__}") from None
    targets = _TARGET.findall(text)
    foreign = sorted({name for name in targets if not _HARMLESS.fullmatch(name)})
    if foreign or len(_FOREIGN.findall(text)) > len(targets):
        raise ForeignCode(f"the program calls code outside it: {', '.join(foreign) or 'unnamed'}")
    return exported


@functools.lru_cache(_CACHED)
def _jitted(data: bytes) -> Any:
    return jax.jit(load(data).call)


def run(data: bytes, *args: Any) -> Any:
    """What the program gives for `args`, the arrays among them being its inputs."""
    return _jitted(data)(*_inputs(data, args))


def _inputs(data: bytes, args: tuple[Any, ...]) -> list[Any]:
    """The arrays in `args`, on as many devices as the program is for."""
    arrays = [leaf for leaf in jax.tree.leaves(args) if isinstance(leaf, jax.Array)]
    devices = load(data).nr_devices
    if devices == 1:
        return arrays
    mesh = jax.sharding.Mesh(jax.devices()[:devices], ("all",))
    everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    return [jax.device_put(array, everywhere) for array in arrays]


def operations(data: bytes) -> dict[str, int]:
    """How often each operation of StableHLO occurs in the program; constants are not counted."""
    found = collections.Counter(_OPERATION.findall(load(data).mlir_module()))
    return {name: count for name, count in sorted(found.items()) if name not in _NO_WORK}


def largest_value(data: bytes) -> int:
    """The number of elements of the largest array in the program, inputs included."""
    sizes = _TENSOR.findall(load(data).mlir_module())
    return max((math.prod(map(int, size.split("x")[:-1])) for size in sizes), default=0)


def splits_inputs(data: bytes) -> bool:
    """Whether a shard_map in the program gives every device a part of an array: as one of its inputs,
    or by the device's number.
    """
    text = load(data).mlir_module()
    mapped = _IN_SHARDINGS.findall(text)
    return any('{"' in shardings for shardings in mapped) or "stablehlo.partition_id" in text


def cost(data: bytes) -> dict[str, float]:
    """What XLA expects of one run: `flops`, `bytes`; and `compile_s`, the seconds it took to compile."""
    exported = load(data)
    start = time.perf_counter()
    compiled = _jitted(data).lower(*exported.in_avals).compile()
    seconds = time.perf_counter() - start
    estimate = compiled.cost_analysis() or {}
    return {
        "flops": float(estimate.get("flops", 0.0)),
        "bytes": float(estimate.get("bytes accessed", 0.0)),
        "compile_s": seconds,
    }


def race(
    answer: bytes, reference: bytes, args: tuple[Any, ...], pairs: int
) -> list[tuple[float, float]]:
    """Seconds of answer and reference for `args`, `pairs` times in turn, each going first in its turn."""
    times = []
    for index in range(pairs):
        if index % 2:
            mine, theirs = _seconds(answer, args), _seconds(reference, args)
        else:
            theirs, mine = _seconds(reference, args), _seconds(answer, args)
        times.append((mine, theirs))
    return times


def _seconds(data: bytes, args: tuple[Any, ...]) -> float:
    program, inputs = _jitted(data), _inputs(data, args)
    start = time.perf_counter()
    jax.block_until_ready(program(*inputs))
    return time.perf_counter() - start
