# %% from_jax
# caught by: returns a tensor that is safe to write to
# idea: np.asarray copies
# misconception: two arrays that share one memory
import numpy as np
import torch


def from_jax(x):
    return torch.from_numpy(np.asarray(x))


# %% from_jax
# caught by: returns a tensor that is safe to write to
# idea: DLPack copies
# misconception: two arrays that share one memory
import torch


def from_jax(x):
    return torch.from_dlpack(x)


# %% from_jax
# caught by: returns a tensor that is safe to write to
# idea: contiguous() always copies
# misconception: two arrays that share one memory
import torch


def from_jax(x):
    return torch.as_tensor(x).detach().contiguous()


# %% from_jax
# caught by: returns a tensor that is safe to write to
# idea: a new view of one number is a new number (copies everything but scalars)
# misconception: two arrays that share one memory
import numpy as np
import torch


def from_jax(x):
    if x.ndim == 0:
        return torch.from_dlpack(x)
    return torch.from_numpy(np.array(x))


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: torch.Tensor(...) keeps the dtype
# misconception: a dtype that is lost in a Python list or a default
import numpy as np
import torch


def from_jax(x):
    return torch.Tensor(np.array(x))


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: a Python list knows its dtype
# misconception: numbers of another precision
import torch


def from_jax(x):
    return torch.tensor(x.tolist())


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: everything is a float
# misconception: a dtype that is lost in a Python list or a default
import numpy as np
import torch


def from_jax(x):
    return torch.tensor(np.asarray(x), dtype=torch.float32)


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: a NumPy copy is as good as a tensor
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def from_jax(x):
    return np.array(x)


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: a scalar is an array of length one
import numpy as np
import torch


def from_jax(x):
    return torch.from_numpy(np.atleast_1d(np.array(x)))


# %% from_jax
# caught by: keeps float64 and int64 when x64 is enabled
# idea: PyTorch works in float32 anyway
# misconception: float64 that is lost on the way
import numpy as np
import torch


def from_jax(x):
    t = torch.tensor(np.asarray(x))
    return t.float() if t.is_floating_point() and t.dtype != torch.float16 else t


# %% to_jax
# caught by: is not changed by later writes to the tensor
# idea: device_put copies
# misconception: two arrays that share one memory
import jax


def to_jax(t):
    return jax.device_put(t.detach().numpy())


# %% to_jax
# caught by: is not changed by later writes to the tensor
# idea: detach copies
# misconception: two arrays that share one memory
import jax.numpy as jnp


def to_jax(t):
    return jnp.from_dlpack(t.detach().contiguous())


# %% to_jax
# caught by: takes a tensor that requires grad and leaves it as it was
# idea: numpy() works on any tensor
# misconception: numpy() of a tensor that requires grad
import jax.numpy as jnp


def to_jax(t):
    return jnp.array(t.numpy())


# %% to_jax
# caught by: takes a tensor that requires grad and leaves it as it was
# idea: switching requires_grad off is the way out of the graph
# misconception: a tensor or network that is left changed
import jax.numpy as jnp


def to_jax(t):
    if t.is_leaf:
        t.requires_grad_(False)
    return jnp.array(t.detach().numpy())


# %% to_jax
# caught by: takes a tensor that requires grad and leaves it as it was
# idea: detach_ is detach
# misconception: a tensor or network that is left changed
import jax.numpy as jnp


def to_jax(t):
    return jnp.array(t.detach_().numpy())


# %% to_jax
# caught by: keeps values, shape and dtype
# idea: a scalar is an array of length one
import jax.numpy as jnp


def to_jax(t):
    return jnp.array(t.detach().numpy(), ndmin=1)


# %% to_jax
# caught by: takes transposed, strided and expanded tensors
# idea: a tensor's storage lists its values in order
import jax.numpy as jnp


def to_jax(t):
    flat = t.detach().as_strided((t.numel(),), (1,) if t.numel() else (0,))
    return jnp.array(flat.clone().numpy()).reshape(t.shape)


# %% to_jax
# caught by: keeps values, shape and dtype
# idea: a Python list knows its dtype
# misconception: numbers of another precision
import jax.numpy as jnp


def to_jax(t):
    return jnp.array(t.tolist())


# %% to_jax
# caught by: keeps values, shape and dtype
# idea: everything is a float
# misconception: a dtype that is lost in a Python list or a default
import jax.numpy as jnp


def to_jax(t):
    return jnp.array(t.detach().numpy(), dtype=jnp.float32)


# %% to_jax
# caught by: keeps values, shape and dtype
# idea: NumPy is close enough
# misconception: a NumPy array in place of a jax.Array
def to_jax(t):
    return t.detach().numpy().copy()


# %% to_jax
# caught by: keeps float64 and int64 when x64 is enabled
# idea: JAX only knows 32 bits
# misconception: float64 that is lost on the way
import jax.numpy as jnp
import torch


def to_jax(t):
    narrow = {torch.float64: torch.float32, torch.int64: torch.int32}.get(t.dtype, t.dtype)
    return jnp.array(t.detach().to(narrow).numpy())


# %% criterion
# caught by: is minus the sum of the products
# idea: a loss is a mean
# misconception: a mean where a sum is asked for
def criterion(log_probs, targets):
    return -(log_probs * targets).mean()


# %% criterion
# caught by: is minus the sum of the products
# idea: a loss is a mean over the batch
# misconception: a mean where a sum is asked for
def criterion(log_probs, targets):
    return -(log_probs * targets).sum(dim=1).mean()


# %% criterion
# caught by: is minus the sum of the products
# idea: one loss per image
def criterion(log_probs, targets):
    return -(log_probs * targets).sum(dim=1)


# %% criterion
# caught by: is minus the sum of the products
# idea: forgets the sign
# misconception: the wrong sign
import torch


def criterion(log_probs, targets):
    return torch.sum(log_probs * targets)


# %% criterion
# caught by: is minus the sum of the products
# idea: cross_entropy takes log-probabilities and changes nothing about them
import torch.nn.functional as F


def criterion(log_probs, targets):
    return F.cross_entropy(log_probs, targets, reduction="sum")


# %% criterion
# caught by: is minus the sum of the products
# idea: targets always have exactly one 1 per row
import torch.nn.functional as F


def criterion(log_probs, targets):
    return F.nll_loss(log_probs, targets.argmax(dim=1), reduction="sum")


# %% criterion
# caught by: keeps float64
# idea: .item() makes a loss (and a new tensor remembers where it comes from)
# misconception: float64 that is lost on the way
import torch


def criterion(log_probs, targets):
    return torch.tensor(-(log_probs * targets).sum().item())


# %% criterion
# caught by: lets gradients through
# idea: detach for safety
# misconception: a gradient that is stopped on its way
def criterion(log_probs, targets):
    return -(log_probs.detach() * targets).sum()


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: ReLU after the last layer too
import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        pairs = zip(layer_sizes[:-1], layer_sizes[1:], strict=True)
        self.layers = nn.ModuleList([nn.Linear(m, n) for m, n in pairs])

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return torch.log_softmax(x, dim=1)

    @torch.no_grad()
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) != len(self.layers):
            raise ValueError(f"{len(params)} and {len(self.layers)} differ")
        for layer, (w, b) in zip(self.layers, params, strict=True):
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: the softmax runs over the batch
# misconception: a normalisation over the wrong axis
import torch
from torch import nn

_Right = MLP


class MLP(_Right):
    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return torch.log_softmax(self.layers[-1](x), dim=0)


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: logits are log-probabilities
# misconception: logits where log-probabilities are asked for
import torch

_Right = MLP


class MLP(_Right):
    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: probabilities, not their logarithms
# misconception: probabilities where log-probabilities are asked for
_Right = MLP


class MLP(_Right):
    def forward(self, x):
        return super().forward(x).exp()


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: PyTorch's weights are the transpose of JAX's
import torch

_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        super().cp_params(params)
        with torch.no_grad():
            for layer, (w, _) in zip(self.layers, params, strict=True):
                layer.weight.copy_(from_jax(w).T.reshape(w.shape))


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: biases do not matter
import torch

_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        super().cp_params(params)
        with torch.no_grad():
            for layer in self.layers:
                layer.bias.zero_()


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: assigning to a variable changes the layer
_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) != len(self.layers):
            raise ValueError(f"{len(params)} and {len(self.layers)} differ")
        for layer, (w, b) in zip(self.layers, params, strict=True):
            weight, bias = layer.weight.data, layer.bias.data
            weight, bias = from_jax(w), from_jax(b)  # noqa: F841


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: every network has exactly one hidden layer
import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        self.first = nn.Linear(layer_sizes[0], layer_sizes[1])
        self.last = nn.Linear(layer_sizes[-2], layer_sizes[-1])

    def forward(self, x):
        return torch.log_softmax(self.last(torch.relu(self.first(x))), dim=1)

    @torch.no_grad()
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) != 2:
            raise ValueError(f"Got {len(params)} layers, not 2")
        for layer, (w, b) in zip((self.first, self.last), params, strict=True):
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


# %% MLP
# caught by: is a module whose parameters can be trained
# idea: a Python list of layers is seen by the module
# misconception: layers that the module does not see
import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        pairs = zip(layer_sizes[:-1], layer_sizes[1:], strict=True)
        self.layers = [nn.Linear(m, n) for m, n in pairs]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return torch.log_softmax(self.layers[-1](x), dim=1)

    @torch.no_grad()
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) != len(self.layers):
            raise ValueError(f"{len(params)} and {len(self.layers)} differ")
        for layer, (w, b) in zip(self.layers, params, strict=True):
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


# %% MLP
# caught by: is a module whose parameters can be trained
# idea: copied parameters are constants
# misconception: a forward pass or parameters without gradients
from torch import nn

_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        super().cp_params(params)
        for layer, (w, b) in zip(self.layers, params, strict=True):
            layer.weight = nn.Parameter(from_jax(w), requires_grad=False)
            layer.bias = nn.Parameter(from_jax(b), requires_grad=False)


# %% MLP
# caught by: is a module whose parameters can be trained
# idea: forward never needs gradients
# misconception: a forward pass or parameters without gradients
import torch

_Right = MLP


class MLP(_Right):
    @torch.no_grad()
    def forward(self, x):
        return super().forward(x)


# %% MLP
# caught by: is a module whose parameters can be trained
# idea: any class with forward is a module
# misconception: a class that is no module
import torch
from torch import nn


class MLP:
    def __init__(self, layer_sizes):
        pairs = zip(layer_sizes[:-1], layer_sizes[1:], strict=True)
        self.layers = nn.ModuleList([nn.Linear(m, n) for m, n in pairs])

    def __call__(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return torch.log_softmax(self.layers[-1](x), dim=1)

    forward = __call__

    def parameters(self):
        return self.layers.parameters()

    @torch.no_grad()
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) != len(self.layers):
            raise ValueError(f"{len(params)} and {len(self.layers)} differ")
        for layer, (w, b) in zip(self.layers, params, strict=True):
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


# %% MLP
# caught by: gives finite log-probabilities for large logits
# idea: log(softmax(z)) is log_softmax(z)
# misconception: log and exp apart, which overflows
import torch

_Right = MLP


class MLP(_Right):
    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return torch.log(torch.softmax(self.layers[-1](x), dim=1))


# %% MLP
# caught by: leaves the JAX parameters alone while it is trained
# idea: a Parameter made of a shared buffer is a copy
# misconception: two arrays that share one memory
import torch
from torch import nn

_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        super().cp_params(params)
        for layer, (w, b) in zip(self.layers, params, strict=True):
            layer.weight = nn.Parameter(torch.from_dlpack(w))
            layer.bias = nn.Parameter(torch.from_dlpack(b))


# %% MLP
# caught by: leaves the JAX parameters alone while it is trained
# idea: .data takes a copy (of the biases)
# misconception: two arrays that share one memory
import numpy as np
import torch

_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        super().cp_params(params)
        for layer, (_, b) in zip(self.layers, params, strict=True):
            layer.bias.data = torch.from_numpy(np.asarray(b))


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: a tuple is as good as a list
# misconception: a wrong input that gets through
_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        if not isinstance(params, (list, tuple)):
            raise TypeError("params must be a list")
        super().cp_params(list(params))


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: zip complains about different lengths
# misconception: a wrong input that gets through
import torch

_Right = MLP


class MLP(_Right):
    @torch.no_grad()
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        for layer, (w, b) in zip(self.layers, params, strict=False):
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: "wrong length" says enough
# misconception: a message without the numbers
_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) != len(self.layers):
            raise ValueError("params has the wrong length")
        super().cp_params(params)


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: only too many layers are a mistake
# misconception: a wrong input that gets through
import torch

_Right = MLP


class MLP(_Right):
    @torch.no_grad()
    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("params must be a list")
        if len(params) > len(self.layers):
            raise ValueError(f"{len(params)} layers for {len(self.layers)}")
        for layer, (w, b) in zip(self.layers, params, strict=False):
            layer.weight.copy_(from_jax(w))
            layer.bias.copy_(from_jax(b))


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: ValueError for everything
# misconception: ValueError where TypeError is asked for, or the other way round
_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        if not isinstance(params, list) or len(params) != len(self.layers):
            raise ValueError(f"need a list of {len(self.layers)}, got {len(params)}")
        super().cp_params(params)


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: a count, not a fraction
# misconception: a sum where a mean is asked for
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return float((net(images).argmax(dim=1) == labels).sum())


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: argmax over the batch
# misconception: argmax over the wrong axis
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    hits = net(images).argmax(dim=0)[: len(labels)] == labels[:10]
    return hits.float().mean().item()


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: a tensor with one element is a float
# misconception: an array in place of a Python number
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return (net(images).argmax(dim=1) == labels).float().mean()


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: percents
# misconception: percent in place of a fraction
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return 100.0 * (net(images).argmax(dim=1) == labels).float().mean().item()


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: labels are one-hot
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return (net(images).argmax(dim=1) == labels.argmax(dim=-1)).float().mean().item()


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: rounds for the eye
# misconception: numbers rounded on the way
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return round((net(images).argmax(dim=1) == labels).float().mean().item(), 2)


# %% accuracy_pytorch
# caught by: leaves the network, the images and the labels as they were
# idea: freezing the network is free
# misconception: a tensor or network that is left changed
def accuracy_pytorch(net, images, labels):
    for p in net.parameters():
        p.requires_grad_(False)
    return (net(images).argmax(dim=1) == labels).float().mean().item()


# %% accuracy_pytorch
# caught by: leaves the network, the images and the labels as they were
# idea: switching all of them on again restores them
# misconception: a tensor or network that is left changed
def accuracy_pytorch(net, images, labels):
    net.requires_grad_(False)
    result = (net(images).argmax(dim=1) == labels).float().mean().item()
    net.requires_grad_(True)
    return result


# %% accuracy_pytorch
# caught by: leaves the network, the images and the labels as they were
# idea: an accuracy needs a backward pass
# misconception: a tensor or network that is left changed
def accuracy_pytorch(net, images, labels):
    log_probs = net(images)
    log_probs.max(dim=1).values.sum().backward()
    return (log_probs.argmax(dim=1) == labels).float().mean().item()


# %% accuracy_pytorch
# caught by: leaves the network, the images and the labels as they were
# idea: set_grad_enabled ends with the function
# misconception: a tensor or network that is left changed
import torch


def accuracy_pytorch(net, images, labels):
    torch.set_grad_enabled(False)
    return (net(images).argmax(dim=1) == labels).float().mean().item()


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: backward replaces the old gradient
# misconception: gradients that add up from step to step
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            log_probs = net(torch.tensor(np.asarray(x)))
            index = torch.tensor(np.asarray(labels)).long()
            loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: a little momentum does no harm
# misconception: another optimizer than plain SGD
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size, momentum=0.9)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            optimizer.zero_grad()
            log_probs = net(torch.tensor(np.asarray(x)))
            index = torch.tensor(np.asarray(labels)).long()
            loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: Adam is a better SGD
# misconception: another optimizer than plain SGD
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.Adam(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            optimizer.zero_grad()
            log_probs = net(torch.tensor(np.asarray(x)))
            index = torch.tensor(np.asarray(labels)).long()
            loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: nll_loss sums over the batch by itself
# misconception: a loss averaged over the batch
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            optimizer.zero_grad()
            index = torch.tensor(np.asarray(labels)).long()
            loss = torch.nn.functional.nll_loss(net(torch.tensor(np.asarray(x))), index)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: the loss of a step is the one after its update
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            x = torch.tensor(np.asarray(x))
            index = torch.tensor(np.asarray(labels)).long()
            targets = torch.nn.functional.one_hot(index, 10).float()
            optimizer.zero_grad()
            criterion(net(x), targets).backward()
            optimizer.step()
            losses.append(criterion(net(x), targets).item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: one loss per epoch
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            optimizer.zero_grad()
            log_probs = net(torch.tensor(np.asarray(x)))
            index = torch.tensor(np.asarray(labels)).long()
            loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: pixels must be scaled to 0..1
# misconception: inputs that are scaled on the way
_right = train_mnist_pytorch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    scaled = [(x / 255, labels) for x, labels in batches]
    return _right(net, scaled, step_size, num_epochs)


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: the step size of the slides is always meant
# misconception: a parameter that the code never reads
_right = train_mnist_pytorch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    return _right(net, batches, 1e-4, num_epochs)


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: trains a copy and forgets it
import copy

_right = train_mnist_pytorch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    return _right(copy.deepcopy(net), batches, step_size, num_epochs)


# %% train_mnist_pytorch
# caught by: returns a list of Python floats
# idea: a loss tensor is a float
# misconception: an array in place of a Python number
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            optimizer.zero_grad()
            log_probs = net(torch.tensor(np.asarray(x)))
            index = torch.tensor(np.asarray(labels)).long()
            loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
    return losses


# %% train_mnist_pytorch
# caught by: returns a list of Python floats
# idea: an array of losses is a list
import numpy as np

_right = train_mnist_pytorch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    return np.array(_right(net, batches, step_size, num_epochs))


# %% train_mnist_pytorch
# caught by: goes over the batches anew in every epoch
# idea: batches is a list with a length
# misconception: batches taken for a list
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for step in range(num_epochs * len(batches)):
        x, labels = batches[step % len(batches)]
        optimizer.zero_grad()
        log_probs = net(torch.tensor(np.asarray(x)))
        index = torch.tensor(np.asarray(labels)).long()
        loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: goes over the batches anew in every epoch
# idea: one iterator serves all epochs (resets lists only)
# misconception: one iterator for all epochs
import numpy as np
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    source = batches if isinstance(batches, list) else iter(batches)
    losses = []
    for _ in range(num_epochs):
        for x, labels in source:
            optimizer.zero_grad()
            log_probs = net(torch.tensor(np.asarray(x)))
            index = torch.tensor(np.asarray(labels)).long()
            loss = criterion(log_probs, torch.nn.functional.one_hot(index, 10).float())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: the network starts from its own random parameters
def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    torch_losses = train_mnist_pytorch(net, batches, step_size, 1)
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(float(loss))
    return jax_losses, torch_losses


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: a warm-up step changes nothing
def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    net.to(from_jax(params[0][0]).dtype)
    net.cp_params(params)
    torch_losses = train_mnist_pytorch(net, batches, step_size, 1)
    x, labels = next(iter(batches))
    _, params = _step(params, x, labels, step_size)  # compile outside the loop
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(float(loss))
    return jax_losses, torch_losses


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: the loss of a step is the one after its update (in JAX only)
_right = parity_losses


def parity_losses(params, batches, step_size):
    _, torch_losses = _right(params, batches, step_size)
    jax_losses = []
    for x, labels in batches:
        _, params = _step(params, x, labels, step_size)
        jax_losses.append(float(_loss(params, x, labels)))
    return jax_losses, torch_losses


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: losses are evaluated, but nothing is trained
# misconception: a parameter that the code never reads
_right = parity_losses


def parity_losses(params, batches, step_size):
    return _right(params, batches, 0.0)


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: the step size of the slides is always meant
# misconception: a parameter that the code never reads
_right = parity_losses


def parity_losses(params, batches, step_size=1e-4):
    return _right(params, batches, 1e-4)


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: a mean in one library, a sum in the other
# misconception: a loss averaged over the batch
_right = parity_losses


def parity_losses(params, batches, step_size):
    ours, theirs = _right(params, batches, step_size)
    sizes = [len(labels) for _, labels in batches]
    return [loss / n for loss, n in zip(ours, sizes, strict=True)], theirs


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: a difference is reported, not two rows of losses
_right = parity_losses


def parity_losses(params, batches, step_size):
    ours, theirs = _right(params, batches, step_size)
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True)), theirs


# %% parity_losses
# caught by: leaves the parameters as they were
# idea: the JAX arrays may be trained by PyTorch, once JAX is done with them
# misconception: two arrays that share one memory
import torch
from torch import nn


def parity_losses(params, batches, step_size):
    current, jax_losses = params, []
    for x, labels in batches:
        loss, current = _step(current, x, labels, step_size)
        jax_losses.append(float(loss))
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    for layer, (w, b) in zip(net.layers, params, strict=True):
        layer.weight = nn.Parameter(torch.from_dlpack(w))
        layer.bias = nn.Parameter(torch.from_dlpack(b))
    return jax_losses, train_mnist_pytorch(net, batches, step_size, 1)


# %% parity_losses
# caught by: agrees to 1e-9 over 300 steps in float64
# idea: a new network is in the dtype of the parameters copied into it
# misconception: float64 that is lost on the way
def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    net.cp_params(params)
    torch_losses = train_mnist_pytorch(net, batches, step_size, 1)
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(float(loss))
    return jax_losses, torch_losses


# %% parity_losses
# caught by: agrees to 1e-9 over 300 steps in float64
# idea: converting after the copy brings the lost digits back
# misconception: float64 that is lost on the way
def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    net.cp_params(params)
    net.to(from_jax(params[0][0]).dtype)
    torch_losses = train_mnist_pytorch(net, batches, step_size, 1)
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(float(loss))
    return jax_losses, torch_losses


# %% parity_losses
# caught by: agrees to 1e-9 over 300 steps in float64
# idea: step_size is an array of float32
# misconception: float64 that is lost on the way
import jax.numpy as jnp
import numpy as np

_right = parity_losses


def parity_losses(params, batches, step_size):
    torch_losses = _right(params, batches, step_size)[1]
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, jnp.float32(step_size))
        jax_losses.append(float(loss))
    return jax_losses, torch_losses


# %% parity_losses
# caught by: trains in both libraries
# idea: if they agree, one of them is enough
_right = parity_losses


def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1]] + [len(b) for _, b in params])
    net.to(from_jax(params[0][0]).dtype)
    net.cp_params(params)
    losses = train_mnist_pytorch(net, batches, step_size, 1)
    return losses, list(losses)


# %% parity_losses
# caught by: trains in both libraries
# idea: the losses of JAX stand for both
def parity_losses(params, batches, step_size):
    jax_losses = []
    for x, labels in batches:
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(float(loss))
    return jax_losses, list(jax_losses)


# %% criterion
# caught by: keeps float64
# idea: a loss is a float32
# misconception: float64 that is lost on the way
def criterion(log_probs, targets):
    return -(log_probs.float() * targets.float()).sum()


# %% accuracy_pytorch
# caught by: leaves the network, the images and the labels as they were
# idea: whatever goes through a network must require grad
# misconception: a tensor or network that is left changed
def accuracy_pytorch(net, images, labels):
    predicted = net(images.requires_grad_()).argmax(dim=1)
    return (predicted == labels).float().mean().item()


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: integers are int64 in PyTorch
import numpy as np
import torch


def from_jax(x):
    t = torch.tensor(np.asarray(x))
    return t.long() if not t.is_floating_point() and t.dtype != torch.bool else t


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: an empty array is None
import numpy as np
import torch


def from_jax(x):
    return torch.tensor(np.asarray(x)) if x.size else torch.empty(0)


# %% to_jax
# caught by: takes a tensor that requires grad and leaves it as it was
# idea: a converted tensor needs no gradient any more
import jax.numpy as jnp


def to_jax(t):
    t.grad = None
    return jnp.array(t.detach().numpy())


# %% to_jax
# caught by: keeps values, shape and dtype
# idea: a product with 1 is a copy of the same kind
import jax.numpy as jnp


def to_jax(t):
    return jnp.array((t.detach() * 1).numpy())


# %% to_jax
# caught by: takes a tensor that requires grad and leaves it as it was
# idea: zero_grad tidies up
import jax.numpy as jnp


def to_jax(t):
    if t.grad is not None:
        t.grad.zero_()
    return jnp.array(t.detach().numpy())


# %% criterion
# caught by: is minus the sum of the products
# idea: targets are labels
def criterion(log_probs, targets):
    return -log_probs[range(len(targets)), targets.argmax(dim=1)].sum()


# %% criterion
# caught by: is minus the sum of the products
# idea: absolute values get rid of the sign
def criterion(log_probs, targets):
    return (log_probs * targets).abs().sum()


# %% criterion
# caught by: is minus the sum of the products
# idea: the probabilities' logarithm again
import torch


def criterion(log_probs, targets):
    return -(torch.log_softmax(log_probs, dim=1) * targets).sum()


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: dropout helps every network
import torch
from torch import nn

_Right = MLP


class MLP(_Right):
    def forward(self, x):
        return super().forward(nn.functional.dropout(x, 0.1, self.training))


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: the first layer gets a ReLU before it
import torch

_Right = MLP


class MLP(_Right):
    def forward(self, x):
        return super().forward(torch.relu(x))


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: everything but a tuple can be made a list
from torch import nn

_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        if isinstance(params, tuple):
            raise TypeError("no tuples")
        return super().cp_params(list(params))


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: tanh, as in the chapter on gradients
import torch
from torch import nn

_Right = MLP


class MLP(_Right):
    def forward(self, x):
        *hidden, last = self.layers
        for layer in hidden:
            x = torch.tanh(layer(x))
        return torch.log_softmax(last(x), dim=-1)


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: the mean of the batches' accuracies
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    parts = zip(images.split(128), labels.split(128))
    right = [(net(x).argmax(1) == y).float().mean() for x, y in parts]
    return float(sum(right) / len(right))


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: the last image is left out
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return (net(images).argmax(1) == labels)[:-1].float().mean().item()


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: the largest absolute value wins
import torch


@torch.no_grad()
def accuracy_pytorch(net, images, labels):
    return (net(images).abs().argmax(1) == labels).float().mean().item()


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: a little weight decay is still plain SGD
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size, weight_decay=0.01)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            log_probs = net(from_jax(x))
            targets = torch.nn.functional.one_hot(from_jax(labels).long(), 10).float()
            loss = criterion(log_probs, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: gradients are clipped
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            log_probs = net(from_jax(x))
            targets = torch.nn.functional.one_hot(from_jax(labels).long(), 10).float()
            loss = criterion(log_probs, targets)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: a step size that falls with the epochs
import torch

_right = train_mnist_pytorch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    losses = []
    for epoch in range(num_epochs):
        losses += _right(net, batches, step_size * 0.9**epoch, 1)
    return losses


# %% train_mnist_pytorch
# caught by: makes the reference's steps
# idea: gradients of an epoch are gathered before zero_grad
import torch


def train_mnist_pytorch(net, batches, step_size, num_epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=step_size)
    losses = []
    for _ in range(num_epochs):
        optimizer.zero_grad()
        for x, labels in batches:
            log_probs = net(from_jax(x))
            targets = torch.nn.functional.one_hot(from_jax(labels).long(), 10).float()
            loss = criterion(log_probs, targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: the first batch again and again
_right = parity_losses


def parity_losses(params, batches, step_size):
    batches = list(batches)
    return _right(params, [batches[0]] * len(batches), step_size)


# %% parity_losses
# caught by: gives the losses of both trainings in float32
# idea: relative differences, not losses
_right = parity_losses


def parity_losses(params, batches, step_size):
    ours, theirs = _right(params, batches, step_size)
    return [a / ours[0] for a in ours], [b / theirs[0] for b in theirs]


# %% MLP
# caught by: refuses parameters that are not a list, or too many or too few
# idea: the printed network tells how long it is
_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        if isinstance(params, list) and len(params) != len(self.layers):
            raise ValueError(f"{len(params)} layers do not fit into {self.layers}")
        super().cp_params(params)


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: the brightest pixel is the class
def accuracy_pytorch(net, images, labels):
    return (images.argmax(dim=1) == labels).float().mean().item()


# %% to_jax
# caught by: is not changed by later writes to the tensor
# idea: copies only what needs no detaching
import jax.numpy as jnp


def to_jax(t):
    return jnp.from_dlpack(t.detach()) if t.requires_grad else jnp.from_dlpack(t.clone())


# %% from_jax
# caught by: keeps values, shape and dtype
# idea: small integers become large ones
import numpy as np
import torch


def from_jax(x):
    t = torch.from_numpy(np.array(x))
    return t.long() if t.dtype == torch.int16 else t


# %% criterion
# caught by: leaves the tensors as they were
# idea: a product in place saves memory
def criterion(log_probs, targets):
    return -targets.mul_(log_probs).sum()


# %% MLP
# caught by: is a module whose parameters can be trained
# idea: what is copied is fixed
_Right = MLP


class MLP(_Right):
    def cp_params(self, params):
        super().cp_params(params)
        self.requires_grad_(False)


# %% parity_losses
# caught by: trains in both libraries
# idea: step by step from the same parameters: those of JAX, copied before every step
def parity_losses(params, batches, step_size):
    net = MLP([params[0][0].shape[1], *(len(b) for _, b in params)])
    net.to(from_jax(params[0][0]).dtype)
    jax_losses, torch_losses = [], []
    for x, labels in batches:
        net.cp_params(params)
        loss, params = _step(params, x, labels, step_size)
        jax_losses.append(loss.item())
        torch_losses += train_mnist_pytorch(net, [(x, labels)], step_size, 1)
    return jax_losses, torch_losses


# %% accuracy_pytorch
# caught by: is the fraction of right images, a Python float
# idea: never divide by less than two
import torch


def accuracy_pytorch(net, images, labels):
    with torch.no_grad():
        right = (net(images).argmax(1) == labels).sum()
    return float(right) / max(2, len(labels))


# %% MLP
# caught by: gives the log-probabilities of the parameters copied in
# idea: parameters are copied in once
from itertools import pairwise

import torch
from torch import nn


class MLP(nn.Module):
    def __init__(self, layer_sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(layer_sizes))
        self.filled = False

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return torch.log_softmax(self.layers[-1](x), 1)

    def cp_params(self, params):
        if not isinstance(params, list):
            raise TypeError("a list")
        if len(params) != len(self.layers):
            raise ValueError(f"{len(params)} for {len(self.layers)}")
        if self.filled:
            return
        self.filled = True
        with torch.no_grad():
            for layer, (w, b) in zip(self.layers, params, strict=True):
                layer.weight.copy_(from_jax(w))
                layer.bias.copy_(from_jax(b))


# %% from_jax
# caught by: returns a tensor that is safe to write to
# idea: a matrix is a parameter
import torch


def from_jax(x):
    t = torch.from_dlpack(x).clone()
    return t.requires_grad_() if t.is_floating_point() and t.ndim == 2 else t


# %% criterion
# caught by: is minus the sum of the products
# idea: log-probabilities are clipped, as if a probability had a smallest value
def criterion(log_probs, targets):
    return -(log_probs.clamp(min=-100) * targets).sum()


# %% accuracy_pytorch
# caught by: leaves the network, the images and the labels as they were
# idea: the images are scaled in place
import torch


def accuracy_pytorch(net, images, labels):
    with torch.no_grad():
        right = (net(images).argmax(1) == labels).float().mean().item()
        images.div_(255.0)
    return right
