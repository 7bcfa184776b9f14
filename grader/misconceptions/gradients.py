"""Mistakes with derivatives and with numbers that leave the range of floats."""

from __future__ import annotations

import ast
import re

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import JACOBIANS, joined, same, single
from grader.misconceptions.rule import DOCS, GOTCHAS, misconception

WHERE = DOCS + "faq.html#gradients-contain-nan-where-using-where"
_SIZE = re.compile(r"len\([^()]*\)|\b[\w.]+\.(?:size|ndim|shape\[[^]]*\])")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]")


def _new_nans(e: Evidence) -> int:
    """How many entries are NaN or infinite where a finite number is expected."""
    if not e.differs or any(a.dtype.kind not in "biuf" for a, _ in e.leaves):
        return 0
    got, expected = joined(e.leaves)
    return int((~np.isfinite(got) & np.isfinite(expected)).sum())


def _not_finite(count: int, slopes: bool = False) -> str:
    one, more = ("derivative", "derivatives") if slopes else ("entry", "entries")
    return f"{count} {one} is not finite" if count == 1 else f"{count} {more} are not finite"


def _of_gradients(e: Evidence) -> bool:
    return "grad" in f"{e.check} {e.shown}" or "slope" in e.check


@misconception(
    "nan_to_num as a cure for a gradient",
    "Remove the cause: nan_to_num changes the value, the derivative still goes through the NaN.",
    "ch06_gotchas",
    WHERE,
)
def nan_repaired(e: Evidence) -> str | None:
    if not e.called("nan_to_num") or e.error is not None:
        return None
    if _new_nans(e):
        return "the value is repaired, its derivative is not."
    return None


@misconception(
    "NaN through where: the branch not taken has a derivative too",
    "Make the input safe first, with a second where inside: jnp.where(c, f(jnp.where(c, x, 0)), ...).",
    "ch06_gotchas",
    WHERE,
)
def nan_through_where(e: Evidence) -> str | None:
    count = _new_nans(e)
    if not count or not _of_gradients(e) or not e.called("where"):
        return None
    return (
        f"{_not_finite(count, True)}: `where` multiplies the other slope by 0, and 0 * inf is NaN."
    )


@misconception(
    "the slope of a square root at zero",
    "Use where twice: once inside the root, so that it never sees 0, once around it.",
    "ch06_gotchas",
    WHERE,
)
def root_at_zero(e: Evidence) -> str | None:
    if not _new_nans(e) or not _of_gradients(e):
        return None
    for call in e.called("norm", "sqrt"):
        if not call.args or not _NAME.search(_SIZE.sub("1", ast.unparse(call.args[0]))):
            continue  # a constant
        return f"`{ast.unparse(call)}` has no finite slope at 0, and the gradient there is NaN."
    return None


@misconception(
    "log and exp apart, which overflows",
    "Use log_softmax or logsumexp: they subtract the largest logit first.",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.scipy.special.logsumexp.html",
)
def no_logsumexp(e: Evidence) -> str | None:
    if not _new_nans(e):
        return None
    for call in e.called("log"):
        inner = ast.unparse(call)
        if "softmax(" in inner or "exp(" in inner:
            return f"`{inner}` leaves the range of floats when a logit is large."
    return None


@misconception(
    "the logarithm of a number that is not positive",
    "Find a form without log: it is -inf at 0, and NaN below.",
    "ch06_gotchas",
    WHERE,
)
def log_of_negative(e: Evidence) -> str | None:
    logs = e.called("log", "log2")
    low = any(np.ndim(a) <= 2 and _lowest(a) <= 0 for a in e.args)
    if not _new_nans(e) or not logs or not low or "softmax" in e.text or "sum(" in e.text:
        return None
    return f"`{ast.unparse(logs[0])}` meets inputs of zero or below."


def _lowest(value: object) -> float:
    if isinstance(value, int | float | np.generic | np.ndarray) and np.size(value):
        return float(np.min(value))
    return np.inf


@misconception(
    "exp of a large number",
    "exp overflows float32 above 88: write it with exp of a negative number, expm1 or jax.nn.sigmoid.",
    "ch05_vmap",
    DOCS + "_autosummary/jax.nn.sigmoid.html",
)
def overflow(e: Evidence) -> str | None:
    count = _new_nans(e)
    if not count or not e.called("exp", "expm1"):
        return None
    which = ast.unparse(e.called("exp", "expm1")[0])
    what = _not_finite(count, _of_gradients(e))
    return f"{what}: `{which}` becomes inf, and inf / inf or 0 * inf is NaN."


@misconception(
    "a division by zero",
    "Give the denominator a safe value with where, and choose the result with where again.",
    "ch06_gotchas",
    WHERE,
)
def division_by_zero(e: Evidence) -> str | None:
    count = _new_nans(e)
    quotients = [n for n in e.nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Div)]
    divisions = [n for n in quotients if not isinstance(n.right, ast.Constant)]
    if not count or not divisions or e.called("exp", "log", "sqrt", "norm"):
        return None
    return f"{_not_finite(count)}: the denominator of `{ast.unparse(divisions[0])}` can be 0."


@misconception(
    "0 times NaN: a product in place of a choice",
    "Choose with jnp.where: 0 * inf and 0 * NaN are NaN.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.numpy.where.html",
)
def product_as_choice(e: Evidence) -> str | None:
    wild = any(
        isinstance(a, np.ndarray) and a.dtype.kind == "f" and not np.isfinite(a).all()
        for a in e.args
    )
    masks = e.called("one_hot", "heaviside", "sign", "astype")
    if not _new_nans(e) or not wild or not masks:
        return None
    return f"the input holds NaN or inf, and `{ast.unparse(masks[0])}` multiplies it by 0."


@misconception(
    "NaN and infinity replaced by numbers",
    "Let them through: NaN in, NaN out, unless the description says otherwise.",
    "ch06_gotchas",
    GOTCHAS,
)
def nan_removed(e: Evidence) -> str | None:
    pair = single(e)
    if pair is None or not e.called("nan_to_num", "nansum", "nanmean", "isnan"):
        return None
    lost = int((~np.isfinite(pair[1]) & np.isfinite(pair[0])).sum())
    return f"{lost} of the NaN or infinite entries expected are plain numbers." if lost else None


@misconception(
    "a gradient that is stopped on its way",
    "Take stop_gradient (or detach) out: what it wraps counts as a constant.",
    "ch04_grad",
    DOCS + "advanced-autodiff.html",
)
def stopped_gradient(e: Evidence) -> str | None:
    if e.error is not None and not e.says("does not require grad"):
        return None
    if not _of_gradients(e) and e.kind == "value" and "gradient" not in e.check:
        return None
    if "leaves" in e.check:
        return None  # what changed is the argument, not the result
    for call in e.called("stop_gradient", "detach", "no_grad"):
        if _new_nans(e) or (e.leaves and all(same(a, b) for a, b in e.leaves)):
            continue
        return f"`{ast.unparse(call)}` counts as a constant when JAX or PyTorch differentiates."
    return None


@misconception(
    "finite differences in place of a derivative",
    "Use jax.grad or jax.jvp: exact up to rounding, and without a step to choose.",
    "ch04_grad",
    DOCS + "automatic-differentiation.html",
)
def finite_differences(e: Evidence) -> str | None:
    if e.error is not None or not e.leaves:
        return None
    for node in e.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            text = ast.unparse(node)
            small = re.search(r"/ \(?(?:[\w.]*(?:step|eps|h|delta)\b|\d?\.?\d*e-\d+|0\.0\d+)", text)
            called = re.findall(r"(\w+|\))\([^()]* [+-] [^()]*\)", ast.unparse(node.left))
            if small and called and " - " in ast.unparse(node.left):
                return f"`{text}` loses half of the digits to rounding."
    return None


@misconception(
    "a derivative taken outside of vmap",
    "vmap(grad(f)): first the derivative of one sample, then all samples.",
    "ch05_vmap",
    DOCS + "automatic-vectorization.html",
)
def summed_gradients(e: Evidence) -> str | None:
    if len(e.leaves) != 1 or not e.uses("grad", "value_and_grad", *JACOBIANS):
        return None
    got, expected = e.leaves[0]
    if (
        expected.ndim == got.ndim + 1
        and expected.shape[0] > 1
        and same(got, expected.astype(np.float64).sum(0))
    ):
        return f"what came back is the sum of the {expected.shape[0]} gradients asked for."
    if got.ndim == expected.ndim + 1 == 2 and got.shape[0] == got.shape[1] == len(expected):
        if same(np.diagonal(got), expected):
            return "what came back is the whole Jacobian; the slopes are its diagonal."
    return None
