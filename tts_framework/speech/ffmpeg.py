"""Программа ffmpeg: системная или из колеса `imageio-ffmpeg` (extra `ffmpeg`)."""

from __future__ import annotations

import shutil
from importlib.util import find_spec


def program() -> str | None:
    """Верни путь к ffmpeg; None, если её нигде нет."""
    found = shutil.which("ffmpeg")
    if found is None and find_spec("imageio_ffmpeg"):
        import imageio_ffmpeg

        try:
            found = str(imageio_ffmpeg.get_ffmpeg_exe())
        except RuntimeError:  # колесо без программы для этой системы
            found = None
    return found


ADVICE = "apt install ffmpeg, or pip install 'tts-framework[ffmpeg]'"
