from grader.checks import check


@check("double", "gives the reference's values")
def test_double(both):
    both(lambda m, x: m.double(x), 21).agree()


@check("triple", "gives the reference's values")
def test_triple(both):
    both(lambda m, x: m.triple(x), 14).agree()
