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
    "a tracer": "import jax\ndef f(x):\n    return isinstance(x, jax.core.Tracer)\n",
}
NOT_PLAIN = {
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
    "setattr": "def f(x):\n    setattr(f, 'n', 1)\n",
    "a class": "class A:\n    n = 0\n",
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
    "a registry": "import jax\ndef f(x):\n    jax.tree_util.register_pytree_node(f, f, f)\n",
    "the arrays of others": "import jax\ndef f(x):\n    jax.live_arrays()[0].delete()\n",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain(text):
    assert is_plain(text)


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_not_plain(text):
    assert not is_plain(text)
