"""Checks of chapter 7: splittable random numbers.

Where the numbers themselves are free, their distribution over thousands of keys is judged, in one
compiled program. Every bound below turns down a correct answer with a chance of at most ALARM, and
all of them together with less than 1e-6.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np

from grader.checks import check
from grader.matrix import FORWARD
from grader.worker import toolbox

ALARM = 1e-8
KEYS = 4096
MEDIAN = 0.67449  # of the size of a standard normal

ONE_KEY_ONE_USE = "Split a key before its first use, then use only its children, each of them once."
REUSE = (
    f"{ONE_KEY_ONE_USE} A loop of JAX's may not pick keys[i]: map over the keys or scan over them."
)
RAW_KEYS = "`split`, `fold_in` and the samplers take both kinds; there is no need to look inside."
TRACED = "A traced key has no value in Python: no float(), no int(), no NumPy on what is drawn."
PURE = "All randomness has to come from the key that is passed in."


def band(samples, comparisons=1):
    """How far a share of `samples` independent events strays from its probability.

    By Hoeffding's inequality further than this with a chance of at most ALARM, all comparisons
    together; by the inequality of Dvoretzky, Kiefer and Wolfowitz (with Massart's constant) the
    same number bounds the whole empirical distribution function.
    """
    return math.sqrt(math.log(2 * comparisons / ALARM) / (2 * samples))


def distance_to_normal(samples):
    """The largest distance between the samples' distribution function and the standard normal's."""
    ordered = np.sort(np.asarray(samples, np.float64).ravel())
    normal = np.array([0.5 * math.erfc(-x / math.sqrt(2)) for x in ordered])
    steps = np.arange(len(ordered) + 1) / len(ordered)
    return max(np.abs(normal - steps[1:]).max(), np.abs(normal - steps[:-1]).max())


def demand_normals(result, columns):
    """Each of the columns is standard normal, and no two of them are correlated."""
    for i, column in enumerate(columns):
        distance = distance_to_normal(column)
        result.demand(
            distance <= band(KEYS, len(columns)),
            f"Over {KEYS} keys, draw {i} is not distributed like a standard normal.",
            evidence=f"mean {column.mean():.3f}, standard deviation {column.std():.3f}",
            hint="`jax.random.normal` draws with mean 0 and standard deviation 1.",
        )
        # Chernoff again, for the mean of 4096 squares: chances of 6e-9 below and 1e-8 above.
        result.demand(
            0.87 <= (column**2).mean() <= 1.14,
            f"Over {KEYS} keys, draw {i} is not spread like a standard normal.",
            evidence=f"standard deviation {column.std():.3f}, expected about 1",
            hint="`jax.random.normal` draws with mean 0 and standard deviation 1.",
        )
        # All of them within 2.5 with a chance of 4e-23.
        result.demand(
            np.abs(column).max() > 2.5,
            f"Over {KEYS} keys, draw {i} has no tails: every number is within {np.abs(column).max():.2f}.",
            hint="A standard normal leaves [-2.5, 2.5] once in 80 draws: nothing is clipped.",
        )
    for i, first in enumerate(columns):
        for j, second in enumerate(columns[:i]):
            # Chernoff: the mean of 4096 products of independent normals leaves [-0.1, 0.1] with a
            # chance of 2 * exp(-4096 * 0.00497) = 3e-9.
            correlation = float((first * second).mean())
            result.demand(
                abs(correlation) <= 0.1,
                f"Draws {j} and {i} depend on one another.",
                evidence=f"correlation over {KEYS} keys: {correlation:.3f}, expected about 0",
                hint=ONE_KEY_ONE_USE,
            )
            # Half of all normals are within MEDIAN of 0.
            alike = ((np.abs(first) < MEDIAN) == (np.abs(second) < MEDIAN)).mean()
            result.demand(
                abs(alike - 0.5) <= band(KEYS),
                f"The sizes of draws {j} and {i} depend on one another.",
                evidence=f"both small or both large: {alike:.3f} of {KEYS} keys, expected about 0.5",
                hint=ONE_KEY_ONE_USE,
            )


def keys_of(maker, seeds):
    """The keys of the seeds, made by jax.random.key or jax.random.PRNGKey."""
    return [getattr(jax.random, maker)(seed) for seed in seeds]


def demand_repeats(answer, draws, *args):
    """`draws(m, maker, seeds, *args)` gives what comes of `keys_of(maker, seeds)`: one key, it again, another."""
    for maker in ("key", "PRNGKey"):
        result = answer(draws, maker, [1, 1, 2], *args)
        first, again, other = ([np.asarray(leaf) for leaf in leaves(v)] for v in result.value)
        result.demand(
            all(map(np.array_equal, first, again)),
            "The same key gave two different results.",
            hint=PURE,
        )
        result.demand(
            not all(map(np.array_equal, first, other)),
            "Two different keys gave the same result.",
            hint=PURE,
        )


def leaves(value):
    return [x for v in value for x in leaves(v)] if isinstance(value, list | tuple) else [value]


def watched(f, key):
    """The shapes of f(key); raises if JAX's key-reuse checker finds a key that is used twice.

    Under a trace the checker takes keys[i] for all of the keys where i is an array. What it calls
    reuse there, and not for the same keys outside a trace, is none.
    """
    with jax.debug_key_reuse(True):
        try:
            return jax.eval_shape(f, key)
        except jax.errors.KeyReuseError as traced:
            try:
                jax.block_until_ready(f(key))
            except jax.errors.KeyReuseError:
                raise traced from None
            return None


# --- two_draws -------------------------------------------------------------------------------


@check(
    "two_draws",
    "returns a pair of arrays of shape (1,)",
    hint="A tuple of two arrays: normal(key, (1,)) draws one of shape (1,), normal(key) a 0-d one.",
)
def test_two_draws_form(both):
    # Zeros, since only the form is compared: the numbers are free.
    both(lambda m, seed: jax.tree.map(jnp.zeros_like, m.two_draws(jax.random.key(seed))), 0).agree()


@check("two_draws", "takes raw keys too", hint=RAW_KEYS)
def test_two_draws_raw(both):
    both(
        lambda m, seed: jax.tree.map(jnp.zeros_like, m.two_draws(jax.random.PRNGKey(seed))), 0
    ).agree()


@check("two_draws", "repeats itself for one key and differs for another")
def test_two_draws_repeats(answer):
    demand_repeats(
        answer, lambda m, maker, seeds: [m.two_draws(key) for key in keys_of(maker, seeds)]
    )


@check("two_draws", "works under every transformation", kind="transform", hint=TRACED)
def test_two_draws_matrix(matrix):
    matrix(
        lambda m, seed: jax.tree.map(jnp.zeros_like, m.two_draws(jax.random.key(seed))),
        np.uint32(0),
        rows=FORWARD,
    )


@check("two_draws", "makes independent standard normals, under jit and vmap", kind="transform")
def test_two_draws_distribution(answer):
    result = answer(
        lambda m, seed, count: jax.jit(jax.vmap(m.two_draws))(
            jax.random.split(jax.random.key(seed), count)
        ),
        3,
        KEYS,
    )
    demand_normals(result, [draw[:, 0] for draw in result.value])


@check("two_draws", "uses every key once", kind="structure", hint=REUSE)
def test_two_draws_reuse(answer):
    def checked(m, seed):
        """two_draws(random.key(seed)) under JAX's key-reuse checker."""
        return watched(m.two_draws, jax.random.key(seed))

    answer(checked, 0)


# --- draw_many -------------------------------------------------------------------------------


@check(
    "draw_many",
    "returns n numbers, none for n = 0",
    hint="One vector of shape (n,): a 0-d number from each of n subkeys, also where n is 0.",
)
def test_draw_many_form(both):
    for n in (4, 1, 0):
        both(
            lambda m, seed, n: jax.tree.map(jnp.zeros_like, m.draw_many(jax.random.key(seed), n)),
            0,
            n,
        ).agree()


@check("draw_many", "takes raw keys too", hint=RAW_KEYS)
def test_draw_many_raw(both):
    both(
        lambda m, seed: jax.tree.map(jnp.zeros_like, m.draw_many(jax.random.PRNGKey(seed), 4)), 0
    ).agree()


@check("draw_many", "repeats itself for one key and differs for another")
def test_draw_many_repeats(answer):
    demand_repeats(
        answer, lambda m, maker, seeds: [m.draw_many(key, 4) for key in keys_of(maker, seeds)]
    )


@check("draw_many", "works under every transformation", kind="transform", hint=TRACED)
def test_draw_many_matrix(matrix):
    matrix(
        lambda m, seed: jnp.zeros_like(m.draw_many(jax.random.key(seed), 3)),
        np.uint32(0),
        rows=FORWARD,
    )


@check("draw_many", "draws independent standard normals, under jit and vmap", kind="transform")
def test_draw_many_distribution(answer):
    result = answer(
        lambda m, seed, count: jax.jit(jax.vmap(lambda key: m.draw_many(key, 3)))(
            jax.random.split(jax.random.key(seed), count)
        ),
        4,
        KEYS,
    )
    demand_normals(result, list(result.value.T))


@check("draw_many", "draws every number from its own subkey", kind="structure")
def test_draw_many_subkeys(answer):
    def keys_used(m, n):
        """How many different keys reach the sampler in draw_many(key, n)."""
        recorder = toolbox.recording_keys(0)
        jax.block_until_ready(m.draw_many(recorder.key, n))
        return recorder.count()

    result = answer(keys_used, 7)
    result.demand(
        result.value >= 7,
        f"The sampler saw {result.value} different key(s) for 7 draws.",
        hint="Split the key into n subkeys, and draw one number from each of them.",
    )


@check("draw_many", "uses every key once", kind="structure", hint=REUSE)
def test_draw_many_reuse(answer):
    def checked(m, seed):
        """draw_many(random.key(seed), 4) under JAX's key-reuse checker."""
        return watched(lambda key: m.draw_many(key, 4), jax.random.key(seed))

    answer(checked, 0)


# --- randint_chain ---------------------------------------------------------------------------


@check(
    "randint_chain",
    "gives the digits of the slides",
    hint="Split, keep the first key for the next round, draw from the second: n times.",
)
def test_randint_chain_values(both):
    for seed, n in ((0, 5), (7, 2)):
        both(lambda m, seed, n: m.randint_chain(jax.random.key(seed), n), seed, n).agree()


@check(
    "randint_chain",
    "draws five digits by default, n by name",
    hint="Keep the signature of the stub: n has the default 5.",
)
def test_randint_chain_default(both):
    both(lambda m, seed: m.randint_chain(jax.random.key(seed)), 1).agree()
    both(lambda m, seed: m.randint_chain(jax.random.key(seed), n=2), 1).agree()


@check("randint_chain", "takes raw keys too", hint=RAW_KEYS)
def test_randint_chain_raw(both):
    both(lambda m, seed: m.randint_chain(jax.random.PRNGKey(seed)), 2).agree()


@check(
    "randint_chain",
    "works under jit and vmap",
    kind="transform",
    hint="The digits may be traced: collect them with `jnp.array` or `jnp.stack`, without `int()`.",
)
def test_randint_chain_transforms(matrix):
    matrix(lambda m, seed: m.randint_chain(jax.random.key(seed)), np.uint32(3), rows=FORWARD)


@check("randint_chain", "uses every key once", kind="structure", hint=REUSE)
def test_randint_chain_reuse(answer):
    def checked(m, seed):
        """randint_chain(random.key(seed)) under JAX's key-reuse checker."""
        return watched(m.randint_chain, jax.random.key(seed))

    answer(checked, 0)


# --- dropout ---------------------------------------------------------------------------------

X = np.float32([[1, -2, 0.5, 8, -0.25, 3], [4, 1.5, -6, 2, 0.125, -1]])


def filled(m, seed, x, rate):
    """dropout(random.key(seed), x, rate), its zeros filled in with x / (1 - rate)."""
    out = m.dropout(jax.random.key(seed), x, rate)
    return jnp.where(out == 0, x / (1 - rate), out)


@check(
    "dropout",
    "scales by 1 / (1 - rate) what it does not zero",
    hint="Divide what stays by 1 - rate; what goes is exactly 0.",
)
def test_dropout_values(both):
    for seed, x, rate in ((0, X, 0.5), (1, X, 0.25), (2, X[0], 0.8)):
        both(filled, seed, x, rate).agree()


@check(
    "dropout",
    "returns x at rate 0",
    hint="At rate 0 everything stays: `bernoulli(key, p)` is True with probability p, and which p is "
    "yours?",
)
def test_dropout_zero(both):
    for x, rate in ((X, 0.0), (np.arange(1, 3000, dtype=np.float32), 0.0)):
        both(lambda m, seed, x, rate: m.dropout(jax.random.key(seed), x, rate), 0, x, rate).agree()


@check("dropout", "takes raw keys too", hint=RAW_KEYS)
def test_dropout_raw(both):
    both(
        lambda m, seed, x: jnp.zeros_like(m.dropout(jax.random.PRNGKey(seed), x, 0.5)), 0, X
    ).agree()


@check("dropout", "repeats itself for one key and differs for another")
def test_dropout_repeats(answer):
    demand_repeats(
        answer,
        lambda m, maker, seeds, x: [m.dropout(key, x, 0.5) for key in keys_of(maker, seeds)],
        np.ones((8, 8), np.float32),  # two masks of 64 agree with a chance of 5e-20
    )


@check(
    "dropout",
    "works under jit, vmap and grad",
    kind="transform",
    hint="Decide with `jnp.where` or a product; boolean indexing needs values that a trace lacks.",
)
def test_dropout_transforms(matrix):
    # Which entries go is free; filled in, their values and their slopes are known.
    matrix(lambda m, seed, x: filled(m, seed, x, 0.5), np.uint32(3), X)


@check("dropout", "zeroes the share rate of the entries and preserves the mean", kind="transform")
def test_dropout_share(answer):
    def shares(m, seed, size, rate, count):
        """For count keys: the share of zeros in dropout(key, x, rate), and its mean."""
        x = jnp.linspace(0.5, 1.5, size**2).reshape(size, size)
        keys = jax.random.split(jax.random.key(seed), count)
        out = jax.jit(jax.vmap(lambda key: m.dropout(key, x, rate)))(keys)
        return (out == 0).mean((1, 2)), out.mean((1, 2))

    size, count = 128, 32
    for rate in (0.3, 0.9, 0.97):
        result = answer(shares, 5, size, rate, count)
        zeros, means = result.value
        worst = zeros[np.abs(zeros - rate).argmax()]
        result.demand(
            abs(worst - rate) <= band(size**2, count),
            f"Not every entry is zeroed with probability {rate}, on its own.",
            evidence=f"share of zeros among {size**2} entries: {worst:.4f}, expected about {rate}",
            hint="Draw one decision for each entry, with the shape of x; rate is the share that goes.",
        )
        # A bound of four standard errors would turn down 1 in 16,000 correct answers; Hoeffding's
        # bound for the mean over all keys is seven of them.
        spread = math.sqrt((np.linspace(0.5, 1.5, size**2) ** 2).mean()) / (1 - rate)
        result.demand(
            abs(means.mean() - 1) <= spread * band(size**2 * count),
            f"The mean is not preserved at rate {rate}.",
            evidence=f"mean over {count} keys: {means.mean():.4f}, of x: 1",
            hint="Which entries go may not depend on their values.",
        )


@check("dropout", "zeroes each entry with probability rate, whatever its value", kind="transform")
def test_dropout_entries(answer):
    def shares(m, seed, x, rate, count):
        """For each entry of x: how often it is zero in dropout(key, x, rate), over count keys."""
        keys = jax.random.split(jax.random.key(seed), count)
        return (jax.jit(jax.vmap(lambda key: m.dropout(key, x, rate)))(keys) == 0).mean(0)

    x, rate = np.float32([-2, 0.5, 3]), 0.25
    result = answer(shares, 8, x, rate, 2 * KEYS)
    result.demand(
        np.abs(result.value - rate).max() <= band(2 * KEYS, len(x)),
        f"Not every entry of {x.tolist()} is zeroed with probability {rate}.",
        evidence=f"shares of zeros: {np.round(result.value, 3)}",
        hint="Decide for every entry by itself: no fixed number of zeros, no look at the values.",
    )


@check("dropout", "uses every key once", kind="structure", hint=REUSE)
def test_dropout_reuse(answer):
    def checked(m, seed, x):
        """dropout(random.key(seed), x, 0.5) under JAX's key-reuse checker."""
        return watched(lambda key: m.dropout(key, x, 0.5), jax.random.key(seed))

    answer(checked, 0, X)


# --- bootstrap_means -------------------------------------------------------------------------

THREES = np.full(7, 3, np.float32)


@check(
    "bootstrap_means",
    "returns n means",
    hint="A vector of shape (n,): the mean of len(x) entries of x, n times.",
)
def test_bootstrap_form(both):
    # All entries are equal, so the mean of every resample is known.
    both(lambda m, seed, x: m.bootstrap_means(jax.random.key(seed), x, 4), 0, THREES).agree()


@check("bootstrap_means", "takes raw keys too", hint=RAW_KEYS)
def test_bootstrap_raw(both):
    both(lambda m, seed, x: m.bootstrap_means(jax.random.PRNGKey(seed), x, 4), 0, THREES).agree()


POWERS = np.float32([1, 2, 4, 8, 16, 32, 64])  # every resample has a mean of its own


@check("bootstrap_means", "draws with replacement")
def test_bootstrap_replacement(answer):
    result = answer(lambda m, seed, x: m.bootstrap_means(jax.random.key(seed), x, 4), 0, POWERS)
    # A resample holds every entry once with a chance of 7! / 7**7, four of them 1e-9.
    result.demand(
        np.abs(result.value - POWERS.mean()).max() > 0.1,
        "Every resample has the mean of x itself.",
        evidence=f"got       {result.value}",
        hint="With replacement, some entries come up twice and others not at all.",
    )


@check("bootstrap_means", "repeats itself for one key and differs for another")
def test_bootstrap_repeats(answer):
    demand_repeats(
        answer,
        lambda m, maker, seeds, x: [m.bootstrap_means(key, x, 4) for key in keys_of(maker, seeds)],
        POWERS,
    )


@check("bootstrap_means", "works under every transformation", kind="transform", hint=TRACED)
def test_bootstrap_matrix(matrix):
    # All entries are equal, so the mean of every resample is known, and so is its slope.
    matrix(
        lambda m, seed, c: m.bootstrap_means(jax.random.key(seed), jnp.full(7, c), 4),
        *(np.uint32(0), np.float32(1.5)),
    )


@check("bootstrap_means", "resamples len(x) entries, under jit, vmap and grad", kind="transform")
def test_bootstrap_distribution(answer):
    def means_and_slopes(m, seed, x, count):
        """bootstrap_means(key, x, 2) and the sum of its gradient in x, for count keys."""

        def one(key):
            def total(x):
                means = m.bootstrap_means(key, x, 2)
                return means.sum(), means

            slope, means = jax.grad(total, has_aux=True)(x)
            return means, slope.sum()

        return jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(seed), count))

    result = answer(means_and_slopes, 6, np.float32([1, 0, 0, 0, 0, 0, 1]), KEYS)
    means, slopes = result.value
    ones = 7 * means.astype(np.float64)
    result.demand(
        np.abs(ones - ones.round()).max() < 1e-3,
        "Means of 7 entries that are 0 or 1 are multiples of 1/7; these are not.",
        evidence=f"one of the means: {means.ravel()[np.abs(ones - ones.round()).argmax()]:.4f}",
        hint="A resample has as many entries as x.",
    )
    # The number of ones in a resample is binomial, with 7 trials of probability 2/7.
    chances = [math.comb(7, k) * (2 / 7) ** k * (5 / 7) ** (7 - k) for k in range(8)]
    for column in ones.round().T:
        counts = np.array([(column == k).mean() for k in range(8)])
        result.demand(
            np.abs(np.cumsum(counts) - np.cumsum(chances)).max() <= band(KEYS, 2),
            "The resamples are not those of len(x) picks, each of them any entry of x.",
            evidence="shares of the resamples with 0, 1, 2, 3 ones: "
            f"{counts[:4].round(3)}, expected about {np.round(chances[:4], 3)}",
            hint="Every pick may be any entry: the first, the last, one that was picked before.",
        )
    few, likely = (ones.round() <= 1).all(axis=1).mean(), sum(chances[:2]) ** 2
    result.demand(
        abs(few - likely) <= band(KEYS),
        "The two means depend on one another.",
        evidence=f"share of the pairs with at most a single one in both: {few:.3f}, expected about {likely:.3f}",
        hint=ONE_KEY_ONE_USE,
    )
    # Every mean has weights that sum to 1, whichever entries were drawn.
    result.demand(
        np.allclose(slopes, 2, rtol=1e-4),
        "The gradient of two means in x does not sum to 2.",
        evidence=f"sums of the gradient: {slopes[:4]}",
    )


@check("bootstrap_means", "draws every resample from its own subkey", kind="structure")
def test_bootstrap_subkeys(answer):
    def keys_used(m, x, n):
        """How many different keys reach the sampler in bootstrap_means(key, x, n)."""
        recorder = toolbox.recording_keys(0)
        jax.block_until_ready(m.bootstrap_means(recorder.key, x, n))
        return recorder.count()

    one, result = answer(keys_used, THREES, 1).value, answer(keys_used, THREES, 4)
    # A resample may take several keys of its own, and one more may have gone into making them all.
    result.demand(
        result.value >= 4 and result.value - one >= 3 * (one - 1),
        f"The sampler saw {result.value} different key(s) for 4 resamples, {one} for a single one.",
        hint="Split the key into n subkeys, and draw one resample from each of them.",
    )


@check("bootstrap_means", "has a program that does not grow with n", kind="structure")
def test_bootstrap_size(answer):
    key = np.uint32(0)
    answer.constant_size(
        lambda m, seed, x, n: m.bootstrap_means(jax.random.key(seed), x, n),
        (key, THREES, 3),
        (key, THREES, 30),
        "n",
        hint="Write the mean of one resample as a function of one key, and map it over the keys.",
    )


@check("bootstrap_means", "uses every key once", kind="structure", hint=REUSE)
def test_bootstrap_reuse(answer):
    def checked(m, seed, x):
        """bootstrap_means(random.key(seed), x, 4) under JAX's key-reuse checker."""
        return watched(lambda key: m.bootstrap_means(key, x, 4), jax.random.key(seed))

    answer(checked, 0, THREES)


# --- epoch_orders ----------------------------------------------------------------------------


@check(
    "epoch_orders",
    "gives a permutation in every row",
    hint="One row for each epoch: permutation(subkey, n_items) gives 0 .. n_items - 1, each once.",
)
def test_epoch_orders_rows(both):
    for items in (7, 300):  # 300 is more than a byte can count
        both(
            lambda m, seed, items: jnp.sort(m.epoch_orders(jax.random.key(seed), items, 3), axis=1),
            *(0, items),
        ).agree()


@check("epoch_orders", "takes raw keys too", hint=RAW_KEYS)
def test_epoch_orders_raw(both):
    both(
        lambda m, seed: jnp.sort(m.epoch_orders(jax.random.PRNGKey(seed), 7, 3), axis=1), 0
    ).agree()


@check("epoch_orders", "repeats itself for one key and differs for another")
def test_epoch_orders_repeats(answer):
    demand_repeats(
        answer, lambda m, maker, seeds: [m.epoch_orders(key, 7, 3) for key in keys_of(maker, seeds)]
    )


@check("epoch_orders", "works under every transformation", kind="transform", hint=TRACED)
def test_epoch_orders_matrix(matrix):
    matrix(
        lambda m, seed: jnp.sort(m.epoch_orders(jax.random.key(seed), 7, 3), axis=1),
        np.uint32(0),
        rows=FORWARD,
    )


@check(
    "epoch_orders",
    "has independent rows, under jit and vmap",
    kind="transform",
    hint="Every epoch needs a key of its own. `permutation(..., axis=1)` moves all rows alike.",
)
def test_epoch_orders_independence(answer):
    result = answer(
        lambda m, seed, count: jax.jit(jax.vmap(lambda key: m.epoch_orders(key, 3, 3)))(
            jax.random.split(jax.random.key(seed), count)
        ),
        7,
        4 * KEYS,
    )
    result.demand(
        (np.sort(result.value) == np.arange(3)).all(),
        "Under jit and vmap, not every row is a permutation.",
    )
    codes = (
        result.value[:, :, 0] * 3 + result.value[:, :, 1]
    )  # one number for each of the six orders
    for i, column in enumerate(codes.T):
        shares = np.array([(column == code).mean() for code in (1, 2, 3, 5, 6, 7)])
        result.demand(
            4 * KEYS * 6 * ((shares - 1 / 6) ** 2).sum() <= 52,  # chi-squared: beyond, 5e-10
            f"The orders of epoch {i} are not random permutations: some come more often than others.",
            evidence=f"shares of the six orders of 3 items: {shares.round(3)}, expected about 0.167",
            hint="`jax.random.permutation` makes every order as likely as any other.",
        )
    for i, j in ((0, 1), (1, 2), (0, 2)):
        seen = np.zeros((9, 9))
        np.add.at(seen, (codes[:, i], codes[:, j]), 1)
        expected = seen.sum(1, keepdims=True) * seen.sum(0, keepdims=True) / seen.sum()
        chi_square = ((seen - expected)[expected > 0] ** 2 / expected[expected > 0]).sum()
        # At most 25 degrees of freedom: above 100 with a chance of 5e-11.
        result.demand(
            chi_square <= 100,
            f"The orders of epochs {i} and {j} depend on one another.",
            evidence=f"for example {result.value[0].tolist()}, {result.value[1].tolist()}",
        )


@check("epoch_orders", "uses every key once", kind="structure", hint=REUSE)
def test_epoch_orders_reuse(answer):
    def checked(m, seed):
        """epoch_orders(random.key(seed), 7, 3) under JAX's key-reuse checker."""
        return watched(lambda key: m.epoch_orders(key, 7, 3), jax.random.key(seed))

    answer(checked, 0)
