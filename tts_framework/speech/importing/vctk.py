"""Раскладка VCTK: `wav48/` или `wav48_silence_trimmed/` и `txt/`, по папке на диктора."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tts_framework.components import BadRecord, Recording
from tts_framework.errors import DataError
from tts_framework.speech.fence import Fence
from tts_framework.speech.importing.lists import read_text, shown
from tts_framework.speech.importing.options import VctkOptions

SOUNDS = ("wav48_silence_trimmed", "wav48")


def recordings(config: VctkOptions, source: Path) -> Iterator[Recording | BadRecord]:
    """Перечисли записи названного микрофона; у VCTK 0.80 он один.

    Raises:
        DataError: папок со звуком нет.
    """
    sounds = next((source / name for name in SOUNDS if (source / name).is_dir()), None)
    if sounds is None:
        raise DataError(f"{source}: no {' or '.join(SOUNDS)}; is it VCTK?")
    skipped = {name.strip() for name in config.skip.split(",")}
    heard: set[tuple[str, str]] = set()
    fence = Fence(source)
    for speaker in sorted(folder for folder in sounds.iterdir() if folder.is_dir()):
        if speaker.name in skipped:
            continue
        for wav in sorted(speaker.iterdir()):
            id = _utterance(wav, config.mic)
            if id is not None:
                heard.add((speaker.name, id))
                yield _recording(source, fence, speaker.name, id, wav)
    yield from _without_sound(source, heard, skipped)


def _utterance(wav: Path, mic: str) -> str | None:
    """Верни имя фразы; None — не звук или другой микрофон."""
    if wav.suffix.lower() not in (".wav", ".flac") or wav.name.startswith("."):
        return None
    if wav.stem.endswith(("_mic1", "_mic2")):
        return wav.stem[:-5] if wav.stem.endswith(mic) else None
    return wav.stem


def _recording(
    source: Path, fence: Fence, speaker: str, id: str, wav: Path
) -> Recording | BadRecord:
    path = source / "txt" / speaker / f"{id}.txt"
    try:
        text = read_text(path, fence)
    except DataError as error:
        if not path.exists():
            return BadRecord(
                shown(wav), f"no text in {shown(path)}; write it or --set skip={speaker}"
            )
        return BadRecord(shown(wav), str(error))
    return Recording(id, text.strip(), wav, speaker, where=f"{shown(path)}:1")


def _without_sound(
    source: Path, heard: set[tuple[str, str]], skipped: set[str]
) -> Iterator[BadRecord]:
    for path in sorted(source.glob("txt/*/*.txt")):
        speaker = path.parent.name
        if (speaker, path.stem) not in heard and speaker not in skipped:
            yield BadRecord(shown(path), "no sound of this text; remove it or restore the sound")
