import numpy as np

from grader.checks import check


@check("double", "gives the reference's values")
def test_double(both):
    both(lambda m, x: m.double(x), 21).agree()


@check("double", "leaves its argument as it is")
def test_double_list(both):
    both(lambda m, xs: m.double(xs), [21, 4]).agree()


@check("double", "multiplies once", kind="structure")
def test_double_program(answer):
    from grader.worker import toolbox

    found = answer(lambda m, x: toolbox.primitives(m.double, x), np.float32(21))
    found.demand(found.value == ["mul"], "double does not multiply once.")


@check("triple", "gives the reference's values")
def test_triple(both):
    both(lambda m, x: m.triple(x), 14).agree()
