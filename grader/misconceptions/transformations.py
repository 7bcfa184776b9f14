"""Mistakes with grad, vmap, shard_map and callbacks that JAX itself refuses."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception

_DOES_NOT_FIT = (
    "requires contracting dimensions to have the same shape",
    "shapes cannot be mult",
)


@misconception(
    "grad of a function with many results",
    "grad takes a function that returns one number: vmap(grad(f)) for a slope per entry.",
    "ch05_vmap",
    DOCS + "_autosummary/jax.grad.html",
)
def grad_of_array(e: Evidence) -> str | None:
    if not e.says("Gradient only defined for scalar-output functions"):
        return None
    return "the function under grad returns an array."


@misconception(
    "a derivative in whole numbers",
    "Give grad floats: 2.0 instead of 2, or x.astype(jnp.float32).",
    "ch04_grad",
    DOCS + "_autosummary/jax.grad.html",
)
def grad_of_integer(e: Evidence) -> str | None:
    if not e.says("grad requires real- or complex-valued inputs"):
        return None
    return "the argument that is differentiated has an integer dtype."


@misconception(
    "argument positions counted from 1",
    "argnums counts from 0: the second argument is argnums=1.",
    "ch04_grad",
    DOCS + "_autosummary/jax.grad.html",
)
def argnums_from_one(e: Evidence) -> str | None:
    if not e.says("differentiating with respect to argnums"):
        return None
    return f"`{e.line}` names a position that the function does not have."


@misconception(
    "mapping over a shared argument, or along the wrong axis",
    "in_axes has one entry per argument: the axis that counts the samples (0: rows, 1: columns), None if shared.",
    "ch05_vmap",
    DOCS + "automatic-vectorization.html",
)
def maps_shared_argument(e: Evidence) -> str | None:
    scalar = e.says("rank should be at least 1, but is only 0") and "in_axes" in e.line
    if e.says("vmap got inconsistent sizes") or scalar:
        return "vmap was told to split arguments whose axes do not match."
    if e.says(*_DOES_NOT_FIT):
        for call in e.called("vmap"):
            axes = next((k.value for k in call.keywords if k.arg == "in_axes"), None)
            axes = call.args[1] if len(call.args) > 1 else axes
            if axes is not None and re.search("[1-9]", ast.unparse(axes)):
                return (
                    f"after `in_axes={ast.unparse(axes)}` one sample has a shape that does not fit."
                )
    return None


@misconception(
    "arithmetic with a function instead of its value",
    "Call the function first: 3 * jax.grad(f)(x), not 3 * jax.grad(f).",
    "ch04_grad",
    DOCS + "_autosummary/jax.grad.html",
)
def function_as_number(e: Evidence) -> str | None:
    if not e.says("unsupported operand type") or not e.says("'function'"):
        return None
    return f"`{e.line}` computes with a function that has not been called."


@misconception(
    "bare arrays where jvp takes tuples",
    "jax.jvp(f, (x,), (v,)): a tuple of arguments and a tuple of directions.",
    "ch04_grad",
    DOCS + "_autosummary/jax.jvp.html",
)
def jvp_without_tuples(e: Evidence) -> str | None:
    if not e.says("primal and tangent arguments to jax.jvp must be tuples"):
        return None
    return f"`{e.line}` passes the arrays as they are."


@misconception(
    "a callback to Python in a function that is to be transformed",
    "Write it with jax.numpy: grad and vmap cannot look into a callback.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.debug.print.html",
)
def callback_transformed(e: Evidence) -> str | None:
    if e.says("callbacks do not support", "only supported for the pure_callback"):
        return "a transformation met a pure_callback or io_callback."
    return None


@misconception(
    "a result that differs between devices",
    "Combine the devices' values inside the mapped function, with lax.psum or lax.pmean.",
    "ch09_devices",
    DOCS + "notebooks/shard_map.html",
)
def missing_psum(e: Evidence) -> str | None:
    if not e.error or not e.says("out_specs") or e.called("psum", "pmean"):
        return None
    return "out_specs promises one value for all devices, and no psum or pmean makes it one."


@misconception(
    "a check switched off that would have found the missing psum",
    "Leave check_vma on, and combine the devices' values with lax.psum or lax.pmean.",
    "ch09_devices",
    DOCS + "notebooks/shard_map.html",
)
def unchecked_devices(e: Evidence) -> str | None:
    if "check_vma=False" not in e.text or e.called("psum", "pmean") or not e.differs:
        return None
    return "with check_vma=False one device's own value passes for the value of all."


@misconception(
    "work that is not mapped over the devices",
    "Write what one device does with its rows, and map it with jax.shard_map over the mesh.",
    "ch09_devices",
    DOCS + "notebooks/shard_map.html",
)
def no_shard_map(e: Evidence) -> str | None:
    if "no shard_map" not in e.rationale or e.called("shard_map") or "shard_map" in e.text:
        return None
    return "the code calls no shard_map; the compiler alone decides where it runs."


@misconception(
    "values of the devices that are combined outside",
    "Combine them inside the mapped function: lax.psum(value, 'data') or lax.pmean.",
    "ch09_devices",
    DOCS + "notebooks/shard_map.html",
)
def combined_outside(e: Evidence) -> str | None:
    if "No psum or pmean inside" not in e.rationale or e.called("psum", "pmean"):
        return None
    return "every device hands its part out, and the parts are added afterwards."


@misconception(
    "a mesh with Explicit axes",
    "Say axis_types=(jax.sharding.AxisType.Auto,): make_mesh makes Explicit axes by default.",
    "ch09_devices",
    DOCS + "_autosummary/jax.make_mesh.html",
)
def explicit_axes(e: Evidence) -> str | None:
    if "Explicit" not in e.shown or "axis_types" in e.text or not e.called("make_mesh"):
        return None
    return f"`{ast.unparse(e.called('make_mesh')[0])}` names no axis_types."


@misconception(
    "a fixed number of devices",
    "Ask for them: jax.devices(), jax.device_count().",
    "ch09_devices",
    DOCS + "_autosummary/jax.devices.html",
)
def fixed_devices(e: Evidence) -> str | None:
    if (
        "device" not in f"{e.check} {e.rationale}"
        or e.error is not None
        or "mesh" not in e.exercise
    ):
        return None
    fixed = re.search(r"devices\(\)\[[^\]]*\]|make_mesh\(\(\d+,\)", e.text)
    return (
        f"`{fixed.group()}` takes a number of devices that this machine happens to have."
        if fixed
        else None
    )


@misconception(
    "a layout that splits no rows",
    "device_put with NamedSharding(mesh, P('data')): the first entry of P is about the first axis.",
    "ch09_devices",
    DOCS + "jax.sharding.html",
)
def rows_not_split(e: Evidence) -> str | None:
    if (
        "rows" not in f"{e.check} {e.rationale}"
        or not e.called("device_put")
        or "block" not in e.check
    ):
        return None
    if re.search(r"P\(None, ", e.text):
        return "`P(None, 'data')` splits the second axis, the columns."
    if "P()" in e.text:
        return "`P()` puts the whole array on every device."
    if "Sharding" not in e.text:
        return "`device_put` without a sharding puts everything on one device."
    return None


@misconception(
    "matrices whose shapes do not fit",
    "Write the shapes beside the product: (batch, n_in) @ (n_in, n_out).",
    "ch04_grad",
    DOCS + "_autosummary/jax.numpy.dot.html",
)
def product_does_not_fit(e: Evidence) -> str | None:
    if not e.says(*_DOES_NOT_FIT) or (e.error and any("vmap" in f.text for f in e.error.frames)):
        return None
    shapes = e.error.message.split("got ")[-1].split(".")[0] if e.error else ""
    return f"in `{e.line}` the inner axes have different lengths: {shapes}."


@misconception(
    "all arguments passed on as one tuple",
    "Unpack them again: f(*args).",
    "ch02_tracing",
    "https://docs.python.org/3/tutorial/controlflow.html#unpacking-argument-lists",
)
def arguments_as_tuple(e: Evidence) -> str | None:
    if not isinstance(e.code, ast.FunctionDef) or e.code.args.vararg is None or not e.parameters:
        return None
    rest, function = e.code.args.vararg.arg, e.parameters[0]
    for call in (node for node in ast.walk(e.code) if isinstance(node, ast.Call)):
        plain = any(isinstance(a, ast.Name) and a.id == rest for a in call.args)
        head = [call.func, *call.args[:1]]
        if plain and any(ast.unparse(h).split("(")[-1].strip(")") == function for h in head):
            return f"`{ast.unparse(call)}` passes the tuple `{rest}` as a single argument."
    return None


@misconception(
    "a parameter missing or under another name",
    "Keep the names, the order and the defaults of the stub's signature.",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def other_signature(e: Evidence) -> str | None:
    if not e.raised("TypeError") or e.line:
        return None
    if e.says("unexpected keyword argument", "positional argument", "multiple values for argument"):
        return f"the call does not fit: {e.error.message.splitlines()[0]}." if e.error else None
    return None
