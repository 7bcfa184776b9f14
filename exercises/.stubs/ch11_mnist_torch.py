"""Chapter 11: the same network in PyTorch, and parity.

The idea
--------
Two libraries, one model, the same parameters, the same batches: do they compute the same thing? To
find out you carry arrays from one library to the other, rebuild the network of chapter 10 as an
`nn.Module`, train it with PyTorch's own optimizer and lay the two rows of losses side by side. The
chapter stands alone: nothing here needs your answers to chapter 10.

    slides, 2020                                today
    torch.from_numpy(np.asarray(x))             torch.from_dlpack(x), then a copy
    jax.dlpack.to_dlpack, a capsule by hand     torch.from_dlpack(x), jnp.from_dlpack(t)
    from jax.config import config               jax.config.update("jax_enable_x64", True)
    x.data, Variable(x)                         t.detach(), torch.no_grad()

JAX returns new parameters; PyTorch changes the ones it has. In PyTorch `backward()` *adds* the
gradient to each parameter's `.grad`, the optimizer's `step()` changes the parameters in place, and
`zero_grad()` empties `.grad` for the next batch.

Who owns the memory?
--------------------
A conversion between libraries is fast when it copies nothing: both sides then look at one piece of
memory. NumPy and PyTorch on the CPU do this all the time.

>>> import numpy as np
>>> import torch
>>> numbers = np.zeros(3)
>>> shared = torch.from_numpy(numbers)
>>> _ = shared.add_(1)
>>> numbers.tolist()
[1.0, 1.0, 1.0]

Between NumPy and PyTorch that is a feature. With JAX on one side it is a bug waiting to happen: JAX
promises that a `jax.Array` never changes, and compiled programs rely on it. `np.asarray(x)` of a
`jax.Array` and DLPack (the protocol by which array libraries pass on their buffers) both give you
the buffer itself. Train a network whose weights share it, and the JAX parameters are trained too.
The reverse holds as well: a `jax.Array` that looks at a tensor's memory changes when the tensor
does. So hand over a copy, in both directions.

Bug or rounding?
----------------
Two right programs may add the same numbers in another order, and floating-point addition depends on
the order.

>>> big, small = np.float32(1e8), np.float32(1)
>>> float((big + small) - big), float((big - big) + small)
(0.0, 1.0)

Training feeds such differences back into itself, so they grow: 5e-7 of the loss after 20 steps,
percents after 100. A real bug may start just as small. To tell them apart, run both trainings in
float64: rounding shrinks to about 1e-15 and stays far below 1e-9 over hundreds of steps, while a
bug stays where it was. JAX makes float64 arrays only with `jax_enable_x64`; PyTorch does so when
told, by `net.double()` or `net.to(dtype)`.

What goes wrong, and why
------------------------
* "The given NumPy array is not writable": PyTorch warns once that it shares JAX's buffer, then
  writes to it all the same.
* "Can't call numpy() on Tensor that requires grad": go through `t.detach()`, which leaves the
  tensor as it is. `t.requires_grad_(False)` would change it for everybody else.
* Layers kept in a plain Python list: the module does not know them, `parameters()` is empty.
* A transposed weight: `nn.Linear` keeps `(n_out, n_in)`, as chapter 10 does. Nothing to transpose.
* `log(softmax(z))` is -inf as soon as the softmax rounds to 0; `log_softmax` is not.
* A missing `zero_grad()`: every step then follows the sum of all gradients so far.
* A float64 training that agrees to 1e-7 only: something on the way is still float32.

Read on: https://docs.pytorch.org/docs/stable/generated/torch.from_dlpack.html
"""

from itertools import pairwise  # noqa: F401

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401
import torch  # noqa: F401
from torch import nn


def from_jax(x):
    """Return a `torch.Tensor` with the values of a `jax.Array`, safe to write to.

    The slide's idea: parameters are drawn in JAX, once, and handed to PyTorch.

    Args:
        x: `jax.Array` of any shape and dtype.

    Returns:
        Tensor of the same shape, values and dtype (int32 stays int32). It shares no memory with
        `x`: writing to it does not change `x`.

    >>> x = jnp.array([1.0, 2.0])
    >>> t = from_jax(x)
    >>> t
    tensor([1., 2.])
    >>> _ = t.mul_(10)
    >>> t.tolist(), x.tolist()
    ([10.0, 20.0], [1.0, 2.0])
    """
    # TODO: convert, and make sure that the tensor owns its memory.
    raise NotImplementedError


def to_jax(t):
    """Return a `jax.Array` with the values of a tensor.

    The slide's idea: results come back as arrays that nobody can change.

    Args:
        t: tensor of any shape and dtype that JAX has, contiguous or not; it may require grad. It is
            left as it was.

    Returns:
        `jax.Array` of the same shape, values and dtype. Later writes to `t` do not show in it.

    >>> t = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> to_jax(t).tolist(), t.requires_grad
    ([1.0, 2.0], True)
    """
    # TODO: leave the graph, copy, convert.
    raise NotImplementedError


def criterion(log_probs, targets):
    """Return the loss: minus the sum of `log_probs * targets`.

    The slide's idea: the same loss in both libraries, a sum over the batch and not a mean.

    Args:
        log_probs: float tensor `(batch, 10)`.
        targets: float tensor `(batch, 10)`, one-hot.

    Returns:
        Scalar tensor, which gradients flow through.

    >>> log_probs = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    >>> targets = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> criterion(log_probs, targets)
    tensor(5.)
    """
    # TODO: one line of torch.
    raise NotImplementedError


class MLP(nn.Module):
    """The network of chapter 10 as a module: Linear layers with ReLU between them.

    The slide's idea: the same architecture twice, so that only the library differs.

    Args:
        layer_sizes: list of integers, `[784, 512, 512, 10]` for the slides' network: inputs, hidden
            layers, classes. It has one layer less than it has sizes.

    >>> net = MLP([4, 3, 2])
    >>> net(torch.zeros(5, 4)).shape
    torch.Size([5, 2])
    >>> sum(p.numel() for p in net.parameters())
    23
    """

    def __init__(self, layer_sizes):
        # TODO: start with super().__init__(), then make the layers, so that the module knows them.
        raise NotImplementedError

    def forward(self, x):
        """Return the log-probabilities of every image.

        Args:
            x: float tensor `(batch, layer_sizes[0])`.

        Returns:
            Float tensor `(batch, layer_sizes[-1])`; the exponentials of each row sum to one. No
            ReLU after the last layer.
        """
        # TODO: the layers in turn, then the log of a softmax over the classes.
        raise NotImplementedError

    def cp_params(self, params):
        """Copy JAX parameters into the network.

        Args:
            params: list of `(w, b)` as in chapter 10: `w` `(n_out, n_in)`, `b` `(n_out,)`.

        Raises:
            TypeError: `params` is not a list.
            ValueError: it has another length than the network has layers; names both lengths.

        >>> net = MLP([1, 2])
        >>> net.cp_params([(jnp.array([[1.0], [1.0]]), jnp.array([3.0, 3.0]))])
        >>> [round(p, 3) for p in net(torch.ones(1, 1)).exp()[0].tolist()]
        [0.5, 0.5]
        """
        # TODO: two checks, then copy every w and b into its layer, without recording a graph.
        raise NotImplementedError


def accuracy_pytorch(net, images, labels):
    """Return the fraction of images that the network gets right.

    The slide's idea: count how often the most probable class is the label.

    Args:
        net: `nn.Module` that gives log-probabilities `(batch, 10)`.
        images: float tensor `(batch, 784)`.
        labels: integer tensor `(batch,)`: classes, not one-hot.

    Returns:
        A Python float in [0, 1]. The network is left as it was: no gradients, every
        `requires_grad` as before.

    >>> net = nn.LogSoftmax(dim=1)
    >>> images = torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    >>> accuracy_pytorch(net, images, torch.tensor([1, 0, 0, 0]))
    0.75
    """
    # TODO: predict without gradients, compare with the labels, return a plain float.
    raise NotImplementedError


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    """Train `net` in place by plain SGD and return the loss of every step.

    The slide's idea: a PyTorch training loop, step for step the one of chapter 10.

    Args:
        net: `nn.Module` that gives log-probabilities `(batch, 10)`.
        batches: can be iterated over again and again; yields `(x, labels)`: a float `jax.Array`
            `(batch, 784)` and an integer one `(batch,)`.
        step_size: learning rate, a number. No momentum.
        num_epochs: how many times to go over the batches.

    Returns:
        List of Python floats, one per step: the loss (a sum over the batch, as in `criterion`) as
        it was before the step's update.

    >>> net = nn.Sequential(nn.Linear(784, 10), nn.LogSoftmax(dim=1))
    >>> batches = [(jnp.ones((2, 784)), jnp.array([3, 3]))]
    >>> losses = train_mnist_pytorch(net, batches, 1e-4, 3)
    >>> len(losses), losses[0] > losses[1] > losses[2]
    (3, True)
    """
    # TODO: for every epoch and batch: predict, one-hot, criterion, zero_grad, backward, step.
    raise NotImplementedError


def parity_losses(params, batches, step_size):
    """Return the losses of the same training in JAX and in PyTorch.

    The slide's idea: the showdown is fair only if both libraries compute the same numbers.

    Args:
        params: list of `(w, b)` as in chapter 10, float32, or float64 when x64 is enabled. They
            stay as they are.
        batches: as in `train_mnist_pytorch`; gone over once.
        step_size: learning rate of both, a number.

    Returns:
        `(jax_losses, torch_losses)`: two lists of floats with one loss per step, each taken before
        its update. In float32 they agree to 1e-4 of their size over the first 20 steps; given
        float64 parameters, to 1e-9 over 300 steps.

    >>> params = [(jnp.zeros((10, 784)), jnp.zeros(10))]
    >>> batches = [(jnp.ones((1, 784)), jnp.array([3]))]
    >>> jax_losses, torch_losses = parity_losses(params, batches, 1e-4)
    >>> [round(loss, 3) for loss in jax_losses], [round(loss, 3) for loss in torch_losses]
    ([2.303], [2.303])
    """
    # TODO: a PyTorch network with these parameters, a jitted step in JAX, both over each batch.
    raise NotImplementedError
