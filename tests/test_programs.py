"""Exported programs: taken out of an answer's process, judged where no answer has been."""

import numpy as np
import pytest

from grader.program import any_size
from grader.worker import programs, toolbox
from grader.worker.wire import Spec

jax = pytest.importorskip("jax")


def exported(f, *args):
    return toolbox.program(f, *args).tobytes()


def ones(*shape):
    return np.ones(shape, np.float32)


def test_a_program_gives_what_the_function_gives():
    data = exported(lambda x, y: {"sum": x + y, "two": 2.0}, ones(3), ones(3))
    result = programs.run(data, jax.numpy.ones(3), jax.numpy.ones(3))
    np.testing.assert_array_equal(result["sum"], [2, 2, 2])


def test_numbers_are_part_of_the_program_and_arrays_are_its_inputs():
    data = exported(lambda x, n: x[:n].sum(), ones(5), 3)
    assert programs.load(data).in_avals[0].shape == (5,)
    assert len(programs.load(data).in_avals) == 1
    assert float(programs.run(data, jax.numpy.arange(5.0), 3)) == 3.0


def test_a_program_for_any_size_runs_at_each():
    data = exported(lambda x: (x * 2).sum(), Spec(("n",), "float32"))
    for size in (1, 4, 9):
        assert float(programs.run(data, jax.numpy.ones(size))) == 2 * size


def test_a_loop_in_python_is_counted_as_often_as_it_runs():
    def looped(x):
        for _ in range(x.shape[0]):
            x = jax.numpy.sin(x)
        return x

    sines = [programs.operations(exported(looped, ones(n)))["stablehlo.sine"] for n in (2, 7)]
    assert sines == [2, 7]


def test_the_largest_array_is_found_wherever_it_is():
    assert programs.largest_value(exported(lambda x: x.sum(), ones(6))) == 6
    assert programs.largest_value(exported(lambda x: (x[:, None] * x).sum(), ones(6))) == 36


def test_a_shard_map_splits_its_inputs_or_copies_them():
    mesh = jax.sharding.AbstractMesh((2,), ("rows",), axis_types=(jax.sharding.AxisType.Auto,))

    def total(spec, own=lambda x: x):
        def one(x):
            return jax.lax.psum(own(x).sum(), "rows")

        specs = {"in_specs": spec, "out_specs": jax.sharding.PartitionSpec()}
        return exported(jax.shard_map(one, mesh=mesh, check_vma=False, **specs), ones(4, 2))

    spec = jax.sharding.PartitionSpec
    assert programs.splits_inputs(total(spec("rows")))
    assert programs.splits_inputs(total(spec(), lambda x: x[jax.lax.axis_index("rows")]))
    assert not programs.splits_inputs(total(spec()))
    assert not programs.splits_inputs(exported(lambda x: x.sum(), ones(4, 2)))


def test_the_cost_is_xlas_estimate():
    few = programs.cost(exported(lambda x: x @ x, ones(8, 8)))
    many = programs.cost(exported(lambda x: x @ x, ones(16, 16)))
    assert 4 < many["flops"] / few["flops"] < 16
    assert few["compile_s"] > 0


def test_a_race_takes_pairs_of_times():
    quick, slow = exported(lambda x: x, ones(64, 64)), exported(lambda x: x @ x @ x, ones(64, 64))
    times = programs.race(slow, quick, (jax.numpy.ones((64, 64)),), 4)
    assert len(times) == 4
    assert all(mine > 0 and theirs > 0 for mine, theirs in times)


def test_what_calls_back_into_python_cannot_leave():
    def prints(x):
        jax.debug.print("{}", x)
        return x

    with pytest.raises(ValueError, match="cannot stand alone"):
        exported(prints, ones(2))


@pytest.mark.parametrize("data", [b"", b"nothing", bytes(1000), b"\x00\xff" * 40])
def test_bytes_that_are_no_program_are_refused(data):
    with pytest.raises(ValueError, match="no program"):
        programs.load(data)


def test_foreign_calls_are_refused_before_anything_runs(monkeypatch):
    class Exported:
        def mlir_module(self):
            return 'stablehlo.custom_call @xla_ffi_python_cpu_callback(%arg0) {x = "custom_call"}'

    monkeypatch.setattr(jax.export, "deserialize", lambda data: Exported())
    with pytest.raises(programs.ForeignCode, match="xla_ffi_python_cpu_callback"):
        programs.load(b"a program with a callback")
    monkeypatch.setattr(Exported, "mlir_module", lambda self: '"stablehlo.custom_call"() <{}>')
    with pytest.raises(programs.ForeignCode, match="unnamed"):
        programs.load(b"a program with a call that hides its name")


def test_calls_of_linear_algebra_are_no_foreign_code():
    data = exported(lambda x: jax.numpy.linalg.inv(x), np.eye(3, dtype=np.float32))
    np.testing.assert_allclose(programs.run(data, jax.numpy.eye(3)), np.eye(3))


def test_sizes_that_differ_become_symbols():
    small, large = (ones(3), ones(5, 3), 2), (ones(7), ones(5, 7), 2)
    assert any_size(small, large) == (Spec(("n0",), "float32"), Spec((5, "n0"), "float32"), 2)
    with pytest.raises(ValueError, match="another value"):
        any_size((ones(3), 2), (ones(3), 4))


def test_the_arrays_of_compiled_programs_are_counted_and_copies_are_not():
    double = jax.jit(lambda x, y: x * 2 + y)
    assert sorted(toolbox.compiled_sizes(lambda: double(ones(3, 41), 1.5))) == [1, 123]
    assert toolbox.compiled_sizes(lambda: double(ones(3, 41), 2.5)) == []
    assert toolbox.compiled_sizes(lambda: jax.device_put(ones(7, 43))) == []
    assert 43 * 7 not in toolbox.compiled_sizes(lambda: jax.numpy.array(ones(7, 43)))
