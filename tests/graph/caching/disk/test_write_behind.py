"""Writing behind: in order, in bounded memory, and never in the way of who gives something to write."""

import threading

from graph.caching.disk.write_behind import BATCH, WriteBehind

PATIENCE = 20


def test_what_is_given_is_written_in_order_and_in_batches():
    batches = []
    queue = WriteBehind(batches.append, 10**6)
    for number in range(3 * BATCH):
        assert queue.put(number)
    queue.flush()
    assert [job for batch in batches for job in batch] == list(range(3 * BATCH))
    assert max(map(len, batches)) <= BATCH
    queue.close()


def test_closing_writes_what_waits_and_takes_nothing_more():
    gate, written = threading.Event(), []

    def write(jobs):
        assert gate.wait(PATIENCE)
        written.extend(jobs)

    queue = WriteBehind(write, 10**6)
    for number in range(5):
        queue.put(number)
    gate.set()
    queue.close()
    queue.close()
    assert written == list(range(5))
    assert not queue.put(5)
    queue.flush()


def test_what_does_not_fit_is_dropped_and_jobs_without_bytes_take_room_too():
    gate = threading.Event()
    queue = WriteBehind(lambda _: gate.wait(PATIENCE), 100_000)
    assert queue.put("first")
    assert not queue.put("large", 200_000)
    fit = sum(queue.put("small") for _ in range(1000))
    assert fit < 200
    assert queue.dropped == 1001 - fit
    gate.set()
    queue.flush()
    assert queue.put("small")
    queue.close()


def test_a_job_that_is_larger_than_all_that_may_wait_waits_alone():
    gate = threading.Event()
    queue = WriteBehind(lambda _: gate.wait(PATIENCE), 100_000)
    assert queue.put("large", 200_000)
    assert not queue.put("small")
    gate.set()
    queue.close()


def test_flushing_does_not_wait_for_what_others_give_meanwhile():
    """Each job has another one written, for ever."""
    written = []

    def write(jobs):
        written.extend(jobs)
        queue.put(jobs[-1] + 1)

    queue = WriteBehind(write, 10**6)
    queue.put(0)
    waiting = threading.Thread(target=queue.flush, daemon=True)
    waiting.start()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
    assert 0 in written
    queue.close()


def test_where_no_thread_can_be_started_nothing_is_written_and_nothing_hangs(monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    written = []
    queue = WriteBehind(written.extend, 10**6)
    with monkeypatch.context() as patch:
        patch.setattr("threading.Thread.start", refuse)
        assert not queue.put(1)
        queue.flush()
    assert queue.put(2)
    queue.close()
    assert (written, queue.dropped) == ([2], 1)
