# %% from_jax
# style: copy on the NumPy side, then wrap
import numpy as np
import torch


def from_jax(x):
    return torch.from_numpy(np.array(x))


# %% from_jax
# style: torch.tensor copies what it is given
import numpy as np
import torch


def from_jax(x):
    return torch.tensor(np.asarray(x))


# %% from_jax
# style: DLPack with its own copy flag
import torch


def from_jax(x):
    return torch.from_dlpack(x, copy=True)


# %% from_jax
# style: an empty tensor of the same dtype, filled in place
import numpy as np
import torch


def from_jax(x):
    source = torch.from_dlpack(x)
    t = torch.empty(source.shape, dtype=source.dtype)
    with torch.no_grad():
        t.copy_(source)
    return t


# %% from_jax
# style: shared through NumPy, then a deep copy
import copy

import numpy as np
import torch


def from_jax(x):
    host = np.array(x, copy=True)
    return copy.deepcopy(torch.as_tensor(host))


# %% to_jax
# style: through NumPy; jnp.array copies
import jax.numpy as jnp


def to_jax(t):
    return jnp.array(t.detach().cpu().numpy())


# %% to_jax
# style: a NumPy copy first, then the dtype by name
import jax.numpy as jnp
import numpy as np


def to_jax(t):
    host = np.array(t.detach().numpy())
    return jnp.asarray(host, dtype=host.dtype)


# %% to_jax
# style: no_grad around, DLPack, then a copy in JAX
import jax
import jax.numpy as jnp
import torch


def to_jax(t):
    with torch.no_grad():
        shared = jnp.from_dlpack(t.detach().contiguous())
    return jax.block_until_ready(jnp.array(shared, copy=True))


# %% to_jax
# style: jax.dlpack, contiguous before the clone
import jax.dlpack
import torch


def to_jax(t):
    return jax.dlpack.from_dlpack(torch.clone(t.detach().contiguous()))


# %% to_jax
# style: device_put of a private copy
import jax


def to_jax(t):
    return jax.device_put(t.detach().numpy().copy())


# %% criterion
# style: methods only
import torch


def criterion(log_probs, targets):
    return torch.mul(log_probs, targets).sum().neg()


# %% criterion
# style: einsum
import torch


def criterion(log_probs, targets):
    return -torch.einsum("bk,bk->", log_probs, targets)


# %% criterion
# style: a dot product of flattened tensors
import torch


def criterion(log_probs, targets):
    return -torch.dot(log_probs.reshape(-1), targets.reshape(-1))


# %% criterion
# style: an nn.Module as the function
import torch
from torch import nn


class _NegativeSum(nn.Module):
    def forward(self, log_probs, targets):
        return (-log_probs * targets).sum(dim=1).sum()


criterion = _NegativeSum()


# %% MLP
# style: nn.Sequential with LogSoftmax as the last module, load_state_dict to copy
import numpy as np
import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        modules = []
        for m, n in zip(layer_sizes[:-1], layer_sizes[1:], strict=True):
            modules += [nn.Linear(m, n), nn.ReLU()]
        self.net = nn.Sequential(*modules[:-1], nn.LogSoftmax(dim=1))

    def forward(self, x):
        return self.net(x)

    def cp_params(self, params):
        if type(params) is not list:
            raise TypeError("params has to be a list")
        linear = [module for module in self.net if isinstance(module, nn.Linear)]
        if len(params) != len(linear):
            raise ValueError(f"len(params) = {len(params)}, layers = {len(linear)}")
        for layer, (w, b) in zip(linear, params, strict=True):
            layer.load_state_dict(
                {"weight": torch.tensor(np.array(w)), "bias": torch.tensor(np.array(b))}
            )


# %% MLP
# style: layers as attributes by name, new Parameters, logsumexp by hand
import numpy as np
import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super(MLP, self).__init__()
        self.depth = len(layer_sizes) - 1
        for i in range(self.depth):
            setattr(self, f"fc{i}", nn.Linear(layer_sizes[i], layer_sizes[i + 1]))

    def forward(self, x):
        for i in range(self.depth - 1):
            x = torch.clamp(getattr(self, f"fc{i}")(x), min=0)
        logits = getattr(self, f"fc{self.depth - 1}")(x)
        return logits - torch.logsumexp(logits, dim=1, keepdim=True)

    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError(f"expected a list, got {type(params)}")
        if len(params) != self.depth:
            raise ValueError("{} != {}".format(len(params), self.depth))
        for i in range(self.depth):
            w, b = params[i]
            layer = getattr(self, f"fc{i}")
            layer.weight = nn.Parameter(torch.from_numpy(np.array(w)))
            layer.bias = nn.Parameter(torch.from_numpy(np.array(b)))


# %% MLP
# style: ParameterList and functional linear, .data assignment
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        self.ws = nn.ParameterList()
        self.bs = nn.ParameterList()
        for m, n in zip(layer_sizes, layer_sizes[1:], strict=False):
            self.ws.append(nn.Parameter(torch.randn(n, m) * 0.01))
            self.bs.append(nn.Parameter(torch.zeros(n)))

    def forward(self, x):
        for w, b in zip(self.ws[:-1], self.bs[:-1], strict=True):
            x = F.relu(F.linear(x, w, b))
        return F.log_softmax(F.linear(x, self.ws[-1], self.bs[-1]), dim=-1)

    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("a list, please")
        if len(self.ws) != len(params):
            raise ValueError(f"this network has {len(self.ws)} layers, params has {len(params)}")
        for i, layer in enumerate(params):
            self.ws[i].data[:] = torch.tensor(np.array(layer[0]))
            self.bs[i].data[:] = torch.tensor(np.array(layer[1]))


# %% accuracy_pytorch
# style: a context manager and the mean of a mask
import torch


def accuracy_pytorch(net, images, labels):
    with torch.no_grad():
        predicted = torch.argmax(net(images), 1)
    return torch.eq(predicted, labels).float().mean().item()


# %% accuracy_pytorch
# style: inference mode, max with indices, a Python count
import torch


def accuracy_pytorch(net, images, labels):
    with torch.inference_mode():
        _, predicted = net(images).max(dim=-1)
        hits = sum(int(p) == int(y) for p, y in zip(predicted, labels, strict=True))
    return hits / labels.shape[0]


# %% accuracy_pytorch
# style: detach instead of no_grad, NumPy for the count
import numpy as np


def accuracy_pytorch(net, images, labels):
    scores = net(images).detach().numpy()
    return float(np.mean(scores.argmax(axis=1) == labels.numpy()))


# %% accuracy_pytorch
# style: image by image in small pieces
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    right = 0
    for x, y in zip(images.split(2), labels.split(2), strict=True):
        right += torch.count_nonzero(net(x).argsort(dim=1)[:, -1] == y).item()
    return right / images.shape[0]


# %% train_mnist_pytorch
# style: the update by hand, torch.autograd.grad, no optimizer
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    params = list(net.parameters())
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            x = torch.tensor(np.asarray(x))
            index = torch.tensor(np.asarray(labels)).long()
            loss = -net(x)[torch.arange(len(index)), index].sum()
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, g in zip(params, grads, strict=True):
                    p -= step_size * g
            losses.append(float(loss))
    return losses


# %% train_mnist_pytorch
# style: nll_loss with a summed reduction, zero_grad after the step, momentum=0 spelt out
import numpy as np
import torch
import torch.nn.functional as F


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size, momentum=0.0)
    losses = []
    for _epoch in range(num_epochs):
        for x, labels in batches:
            loss = F.nll_loss(
                net(torch.from_numpy(np.array(x))),
                torch.from_numpy(np.array(labels)).to(torch.int64),
                reduction="sum",
            )
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach().item())
    return losses


# %% train_mnist_pytorch
# style: materialises the batches once, targets by comparison, the default device spelt out
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    data = [
        (torch.tensor(np.asarray(x)), torch.tensor(np.asarray(labels))) for x, labels in batches
    ]
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for x, labels in data * num_epochs:
        net.zero_grad(set_to_none=False)
        targets = (labels[:, None] == torch.arange(10)).float()
        loss = torch.sum(-net(x) * targets)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return torch.stack(losses).tolist() if losses else []


# %% parity_losses
# style: one training after the other, JAX first, by a vmapped prediction
import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import nn


def parity_losses(params, batches, step_size):
    def predict(ps, image):
        a = image
        for w, b in ps[:-1]:
            a = jnp.maximum(w @ a + b, 0)
        w, b = ps[-1]
        logits = w @ a + b
        return logits - jax.scipy.special.logsumexp(logits)

    def loss_fn(ps, x, y):
        hot = (y[:, None] == jnp.arange(10)).astype(x.dtype)
        return -jnp.sum(jax.vmap(predict, in_axes=(None, 0))(ps, x) * hot)

    step = jax.jit(jax.value_and_grad(loss_fn))
    current, jax_losses = params, []
    for x, y in batches:
        value, grads = step(current, x, y)
        current = [
            (w - step_size * dw, b - step_size * db)
            for (w, b), (dw, db) in zip(current, grads, strict=True)
        ]
        jax_losses.append(float(value))

    modules = []
    for w, b in params:
        linear = nn.Linear(w.shape[1], w.shape[0])
        linear.weight = nn.Parameter(torch.tensor(np.asarray(w)))
        linear.bias = nn.Parameter(torch.tensor(np.asarray(b)))
        modules += [linear, nn.ReLU()]
    net = nn.Sequential(*modules[:-1], nn.LogSoftmax(dim=1))
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    torch_losses = []
    for x, y in batches:
        optimizer.zero_grad()
        out = net(torch.tensor(np.asarray(x)))
        loss = nn.functional.nll_loss(out, torch.tensor(np.asarray(y)).long(), reduction="sum")
        loss.backward()
        optimizer.step()
        torch_losses.append(loss.item())
    return jax_losses, torch_losses


# %% parity_losses
# style: loss before the update by a separate call, net.double() by dtype, arrays of losses out
import jax
import jax.numpy as jnp
import numpy as np
import torch


@jax.jit
def _jax_loss(params, x, y):
    for w, b in params[:-1]:
        x = jax.nn.relu(x @ w.T + b)
    w, b = params[-1]
    picked = jnp.take_along_axis(jax.nn.log_softmax(x @ w.T + b), y[:, None], axis=1)
    return -picked.sum()


def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    if params[0][0].dtype == jnp.float64:
        net = net.double()
    net.cp_params(list(params))
    theirs = np.array(train_mnist_pytorch(net, batches, step_size, 1))
    ours = []
    for x, y in batches:
        ours.append(_jax_loss(params, x, y))
        grads = jax.grad(_jax_loss)(params, x, y)
        params = jax.tree.map(lambda p, g: p - step_size * g, params, grads)
    return np.array(ours), theirs


# %% parity_losses
# style: PyTorch without autograd's optimizer, tensors with requires_grad, both in lockstep
import jax
import jax.numpy as jnp
import numpy as np
import torch


def parity_losses(params, batches, step_size):
    def loss_of(ps, x, y):
        for i, (w, b) in enumerate(ps):
            x = x @ w.T + b
            if i < len(ps) - 1:
                x = jnp.where(x > 0, x, 0)
        x = x - x.max(axis=1, keepdims=True)
        log_probs = x - jnp.log(jnp.exp(x).sum(axis=1, keepdims=True))
        return -log_probs[jnp.arange(len(y)), y].sum()

    value_and_grad = jax.jit(jax.value_and_grad(loss_of))
    tensors = [
        [torch.tensor(np.asarray(leaf), requires_grad=True) for leaf in layer] for layer in params
    ]
    leaves = [leaf for layer in tensors for leaf in layer]
    out = [], []
    for x, y in batches:
        value, grads = value_and_grad(params, x, y)
        params = jax.tree.map(lambda p, g: p - step_size * g, params, grads)
        out[0].append(value.item())

        a = torch.tensor(np.asarray(x))
        for w, b in tensors[:-1]:
            a = torch.relu(torch.addmm(b, a, w.T))
        w, b = tensors[-1]
        a = torch.log_softmax(torch.addmm(b, a, w.T), 1)
        loss = -a[torch.arange(len(y)), torch.tensor(np.asarray(y)).long()].sum()
        for p, g in zip(leaves, torch.autograd.grad(loss, leaves), strict=True):
            p.data.sub_(step_size * g)
        out[1].append(loss.item())
    return out


# %% from_jax
# style: a writable copy by NumPy, shared
import numpy as np
import torch


def from_jax(x):
    return torch.from_numpy(np.array(x, copy=True))


# %% from_jax
# style: the older DLPack function, a contiguous clone
import torch


def from_jax(x):
    shared = torch.utils.dlpack.from_dlpack(x)
    return shared.detach().clone(memory_format=torch.contiguous_format)


# %% to_jax
# style: a NumPy view without the graph, copied by jnp.array
import jax.numpy as jnp
import torch


def to_jax(t):
    with torch.no_grad():
        return jnp.array(t.detach().resolve_conj().numpy(), copy=True)


# %% criterion
# style: a tensordot
import torch


def criterion(log_probs, targets):
    return torch.tensordot(-log_probs, targets, dims=log_probs.dim())


# %% criterion
# style: row sums first
def criterion(log_probs, targets):
    return log_probs.mul(targets).sum(dim=1).sum().neg()


# %% MLP
# style: layers by setattr, logits minus logsumexp, a checked copy of a state dict
import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        self.depth = len(layer_sizes) - 1
        for i in range(self.depth):
            self.add_module(f"layer{i}", nn.Linear(layer_sizes[i], layer_sizes[i + 1]))

    def forward(self, x):
        for i in range(self.depth):
            x = getattr(self, f"layer{i}")(x.clamp(min=0) if i else x)
        return x - x.logsumexp(dim=-1, keepdim=True)

    def cp_params(self, params):
        if type(params) is not list:
            raise TypeError("a list, please")
        if len(params) != self.depth:
            raise ValueError(f"{self.depth} != {len(params)}")
        state = {}
        for i, (w, b) in enumerate(params):
            state[f"layer{i}.weight"], state[f"layer{i}.bias"] = from_jax(w), from_jax(b)
        self.load_state_dict(state)


# %% accuracy_pytorch
# style: topk and a detached copy of the network
import copy

import torch


def accuracy_pytorch(net, images, labels):
    with torch.inference_mode():
        best = copy.deepcopy(net)(images).topk(1, dim=1).indices.squeeze(1)
        return float(torch.eq(best, labels).double().mean())


# %% train_mnist_pytorch
# style: foreach update, functional gradients
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    losses = []
    weights = list(net.parameters())
    for _ in range(num_epochs):
        for x, labels in batches:
            log_probs = net(from_jax(x))
            loss = -log_probs.gather(1, from_jax(labels).long()[:, None]).sum()
            grads = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                torch._foreach_add_(weights, grads, alpha=-step_size)
            losses.append(float(loss.detach()))
    return losses


# %% parity_losses
# style: PyTorch from first to last, then JAX
def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1], *(len(b) for _, b in params)])
    net.to(from_jax(params[0][0]).dtype).cp_params(params)
    torch_losses = [train_mnist_pytorch(net, [batch], step_size, 1)[0] for batch in batches]
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(loss.item())
    return jax_losses, torch_losses
