"""A cache folder that is worked with in every way, and the look into it afterwards that finds it whole and right."""

from graph.caching.disk.cache_folder import PAUSE_SECONDS
from graph.caching.disk.disk_cache import DiskCache
from graph.results.result import RequestedInputs
from tests.support.failing_disk import FailingDisk
from tests.support.toy_arrays import ToyArray, ToyArrays, result

CODECS = [ToyArrays()]


def open_disk(folder, max_bytes=10**7, codecs=CODECS, **options):
    return DiskCache(folder / "cache", max_bytes, codecs, **options)


class Clock:
    """Stands still until a test has waited long enough for what failed to be tried again."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def skip(self):
        self.now += 2 * PAUSE_SECONDS


def keep(disk, key, kept, node_type="Toy"):
    disk.keep([key], kept, node_type)
    disk.flush()


def values_of(disk, key):
    """What a key leads to: its values, "record" when only that is there, None when it is not known."""
    disk.refresh()
    found = disk.find(key) if disk.knows(key) else None
    if found is None:
        return None
    values = disk.load(found[1]) if found[1].on_disk else found[1].values
    return "record" if values is None else values


def blobs(folder):
    return sorted((folder / "cache" / "blobs").rglob("*.safetensors"))


def large(letter=b"x", nbytes=20_000, seconds=1.0):
    return result(ToyArray(letter * nbytes), seconds=seconds)


def work(disk, rounds=6):
    """Some of everything; returns what each key may lead to."""
    right = {}
    for number in range(rounds):
        key, other = b"%d" % number, b"small %d" % number
        right[key], right[other] = (ToyArray(b"%02d" % number * 10_000),), (f"text {number}",)
        keep(disk, key, result(*right[key]))
        keep(disk, other, result(*right[other]))
        disk.keep_requested([b"ask %d" % number], RequestedInputs(("x",)))
        values_of(disk, key)
    keep(disk, b"0", result("moved"))
    right[b"0"] = ("moved",)
    disk.flush()
    return right


def count_steps(folder):
    """How often each step is done by `work`."""
    layer = FailingDisk()
    disk = open_disk(folder / "counted", max_bytes=100_000, layer=layer)
    work(disk)
    disk.close()
    return layer.done


def check(folder, right):
    """What a folder holds is whole and right."""
    disk = open_disk(folder, max_bytes=100_000)
    for key, values in right.items():
        found = values_of(disk, key)
        if key == b"0" and found not in (None, "record", values):
            assert found == (ToyArray(b"00" * 10_000),)
        else:
            assert found in (None, "record", values)
    disk.flush()
    assert disk.verify().damaged == ()
    keep(disk, b"afterwards", large(b"n", seconds=1000.0))
    assert values_of(disk, b"afterwards") == (ToyArray(b"n" * 20_000),)
    assert list((folder / "cache" / "blobs").rglob("*.part")) == []
    known = {path.stem for path in blobs(folder)}
    assert known <= {mark[1:].hex() for mark in disk.folder.index.contents()}
    disk.close()
