"""`ttsf synthesize`: текст -> звук по одному чекпоинту (и вокодеру, если он есть)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tts_framework.components import Sound, Voice
    from tts_framework.plugins import Plugins

PAUSE_SECONDS = 0.3


def synthesize(
    checkpoint: Annotated[
        Path, typer.Option("--checkpoint", "-c", help="A checkpoint that 'ttsf train' wrote.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The WAV file to write.")],
    text: Annotated[str | None, typer.Option(help="What to say.")] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Say the lines of this file; '-' reads stdin."),
    ] = None,
    vocoder: Annotated[
        Path | None,
        typer.Option(help="A checkpoint of a model that maps mel to audio, not Griffin-Lim."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed says it the same way.")] = 0,
    iterations: Annotated[int, typer.Option(min=1, help="Griffin-Lim iterations.")] = 60,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "cpu",
) -> None:
    """Озвучь текст, запиши WAV и скажи, сколько это заняло."""
    import time

    from tts_framework.plugins import Plugins

    lines = spoken_lines(text, file)
    _require_writable(out)
    plugins = Plugins()
    voices = [open_voice(path, device, plugins) for path in (checkpoint, vocoder) if path]
    require_chain(voices)
    started = time.perf_counter()
    sounds = [say(line, voices, seed, iterations) for line in lines]
    samples, sampling_rate = joined(sounds)
    elapsed = time.perf_counter() - started

    from tts_framework.speech.audio import write_wav

    write_wav(out, samples, sampling_rate)
    seconds = len(samples) / sampling_rate
    typer.echo(
        f"{out}: {seconds:.2f} s of speech at {sampling_rate} Hz in {elapsed:.2f} s"
        f" (real-time factor {elapsed / max(seconds, 1e-9):.2f})"
    )


def spoken_lines(text: str | None, file: str | None) -> list[str]:
    """Верни непустые строки для озвучивания.

    Raises:
        TTSFError: текст не задан, задан дважды, пуст или файл не читается.
    """
    from tts_framework.errors import TTSFError

    if (text is None) == (file is None):
        raise TTSFError("give exactly one of --text and --file ('--file -' reads stdin)")
    if file is None:
        content = text or ""
    else:
        try:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            content = raw.decode("utf-8-sig")
        except OSError as error:
            raise TTSFError(f"--file {file}: {error.strerror}; give a text file") from error
        except UnicodeDecodeError as error:
            raise TTSFError(f"--file {file}: not UTF-8 text; convert it to UTF-8") from error
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if not lines:
        raise TTSFError(f"--{'text' if file is None else 'file'}: there is nothing to say")
    return lines


def open_voice(path: Path, device: str, plugins: Plugins) -> Voice:
    """Узнай модель по самому чекпоинту и подними её голос.

    Raises:
        CheckpointError: чекпоинт не говорит, какой он модели.
    """
    from tts_framework.errors import CheckpointError
    from tts_framework.training import checkpoint

    model = checkpoint.read(path).get("model")
    name = model.get("use") if isinstance(model, dict) else None
    if not isinstance(name, str):
        raise CheckpointError(
            f"{path}: the checkpoint does not say which model it is of; continue it with"
            " 'ttsf train --checkpoint_path' and use the checkpoint that writes"
        )
    voice: Voice = plugins.get("model", name).voice(path, device)
    return voice


def require_chain(voices: list[Voice]) -> None:
    """Проверь, что голоса стыкуются в путь от текста к звуку или mel.

    Raises:
        TTSFError: первый голос не читает текст или вокодер не продолжает его.
    """
    from tts_framework.errors import TTSFError

    needed = "text"
    for voice, option in zip(voices, ("--checkpoint", "--vocoder"), strict=False):
        if voice.maps[0] != needed:
            raise TTSFError(
                f"{option}: the model maps {voice.maps[0]} to {voice.maps[1]}, but {needed} must"
                " be turned here; choose another checkpoint"
            )
        needed = voice.maps[1]


def say(line: str, voices: list[Voice], seed: int, iterations: int) -> Sound:
    """Проведи строку через голоса; mel, которую никто не озвучил, обратит Griffin-Lim."""
    import warnings

    from tts_framework.components import Mel, Sound
    from tts_framework.speech.mels import griffin_lim

    product: Any = line
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for voice in voices:
            product = voice(product, seed=seed)
    for warning in caught:
        typer.echo(f"warning: {line[:40]!r}: {warning.message}", err=True)
    if isinstance(product, Mel):
        samples = griffin_lim(product.frames, product.audio, iterations, seed)
        return Sound("speech", samples, product.audio.sampling_rate)
    return product


def joined(sounds: list[Sound]) -> tuple[Any, int]:
    """Соедини звуки одной частоты через короткую паузу: отсчёты `[N]` и частота, Гц."""
    import numpy as np

    sampling_rate = sounds[0].sampling_rate
    pause = np.zeros(int(PAUSE_SECONDS * sampling_rate), dtype=np.float32)
    parts = [part for sound in sounds for part in (pause, sound.samples)]
    return np.concatenate(parts[1:]), sampling_rate


def _require_writable(out: Path) -> None:
    """Откажи до синтеза, а не после него."""
    import os

    from tts_framework.errors import TTSFError

    folder = next(parent for parent in out.absolute().parents if parent.exists())
    if out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise TTSFError(f"--out {out}: cannot be written; give a file in a writable folder")
