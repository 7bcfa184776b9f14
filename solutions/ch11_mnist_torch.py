"""Chapter 11: the MLP of chapter 10 in PyTorch, and parity. Reference solutions."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import torch
from torch import nn


def from_jax(x):
    """A `torch.Tensor` with the values and dtype of a `jax.Array`, and memory of its own."""
    # DLPack hands over the buffer itself; a jax.Array must never change, so what is written to
    # has to be a copy.
    return torch.from_dlpack(x).clone()


def to_jax(t):
    """A `jax.Array` with the values and dtype of a tensor, and memory of its own."""
    # `detach` gives a second view without the graph and leaves `t` alone. The copy is made before
    # JAX sees the memory: nobody else holds it, so nobody can write to it later.
    return jnp.from_dlpack(t.detach().clone())


def criterion(log_probs, targets):
    """The loss of the slides: a sum over the batch, not a mean."""
    return -torch.sum(log_probs * targets)


class MLP(nn.Module):
    """ReLU network that gives log-probabilities."""

    def __init__(self, layer_sizes):
        super().__init__()
        # Layers in a plain list would be invisible to `parameters()`, and so to the optimizer.
        self.layers = nn.ModuleList(nn.Linear(m, n) for m, n in pairwise(layer_sizes))

    def forward(self, x):
        """Log-probabilities of every image: `(batch, n_in)` to `(batch, n_out)`."""
        *hidden, last = self.layers
        for layer in hidden:
            x = torch.relu(layer(x))
        return torch.log_softmax(last(x), dim=-1)

    @torch.no_grad()
    def cp_params(self, params):
        """Copies JAX parameters, a list of `(w, b)`, into the network."""
        if not isinstance(params, list):
            raise TypeError(f"params must be a list of (w, b), not a {type(params).__name__}.")
        if len(params) != len(self.layers):
            raise ValueError(f"Got {len(params)} layers for a network of {len(self.layers)}.")
        for layer, (w, b) in zip(self.layers, params, strict=True):
            # Both libraries keep w as (n_out, n_in) here: nothing to transpose.
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    """Fraction of images whose most probable class is the right one, a Python float."""
    right = net(images).argmax(dim=1) == labels
    return right.sum().item() / len(labels)


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    """Trains `net` in place by plain SGD; returns the loss before every update."""
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    weights = next(net.parameters())
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            log_probs = net(from_jax(x).to(weights))
            targets = nn.functional.one_hot(from_jax(labels).long(), log_probs.shape[1])
            loss = criterion(log_probs, targets.to(log_probs))
            optimizer.zero_grad()  # `backward` adds to what is there
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def _loss(params, x, labels):
    *hidden, (w_last, b_last) = params
    for w, b in hidden:
        x = jax.nn.relu(x @ w.T + b)
    log_probs = jax.nn.log_softmax(x @ w_last.T + b_last)
    return -jnp.sum(log_probs * jax.nn.one_hot(labels, log_probs.shape[1]))


@jax.jit
def _step(params, x, labels, step_size):
    loss, grads = jax.value_and_grad(_loss)(params, x, labels)
    return loss, jax.tree.map(lambda p, g: p - step_size * g, params, grads)


def parity_losses(params, batches, step_size):
    """Losses of both trainings, one step of each on every batch: `(jax_losses, torch_losses)`."""
    first_weights = params[0][0]
    net = MLP([first_weights.shape[1], *(w.shape[0] for w, _ in params)])
    # A network starts in float32: float64 parameters would be rounded on their way in.
    net.to(from_jax(first_weights).dtype)
    net.cp_params(params)
    jax_losses, torch_losses = [], []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(float(loss))
        torch_losses += train_mnist_pytorch(net, [(x, labels)], step_size, num_epochs=1)
    return jax_losses, torch_losses
