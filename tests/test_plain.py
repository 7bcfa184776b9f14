"""Plain chapters: what can act on nothing else, as far as reading can tell."""

import pytest

from grader.plain import is_plain

PLAIN = {
    "a lesson": '"""A lesson."""\n',
    "imports": "import jax\nimport jax.numpy as jnp\nfrom functools import partial\nimport numpy as np\n",
    "a function": "def f(x, scale=2.0):\n    y = [1]\n    y.append(x)\n    return y[0] * scale\n",
    "a jitted one": "import jax\n@jax.jit\ndef f(x):\n    return x\n",
    "a partial": "import jax\nfrom functools import partial\n"
    "@partial(jax.jit, static_argnames=('n',))\ndef f(x, n):\n    return x[:n]\n",
    "a transformed one": "import jax\ndef f(x):\n    return x\ng = jax.vmap(jax.grad(f))\n",
    "constants": "import jax.numpy as jnp\nA, B = 1, (2.0, -3)\nC = jnp.array([1.0, A])\n",
    "a list that nobody uses": "SIZES = [784, 10]\ndef f(x):\n    return x\n",
    "random numbers": "import jax\ndef f(key):\n    return jax.random.normal(key)\n",
    "a main": "def f():\n    pass\nif __name__ == '__main__':\n    print(f())\n",
    "a caught exception": "def f(x):\n    try:\n        return x + 1\n    except TypeError:\n        return 0\n",
    "an update": "def f(x):\n    return x.at[0].set(1)\n",
    "a derivative of one's own": "import jax\n@jax.custom_jvp\ndef f(x):\n    return x\n"
    "@f.defjvp\ndef f_jvp(primals, tangents):\n    return primals[0], tangents[0]\n",
    "two halves of one": "import jax\n@jax.custom_vjp\ndef f(x):\n    return x\ndef forward(x):\n    return x, None\n"
    "def backward(res, g):\n    return (g,)\nf.defvjp(forward, backward)\n",
    "a network": "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    'A network.'\n"
    "    def __init__(self, n):\n        super().__init__()\n        self.layer = nn.Linear(n, n)\n"
    "    def forward(self, x):\n        return torch.relu(self.layer(x))\n"
    "    @torch.no_grad()\n    def cp_params(self, w):\n        self.layer.weight.copy_(w)\n",
    "a network of another": "class A:\n    def f(self):\n        return 1\nclass B(A):\n    def f(self):\n"
    "        return super().f() + 1\n",
    "no gradients": "import torch\n@torch.no_grad()\ndef f(x):\n    return x.sum().item()\n",
    "the name of a class": "def f(x):\n    raise TypeError(type(x).__name__)\n",
    "an attribute that may be missing": "def f(x):\n    return getattr(x, 'shape', ())\n",
    "a tracer": "import jax\ndef f(x):\n    return isinstance(x, jax.core.Tracer)\n",
}
NOT_PLAIN = {
    "deep signs": "x = " + "-" * 900 + "1\n",
    "a deep sum": "x = " + "+".join(["1"] * 900) + "\n",
    "deep attributes": "def f(x):\n    return x" + ".a" * 3000 + "\n",
    "no Python": "def f(:\n",
    "a global": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x\n",
    "a memory": "seen = []\ndef f(x):\n    seen.append(1)\n    return x\n",
    "a dictionary": "seen = {}\ndef f(x):\n    return seen.setdefault('x', x)\n",
    "a default that remembers": "def f(x, seen=[]):\n    seen.append(x)\n    return x\n",
    "an attribute": "def f(x):\n    f.calls = 1\n    return x\n",
    "a library's attribute": "import jax\njax.jit = lambda f, **settings: f\n",
    "a setting": "import jax\njax.config.update('jax_enable_x64', True)\n",
    "a setting inside": "import jax\ndef f(x):\n    jax.config.update('jax_enable_x64', True)\n",
    "an imported setting": "from jax import config\n",
    "a cache": "import functools\n@functools.cache\ndef f(x):\n    return x\n",
    "an imported cache": "from functools import lru_cache\n",
    "another module": "import sys\n",
    "another module inside": "def f(x):\n    import os\n    return x\n",
    "everything of a module": "from jax.numpy import *\n",
    "an inner module": "import jax\ndef f(x):\n    return jax._src.core\n",
    "NumPy's random numbers": "import numpy as np\ndef f(x):\n    return np.random.normal()\n",
    "PyTorch's random numbers": "import torch\ndef f(x):\n    return torch.randn(3)\n",
    "a seed": "import torch\ndef f(x):\n    torch.manual_seed(0)\n",
    "eval": "def f(x):\n    return eval('x')\n",
    "globals": "def f(x):\n    return globals()['x']\n",
    "getattr": "def f(x, name):\n    return getattr(f, name)\n",
    "getattr of what leads out": "import jax\ndef f(x):\n    return getattr(jax, 'config')\n",
    "getattr by another name": "g = getattr\ndef f(x):\n    return g(f, 'n')\n",
    "NumPy's random numbers by name": "import numpy\ndef f(x):\n    return getattr(numpy, 'random')\n",
    "setattr": "def f(x):\n    setattr(f, 'n', 1)\n",
    "a class with a number": "class A:\n    n = 0\n",
    "a class that remembers": "class A:\n    def f(self, x):\n        self.x = x\n",
    "a class made by another": "import abc\nclass A(metaclass=abc.ABCMeta):\n    pass\n",
    "a class of the library's": "import jax\nclass A(jax.Array):\n    pass\n",
    "a decorated class": "import functools\n@functools.total_ordering\nclass A:\n    pass\n",
    "a class inside": "def f(x):\n    class A:\n        pass\n    return A()\n",
    "a class that acts at its end": "class A:\n    def __del__(self):\n        print(1)\n",
    "an __init__ of others": "import jax\nclass A:\n    def __init__(self):\n"
    "        self = jax\n        self.jit = None\n",
    "an __init__ with others": "import jax\nclass A:\n    def __init__(self):\n"
    "        f = lambda self: None\n        self.jit = None\n",
    "an __init__ in which others are named so": "import jax\nclass A:\n    def __init__(self):\n"
    "        def f(self):\n            self.jit = None\n        f(jax)\n",
    "an __init__ that is called by hand": "import jax\nclass A:\n    def __init__(self):\n        self.jit = None\n"
    "def f(x):\n    A.__init__(jax)\n",
    "an attribute of an attribute": "class A:\n    def __init__(self, x):\n        self.x = x\n"
    "        self.x.n = 1\n",
    "an inner attribute": "class A:\n    def __init__(self, x):\n        self.__class__ = x\n",
    "an object": "class A:\n    pass\na = A()\n",
    "a derivative that comes later": "import jax\n@jax.custom_jvp\ndef f(x):\n    return x\n"
    "def g(x):\n    f.defjvp(lambda p, t: (p[0], t[0]))\n    return f(x)\n",
    "a derivative of the library's": "import jax\njax.nn.relu.defjvps(None)\n",
    "a dunder": "def f(x):\n    return f.__globals__\n",
    "a decorator of its own": "def memo(f):\n    seen = {}\n    def g(x):\n        return seen.setdefault(0, f(x))\n"
    "    return g\n@memo\ndef f(x):\n    return x\n",
    "a call at the top": "def f():\n    return []\nseen = f()\n",
    "a transformed call": "import jax\nimport jax.numpy as jnp\ny = jax.vmap(f)(jnp.ones(3))\n",
    "an iterator": "import itertools\nn = itertools.count()\n",
    "a statement": "print('hello')\n",
    "a loop": "for i in range(3):\n    pass\n",
    "a generator": "def f():\n    yield 1\n",
    "a donation": "import jax\ng = jax.jit(abs, donate_argnums=0)\n",
    "an array of NumPy": "import numpy as np\nW = np.ones(3)\n",
    "an output": "import numpy as np\ndef f(x, y):\n    return np.add(x, 1, out=y)\n",
    "a deletion": "x = 1\ndel x\n",
    "an attribute by its name": "from operator import attrgetter\ndef f(x):\n    attrgetter('a')(f)\n",
    "an entry by a function": "import operator\ndef f(x):\n    operator.setitem(x, 0, 1)\n",
    "annotations that are run": "import typing\ndef f(x: 'g()'):\n    typing.get_type_hints(f)\n",
    "a registry of copies": "import copy\ndef f(x):\n    copy.dispatch_table[int] = f\n",
    "a registry": "import jax\ndef f(x):\n    jax.tree_util.register_pytree_node(f, f, f)\n",
    "the arrays of others": "import jax\ndef f(x):\n    jax.live_arrays()[0].delete()\n",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain(text):
    assert is_plain(text)


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_not_plain(text):
    assert not is_plain(text)
