"""The trainings that are compared. They use the reference solutions of chapters 10 and 11.

Images are raw pixels, `(batch, 784)`; targets are one-hot, `(batch, 10)`; parameters are a list of
`(w, b)` with `w (n_out, n_in)`. Losses are sums over a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Batch = tuple[Any, Any]
_CHUNK = 10_000  # images whose classes are predicted at a time


class JaxTraining:
    """The network of chapter 10, trained by a loop over the batches and by one `lax.scan` an epoch.

    Args:
        chapter: the solutions of chapter 10.
        params: the initial parameters, NumPy arrays.
        xs, ys: images `(steps, batch, 784)` and targets `(steps, batch, 10)`, NumPy arrays.
    """

    def __init__(self, chapter: ModuleType, params: Any, xs: np.ndarray, ys: np.ndarray) -> None:
        self._chapter = chapter
        self._start = jax.tree.map(jnp.asarray, params)
        self._loop_params = self._scan_params = self._start
        self._batches = [(jnp.asarray(x), jnp.asarray(y)) for x, y in zip(xs, ys, strict=True)]
        self._xs, self._ys = xs, ys
        self._accuracy = jax.jit(chapter.accuracy)

    def compile(self) -> dict[str, float]:
        """Compile the programs of both trainings; seconds that each took."""
        self._stacked = jnp.asarray(self._xs), jnp.asarray(self._ys)
        start = perf_counter()
        self._update = self._chapter.update.lower(self._start, *self._batches[0]).compile()
        middle = perf_counter()
        scan = self._chapter.train_epoch_scan
        self._scan = scan.lower(self._start, *self._stacked).compile()
        end = perf_counter()
        # A first run, its result dropped, also pays for memory and threads.
        jax.block_until_ready(self._update(self._start, *self._batches[0]))
        return {"jax_loop": middle - start, "jax_scan": end - middle}

    def loop_epoch(self) -> None:
        """One epoch, a call of the compiled update for each batch."""
        params = self._loop_params
        for x, y in self._batches:
            params = self._update(params, x, y)
        self._loop_params = jax.block_until_ready(params)

    def scan_epoch(self) -> None:
        """One epoch in one call."""
        self._scan_params = jax.block_until_ready(self._scan(self._scan_params, *self._stacked))

    def accuracy(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Fraction of right answers of the loop's parameters."""

        def one(x: np.ndarray, y: np.ndarray) -> float:
            targets = self._chapter.one_hot(jnp.asarray(y), self._chapter.N_TARGETS)
            return float(self._accuracy(self._loop_params, jnp.asarray(x), targets))

        return _mean_over_chunks(one, images, labels)

    def losses(self, steps: int, tell: Callable[[int], None]) -> list[float]:
        """The losses of a training from the start, each before its update; over the batches in turn."""
        step = _step_with_loss(self._chapter)
        params, losses = self._start, []
        for number in range(steps):
            loss, params = step(params, *self._batches[number % len(self._batches)])
            losses.append(float(loss))
            tell(number + 1)
        return losses


def _step_with_loss(chapter: ModuleType) -> Callable[..., Any]:
    """Chapter 10's `update`, which also returns the loss before it."""

    def step(params: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(chapter.loss)(params, x, y)
        return loss, jax.tree.map(lambda p, g: p - chapter.STEP_SIZE * g, params, gradients)

    compiled: Callable[..., Any] = jax.jit(step)
    return compiled


class TorchTraining:
    """The network of chapter 11, trained by plain stochastic gradient descent.

    Args:
        chapter: the solutions of chapter 11.
        params, xs, ys: as for `JaxTraining`; the dtype of `xs` is that of the network.
    """

    def __init__(
        self,
        chapter: ModuleType,
        params: Any,
        xs: np.ndarray,
        ys: np.ndarray,
        step_size: float,
    ) -> None:
        import torch  # late: this module is imported where PyTorch is not installed

        self._torch, self._chapter = torch, chapter
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self._params, self._step_size = params, step_size
        self._batches = [self._to_device(x, y) for x, y in zip(xs, ys, strict=True)]
        self._net, self._optimizer = self._fresh()

    def _to_device(self, *arrays: np.ndarray) -> tuple[Any, ...]:
        return tuple(self._torch.from_numpy(array).to(self.device) for array in arrays)

    def _fresh(self) -> tuple[Any, Any]:
        """A network with the initial parameters, and its optimizer."""
        first, *_ = self._params
        sizes = [first[0].shape[1], *(w.shape[0] for w, _ in self._params)]
        net = self._chapter.MLP(sizes).to(getattr(self._torch, str(first[0].dtype)))
        # NumPy arrays: those of JAX may lie on a device that this PyTorch cannot reach.
        net.cp_params(self._params)
        net.to(self.device)
        return net, self._torch.optim.SGD(net.parameters(), lr=self._step_size)

    def warm_up(self) -> float:
        """A first step, in a network that is dropped; the seconds it took."""
        start = perf_counter()
        self._train(*self._fresh(), self._batches[:1])
        return perf_counter() - start

    def epoch(self) -> None:
        """One epoch."""
        self._train(self._net, self._optimizer, self._batches)

    def _train(self, net: Any, optimizer: Any, batches: Sequence[Batch]) -> list[Any]:
        """A step for every batch; the losses before each, as tensors."""
        losses = []
        for x, y in batches:
            loss = self._chapter.criterion(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        if self.device == "cuda":
            self._torch.cuda.synchronize()
        return losses

    def accuracy(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Fraction of right answers."""

        def one(x: np.ndarray, y: np.ndarray) -> float:
            tensors = self._to_device(x, y.astype(np.int64))
            right: float = self._chapter.accuracy_pytorch(self._net, *tensors)
            return right

        return _mean_over_chunks(one, images, labels)

    def losses(self, steps: int, tell: Callable[[int], None]) -> list[float]:
        """As `JaxTraining.losses`."""
        net, optimizer = self._fresh()
        losses = []
        for number in range(steps):
            batch = self._batches[number % len(self._batches)]
            losses += [loss.item() for loss in self._train(net, optimizer, [batch])]
            tell(number + 1)
        return losses


def _mean_over_chunks(
    accuracy: Callable[[np.ndarray, np.ndarray], float], images: np.ndarray, labels: np.ndarray
) -> float:
    """The accuracy over uint8 images `(n, 784)`, a chunk of them at a time, to save memory."""
    right = 0.0
    for start in range(0, len(labels), _CHUNK):
        rows = slice(start, start + _CHUNK)
        right += accuracy(images[rows].astype(np.float32), labels[rows]) * len(labels[rows])
    return right / len(labels)


def timed(epoch: Callable[[], None]) -> float:
    """The seconds that an epoch takes until its result is there."""
    start = perf_counter()
    epoch()
    return perf_counter() - start
