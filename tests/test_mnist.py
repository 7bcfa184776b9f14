"""The data: the subset that ships, the full set, and every way a folder can be wrong."""

import dataclasses
import functools
import gzip
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from grader import mnist
from grader.mnist import files, make_subset

FULL_SET = os.environ.get("JAX_WORKSHOP_MNIST")
needs_full_set = pytest.mark.skipif(
    FULL_SET is None, reason="JAX_WORKSHOP_MNIST names no folder with the four MNIST files"
)


def idx(array):
    """The bytes of an IDX file of unsigned bytes."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def small_set(monkeypatch):
    """Archives by name: 12 and 5 images, which pass for the published set."""
    pytest.importorskip("torchvision", reason="the full set is read by torchvision")
    rng = np.random.default_rng(0)
    shapes = [(12, 28, 28), (12,), (5, 28, 28), (5,)]
    contents = [idx(rng.integers(0, 10, shape)) for shape in shapes]
    packed = [gzip.compress(content, mtime=0) for content in contents]
    known = tuple(
        files.IdxFile(file.name, files.Stamp.of(pack), files.Stamp.of(content))
        for file, pack, content in zip(files.FILES, packed, contents, strict=True)
    )
    monkeypatch.setattr(files, "FILES", known)
    return {f"{file.name}.gz": pack for file, pack in zip(known, packed, strict=True)}


def lay_out(folder, small_set, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in small_set.items():
        if packed:
            (folder / name).write_bytes(content)
        else:
            (folder / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))


def listing(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_subset_has_the_promised_shapes_and_types():
    subset = mnist.load_subset()
    assert subset.name == "mnist-subset"
    assert subset.train_images.shape == (10_000, 784)
    assert subset.test_images.shape == (2_000, 784)
    assert subset.train_labels.shape == (10_000,)
    assert subset.test_labels.shape == (2_000,)
    for field in dataclasses.fields(subset)[1:]:
        assert getattr(subset, field.name).dtype == np.uint8


def test_the_subset_is_mnist():
    subset = mnist.load_subset()
    assert subset.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert subset.test_labels[:2].tolist() == [7, 1]
    assert subset.train_images.max() == 255
    assert set(subset.train_labels) == set(subset.test_labels) == set(range(10))


def test_a_dataset_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        mnist.load_subset().name = "other"


def test_describe_names_the_data_in_use():
    assert mnist.describe(mnist.load_subset()) == (
        "Data: MNIST subset shipped with the kit (10,000 training and 2,000 test images)"
    )
    blank = np.zeros((2, 784), np.uint8)
    full = mnist.Dataset("mnist-full", blank, blank[:, 0], blank[:1], blank[:1, 0])
    assert mnist.describe(full) == "Data: full MNIST (2 training and 1 test images)"


def test_the_license_lies_beside_the_data():
    text = mnist.SUBSET.with_name("DATA-LICENSE").read_text()
    for part in ("Yann LeCun", "Corinna Cortes", "CC BY-SA 3.0", "subset.npz", "every fifth test"):
        assert part in text


def test_importing_costs_neither_jax_nor_torch():
    heavy = "{'jax', 'torch', 'torchvision'} & set(sys.modules)"
    for line, found in [("import grader.mnist", "set()"), ("import torch", "{'torch'}")]:
        code = f"import sys; {line}; print({heavy})"
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        if line == "import torch" and answer.returncode:
            pytest.skip("torch is not installed, so nothing heavy can be found")
        assert answer.stdout.strip() == found


def test_batches_have_one_shape_and_start_again():
    images = np.arange(10 * 784).reshape(10, 784).astype(np.uint8)
    labels = np.arange(10, dtype=np.uint8)
    batched = mnist.batches(images, labels, 4)
    assert len(batched) == 2
    for _ in range(2):
        seen = list(batched)
        assert [(x.shape, x.dtype, y.dtype) for x, y in seen] == [
            ((4, 784), np.float32, np.int32)
        ] * 2
        assert [y.tolist() for _, y in seen] == [[0, 1, 2, 3], [4, 5, 6, 7]]
        np.testing.assert_array_equal(seen[1][0], images[4:8])


def test_a_seed_shuffles_images_and_labels_alike():
    images = np.repeat(np.arange(10, dtype=np.uint8)[:, None], 784, axis=1)
    first, again, other = (
        np.concatenate([y for _, y in mnist.batches(images, images[:, 0], 5, seed=seed)]).tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != other
    assert sorted(first) == list(range(10))
    assert all((x[:, 0] == y).all() for x, y in mnist.batches(images, images[:, 0], 5, seed=1))


@pytest.mark.parametrize(
    ("rows", "size", "part"), [(9, 2, "10 images, but 9 labels"), (10, 0, "at least 1, got 0")]
)
def test_batches_refuse_what_cannot_be_batched(rows, size, part):
    with pytest.raises(ValueError, match=part):
        mnist.batches(np.zeros((10, 784), np.uint8), np.zeros(rows, np.uint8), size)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("below", ["", "MNIST/raw", "raw"])
def test_the_full_set_is_read_and_its_folder_left_alone(tmp_path, small_set, packed, below):
    lay_out(tmp_path / below, small_set, packed)
    before = listing(tmp_path)
    full = mnist.load_full(tmp_path)
    assert full.name == "mnist-full"
    assert (full.train_images.shape, full.test_images.shape) == ((12, 784), (5, 784))
    assert (full.train_images.dtype, full.train_labels.dtype) == (np.uint8, np.uint8)
    pixels = gzip.decompress(small_set["t10k-images-idx3-ubyte.gz"])[16:]
    assert full.test_images.tobytes() == pixels
    labels = gzip.decompress(small_set["train-labels-idx1-ubyte.gz"])[8:]
    assert full.train_labels.tobytes() == labels
    assert listing(tmp_path) == before


def test_another_packing_of_the_same_bytes_is_right(tmp_path, small_set):
    lay_out(tmp_path, {name: gzip.compress(gzip.decompress(p), 1) for name, p in small_set.items()})
    assert mnist.load_full(str(tmp_path)).train_images.shape == (12, 784)


def test_a_sound_file_is_found_behind_a_damaged_one(tmp_path, small_set):
    lay_out(tmp_path, small_set)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"half a fi")
    assert mnist.load_full(tmp_path).train_images.shape == (12, 784)


def test_a_missing_file_is_named_with_size_digest_and_remedy(tmp_path):
    pytest.importorskip("torchvision", reason="the full set is read by torchvision")
    with pytest.raises(mnist.DataError) as caught:
        mnist.load_full(tmp_path)
    message = str(caught.value)
    assert message.startswith("train-images-idx3-ubyte.gz is missing")
    assert "9,912,422 bytes, MD5 f68b3c2dcbeaaa9fbdd348bbdeb94873" in message
    assert "Put the file there" in message
    assert listing(tmp_path) == {}


def test_a_folder_that_is_not_there_is_named(tmp_path):
    pytest.importorskip("torchvision", reason="the full set is read by torchvision")
    with pytest.raises(mnist.DataError, match="nowhere is not a folder"):
        mnist.load_full(tmp_path / "nowhere")


def truncated(packed):
    return packed[:-9]


def flipped(packed):
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 255]) + packed[middle + 1 :]


def too_long(packed):
    return gzip.compress(gzip.decompress(packed) + b"\0")


def other_bytes(packed):
    return gzip.compress(bytes(len(gzip.decompress(packed))))


def not_packed(packed):
    return gzip.decompress(packed)


@pytest.mark.parametrize(
    "damage", [truncated, flipped, too_long, other_bytes, not_packed, lambda packed: b""]
)
def test_a_damaged_file_is_named_with_what_it_should_be(tmp_path, small_set, damage):
    lay_out(tmp_path, small_set)
    name = "t10k-labels-idx1-ubyte.gz"
    path = tmp_path / name
    path.write_bytes(damage(small_set[name]))
    with pytest.raises(mnist.DataError) as caught:
        mnist.load_full(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{path} is damaged")
    assert f"Found:    {files.Stamp.of(path.read_bytes())}." in message
    assert f"Expected: {files.Stamp.of(small_set[name])}." in message
    assert "fetch it again" in message


def test_a_damaged_unpacked_file_is_measured_against_the_unpacked_one(tmp_path, small_set):
    lay_out(tmp_path / "MNIST" / "raw", small_set, packed=False)
    path = tmp_path / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(mnist.DataError, match=r"Expected: 20 bytes"):
        mnist.load_full(tmp_path)


@pytest.fixture
def mirror(tmp_path, small_set, monkeypatch):
    """A folder served over HTTP, which torchvision takes for its download server."""
    from torchvision.datasets import MNIST

    folder = tmp_path / "mirror"
    lay_out(folder, small_set)
    handler = functools.partial(QuietHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        resources = [(f"{file.name}.gz", file.packed.md5) for file in files.FILES]
        monkeypatch.setattr(MNIST, "resources", resources)
        yield folder
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_what_is_missing_is_downloaded_when_allowed(tmp_path, mirror):
    home = tmp_path / "home"
    home.mkdir()
    with pytest.raises(mnist.DataError, match="is missing"):
        mnist.load_full(home)
    assert mnist.load_full(home, download=True).test_labels.shape == (5,)
    assert (home / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file()


def test_a_new_folder_is_made_by_the_download(tmp_path, mirror):
    assert mnist.load_full(tmp_path / "new", download=True).test_labels.shape == (5,)


def test_sound_files_are_not_downloaded_again(tmp_path, small_set, monkeypatch):
    from torchvision.datasets import MNIST

    lay_out(tmp_path, small_set)
    monkeypatch.setattr(MNIST, "mirrors", [])
    before = listing(tmp_path)
    mnist.load_full(tmp_path, download=True)
    assert listing(tmp_path) == before


def test_a_failed_download_says_what_to_do(tmp_path, small_set, monkeypatch):
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", [(tmp_path / "nothing").as_uri() + "/"])
    with pytest.raises(mnist.DataError, match="could not be downloaded") as caught:
        mnist.load_full(tmp_path / "home", download=True)
    assert "train-images-idx3-ubyte.gz" in str(caught.value)
    assert "the subset shipped with the kit" in str(caught.value)


def test_without_torchvision_the_message_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.datasets", None)
    with pytest.raises(mnist.DataError, match="pip install torch torchvision"):
        mnist.load_full(tmp_path)


def test_making_the_subset_gives_the_same_bytes_each_time(tmp_path, small_set, monkeypatch):
    lay_out(tmp_path / "full", small_set)
    full = mnist.load_full(tmp_path / "full")
    made = []
    for clock in (10**9, 1.5 * 10**9):
        monkeypatch.setattr("time.time", lambda clock=clock: clock)
        made.append(tmp_path / f"{clock}.npz")
        make_subset.write_subset(full, made[-1])
    assert made[0].read_bytes() == made[1].read_bytes()
    monkeypatch.setattr(mnist, "SUBSET", made[0])
    assert mnist.load_subset().train_images.shape == (12, 784)
    np.testing.assert_array_equal(mnist.load_subset().test_labels, full.test_labels[[0]])


def test_the_script_explains_its_use_and_its_failures(tmp_path, capsys):
    pytest.importorskip("torchvision", reason="the full set is read by torchvision")
    assert make_subset.main([]) == 2
    assert "Usage" in capsys.readouterr().err
    assert make_subset.main([str(tmp_path)]) == 1
    assert "is missing" in capsys.readouterr().err


@needs_full_set
def test_the_subset_is_what_its_license_says():
    pytest.importorskip("torchvision", reason="the full set is read by torchvision")
    full, subset = mnist.load_full(Path(FULL_SET)), mnist.load_subset()
    assert mnist.describe(full) == "Data: full MNIST (60,000 training and 10,000 test images)"
    np.testing.assert_array_equal(subset.train_images, full.train_images[:10_000])
    np.testing.assert_array_equal(subset.train_labels, full.train_labels[:10_000])
    np.testing.assert_array_equal(subset.test_images, full.test_images[::5])
    np.testing.assert_array_equal(subset.test_labels, full.test_labels[::5])


@needs_full_set
def test_the_script_makes_the_subset_that_ships(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torchvision", reason="the full set is read by torchvision")
    monkeypatch.setattr(make_subset, "SUBSET", tmp_path / "subset.npz")
    assert make_subset.main([FULL_SET]) == 0
    assert "1,974,376 bytes" in capsys.readouterr().out
    assert (tmp_path / "subset.npz").read_bytes() == mnist.SUBSET.read_bytes()
