"""Журнал и наблюдатель TensorBoard; читает их и настоящий TensorBoard."""

from __future__ import annotations

import io
import os
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts_framework.builtin.tensorboard import TensorBoardLogger, TensorBoardWatcher
from tts_framework.components import LogTarget, Picture, Sound, TrialSource
from tts_framework.training.event_file import EventWriter, masked_crc

RENAME = {"val_loss": "validation.loss"}


def logger(folder: Path, trial: int = 0, start: int = 0) -> TensorBoardLogger:
    target = LogTarget("run", folder, folder, f".trial_{trial:04d}", start, rename=RENAME)
    return TensorBoardLogger(TensorBoardLogger.Config(), target)


def watcher(folder: Path, suffix: str = ".trial_0000") -> TensorBoardWatcher:
    rename = {tag: name for name, tag in RENAME.items()}
    source = TrialSource(0, folder, folder, suffix, rename)
    return TensorBoardWatcher(TensorBoardWatcher.Config(), source)


def points(metrics: Any) -> list[tuple[str, int, float]]:
    return [(m.tag, m.step, m.value) for m in metrics]


def test_the_crc_is_the_one_of_the_format() -> None:
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    for data in (b"", b"a", bytes(range(256)) * 3):
        assert masked_crc(data) == masked_crc32c(data)


def test_what_is_logged_is_seen_at_once_under_canonical_names(tmp_path: Path) -> None:
    log, seen = logger(tmp_path), watcher(tmp_path)
    assert seen.read() == []

    log.scalars(10, {"training.loss": 0.5, "learning.rate": 0.25})
    assert points(seen.read()) == [("training.loss", 10, 0.5), ("learning.rate", 10, 0.25)]

    log.scalars(10, {"val_loss": 0.75})
    assert points(seen.read()) == [("val_loss", 10, 0.75)]
    assert seen.read() == []
    assert points(watcher(tmp_path).read())[-1] == ("val_loss", 10, 0.75)


def test_a_watcher_reads_only_its_own_trial(tmp_path: Path) -> None:
    logger(tmp_path, 0).scalars(1, {"a": 1.0})
    logger(tmp_path, 1).scalars(2, {"a": 2.0})

    assert points(watcher(tmp_path, ".trial_0001").read()) == [("a", 2, 2.0)]


def test_every_restart_of_a_trial_is_read(tmp_path: Path) -> None:
    seen = watcher(tmp_path)
    for start in range(5):
        logger(tmp_path, start=start).scalars(start + 1, {"a": 1.0})
        assert [m.step for m in seen.read()] == [start + 1]


def test_without_a_suffix_every_file_of_every_subfolder_is_read(tmp_path: Path) -> None:
    logger(tmp_path / "a").scalars(1, {"a": 1.0})
    logger(tmp_path / "b/c").scalars(2, {"a": 2.0})
    (tmp_path / "b/notes.txt").write_text("not events")

    assert points(watcher(tmp_path, "").read()) == [("a", 1, 1.0), ("a", 2, 2.0)]


def test_a_folder_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    assert watcher(tmp_path / "later").read() == []
    assert watcher(tmp_path / "later", "").read() == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.floats(0, 1), max_size=6))
def test_a_record_written_in_parts_is_read_once_it_is_whole(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[float]
) -> None:
    folder = tmp_path_factory.mktemp("tb")
    log = logger(folder)
    for step in range(5):
        log.scalars(step, {"a": float(step)})
    (path,) = folder.iterdir()
    data = path.read_bytes()
    seen, found = watcher(folder), list[Any]()

    for size in sorted(int(cut * len(data)) for cut in cuts):
        path.write_bytes(data[:size])
        found += seen.read()
    path.write_bytes(data)
    found += seen.read()

    assert points(found) == [("a", step, float(step)) for step in range(5)]


def test_a_damaged_file_is_named_once_and_others_are_still_read(tmp_path: Path) -> None:
    log = logger(tmp_path)
    log.scalars(1, {"a": 1.0})
    (path,) = tmp_path.iterdir()
    with open(path, "ab") as file:
        file.write(b"garbage" * 10)
    seen = watcher(tmp_path)

    assert points(seen.read()) == [("a", 1, 1.0)]
    with pytest.raises(ValueError, match="event file is damaged at byte"):
        seen.read()
    logger(tmp_path, start=1).scalars(2, {"a": 2.0})
    assert points(seen.read()) == [("a", 2, 2.0)]


def test_a_frame_that_is_no_event_is_damage(tmp_path: Path) -> None:
    EventWriter(tmp_path / "events.out.tfevents.1.trial_0000").write(b"\xff\xff\xff")
    seen = watcher(tmp_path)

    assert seen.read() == []
    with pytest.raises(ValueError, match="event is damaged"):
        seen.read()


def test_a_removed_file_is_forgotten(tmp_path: Path) -> None:
    logger(tmp_path).scalars(1, {"a": 1.0})
    seen = watcher(tmp_path)
    seen.read()
    next(tmp_path.iterdir()).unlink()

    assert seen.read() == []


@pytest.mark.parametrize(
    ("tensor", "expected"),
    [
        ({"dtype": 1, "float_val": [0.5]}, 0.5),
        ({"dtype": 2, "tensor_content": struct.pack("<d", 0.1)}, 0.1),
        ({"dtype": 9, "int64_val": [7]}, 7.0),
        ({"dtype": 1, "float_val": [1, 2], "tensor_shape": {"dim": [{"size": 2}]}}, None),
        ({"dtype": 7, "string_val": [b"text"]}, None),
        ({"dtype": 1}, None),
    ],
)
def test_scalars_of_the_newer_format_are_understood(
    tmp_path: Path, tensor: dict[str, Any], expected: float | None
) -> None:
    from tensorboard.compat.proto.event_pb2 import Event

    event = Event(step=3, wall_time=1.0, summary={"value": [{"tag": "loss", "tensor": tensor}]})
    EventWriter(tmp_path / "events.out.tfevents.1").write(event.SerializeToString())

    found = points(watcher(tmp_path, "").read())

    assert found == ([] if expected is None else [("loss", 3, expected)])


def rolled_back_run(folder: Path) -> list[tuple[int, float]]:
    """Три trial-а в одной папке: второй откачен на середине, третий его переписал."""
    for trial, start, end in ((0, 0, 100), (1, 100, 180), (2, 100, 200)):
        log = logger(folder, trial, start)
        for step in range(start + 10, end + 1, 10):
            log.scalars(step, {"training.loss": float(trial), "val_loss": float(trial)})
        log.close()
    return [(step, 0.0 if step <= 100 else 2.0) for step in range(10, 201, 10)]


def test_tensorboard_shows_one_continuous_curve_over_trials(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    expected = rolled_back_run(tmp_path)
    accumulator = EventAccumulator(str(tmp_path), size_guidance={"scalars": 0}).Reload()

    for tag in ("training.loss", "validation.loss"):
        assert [(e.step, e.value) for e in accumulator.Scalars(tag)] == expected


def test_the_tensorboard_server_shows_one_continuous_curve_too(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    expected = rolled_back_run(tmp_path)
    multiplexer = EventMultiplexer(tensor_size_guidance={"scalars": 0})
    multiplexer.AddRun(str(tmp_path), "run")
    multiplexer.Reload()

    found = multiplexer.Tensors("run", "training.loss")

    assert [(e.step, float(e.tensor_proto.float_val[0])) for e in found] == expected


def test_pictures_and_sounds_are_shown(tmp_path: Path) -> None:
    from PIL import Image
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, 3), np.uint8)
    log = logger(tmp_path)
    log.picture(3, Picture("alignment", pixels))
    log.sound(3, Sound("sample", np.array([0.0, 0.5, -2.0], np.float32), 22050))
    log.close()

    shown = EventAccumulator(str(tmp_path)).Reload()

    (image,) = shown.Images("alignment")
    assert (image.width, image.height, image.step) == (7, 5, 3)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(image.encoded_image_string))), pixels)
    (audio,) = shown.Audio("sample")
    with wave.open(io.BytesIO(audio.encoded_audio_string)) as file:
        samples = np.frombuffer(file.readframes(9), "<i2")
    assert (audio.sample_rate, audio.length_frames) == (22050, 3)
    assert samples.tolist() == [0, 16384, -32767]


def test_a_log_that_never_wrote_leaves_no_file(tmp_path: Path) -> None:
    logger(tmp_path).close()

    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_whole_records_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.out.tfevents.1"
    writer, real = EventWriter(path), os.write

    def half(descriptor: int, data: Any) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return real(descriptor, bytes(data)[: len(data) // 2])

    writer.write(b"first record")
    size = path.stat().st_size
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(OSError):
            writer.write(b"second record")

    assert path.stat().st_size == size
    writer.write(b"third")
    writer.close()
    writer.close()


def test_training_logs_the_reference_tags(tiny_run: Callable[..., Path], tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from tts_framework import config_file
    from tts_framework.training import start
    from tts_framework.training.screen import Screen
    from tts_framework.training.stop_request import StopRequest

    request = start.Request(config_file.load(tiny_run()), until_iteration=50)
    start.train(request, Screen(io.StringIO()), StopRequest())

    tags = EventAccumulator(str(tmp_path / "output/tiny/tb")).Reload().Tags()["scalars"]
    assert set(tags) >= {
        "training.loss",
        "grad.norm",
        "learning.rate",
        "duration",
        "validation.loss",
        "val_distance",
    }


def test_the_watcher_needs_neither_torch_nor_numpy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path\n"
        "from tts_framework.components import TrialSource\n"
        "from tts_framework.builtin.tensorboard import TensorBoardWatcher as W\n"
        "w = W(W.Config(), TrialSource(0, Path('.'), Path('.'), '', {})); w.read()\n"
        "print({'torch', 'numpy', 'mlflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
