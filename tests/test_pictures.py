"""A pack's own pictures: found, ordered, and refused where they break a rule."""

import numpy as np
import pytest

from grader.errors import PackError
from grader.manifest import find_pack, load_pack
from grader.pictures import pack_pictures, panels_of

HEAD = """
import numpy as np
from grader.pictures import Curve, picture

x = np.float32([0, 1])
"""
RELU = """
@picture("{chapter}", "Relu", "A bend.")
def relu():
    return [Curve("{exercise}", "relu", lambda m, x: m.{exercise}(x), (x,), over=x)]
"""


def with_pictures(mini, text):
    (mini / "exercises" / "checks" / "pictures.py").write_text(text)
    return load_pack(mini)


def test_a_pack_without_the_file_has_none(mini):
    assert pack_pictures(load_pack(mini)) == ()


def test_pictures_come_in_the_order_of_the_chapters(mini):
    texts = [("ch02_shapes", "relu_jit"), ("ch01_sums", "total")]
    text = HEAD + "".join(RELU.format(chapter=c, exercise=e) for c, e in texts)
    pack = with_pictures(mini, text)
    pictures = pack_pictures(pack)
    assert [picture.chapter for picture in pictures] == ["ch01_sums", "ch02_shapes"]
    assert [panel.exercise for panel in panels_of(pack, pictures[1])] == ["relu_jit"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "cannot be loaded: ZeroDivisionError"),
        (HEAD + RELU.format(chapter="ch09", exercise="total"), "which is no chapter"),
    ],
)
def test_a_broken_file_is_the_packs_mistake(mini, text, said):
    with pytest.raises(PackError, match=said):
        pack_pictures(with_pictures(mini, text))


def test_a_panel_of_no_exercise_is_the_packs_mistake(mini):
    pack = with_pictures(mini, HEAD + RELU.format(chapter="ch01_sums", exercise="nothing"))
    with pytest.raises(PackError, match="which is no exercise"):
        panels_of(pack, pack_pictures(pack)[0])


def test_the_kits_own_pictures_are_whole():
    pack = find_pack()
    panels = {p.title: panels_of(pack, p) for p in pack_pictures(pack)}
    assert {"SELU", "Dropout masks", "The training curve"} <= panels.keys()
    assert len(panels["Swish and its three derivatives"]) == 4
    for panel in panels["Exponential moving average"]:
        assert np.asarray(panel.over).shape == panel.dots.shape
