"""Mistakes between JAX and PyTorch: shared memory, lost precision, modules that do not see their layers."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, TORCH, misconception

_LESSON = "ch11_mnist_torch"


@misconception(
    "two arrays that share one memory",
    "Copy: torch.tensor(np.array(x)), t.detach().clone(), jnp.array(..., copy=True).",
    _LESSON,
    TORCH + "generated/torch.from_dlpack.html",
)
def aliased(e: Evidence) -> str | None:
    if not re.search(r"safe to write|later writes|leaves the .*parameters", e.check):
        return None
    for call in e.called("from_dlpack", "from_numpy", "as_tensor", "device_put", "asarray", "view"):
        text = ast.unparse(call)
        if e.error is None and not re.search(r"\.array\(|clone|copy", text):
            return f"`{text}` copies nothing: a write to one shows in the other."
    return None


@misconception(
    "numpy() of a tensor that requires grad",
    "t.detach().numpy(): detach gives a tensor outside of the graph.",
    _LESSON,
    TORCH + "generated/torch.Tensor.detach.html",
)
def numpy_of_grad(e: Evidence) -> str | None:
    if not e.says("Can't call numpy() on Tensor that requires grad"):
        return None
    return f"`{e.line}` asks a tensor for its numbers that belongs to a graph."


_OF_A_TENSOR = ("grad", "requires_grad", "data", "training")


@misconception(
    "a tensor or network that is left changed",
    "Work under torch.no_grad() or on t.detach(): neither changes the tensor itself.",
    _LESSON,
    TORCH + "generated/torch.no_grad.html",
)
def left_changed(e: Evidence) -> str | None:
    if not re.search(r"as it was|as they were|leaves", e.check):
        return None
    for call in e.called("requires_grad_", "detach_", "backward", "set_grad_enabled", "eval"):
        return f"`{ast.unparse(call)}` leaves its traces behind."
    for node in e.nodes:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Attribute) and t.attr in _OF_A_TENSOR for t in targets):
            return f"`{ast.unparse(node)}` changes what belongs to the caller."
    return None


@misconception(
    "layers that the module does not see",
    "Keep them in nn.ModuleList (or nn.Sequential): a Python list hides their parameters.",
    _LESSON,
    TORCH + "generated/torch.nn.ModuleList.html",
)
def layers_in_list(e: Evidence) -> str | None:
    if not e.raised("ValueError") and "trained" not in e.check:
        return None
    for node in ast.walk(e.code):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("self."):
            if isinstance(node.value, ast.List | ast.ListComp) and "Linear(" in ast.unparse(node):
                return f"`{ast.unparse(node.targets[0])}` is a plain list of layers."
    return None


@misconception(
    "a class that is no module",
    "class MLP(nn.Module), with super().__init__() first: the base class finds the parameters.",
    _LESSON,
    TORCH + "generated/torch.nn.Module.html",
)
def no_module(e: Evidence) -> str | None:
    if not isinstance(e.code, ast.ClassDef) or e.code.bases or "trained" not in e.check:
        return None
    return f"`class {e.code.name}` has no base class."


@misconception(
    "a forward pass or parameters without gradients",
    "Keep no_grad to copying and counting; what is trained needs requires_grad=True.",
    _LESSON,
    TORCH + "generated/torch.no_grad.html",
)
def untrainable(e: Evidence) -> str | None:
    if "trained" not in e.check:
        return None
    if "requires_grad=False" in e.text:
        return "`requires_grad=False` makes the parameters constants."
    for node in ast.walk(e.code):
        if isinstance(node, ast.FunctionDef) and node.name in ("forward", "__call__"):
            if any("no_grad" in ast.unparse(d) for d in node.decorator_list):
                return "`forward` runs under no_grad, so there is nothing to go back through."
    return None


@misconception(
    "float64 that is lost on the way",
    "Carry the dtype along: net.to(dtype) before the copy, no .float(), no Python number in between.",
    _LESSON,
    DOCS + "_autosummary/jax.enable_x64.html",
)
def precision_lost(e: Evidence) -> str | None:
    if "float64" not in e.check or e.error is not None:
        return None
    for pattern in (
        r"\w+\.float\(\)",
        r"(?:jnp|torch|np)\.float32(?:\(\w+\))?",
        r"torch\.tensor\(.*\.item\(\)",
    ):
        found = re.search(pattern, e.text)
        if found:
            return f"`{found.group()}` keeps 24 of the 53 bits."
    copied, cast = e.text.find("cp_params("), re.search(r"\.to\(|\.double\(", e.text)
    if copied >= 0 and (cast is None or cast.start() > copied) and "MLP(" in e.text:
        return "the parameters are copied into a network of float32."
    return None


@misconception(
    "a dtype that is lost in a Python list or a default",
    "Convert the array itself: torch.tensor(np.array(x)), jnp.array(t.detach().numpy()).",
    _LESSON,
    TORCH + "generated/torch.from_dlpack.html",
)
def dtype_dropped(e: Evidence) -> str | None:
    if "dtype" not in e.rationale or "got dtype" not in e.rationale:
        return None
    for call in (*e.called("tolist"), *e.called("Tensor")):
        return f"`{ast.unparse(call)}` keeps the numbers, not their dtype."
    for node in e.nodes:
        if (
            isinstance(node, ast.keyword)
            and node.arg == "dtype"
            and "float32" in ast.unparse(node.value)
        ) and e.called("from_numpy", "tensor", "numpy", "as_tensor"):
            return f"`dtype={ast.unparse(node.value)}` turns everything into float32."
    return None


@misconception(
    "ValueError where TypeError is asked for, or the other way round",
    "TypeError: something of the wrong type. ValueError: the right type, a wrong value.",
    _LESSON,
    "https://docs.python.org/3/library/exceptions.html#TypeError",
)
def type_or_value(e: Evidence) -> str | None:
    if e.error is None or not e.line.startswith("raise") or "refuses" not in e.check:
        return None
    if e.error.type not in ("TypeError", "ValueError") or " name " in e.rationale:
        return None
    return f"`{e.line}` raises {e.error.type} for this input."
