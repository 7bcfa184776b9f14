from grader.checks import check


@check("halve", "gives the reference's values")
def test_halve(both):
    both(lambda m, x: m.halve(x), 84).agree()
