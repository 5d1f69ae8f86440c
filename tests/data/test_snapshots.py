"""Snapshots: files that are whole or absent, drafts swept, three states of a data set kept."""

from __future__ import annotations

import os
import threading
import time

import polars as pl
import pytest

from data import snapshots
from data.snapshots import Snapshots, put, sweep

ONE = pl.DataFrame({"park_id": ["P1"]})


def never():
    raise AssertionError("built again")


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_put_writes_the_bytes_and_leaves_no_draft(tmp_path):
    path = put(tmp_path / "raw", "abc", b"rows")
    assert path.read_bytes() == b"rows"
    assert names(tmp_path / "raw") == ["abc"]


def test_put_leaves_a_whole_file_alone_and_mends_a_short_one(tmp_path):
    first = put(tmp_path, "abc", b"rows").stat().st_mtime_ns
    assert put(tmp_path, "abc", b"rows").stat().st_mtime_ns == first
    (tmp_path / "abc").write_bytes(b"ro")
    assert put(tmp_path, "abc", b"rows").read_bytes() == b"rows"
    assert put(tmp_path, "abc", b"ROWS", replace=True).read_bytes() == b"ROWS"


def test_the_order_is_file_then_name_then_folder(tmp_path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(handle):
        steps.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", lambda a, b: (steps.append("name"), replace(a, b)))
    put(tmp_path, "abc", b"rows")
    assert steps == ["file", "name", "folder"]


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(tmp_path, "abc", b"rows")
    assert names(tmp_path) == []


def test_many_threads_put_one_file(tmp_path):
    data = os.urandom(200_000)
    threads = [threading.Thread(target=put, args=(tmp_path, "abc", data)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(tmp_path) == ["abc"]
    assert (tmp_path / "abc").read_bytes() == data


def test_sweep_removes_old_drafts_only(tmp_path):
    for name in ("abc", "abc.1.tmp", "abc.2.tmp"):
        (tmp_path / name).write_bytes(b"x")
    hour_ago = time.time() - 3600
    for name in ("abc", "abc.1.tmp"):
        os.utime(tmp_path / name, (hour_ago, hour_ago))
    assert sweep(tmp_path) == 1
    assert names(tmp_path) == ["abc", "abc.2.tmp"]
    assert sweep(tmp_path, older_than_minutes=-1) == 1
    assert sweep(tmp_path / "absent") == 0


def test_a_snapshot_is_built_once(tmp_path):
    kept = Snapshots(tmp_path)
    assert kept.frame("answers", 1, "aa", lambda: ONE).collect().equals(ONE)
    assert kept.frame("answers", 1, "aa", never).collect().equals(ONE)
    assert Snapshots(tmp_path).frame("answers", 1, "aa", never).collect().equals(ONE)
    assert names(tmp_path) == ["answers-00000001-aa.parquet"]


def test_the_same_number_with_another_fingerprint_is_another_snapshot(tmp_path):
    kept = Snapshots(tmp_path)
    kept.frame("answers", 1, "aa", lambda: ONE)
    other = pl.DataFrame({"park_id": ["P2"]})
    assert kept.frame("answers", 1, "bb", lambda: other).collect().equals(other)


def test_a_damaged_snapshot_is_built_again(tmp_path):
    path = tmp_path / "answers-00000001-aa.parquet"
    Snapshots(tmp_path).frame("answers", 1, "aa", lambda: ONE)
    path.write_bytes(path.read_bytes()[:-20])
    assert Snapshots(tmp_path).frame("answers", 1, "aa", lambda: ONE).collect().equals(ONE)


def test_a_removed_snapshot_is_built_again(tmp_path):
    kept = Snapshots(tmp_path)
    kept.frame("answers", 1, "aa", lambda: ONE)
    (tmp_path / "answers-00000001-aa.parquet").unlink()
    assert kept.frame("answers", 1, "aa", lambda: ONE).collect().equals(ONE)


def test_three_states_of_a_data_set_stay_and_other_data_sets_are_left_alone(tmp_path):
    kept = Snapshots(tmp_path)
    kept.frame("events", 1, "aa", lambda: ONE)
    for number in range(1, 6):
        kept.frame("answers", number, "aa", lambda: ONE)
    assert names(tmp_path) == [*(f"answers-0000000{n}-aa.parquet" for n in (3, 4, 5)), "events-00000001-aa.parquet"]


def test_after_a_restore_the_lower_number_stays(tmp_path):
    kept = Snapshots(tmp_path)
    for number in (7, 8, 9, 2):
        kept.frame("answers", number, "aa", lambda: ONE)
    assert names(tmp_path) == [f"answers-0000000{n}-aa.parquet" for n in (2, 8, 9)]


def test_a_page_that_has_begun_to_read_can_finish(tmp_path):
    kept = Snapshots(tmp_path)
    lazy = kept.frame("answers", 1, "aa", lambda: ONE)
    for number in range(2, snapshots.KEPT + 1):
        kept.frame("answers", number, "aa", lambda: ONE)
    assert lazy.collect().equals(ONE)


def test_a_folder_with_wildcards_in_its_name(tmp_path):
    kept = Snapshots(tmp_path / "park[1]*")
    assert kept.frame("answers", 1, "aa", lambda: ONE).collect().equals(ONE)
