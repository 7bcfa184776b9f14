"""Checks of chapter 11: the same network in PyTorch, and parity.

PyTorch is imported inside the functions that run in a worker: this file is read without it, too.
"""

import re
from itertools import pairwise

import jax.numpy as jnp
import numpy as np

from grader.checks import arrays, check, example, given

EXAMPLES = [
    np.float32([[1.5, -2.0, 0.0], [np.nan, np.inf, -0.25]]),
    np.int32([3, -1, 2**30]),
    np.array([[True], [False]]),
    np.uint8([0, 128, 255]),
    np.float16([0.5, -2.0]),
    np.int16([-300, 7]),
    np.float32(2.5),
    np.int32(-7),
    np.zeros((0, 3), np.float32),
    np.zeros(0, np.int32),
    np.float32([4.0]),
]
FLOAT32 = {"rtol": 1e-4, "atol": 1e-5}  # for Python floats that come out of float32 numbers
WRITTEN_TO = [
    np.float32([1.0, 2.0, 3.0]),
    np.float32(4.0),
    np.int32([[1, 2], [3, 4]]),
    np.float32([[1, 2], [3, 4]]),
    np.arange(1000, dtype=np.float32),
]


# What probes are made of: these run in a worker.


def tensor(x):
    import torch

    return torch.tensor(np.asarray(x))


def tensor_and_dtype(m, x):
    """t = from_jax(x); t, str(t.dtype)"""
    t = m.from_jax(x)
    return t, str(getattr(t, "dtype", "no dtype"))


def array_and_dtype(m, x):
    """a = to_jax(tensor(x)); a, str(a.dtype)"""
    a = m.to_jax(tensor(x))
    return a, str(getattr(a, "dtype", "no dtype"))


def plain(value):
    """A float of any kind (np.float64 is one) as the number that it is; all else as it came."""
    return float(value) if isinstance(value, float) else value


def linear_network(w, b):
    """One linear layer and a log-softmax: a network that owes nothing to the learner's MLP."""
    from torch import nn

    dtype = tensor(w).dtype
    net = nn.Sequential(nn.Linear(w.shape[1], w.shape[0], dtype=dtype), nn.LogSoftmax(dim=1))
    net.load_state_dict({"0.weight": tensor(w), "0.bias": tensor(b)})
    return net


class Again:
    """Batches that can be iterated over again and again, and nothing else."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


def copied(m, layer_sizes, params):
    net = m.MLP(layer_sizes)
    net.cp_params(params)
    return net


# What probes are given: plain NumPy.


def layers(layer_sizes, seed, scale=1.0, dtype=np.float32):
    """Parameters up to `scale`. No bias is 0, so that no unit sits at the kink of ReLU."""
    rng = np.random.default_rng(seed)
    return [
        (
            (scale / 16 * rng.integers(-16, 17, (n, m))).astype(dtype),
            (scale / 16 * (rng.integers(0, 16, n) + 0.5)).astype(dtype),
        )
        for m, n in pairwise(layer_sizes)
    ]


def digits(sizes, seed, dtype=np.float32):
    """Batches of the given sizes: pixels 0 to 255, four of five of them black, and labels."""
    rng = np.random.default_rng(seed)
    return [
        (
            (rng.integers(0, 256, (n, 784)) * (rng.random((n, 784)) < 0.2)).astype(dtype),
            rng.integers(0, 10, n, dtype=np.int32),
        )
        for n in sizes
    ]


@check(
    "from_jax",
    "keeps values, shape and dtype",
    hint="A torch.Tensor of the shape and dtype of x: a scalar stays 0-d, int32 stays int32. "
    "torch.Tensor(...) and a detour through Python lists forget the dtype.",
)
def test_from_jax_values(both):
    for x in EXAMPLES:
        both(tensor_and_dtype, x).agree()


@check(
    "from_jax",
    "returns a tensor that is safe to write to",
    hint="The tensor lies in the buffer of the jax.Array, which must never change. np.asarray, "
    "torch.as_tensor and DLPack share memory: make a copy.",
)
def test_from_jax_owns_its_memory(both):
    def write(m, x):
        """t = from_jax(x); t.fill_(7); x, t"""
        x = jnp.array(x)  # a copy: whether NumPy's memory serves the argument itself is chance
        t = m.from_jax(x)
        t.fill_(7)
        return x, t

    for x in WRITTEN_TO:
        both(write, x).agree()


@check(
    "from_jax",
    "keeps float64 and int64 when x64 is enabled",
    x64=True,
    hint="Nothing may be rounded on the way: no dtype is given by hand.",
)
def test_from_jax_wide(both):
    for x in (np.float64([1 / 3, 1e300]), np.int64([2**40, -1]), np.float32([1.5])):
        both(tensor_and_dtype, x).agree(rtol=0, atol=0)


@check(
    "to_jax",
    "keeps values, shape and dtype",
    hint="A jax.Array of the shape and dtype of t: a scalar stays 0-d, uint8 stays uint8. NumPy "
    "arrays and Python lists are stations on the way at most.",
)
def test_to_jax_values(both):
    for x in EXAMPLES:
        both(array_and_dtype, x).agree()


@check(
    "to_jax",
    "takes a tensor that requires grad and leaves it as it was",
    hint="t.detach() is a new view of t without the graph; t itself still requires grad, and its "
    ".grad stays.",
)
def test_to_jax_of_a_graph(both):
    def convert(m, x):
        """t = tensor(x, requires_grad=True), t.grad = 2 * x; to_jax(t), to_jax(2 * t), then both"""
        import torch

        t = tensor(x).requires_grad_()
        (t * t).sum().backward()
        double = 2 * t
        converted = m.to_jax(t), m.to_jax(double)
        recorded = t.requires_grad and double.requires_grad
        (gradient,) = torch.autograd.grad(double.sum(), t) if recorded else (None,)
        return {
            "arrays": converted,
            "t": t,
            "t.requires_grad": t.requires_grad,
            "t.grad": t.grad,
            "2t.requires_grad": double.requires_grad,
            "slope of 2t": gradient,
        }

    both(convert, np.float32([1.0, -2.0, 0.5])).agree()


@check(
    "to_jax",
    "is not changed by later writes to the tensor",
    hint="The array looks at the tensor's memory. jax.device_put and from_dlpack share it: copy "
    "first.",
)
def test_to_jax_owns_its_memory(both):
    def write(m, x):
        """t = tensor(x); a = to_jax(t); t.fill_(7); a, t"""
        t = tensor(x)
        a = m.to_jax(t)
        t.fill_(7)
        return a, t

    def write_to_leaf(m, x):
        """t = tensor(x, requires_grad=True); a = to_jax(t); t.detach().fill_(7); a, t.detach()"""
        t = tensor(x).requires_grad_()
        a = m.to_jax(t)
        t.detach().fill_(7)
        return a, t.detach()

    for x in WRITTEN_TO:
        both(write, x).agree()
        if x.dtype == np.float32:
            both(write_to_leaf, x).agree()


@check(
    "to_jax",
    "takes transposed, strided and expanded tensors",
    hint="A view has an order of its own: its strides say where a value lies in memory.",
)
def test_to_jax_of_views(both):
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    both(lambda m, x: m.to_jax(tensor(x).T), x).agree()
    both(lambda m, x: m.to_jax(tensor(x)[1:, ::2]), x).agree()
    both(lambda m, x: m.to_jax(tensor(x)[0].expand(2, 4)), x).agree()


@check(
    "to_jax",
    "keeps float64 and int64 when x64 is enabled",
    x64=True,
    hint="Nothing may be rounded on the way: no dtype is given by hand.",
)
def test_to_jax_wide(both):
    for x in (np.float64([1 / 3, 1e300]), np.int64([2**40, -1]), np.float32([1.5])):
        both(array_and_dtype, x).agree(rtol=0, atol=0)


TWO_ROWS = (
    np.float32([[-1, -2], [-3, -4]]),
    np.float32([[1, 0], [0, 1]]),
)  # log-probabilities and targets


@check(
    "criterion",
    "is minus the sum of the products",
    hint="One number for the whole batch: a sum over rows and classes, with the sign changed.",
)
@given(log_probs=arrays((3, 10), -4, 0), targets=arrays((3, 10), 0, 1))
@example(log_probs=np.float32([[-1, -2], [-3, -4]]), targets=np.float32([[1, 0], [0, 0]]))
@example(log_probs=np.float32([[1, -2]]), targets=np.float32([[0.5, -1]]))
@example(log_probs=np.float32([[-2000, -0.5]]), targets=np.float32([[1, 0]]))
@example(log_probs=np.float32([[-0.5] * 10]), targets=np.eye(10, dtype=np.float32)[[3]])
def test_criterion_values(both, log_probs, targets):
    both(
        lambda m, log_probs, targets: m.criterion(tensor(log_probs), tensor(targets)),
        log_probs,
        targets,
    ).agree()


@check(
    "criterion",
    "keeps float64",
    hint="No dtype is given by hand: float32 would round what came as float64.",
)
def test_criterion_wide(both):
    def wide(m, log_probs, targets):
        """criterion(log_probs.double(), targets.double())"""
        return m.criterion(tensor(log_probs).double(), tensor(targets).double())

    both(wide, *TWO_ROWS).agree()


@check(
    "criterion",
    "lets gradients through",
    kind="transform",
    hint="backward() follows the operations of torch. item(), detach(), NumPy and a new "
    "torch.tensor cut the graph.",
)
def test_criterion_gradient(both):
    def gradient(m, log_probs, targets):
        """log_probs.requires_grad_(); criterion(log_probs, targets).backward(); log_probs.grad"""
        log_probs = tensor(log_probs).requires_grad_()
        m.criterion(log_probs, tensor(targets)).backward()
        return log_probs.grad

    log_probs = np.float32([[-1, -2, -3], [-3, -0.5, -4]])
    both(gradient, log_probs, np.float32([[0, 1, 0], [1, 0, 0]])).agree()


@check(
    "criterion",
    "leaves the tensors as they were",
    hint="mul_, neg_ and *= write their result into the tensor itself: use mul, neg and *.",
)
def test_criterion_pure(both):
    def after(m, log_probs, targets):
        """criterion(log_probs, targets); log_probs, targets"""
        log_probs, targets = tensor(log_probs), tensor(targets)
        m.criterion(log_probs, targets)
        return log_probs, targets

    both(after, *TWO_ROWS).agree()


@check(
    "MLP",
    "gives the log-probabilities of the parameters copied in",
    hint="Linear, ReLU, ..., Linear, then log_softmax over the classes. nn.Linear keeps its weight "
    "as (n_out, n_in), as JAX's w here.",
)
def test_mlp_values(both):
    def log_probabilities(m, layer_sizes, params, x):
        """net = MLP(layer_sizes); net.cp_params(params); net(x)"""
        return copied(m, layer_sizes, params)(tensor(x))

    def copied_again(m, layer_sizes, params, x):
        """net = MLP(layer_sizes); net.cp_params(zeros); net.cp_params(params); net(x)"""
        net = copied(m, layer_sizes, [(0 * w, 0 * b) for w, b in params])
        net.cp_params(params)
        return net(tensor(x))

    rng = np.random.default_rng(11)
    for layer_sizes in ([6, 6, 10], [8, 10], [8, 7, 6, 10]):
        x = np.float32(rng.integers(-8, 9, (4, layer_sizes[0])) / 4)
        both(log_probabilities, layer_sizes, layers(layer_sizes, 1), x).agree()
    both(copied_again, layer_sizes, layers(layer_sizes, 2), x).agree()


@check(
    "MLP",
    "is a module whose parameters can be trained",
    hint="super().__init__() first; layers as attributes, in nn.ModuleList or nn.Sequential; no "
    "no_grad in forward. A Python list hides its layers from parameters().",
)
def test_mlp_parameters(both):
    def trainable(m, layer_sizes, params, x):
        """net = MLP(layer_sizes), then net.cp_params(params): its parameters and their gradients"""
        from torch import nn

        def describe(net):
            log_probs = net(tensor(x))
            if log_probs.requires_grad:
                log_probs[:, 0].sum().backward()
            parameters = list(net.parameters())
            return {
                "parameters": sum(p.numel() for p in parameters),
                "with a gradient": sum(p.numel() for p in parameters if p.grad is not None),
                "shape of net(x)": list(log_probs.shape),
            }

        net = m.MLP(layer_sizes)
        if not isinstance(net, nn.Module):
            return {"is an nn.Module": False, "new": None, "copied": None}
        new = describe(net)
        for parameter in net.parameters():
            parameter.grad = None
        net.cp_params(params)
        return {"is an nn.Module": True, "new": new, "copied": describe(net)}

    x = np.ones((2, 4), np.float32)
    both(trainable, [4, 5, 10], layers([4, 5, 10], 2), x).agree()


@check(
    "MLP",
    "gives finite log-probabilities for large logits",
    hint="softmax rounds to 0 where a class is very unlikely, and log(0) is -inf. log_softmax does "
    "both in one step.",
)
def test_mlp_large_logits(both):
    def log_probabilities(m, layer_sizes, params, x):
        """net = MLP(layer_sizes); net.cp_params(params); net(x)"""
        return copied(m, layer_sizes, params)(tensor(x))

    params = layers([4, 10], 3)
    both(log_probabilities, [4, 10], params, np.float32([[1e3, -500, 250, 2e3]])).agree()


@check(
    "MLP",
    "leaves the JAX parameters alone while it is trained",
    hint="The network's parameters lie in the buffers of the jax.Arrays. Copy the values into the "
    "parameters that the layers have.",
)
def test_mlp_copies(both):
    def overwrite(m, layer_sizes, params):
        """net.cp_params(params); every parameter of net is set to 7; params"""
        import torch

        with torch.no_grad():
            for parameter in copied(m, layer_sizes, params).parameters():
                parameter.fill_(7)
        return params

    both(overwrite, [4, 5, 10], layers([4, 5, 10], 4)).agree()


@check(
    "MLP",
    "refuses parameters that are not a list, or too many or too few",
    hint="Test isinstance(params, list) first, then compare len(params) with the number of layers, "
    "and put both numbers into the message.",
)
def test_mlp_refuses(answer):
    def copy(m, layer_sizes, params):
        """MLP(layer_sizes).cp_params(params)"""
        copied(m, layer_sizes, params)

    three = [12, 11, 9, 10]  # no size is one of the lengths that a message must name
    params = layers(three, 5)
    for other in (tuple(params), dict(enumerate(params)), None, np.ones((3, 2), np.float32)):
        answer.raises(copy, three, other, types=("TypeError",))
    for given_layers in (5, 2, 0):
        some = (params + params)[:given_layers]
        raised = answer.raises(copy, three, some, types=("ValueError",))
        raised.demand(
            {str(given_layers), "3"} <= set(re.findall(r"\d+", raised.message)),
            f"The message does not name both lengths, {given_layers} and 3.",
        )


SEEN = np.int32([3, 7, 0, 9, 1, 8, 2, 6, 4, 5])  # the class that each of the first ten pixels means


def scenes(n, right, seed):
    """`n` images, and labels that `picking_network` gets right in the first `right` of them."""
    rng = np.random.default_rng(seed)
    images = np.zeros((n, 784), np.float32)
    images[:, :10] = rng.permuted(np.tile(np.arange(10), (n, 1)), axis=1)
    labels = SEEN[images.argmax(axis=1)]
    labels[right:] = (labels[right:] + 1 + rng.integers(0, 9, n - right)) % 10
    return images, labels


def picking_network():
    """Its most probable class is the one that the brightest of the first ten pixels means."""
    w = np.zeros((10, 784), np.float32)
    w[SEEN, np.arange(10)] = 1
    return linear_network(w, np.zeros(10, np.float32))


@check(
    "accuracy_pytorch",
    "is the fraction of right images, a Python float",
    hint="argmax over dim=1 gives one class per image. Compare with labels, count, divide; item() "
    "makes a Python number of a tensor with one element.",
)
def test_accuracy_values(answer):
    def accuracy(m, images, labels):
        """accuracy_pytorch(net, images, labels)"""
        return plain(m.accuracy_pytorch(picking_network(), tensor(images), tensor(labels).long()))

    def accuracy_int32(m, images, labels):
        """accuracy_pytorch(net, images, labels), labels of int32"""
        return plain(m.accuracy_pytorch(picking_network(), tensor(images), tensor(labels)))

    for n, right in ((7, 5), (1, 0), (1, 1), (10, 10), (10, 3), (331, 200)):
        images, labels = scenes(n, right, seed=n)
        for probe in (accuracy, accuracy_int32):
            answer(probe, images, labels).equals(right / n, **FLOAT32)


@check(
    "accuracy_pytorch",
    "leaves the network, the images and the labels as they were",
    hint="with torch.no_grad(): ... records nothing and switches itself off at its end. No "
    "parameter has to be touched; a method that ends in _ writes into its tensor.",
)
def test_accuracy_leaves_no_trace(both):
    def trace(m, images, labels):
        """accuracy_pytorch(net, images, labels), then all three (the net's bias is frozen)"""
        import torch

        net = picking_network()
        net[0].bias.requires_grad_(False)
        seen, classes = tensor(images), tensor(labels).long()
        m.accuracy_pytorch(net, seen, classes)
        recorded = net(tensor(images)).requires_grad
        torch.set_grad_enabled(True)
        return {
            "gradients": [p.grad for p in net.parameters()],
            "requires_grad": [p.requires_grad for p in net.parameters()],
            "images need grad": seen.requires_grad,
            "net(x) has graph": recorded,
            "parameters": list(net.parameters()),
            "images": seen.detach(),
            "labels": classes,
        }

    both(trace, *scenes(4, 3, seed=1)).agree(rtol=0, atol=0)


@check(
    "train_mnist_pytorch",
    "makes the reference's steps",
    hint="Per batch: loss (a sum, of raw pixels), zero_grad, backward, one step of plain SGD with "
    "the given step size. The loss is taken before the update.",
)
def test_training_steps(training):
    def train(m, state, batches, step_size, num_epochs):
        """train_mnist_pytorch(net, batches, step_size, num_epochs), for more and more batches"""
        states = []
        for k in range(1, len(batches) + 1):
            net = linear_network(state["w"], state["b"])
            losses = m.train_mnist_pytorch(net, batches[:k], step_size, num_epochs)
            w, b = net.parameters()
            states.append({"w": w, "b": b, "losses": [float(loss) for loss in losses]})
        return states

    (w, b), batches = layers([784, 10], 6, scale=0.01)[0], digits([8, 8, 5], 6)
    start = {"w": w, "b": b}
    training(train, start, batches, 2e-6, 1, **FLOAT32)
    training(train, start, batches, 2e-6, 2, **FLOAT32)
    # Long steps on faint images: here it shows if anything but the gradient moves the weights.
    faint = [(x / 256, labels) for x, labels in batches]
    training(train, {"w": 100 * w, "b": b}, faint, 0.02, 2, **FLOAT32)


@check(
    "train_mnist_pytorch",
    "returns a list of Python floats",
    hint="loss.item() is the number; the loss itself is a tensor that holds on to its whole graph.",
)
def test_training_result(both):
    def train(m, w, b, batches, step_size, num_epochs):
        """train_mnist_pytorch(net, batches, step_size, num_epochs)"""
        losses = m.train_mnist_pytorch(linear_network(w, b), batches, step_size, num_epochs)
        return [plain(loss) for loss in losses] if isinstance(losses, list) else losses

    (w, b), batches = layers([784, 10], 7, scale=0.01)[0], digits([4, 4], 7)
    both(train, w, b, batches, 2e-6, 1).agree(**FLOAT32)


@check(
    "train_mnist_pytorch",
    "goes over the batches anew in every epoch",
    hint="Start a for loop over batches in every epoch. It may be any iterable: it need not have a "
    "length or an index, and no epochs means no steps.",
)
def test_training_iterates(both):
    def train(m, w, b, batches, step_size, num_epochs):
        """train_mnist_pytorch(net, batches, step_size, num_epochs), batches without len()"""
        losses = m.train_mnist_pytorch(linear_network(w, b), Again(batches), step_size, num_epochs)
        return [float(loss) for loss in losses]

    (w, b), batches = layers([784, 10], 8, scale=0.01)[0], digits([4, 4], 8)
    both(train, w, b, batches, 2e-6, 3).agree(**FLOAT32)
    both(train, w, b, batches, 2e-6, 0).agree()


def rows(m, params, batches, step_size):
    """jax_losses, torch_losses = parity_losses(params, batches, step_size)"""
    jax_losses, torch_losses = m.parity_losses(params, batches, step_size)
    return {
        "jax_losses": [float(loss) for loss in jax_losses],
        "torch_losses": [float(loss) for loss in torch_losses],
    }


def demand_parity(result, tolerance):
    """The two rows of losses agree, relative to their size."""
    ours, theirs = np.array(result.value["jax_losses"]), np.array(result.value["torch_losses"])
    apart = np.abs(ours - theirs) > tolerance * np.abs(theirs)
    step = int(apart.argmax())
    result.demand(
        not apart.any(),
        f"The two trainings part at step {step}.",
        evidence=f"JAX: {ours[step]}, PyTorch: {theirs[step]}.",
    )


@check(
    "parity_losses",
    "leaves the parameters as they were",
    hint="PyTorch trains in place. If its parameters share memory with the jax.Arrays, those are "
    "trained too: copy.",
)
def test_parity_leaves_parameters(both):
    def after(m, params, batches, step_size):
        """parity_losses(params, batches, step_size); params"""
        m.parity_losses(params, batches, step_size)
        return params

    both(after, layers([784, 8, 10], 9, scale=0.01), digits([8, 8], 9), 1e-5).agree()


@check(
    "parity_losses",
    "gives the losses of both trainings in float32",
    hint="Return two lists, one loss per step in each. The same parameters, the same batches, once "
    "over them; a summed loss on raw pixels, taken before the update, on both sides.",
)
def test_parity_in_float32(both):
    params, batches = layers([784, 12, 12, 10], 10, scale=0.1), digits([8, 8, 8, 5], 10) * 5
    pair = both(rows, params, batches, 6e-5)
    pair.agree(**FLOAT32)
    demand_parity(pair.answer, 1e-4)


@check(
    "parity_losses",
    "agrees to 1e-9 over 300 steps in float64",
    x64=True,
    hint="Something on the way is float32. A new network is: convert it before the parameters are "
    "copied in.",
)
def test_parity_in_float64(both):
    params = layers([784, 8, 8, 10], 11, scale=0.1, dtype=np.float64)
    batches = digits([4] * 10, 11, dtype=np.float64) * 30
    pair = both(rows, params, batches, 6e-5)
    demand_parity(pair.answer, 1e-9)
    pair.agree(rtol=1e-9, atol=1e-9)


@check(
    "parity_losses",
    "trains in both libraries",
    kind="structure",
    hint="One row of losses shown twice always agrees, and proves nothing.",
)
def test_parity_trains_twice(answer):
    def count(m, params, batches, step_size):
        """parity_losses(params, batches, step_size), counting PyTorch's operations and cp_params"""
        from torch.utils._python_dispatch import TorchDispatchMode

        class Counter(TorchDispatchMode):
            operations = 0

            def __torch_dispatch__(self, function, types, args=(), kwargs=None):
                self.operations += 1
                return function(*args, **(kwargs or {}))

        copies = []
        copy = getattr(m.MLP, "cp_params", None)  # None of a function that makes the network

        def counted(self, *args, **kwargs):
            copies.append(1)
            return copy(self, *args, **kwargs)

        if copy is not None:
            m.MLP.cp_params = counted
        try:
            with Counter() as counter:
                m.parity_losses(params, batches, step_size)
        finally:
            if copy is not None:
                m.MLP.cp_params = copy
        return [counter.operations, len(copies)]

    # No other check trains at these shapes, so that JAX has to compile something.
    params, batches = layers([784, 9, 10], 12, scale=0.1), digits([3] * 20, 12)
    result = answer(count, params, batches, 1e-5)
    result.demand(result.compilations > 0, "JAX has compiled nothing, so it did not train.")
    # Forward, backward and update of a step take thirty operations; copying parameters takes ten.
    operations, copies = result.value
    result.demand(operations >= 5 * len(batches), "PyTorch has hardly computed anything.")
    result.demand(
        copies < len(batches),
        "The network gets JAX's parameters again at every step, so PyTorch's training is not its own.",
        hint="Copy the parameters once, before the first step; from there each library goes on alone.",
    )
