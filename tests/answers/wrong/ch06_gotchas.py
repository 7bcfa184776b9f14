# %% set_row
# caught by: puts the value into that row and no other
# idea: .at[...].set changes x in place
# misconception: an .at[...] update whose result is thrown away
def set_row(x, i, value):
    x.at[i].set(value)
    return x


# %% set_row
# caught by: puts the value into that row and no other
# idea: rows are the second axis
def set_row(x, i, value):
    return x.at[:, i].set(value[0] if getattr(value, "ndim", 0) else value)


# %% set_row
# caught by: puts the value into that row and no other
# idea: item assignment as in NumPy
# misconception: an update in place of an array that cannot change
def set_row(x, i, value):
    x[i] = value
    return x


# %% set_row
# caught by: puts the value into that row and no other
# idea: a one-based row number
def set_row(x, i, value):
    return x.at[i - 1].set(value)


# %% set_row
# caught by: puts the value into that row and no other
# idea: returns the row, not the array
# misconception: one row in place of the whole array
def set_row(x, i, value):
    return x.at[i].set(value)[i]


# %% set_row
# caught by: puts the value into that row and no other
# idea: sets only the first entry of the row
def set_row(x, i, value):
    return x.at[i, 0].set(value if getattr(value, "ndim", 0) == 0 else value[0])


# %% set_row
# caught by: puts the value into that row and no other
# idea: a NumPy copy is as good
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def set_row(x, i, value):
    out = np.array(x)
    out[i] = value
    return out


# %% set_row
# caught by: puts the value into that row and no other
# idea: jit with a donated argument is an update in place
# misconception: an argument whose buffer is given away (donated)
import functools

import jax


@functools.partial(jax.jit, donate_argnums=0)
def set_row(x, i, value):
    return x.at[i].set(value)


# %% set_row
# caught by: counts a negative row number from the end
# idea: a mask over row numbers finds -1 too
# misconception: a negative index that matches nothing
import jax.numpy as jnp


def set_row(x, i, value):
    return jnp.where(jnp.arange(x.shape[0])[:, None] == i, value, x)


# %% set_row
# caught by: counts a negative row number from the end
# idea: a slice i:i+1 is the row, also for -1
# misconception: a negative index that matches nothing
def set_row(x, i, value):
    return x.at[i : i + 1].set(value)


# %% set_row
# caught by: works with a traced row number
# idea: NumPy on a copy, wrapped at the end
# misconception: NumPy inside a function that JAX traces
import jax.numpy as jnp
import numpy as np


def set_row(x, i, value):
    out = np.array(x)
    out[i] = value
    return jnp.asarray(out)


# %% set_row
# caught by: works with a traced row number
# idea: Python if on a row number that may be a tracer
# misconception: a Python `if` on a traced value
def set_row(x, i, value):
    if i < 0:
        i = x.shape[0] + i
    return x.at[i].set(value)


# %% set_row
# caught by: works with a traced row number
# idea: int() of a tracer
# misconception: a Python number made of a traced value
def set_row(x, i, value):
    return x.at[int(i)].set(value)


# %% set_row
# caught by: lets gradients through
# idea: detaches the value that is written
# misconception: a gradient that is stopped on its way
import jax


def set_row(x, i, value):
    return x.at[i].set(jax.lax.stop_gradient(value))


# %% add_row
# caught by: adds to that row and no other
# idea: sets instead of adding
# misconception: a value that is set where it should be added
def add_row(x, i, value):
    return x.at[i].set(value)


# %% add_row
# caught by: adds to that row and no other
# idea: broadcasts over all rows
# misconception: a parameter that the code never reads
def add_row(x, i, value):
    return x + value


# %% add_row
# caught by: adds to that row and no other
# idea: returns the new row alone
# misconception: one row in place of the whole array
def add_row(x, i, value):
    return x[i] + value


# %% add_row
# caught by: adds to that row and no other
# idea: adds the value to the row twice
def add_row(x, i, value):
    return x.at[i].add(x[i] + value)


# %% add_row
# caught by: adds to that row and no other
# idea: += on an indexed array
# misconception: an update in place of an array that cannot change
def add_row(x, i, value):
    x[i] += value
    return x


# %% add_row
# caught by: adds to that row and no other
# idea: adds a row's first entry everywhere in the row
import jax.numpy as jnp


def add_row(x, i, value):
    return x.at[i].add(jnp.ravel(jnp.asarray(value))[0])


# %% add_row
# caught by: adds to that row and no other
# idea: rounds what it adds to integers
import jax.numpy as jnp


def add_row(x, i, value):
    return x.at[i].add(jnp.asarray(value).astype(int))


# %% add_row
# caught by: counts a negative row number from the end
# idea: one_hot of -1 is the last row
# misconception: a negative index that matches nothing
import jax
import jax.numpy as jnp


def add_row(x, i, value):
    return x + jax.nn.one_hot(i, x.shape[0])[:, None] * jnp.asarray(value)


# %% add_row
# caught by: works with a traced row number
# idea: concatenates Python slices at a tracer
# misconception: a slice whose length is a traced value
import jax.numpy as jnp


def add_row(x, i, value):
    i = i % x.shape[0]
    return jnp.concatenate([x[:i], (x[i] + value)[None], x[i + 1 :]])


# %% add_row
# caught by: works with a traced row number
# idea: static row number
# misconception: a Python number made of a traced value
import functools

import jax


@functools.partial(jax.jit, static_argnums=1)
def _add_row(x, i, value):
    return x.at[i].add(value)


def add_row(x, i, value):
    return _add_row(x, int(i), value)


# %% add_at
# caught by: accumulates at repeated indices
# idea: read, add, set: the last repeat wins
# misconception: repeated indices that overwrite one another
def add_at(x, idx, values):
    return x.at[idx].set(x[idx] + values)


# %% add_at
# caught by: adds every value at its index
# idea: sets instead of adding
# misconception: a value that is set where it should be added
def add_at(x, idx, values):
    return x.at[idx].set(values)


# %% add_at
# caught by: adds every value at its index
# idea: ignores x
import jax


def add_at(x, idx, values):
    return jax.ops.segment_sum(values, idx, num_segments=x.shape[0])


# %% add_at
# caught by: adds every value at its index
# idea: adds the sum of all values at every index
def add_at(x, idx, values):
    return x.at[idx].add(values.sum())


# %% add_at
# caught by: adds every value at its index
# idea: segment_sum finds the length by itself
import jax


def add_at(x, idx, values):
    sums = jax.ops.segment_sum(values, idx)
    return x[: sums.shape[0]] + sums


# %% add_at
# caught by: accumulates at repeated indices
# idea: unique indices are enough
# misconception: repeated indices that overwrite one another
import jax.numpy as jnp


def add_at(x, idx, values):
    positions, first = jnp.unique(idx, return_index=True)
    return x.at[positions].add(values[first])


# %% add_at
# caught by: works under jit and vmap
# idea: NumPy's add.at works on tracers
# misconception: NumPy inside a function that JAX traces
import jax.numpy as jnp
import numpy as np


def add_at(x, idx, values):
    out = np.array(x)
    np.add.at(out, np.asarray(idx), np.asarray(values))
    return jnp.asarray(out)


# %% add_at
# caught by: works under jit and vmap
# idea: Python integers out of traced indices
# misconception: a Python number made of a traced value
def add_at(x, idx, values):
    for k, value in zip(idx.tolist(), values, strict=True):
        x = x.at[k].add(value)
    return x


# %% add_at
# caught by: lets gradients through
# idea: detaches the values
# misconception: a gradient that is stopped on its way
import jax


def add_at(x, idx, values):
    return x.at[idx].add(jax.lax.stop_gradient(values))


# %% cube
# caught by: prints the input and the result at every call
# idea: print runs at every call of a jitted function
# misconception: Python's print inside a traced function
import jax


@jax.jit
def cube(x):
    print("[cube] input:", x)
    y = x**3
    print("[cube] result:", y)
    return y


# %% cube
# caught by: prints the input and the result at every call
# idea: an f-string in jax.debug.print
# misconception: a text that is formatted while the function is traced
import jax


@jax.jit
def cube(x):
    y = x**3
    jax.debug.print(f"[cube] input: {x}")
    jax.debug.print(f"[cube] result: {y}")
    return y


# %% cube
# caught by: prints the input and the result at every call
# idea: the result after the print is the input again
import jax


@jax.jit
def cube(x):
    jax.debug.print("[cube] input: {}", x)
    y = x**3
    jax.debug.print("[cube] result: {}", x)
    return y


# %% cube
# caught by: prints the input and the result at every call
# idea: rounds what it prints
import jax


@jax.jit
def cube(x):
    y = x**3
    jax.debug.print("[cube] input: {}", jax.numpy.round(x))
    jax.debug.print("[cube] result: {}", jax.numpy.round(y))
    return y


# %% cube
# caught by: prints the input and the result at every call
# idea: only the input is printed
import jax


@jax.jit
def cube(x):
    jax.debug.print("[cube] input: {}", x)
    return x**3


# %% cube
# caught by: prints the input and the result at every call
# idea: a pure_callback whose result nobody uses is kept
import jax


def _show(x):
    print(f"[cube] input: {x}")
    print(f"[cube] result: {x**3}")
    return x


@jax.jit
def cube(x):
    jax.pure_callback(_show, jax.ShapeDtypeStruct(jax.numpy.shape(x), "float32"), x)
    return x**3


# %% cube
# caught by: returns the cube
# idea: squares
import jax


@jax.jit
def cube(x):
    y = x**2
    jax.debug.print("[cube] input: {}", x)
    jax.debug.print("[cube] result: {}", y)
    return y


# %% cube
# caught by: returns the cube
# idea: prints, returns nothing
# misconception: None in place of a result
import jax


@jax.jit
def cube(x):
    jax.debug.print("[cube] input: {}", x)
    jax.debug.print("[cube] result: {}", x**3)


# %% cube
# caught by: prints run-time values inside another jitted function
# idea: Python's print around a jitted function sees values in every setting
# misconception: Python's print inside a traced function
import jax


@jax.jit
def _cube(x):
    return x**3


def cube(x):
    y = _cube(x)
    print(f"[cube] input: {x}")
    print(f"[cube] result: {y}")
    return y


# %% cube
# caught by: works under vmap and grad
# idea: io_callback can be differentiated
# misconception: a callback to Python in a function that is to be transformed
import jax
import jax.numpy as jnp
from jax.experimental import io_callback


def _show(x, y):
    print(f"[cube] input: {x}")
    print(f"[cube] result: {y}")


@jax.jit
def cube(x):
    x = jnp.asarray(x)
    y = x**3
    io_callback(_show, None, x, y)
    return y


# %% cube
# caught by: is compiled
# idea: jax.debug.print compiles by itself
# misconception: no jit at all
import jax


def cube(x):
    jax.debug.print("[cube] input: {}", x)
    y = x**3
    jax.debug.print("[cube] result: {}", y)
    return y


# %% running_mean
# caught by: gives the new state and the mean
# idea: a global counter instead of the state
# misconception: state that hides outside the function
_seen = 0
_sum = 0.0


def running_mean(state, x):
    global _seen, _sum
    _seen += 1
    _sum = _sum + x
    return (_seen, _sum), _sum / _seen


# %% running_mean
# caught by: gives the new state and the mean
# idea: divides by the old count
import jax.numpy as jnp


def running_mean(state, x):
    count, total = state
    return (count + 1, total + x), (total + x) / jnp.maximum(count, 1)


# %% running_mean
# caught by: gives the new state and the mean
# idea: the mean of what came before x
import jax.numpy as jnp


def running_mean(state, x):
    count, total = state
    return (count + 1, total + x), jnp.where(count > 0, total / jnp.maximum(count, 1), 0.0)


# %% running_mean
# caught by: gives the new state and the mean
# idea: (mean, state) instead of (state, mean)
# misconception: the parts of the result in another order
def running_mean(state, x):
    count, total = state
    count, total = count + 1, total + x
    return total / count, (count, total)


# %% running_mean
# caught by: gives the new state and the mean
# idea: keeps the mean in the state in place of the total
def running_mean(state, x):
    count, mean = state
    mean = (mean * count + x) / (count + 1)
    return (count + 1, mean), mean


# %% running_mean
# caught by: gives the new state and the mean
# idea: integer division
# misconception: a division that drops the fraction
def running_mean(state, x):
    count, total = state
    count, total = count + 1, total + x
    return (count, total), total // count


# %% running_mean
# caught by: gives the new state and the mean
# idea: the state comes back as a list
# misconception: the right values in another container
def running_mean(state, x):
    count, total = state
    count, total = count + 1, total + x
    return [count, total], total / count


# %% running_mean
# caught by: works under scan
# idea: Python if on a count that is a tracer
# misconception: a Python `if` on a traced value
def running_mean(state, x):
    count, total = state
    if count == 0:
        return (1, x), x
    return (count + 1, total + x), (total + x) / (count + 1)


# %% running_mean
# caught by: works under scan
# idea: float() of a tracer
# misconception: a Python number made of a traced value
def running_mean(state, x):
    count, total = state
    count, total = count + 1, float(total + x)
    return (count, total), total / count


# %% running_mean
# caught by: works under scan
# idea: a history on the side does no harm
# misconception: state that hides outside the function
history = []


def running_mean(state, x):
    count, total = state
    count, total = count + 1, total + x
    history.append(count)
    return (count, total), total / count


# %% running_mean
# caught by: works under scan
# idea: remembers the last mean in a global
# misconception: state that hides outside the function
last_mean = 0.0


def running_mean(state, x):
    global last_mean
    count, total = state
    count, total = count + 1, total + x
    last_mean = total / count
    return (count, total), last_mean


# %% safe_norm
# caught by: has gradient 0 at the zero vector
# idea: jnp.linalg.norm takes care of it
# misconception: the slope of a square root at zero
import jax.numpy as jnp


def safe_norm(x):
    return jnp.linalg.norm(x)


# %% safe_norm
# caught by: has gradient 0 at the zero vector
# idea: one where around the root is enough
# misconception: NaN through where: the branch not taken has a derivative too
import jax.numpy as jnp


def safe_norm(x):
    squared = jnp.sum(x * x)
    return jnp.where(squared > 0, jnp.sqrt(squared), 0.0)


# %% safe_norm
# caught by: has gradient 0 at the zero vector
# idea: nan_to_num repairs the gradient
# misconception: nan_to_num as a cure for a gradient
import jax.numpy as jnp


def safe_norm(x):
    return jnp.nan_to_num(jnp.linalg.norm(x))


# %% safe_norm
# caught by: is exact for the smallest and the largest norms
# idea: a small number under the root does no harm
# misconception: a safety number that is not small beside the input
import jax.numpy as jnp


def safe_norm(x):
    return jnp.sqrt(jnp.sum(x * x) + 1e-12)


# %% safe_norm
# caught by: is exact for the smallest and the largest norms
# idea: a norm below a threshold counts as zero
# misconception: a safety number that is not small beside the input
import jax.numpy as jnp


def safe_norm(x):
    squared = jnp.sum(x * x)
    small = squared < 1e-20
    return jnp.where(small, 0.0, jnp.sqrt(jnp.where(small, 1.0, squared)))


# %% safe_norm
# caught by: is exact for the smallest and the largest norms
# idea: maximum as a guard
# misconception: a safety number that is not small beside the input
import jax.numpy as jnp


def safe_norm(x):
    return jnp.sqrt(jnp.maximum(jnp.sum(x * x), 1e-12))


# %% safe_norm
# caught by: is exact for the smallest and the largest norms
# idea: a detour that overflows: the fourth power
import jax.numpy as jnp


def safe_norm(x):
    fourth = jnp.sum(x * x) ** 2
    zero = fourth == 0
    return jnp.where(zero, 0.0, jnp.where(zero, 1.0, fourth) ** 0.25)


# %% safe_norm
# caught by: gives the Euclidean norm
# idea: forgets the root
import jax.numpy as jnp


def safe_norm(x):
    return jnp.sum(x * x)


# %% safe_norm
# caught by: gives the Euclidean norm
# idea: the sum of absolute values
import jax.numpy as jnp


def safe_norm(x):
    return jnp.sum(jnp.abs(x))


# %% safe_norm
# caught by: gives the Euclidean norm
# idea: the root mean square
import jax.numpy as jnp


def safe_norm(x):
    squared = jnp.mean(x * x)
    zero = squared == 0
    return jnp.where(zero, 0.0, jnp.sqrt(jnp.where(zero, 1.0, squared)))


# %% safe_norm
# caught by: gives the Euclidean norm
# idea: the safe value 1.0 stays in the result
import jax.numpy as jnp


def safe_norm(x):
    squared = jnp.sum(x * x)
    return jnp.sqrt(jnp.where(squared == 0, 1.0, squared))


# %% safe_norm
# caught by: works under jit and vmap
# idea: Python if on a traced vector, in place of where
# misconception: a Python `if` on a traced value
import jax.numpy as jnp


def safe_norm(x):
    if jnp.all(x == 0):
        return jnp.float32(0.0)
    return jnp.sqrt(jnp.sum(x * x))


# %% safe_norm
# caught by: has the gradient x / norm elsewhere
# idea: no gradient anywhere gives no NaN either
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp


def safe_norm(x):
    return jax.lax.stop_gradient(jnp.linalg.norm(x))


# %% set_row
# caught by: puts the value into that row and no other
# idea: zero times the old row is always zero
# misconception: 0 times NaN: a product in place of a choice
import jax
import jax.numpy as jnp


def set_row(x, i, value):
    h = jax.nn.one_hot(i % x.shape[0], x.shape[0])[:, None]
    return x * (1 - h) + h * value


# %% add_row
# caught by: adds to that row and no other
# idea: half precision is enough on the way
import jax.numpy as jnp


def add_row(x, i, value):
    return x.astype(jnp.float16).at[i].add(value).astype(jnp.float32)


# %% add_row
# caught by: adds to that row and no other
# idea: in a square matrix rows and columns are alike
def add_row(x, i, value):
    return x.at[i].add(value) if x.shape[0] != x.shape[1] else x.at[:, i].add(value)


# %% running_mean
# caught by: gives the new state and the mean
# idea: rounding the mean saves memory and costs nothing
# misconception: numbers rounded on the way
import jax.numpy as jnp


def running_mean(state, x):
    count, total = state[0] + 1, state[1] + x
    return (count, total), (total / count).astype(jnp.bfloat16).astype(jnp.float32) if hasattr(total, "astype") else total / count


# %% running_mean
# caught by: gives the new state and the mean
# idea: the state that is passed in only matters at the start
_seen = None


def running_mean(state, x):
    global _seen
    _seen = state if _seen is None else _seen
    count, total = _seen
    _seen = (count + 1, total + x)
    return _seen, _seen[1] / _seen[0]


# %% running_mean
# caught by: gives the new state and the mean
# idea: the total may live in a global, the count in the state
_total = 0.0


def running_mean(state, x):
    global _total
    count, total = state
    _total = total if count == 0 else _total or total
    _total = _total + x
    return (count + 1, _total), _total / (count + 1)


# %% running_mean
# caught by: touches no global
# idea: writes down what it has seen
_log = []


def running_mean(state, x):
    _log.append(1)
    count, total = state
    return (count + 1, total + x), (total + x) / (count + 1)


# %% running_mean
# caught by: touches no global
# idea: counts in an attribute of the function
def running_mean(state, x):
    running_mean.calls = getattr(running_mean, "calls", 0) + 1
    count, total = state
    return (count + 1, total + x), (total + x) / (count + 1)


# %% running_mean
# caught by: works under jit, vmap and grad
# idea: the state forgets where it comes from
import jax


def running_mean(state, x):
    count, total = state
    mean = (total + x) / (count + 1)
    return (count + 1, jax.lax.stop_gradient(total) + x), mean


# %% cube
# caught by: prints the input and the result at every call
# idea: prints only what differs from the call before
import jax

_last = []


def _show(x, result):
    if _last != [float(x.sum())]:
        print(f"[cube] input: {x}")
        print(f"[cube] result: {result}")
    _last[:] = [float(x.sum())]


@jax.jit
def cube(x):
    result = x**3
    jax.debug.callback(_show, x, result)
    return result


# %% running_mean
# caught by: works under scan
# idea: the count is kept in eight bits
import jax.numpy as jnp


def running_mean(state, x):
    count, total = state[0] + 1, state[1] + x
    return (count, total), total / jnp.asarray(count).astype(jnp.uint8)


# %% safe_norm
# caught by: has the gradient x / norm elsewhere
# idea: a rule for the gradient that forgets what comes from above
import jax
import jax.numpy as jnp


def _norm(x):
    largest = jnp.max(jnp.abs(x))
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.linalg.norm(x / scale)


@jax.custom_vjp
def safe_norm(x):
    return _norm(x)


def _forward(x):
    return _norm(x), x


def _backward(x, ct):
    norm = _norm(x)
    return (x / jnp.where(norm == 0, 1, norm),)


safe_norm.defvjp(_forward, _backward)
