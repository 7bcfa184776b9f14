"""The worker's side: load one chapter, run probes on it, say what happened.

Everything a probe does is caught here, whatever it raises. What a stranger's code may break (standard
streams, the module table, its own replies) costs that stranger's verdict only: the grader believes no
reply that `decode.decode` refuses.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import cloudpickle
import jax
import jaxlib.version

from grader.worker import (
    canary,
    chapters,
    compiled,
    lowering,
    programs,
    toolbox,
    transformations,
    wire,
)
from grader.worker.arguments import changed_arguments, names_of_tracers, on_device
from grader.worker.encode import class_name, encode, plain_text, text_of
from grader.worker.lockdown import Lockdown
from grader.worker.pristine import Originals

_MAX_MESSAGE = 4000  # characters of an exception's text
_MAX_CLASSES = 32
_MAX_FRAMES = 8
_CACHED_PROBES = 256
_MAX_NAMES = 8
_TRIED_JAXLIB = (0, 10)
_DEVICE_LOG = "jax._src.xla_bridge"  # warns of GPUs that are not used, which is on purpose
_GARBAGE = (100_000, 20, 50)  # tracing makes many objects, and most go by themselves
FOR_PROBES = (programs, toolbox, transformations)  # here before an answer is, like all originals
compiled.offer()
lowering.share_context()


class Session:
    """One chapter of one submission, loaded; `call` runs a probe on it.

    With `catch=False` exceptions other than a stub's propagate to the caller, for a debugger.
    """

    def __init__(self, catch: bool = True) -> None:
        self._catch = BaseException if catch else NotImplementedError
        self._module = ModuleType("nothing")
        self._filename = ""
        self._probes: dict[bytes, Probe] = {}
        self._restore = ORIGINALS.restore

    def load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Execute the chapter's source; the reply says whether that raised.

        Without sources the module under test is `grader.worker.programs`, and no answer comes near.
        """
        if not request["texts"]:
            self._module = programs
            return {"kind": "value"} | encode(None)
        sources = chapters.Sources(
            request["chapter"],
            {name: (file, text) for name, (file, text) in request["texts"].items()},
            tuple(request["stand_ins"]),
            request["stand_in_code"],
        )
        self._filename = sources.texts[sources.chapter][0]
        reply = self._guarded(lambda: self._set_module(chapters.load(sources)))
        return reply | {"replaced": self._restore()[:_MAX_NAMES]}

    def _set_module(self, module: ModuleType) -> None:
        self._module = module

    def call(
        self, request: dict[str, Any], tell: Callable[[str], None] | None = None
    ) -> dict[str, Any]:
        """Run one probe. For a timed call, `tell` says "ready" before it (and waits) and "done" after it."""
        replaced: list[str] = []
        toolbox.listen()
        probe = self._probe(request["probe"])
        given = cloudpickle.loads(request["args"])
        args = jax.block_until_ready(on_device(given))
        function = probe.compiled if request["compile"] else probe.plain

        def run() -> Any:
            try:
                value = function(self._module, *args)
            finally:
                replaced.extend(self._restore())
            return _ready(value)

        def timed(tell: Callable[[str], None]) -> Any:
            tell("ready")
            try:
                value = _ready(function(self._module, *args))
                tell("done")
            finally:  # and not between the two words, where it would take time
                replaced.extend(self._restore())
            return value

        holding = names_of_tracers(vars(self._module))
        before, seconds = toolbox.compilations(), toolbox.compile_seconds()
        reply = self._guarded(run if tell is None else functools.partial(timed, tell))
        counted = toolbox.listen()
        reply["compilations"] = toolbox.compilations() - before if counted else wire.UNCOUNTED
        reply["compile_s"] = max(0.0, toolbox.compile_seconds() - seconds)
        reply["changed"] = changed_arguments(given, args)
        leaked = names_of_tracers(vars(self._module)) - holding
        reply["leaked"] = plain_text(min(leaked, default=""))
        reply["replaced"] = list(dict.fromkeys(replaced))[:_MAX_NAMES]
        return reply

    def _probe(self, pickled: bytes) -> Probe:
        if pickled not in self._probes:
            if len(self._probes) >= _CACHED_PROBES:
                self._probes.clear()
            self._probes[pickled] = Probe(cloudpickle.loads(pickled))
        return self._probes[pickled]

    def _guarded(self, run: Callable[[], Any]) -> dict[str, Any]:
        start = time.perf_counter()
        reply: dict[str, Any]
        try:
            reply = {"kind": "value"} | encode(run())
        except wire.WireError as error:  # what came back cannot be described
            reply = {"kind": "refused", "reason": _reason(error)}
        except self._catch as error:  # an answer may raise anything at all
            reply = {"kind": "raised", "error": describe_error(error, self._filename)}
        with contextlib.suppress(BaseException):
            jax.effects_barrier()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):
                stream.flush()
        return reply | {"duration": max(0.0, time.perf_counter() - start)}


class Probe:
    """A probe as it came, and the same compiled as one program (kept, so it compiles once a shape)."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.plain = function
        self._jitted: Callable[..., Any] | None = None

    def compiled(self, module: Any, *args: Any) -> Any:
        """`probe(module, *args)` under `jax.jit`, all of `args` traced."""
        if self._jitted is None:
            self._jitted = jax.jit(functools.partial(self.plain, module))
        return self._jitted(*args)


def _ready(value: Any) -> Any:
    """`value` once its arrays are there; one that holds itself as it is, for `encode` to refuse."""
    with contextlib.suppress(RecursionError, SystemError):  # which of them depends on the depth
        jax.block_until_ready(value)
    return value


def describe_error(error: BaseException, filename: str) -> dict[str, Any]:
    """An exception in plain data: its classes, text, and the lines of the learner's own file.

    Its text and its frames are the stranger's too, and may do anything when they are asked for.
    """
    frames: list[list[Any]] = []
    with contextlib.suppress(BaseException):
        frames = _frames(error, filename)
    classes = type.mro(type(error))
    return {
        "types": [class_name(cls) for cls in classes if cls is not object][:_MAX_CLASSES],
        "message": text_of(lambda: str(error), _MAX_MESSAGE),
        "frames": frames[-_MAX_FRAMES:],
    }


def _frames(error: BaseException, filename: str) -> list[list[Any]]:
    frames = [
        [frame.lineno or 0, plain_text(frame.name), plain_text(frame.line)]
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == filename
    ]
    if isinstance(error, SyntaxError) and error.filename == filename:
        line = error.lineno if type(error.lineno) is int and 0 <= error.lineno < 2**31 else 0
        frames.append([line, "", plain_text(error.text).strip()])
    return frames


def serve(
    request_fd: int, reply_fd: int, output_fd: int, lockdown: Lockdown, trusted: bool
) -> None:
    """Answer requests until the pipe closes. After each reply a marker follows what was printed.

    Args:
        lockdown: what this process is locked down by, unless it is `trusted`.
    """
    session = Session()

    def read(count: int) -> bytes:
        return os.read(request_fd, count)

    def send(message: dict[str, Any]) -> None:
        for part in wire.pack(message, wire.REPLY):
            data = memoryview(part)
            while data:
                data = data[os.write(reply_fd, data) :]

    while (frame := wire.read_frame(read, wire.REQUEST)) is not None:
        request = wire.unpack_request(frame)
        nonce = request["nonce"]
        if request["op"] == "load":
            prepare(request["devices"], request["x64"], request["optimised"])
            if lockdown.compiled:
                compiled.use(lockdown.compiled, keep=trusted)
            reply = session.load(request)
        elif request["op"] == "canary":
            found = canary.attempt(request["file"], request["mode"], request["grader"])
            reply = {"kind": "value"} | encode(found | {"mechanisms": list(lockdown.mechanisms)})
        elif request["timed"]:
            reply = session.call(request, functools.partial(_tell, read, send, nonce))
        else:
            reply = session.call(request)
        with contextlib.suppress(OSError):
            os.write(output_fd, nonce)
        try:
            send(reply | {"nonce": nonce})
        except wire.WireError as error:
            send({"nonce": nonce, "kind": "refused", "reason": _reason(error)})
        reply.clear()  # the arrays of a value are not kept alive through the next call


def _reason(error: wire.WireError) -> str:
    return text_of(lambda: str(error))


def _tell(
    read: Callable[[int], bytes], send: Callable[[dict[str, Any]], None], nonce: bytes, what: str
) -> None:
    send({"nonce": nonce, "kind": what})
    if what == "ready":
        wire.read_frame(read, wire.REQUEST)


def prepare(devices: int, x64: bool, optimised: bool) -> None:
    """Settings that must be made before the backend starts; and what makes tracing a third quicker."""
    gc.set_threshold(*_GARBAGE)
    jax.config.update("jax_traceback_in_locations_limit", 0)
    logging.getLogger(_DEVICE_LOG).setLevel(logging.ERROR)
    flags = [f"--xla_force_host_platform_device_count={devices}"] if devices > 1 else []
    flags += [] if optimised else _quick_to_compile()
    os.environ["XLA_FLAGS"] = " ".join(flags)
    if x64:
        jax.config.update("jax_enable_x64", True)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def _quick_to_compile() -> list[str]:
    """The flags with which XLA compiles soonest; one that it does not know would end the process."""
    known = jaxlib.version.__version_info__[:2] == _TRIED_JAXLIB
    flags = ["--xla_backend_optimization_level=0"]
    quicker = ["--xla_cpu_use_fusion_emitters=false", "--xla_cpu_parallel_codegen_split_count=1"]
    return [*flags, *quicker] if known else flags


ORIGINALS = Originals()  # at the end, so that all of this module is among them
