"""Журнал обучения в файле событий TensorBoard."""

from __future__ import annotations

import io
import time
import wave
from collections.abc import Mapping
from typing import Any

from tts_framework.components import LogTarget, Picture, Sound
from tts_framework.training.event_file import EventWriter, new_name


class EventLog:
    """Файл событий одного процесса обучения; создаётся с первой записью.

    Вторая запись файла — отметка перезапуска: TensorBoard забывает прежние шаги больше
    `start_iteration`, и файлы нескольких trial-ов складываются в одну кривую.
    """

    def __init__(self, target: LogTarget) -> None:
        self._target = target
        self._writer: EventWriter | None = None

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Запиши скаляры под тегами тренера."""
        rename = self._target.rename
        named = [{"tag": rename.get(tag, tag), "simple_value": v} for tag, v in values.items()]
        self._write(step=step, summary={"value": named})

    def picture(self, step: int, picture: Picture) -> None:
        """Запиши картинку `pixels` [H, W, 3] в PNG."""
        from PIL import Image

        height, width, _ = picture.pixels.shape
        buffer = io.BytesIO()
        Image.fromarray(picture.pixels).save(buffer, "png")
        image = {
            "height": height,
            "width": width,
            "colorspace": 3,
            "encoded_image_string": buffer.getvalue(),
        }
        self._write(step=step, summary={"value": [{"tag": picture.tag, "image": image}]})

    def sound(self, step: int, sound: Sound) -> None:
        """Запиши звук `samples` [N] в WAV, 16 бит."""
        audio = {
            "sample_rate": sound.sampling_rate,
            "num_channels": 1,
            "length_frames": len(sound.samples),
            "encoded_audio_string": _wav(sound),
            "content_type": "audio/wav",
        }
        self._write(step=step, summary={"value": [{"tag": sound.tag, "audio": audio}]})

    def close(self) -> None:
        """Закрой файл, если он был создан."""
        if self._writer is not None:
            self._writer.close()

    def _write(self, **fields: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog

        if self._writer is None:
            self._writer = EventWriter(self._target.log_directory / new_name(self._target.suffix))
            self._write(file_version="brain.Event:2")
            self._write(
                step=self._target.start_iteration + 1, session_log={"status": SessionLog.START}
            )
        self._writer.write(Event(wall_time=time.time(), **fields).SerializeToString())


def _wav(sound: Sound) -> bytes:
    import numpy as np

    pcm = np.round(np.clip(sound.samples, -1.0, 1.0) * 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, sound.sampling_rate, len(pcm), "NONE", ""))
        file.writeframes(pcm.tobytes())
    return buffer.getvalue()
