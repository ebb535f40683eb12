"""Поиск чекпоинтов: недописанный не берётся никогда, законченный — всегда."""

from __future__ import annotations

import json
import os
import pickle
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.foreign_trainer.completeness import defect
from tts_framework.foreign_trainer.discovery import Discovery, size_of
from tts_framework.foreign_trainer.writers import remember

WEIGHTS = bytes(range(256)) * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "trial_0000"
    path.mkdir()
    return path


def torch_file(path: Path, data: bytes = WEIGHTS) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"step": 1}))
        archive.writestr("archive/data/0", data)


def safetensors_file(path: Path, data: bytes = WEIGHTS) -> None:
    header = json.dumps({"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, len(data)]}})
    path.write_bytes(struct.pack("<Q", len(header)) + header.encode() + data)


def json_file(path: Path) -> None:
    path.write_text(json.dumps({"step": 1, "w": list(range(99))}))


def pickle_file(path: Path) -> None:
    path.write_bytes(pickle.dumps({"w": list(range(99)), "b": WEIGHTS}))


FORMATS: dict[str, Callable[[Path], None]] = {
    "model.pt": torch_file,
    "model.safetensors": safetensors_file,
    "state.json": json_file,
    "state.pkl": pickle_file,
}


class TestFormats:
    @pytest.mark.parametrize("name", FORMATS)
    def test_a_whole_file_proves_that_it_is_whole(self, tmp_path: Path, name: str) -> None:
        FORMATS[name](tmp_path / name)
        assert defect(tmp_path / name) == (None, True)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(name=st.sampled_from(sorted(FORMATS)), part=st.floats(0, 0.9999))
    def test_a_file_cut_anywhere_is_not_whole(self, tmp_path: Path, name: str, part: float) -> None:
        path = tmp_path / name
        FORMATS[name](path)
        os.truncate(path, int(part * path.stat().st_size))
        reason, known = defect(path)
        assert reason is not None or not known

    def test_real_torch_files_of_both_formats(self, tmp_path: Path) -> None:
        import torch

        state = {"w": torch.arange(1000.0), "step": 7}
        new, old = tmp_path / "new.pt", tmp_path / "old.pt"
        torch.save(state, new)
        torch.save(state, old, _use_new_zipfile_serialization=False)
        assert defect(new) == (None, True)
        assert defect(old) == (None, False)
        os.truncate(new, new.stat().st_size - 1)
        assert defect(new)[0] is not None

    def test_space_that_is_only_reserved_is_not_a_checkpoint(self, tmp_path: Path) -> None:
        path = tmp_path / "step_1.bin"
        path.touch()
        os.truncate(path, 1 << 20)
        assert defect(path) == ("starts with zeros", True)

    def test_a_checkpoint_is_never_executed(self, tmp_path: Path) -> None:
        path, mark = tmp_path / "evil.pkl", tmp_path / "executed"

        class Evil:
            def __reduce__(self) -> tuple[object, tuple[str]]:
                return os.system, (f"touch {mark}",)

        path.write_bytes(pickle.dumps(Evil()))
        assert defect(path) == (None, True)
        assert not mark.exists()

    def test_shards_that_an_index_names_must_be_there(self, tmp_path: Path) -> None:
        index = {"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
        (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
        safetensors_file(tmp_path / "model-1.safetensors")
        assert defect(tmp_path)[0] == "model-2.safetensors is not there yet"
        safetensors_file(tmp_path / "model-2.safetensors")
        assert defect(tmp_path) == (None, True)

    def test_a_distributed_checkpoint_ends_with_its_metadata(self, tmp_path: Path) -> None:
        (tmp_path / "__0_0.distcp").write_bytes(WEIGHTS)
        assert defect(tmp_path)[0] == ".metadata is not there yet"


class TestNames:
    @pytest.mark.parametrize(
        ("mask", "options", "name", "iteration"),
        [
            ("checkpoint_*", {}, "checkpoint_600", 600),
            ("*.ckpt", {}, "epoch=3-step=400.ckpt", 400),
            ("**/*.ckpt", {}, "version_0/checkpoints/epoch=3-step=400.ckpt", 400),
            ("step_*/model.pt", {}, "step_500/model.pt", 500),
            ("*.ckpt", {"iteration": r"step=(\d+)"}, "step=400-val=0.31.ckpt", 400),
            ("*.ckpt", {"iteration": r"epoch=(\d+)"}, "epoch=3-step=400.ckpt", 3),
        ],
    )
    def test_the_iteration_is_in_the_name(
        self, folder: Path, mask: str, options: dict[str, str], name: str, iteration: int
    ) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        torch_file(path)
        assert Discovery(mask, **options).candidates(folder) == [(iteration, path)]

    def test_or_is_asked_from_the_log(self, folder: Path) -> None:
        path = folder / "last.ckpt"
        torch_file(path)
        os.utime(path, (1000.0, 1000.0))
        discovery = Discovery("last.ckpt", iteration="log")
        assert discovery.newest(folder, ask=lambda when: int(when) // 10) == path
        assert discovery.iteration(path, folder, lambda when: int(when) // 10) == 100
        assert discovery.newest(folder, ask=lambda when: -1) is None

    def test_temporary_hidden_and_linked_names_are_passed_over(self, folder: Path) -> None:
        for name in (".checkpoint_9", "checkpoint_8.tmp", "checkpoint_7.part", "checkpoint_x"):
            torch_file(folder / name)
        torch_file(folder / "checkpoint_1")
        (folder / "checkpoint_6").symlink_to(folder / "checkpoint_1")
        assert Discovery().newest(folder) == folder / "checkpoint_1"

    def test_the_newest_whole_one_below_a_bound_wins(self, folder: Path) -> None:
        for step in (100, 900, 1000):
            torch_file(folder / f"checkpoint_{step}")
        os.truncate(folder / "checkpoint_1000", 500)
        found = Discovery()
        assert found.newest(folder) == folder / "checkpoint_900"
        assert found.newest(folder, below=900) == folder / "checkpoint_100"
        assert found.at_least(folder, 101) == folder / "checkpoint_900"
        assert found.at_least(folder, 901) is None
        assert "zip directory" in str(found.why_not(folder / "checkpoint_1000", folder))


class TestFolders:
    def save(self, folder: Path, step: int, *files: str) -> Path:
        path = folder / f"checkpoint-{step}"
        path.mkdir()
        for name in files:
            FORMATS.get(name, lambda p: p.write_bytes(WEIGHTS))(path / name)
        return path

    def test_a_folder_is_a_checkpoint_with_a_size(self, folder: Path) -> None:
        path = self.save(folder, 500, "model.safetensors", "state.json")
        assert Discovery("checkpoint-*").newest(folder) == path
        assert size_of(path) == sum(p.stat().st_size for p in path.iterdir())

    def test_a_folder_that_lacks_what_its_siblings_have_was_cut_off(self, folder: Path) -> None:
        whole = self.save(folder, 500, "model.safetensors", "state.json", "rng_0.pth")
        half = self.save(folder, 1000, "model.safetensors", "rng_0.pth")
        found = Discovery("checkpoint-*")
        assert found.newest(folder) == whole
        assert found.why_not(half, folder) == "has no state.json, which its siblings have"

    def test_the_first_folder_of_a_trial_is_compared_with_the_last_trial(
        self, folder: Path
    ) -> None:
        self.save(folder, 500, "model.safetensors", "state.json")
        later = folder.parent / "trial_0001"
        later.mkdir()
        self.save(later, 600, "model.safetensors")
        assert Discovery("checkpoint-*").newest(later) is None

    def test_a_marker_written_last_settles_it(self, folder: Path) -> None:
        path = self.save(folder, 500, "model.safetensors")
        found = Discovery("checkpoint-*", marker="DONE")
        assert found.why_not(path, folder) == "has no DONE yet"
        (path / "DONE").touch()
        assert found.newest(folder) == path

    def test_an_empty_folder_is_none(self, folder: Path) -> None:
        assert Discovery("checkpoint-*").why_not(self.save(folder, 1), folder) == (
            "is an empty folder"
        )


def test_a_format_without_a_length_is_measured_by_its_siblings(folder: Path) -> None:
    for step, size in ((1, 1000), (2, 1010), (3, 400)):
        (folder / f"checkpoint_{step}").write_bytes(b"weights!" + bytes([7]) * size)
    found = Discovery()
    assert found.newest(folder) == folder / "checkpoint_2"
    assert "408 bytes, its siblings have" in str(found.why_not(folder / "checkpoint_3", folder))


class TestLivingWriter:
    """Программа пишет файл формата, который сам о своей длине молчит."""

    @pytest.fixture
    def writer(self, folder: Path) -> Iterator[subprocess.Popen[str]]:
        program = (
            f"f = open({str(folder / 'checkpoint_1')!r}, 'wb', buffering=0)\n"
            "f.write(b'half'); print('half', flush=True); input()\n"
            "f.write(b'whole'); f.close(); print('whole', flush=True); input()\n"
        )
        command = [sys.executable, "-c", program]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        remember(process.pid, folder)
        assert process.stdout is not None and process.stdout.readline() == "half\n"
        yield process
        process.kill()
        process.communicate()

    @pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="needs /proc")
    def test_a_file_that_is_still_open_is_not_taken_however_long_it_rests(
        self, folder: Path, writer: subprocess.Popen[str]
    ) -> None:
        found, path = Discovery(settle=0.1), folder / "checkpoint_1"
        os.utime(path, (1, 1))
        time.sleep(0.15)
        assert found.why_not(path, folder) == "is open for writing"
        assert writer.stdin is not None and writer.stdout is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
        writer.stdout.readline()
        assert found.why_not(path, folder) == "changed less than 0.1 s ago"
        time.sleep(0.15)
        assert found.newest(folder) == path

    def test_a_file_just_written_waits_while_its_writer_lives(
        self, folder: Path, writer: subprocess.Popen[str]
    ) -> None:
        torch_file(folder / "checkpoint_2")
        found = Discovery(settle=60)
        assert found.newest(folder) is None
        writer.kill()
        writer.wait()
        assert found.newest(folder) == folder / "checkpoint_2"
