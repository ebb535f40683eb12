"""Длительности символов из внимания: `python -m ttsf_tacotron2.export_durations CKPT LIST...`.

Модель пересказывает каждый клип с подсказкой, по вниманию ищется самый вероятный монотонный путь
(MAS), концы символов пишутся в `durations/ID.json` возле клипов - для любой модели, которой
нужны длительности. Готовые файлы того же текста повторно не считаются: прерванное можно повторить.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from tts_framework.errors import DataError, TTSFError
from tts_framework.speech import durations, filelist
from tts_framework.speech.audio import read_wav
from tts_framework.speech.filelist import Clip
from tts_framework.speech.mels import mel_spectrogram
from tts_framework.speech.phones.monotonic import best_durations
from ttsf_tacotron2.voice import Tacotron2Voice

Report = Callable[[int, int, str], None]


def export(
    checkpoint: Path,
    lists: Sequence[Path],
    *,
    device: str = "cpu",
    progress: Report = lambda done, total, what: None,
) -> int:
    """Выгрузи длительности клипов списков; верни, сколько пришлось посчитать.

    Raises:
        CheckpointError: это не чекпоинт Tacotron 2; DataError: клип или текст не годится.
    """
    voice = Tacotron2Voice(checkpoint, device)
    clips = [clip for path in lists for clip in filelist.read(path)]
    made = 0
    for done, clip in enumerate(clips, start=1):
        made += _one(voice, clip)
        progress(done, len(clips), "durations")
    return made


def _one(voice: Tacotron2Voice, clip: Clip) -> bool:
    """Выгрузи один клип; False - он уже выгружен."""
    codes = voice.frontend.encode(clip.text)
    names = [voice.frontend.symbols[code] for code in codes]
    samples = read_wav(clip.path, voice.audio.sampling_rate)
    path, seconds = durations.beside(clip.path), len(samples) / voice.audio.sampling_rate
    try:
        if durations.read(path, names, seconds) is not None:
            return False
    except DataError:
        pass  # от прежнего текста или повреждён: посчитаем заново
    attention = _attention(voice, codes, mel_spectrogram(samples, voice.audio))
    ends = symbol_ends(attention, voice.reduction_factor) * (
        voice.audio.hop_length / voice.audio.sampling_rate
    )
    durations.write(path, names, [*ends[:-1].clip(max=seconds).tolist(), seconds])
    return True


def _attention(voice: Tacotron2Voice, codes: list[int], mel: np.ndarray) -> np.ndarray:
    """Верни внимание пересказа `[steps, N]`; зерно постоянно."""
    device = voice.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        with torch.inference_mode():
            outputs = voice.network(
                torch.tensor([codes], device=device),
                torch.tensor([len(codes)], device=device),
                torch.from_numpy(np.array(mel, dtype=np.float32))[None].to(device),
                torch.tensor([mel.shape[1]], device=device),
            )
    return np.asarray(outputs.alignments[0].float().cpu().numpy())


def symbol_ends(attention: np.ndarray, reduction_factor: int) -> np.ndarray:
    """Верни концы символов `[N]` в кадрах по вниманию `[steps, N]`.

    Шаг декодера дробится на столько частей, чтобы каждому символу хватило хотя бы одной.
    """
    steps, symbols = attention.shape
    parts = max(1, -(-symbols // steps))
    scores = np.log(np.maximum(attention, 1e-8)).repeat(parts, axis=0)
    found = best_durations(scores[None], np.array([steps * parts]), np.array([symbols]))[0]
    return np.asarray(np.cumsum(found) * (reduction_factor / parts))


def main(arguments: Sequence[str] | None = None) -> int:
    """Разбери командную строку и выгрузи; верни код завершения."""
    parser = argparse.ArgumentParser(
        prog="python -m ttsf_tacotron2.export_durations",
        description="Write durations/ID.json of every clip from the attention of a Tacotron 2.",
        epilog="example: python -m ttsf_tacotron2.export_durations output/run/best_model.ckpt"
        " data/ru_nsh/train.csv data/ru_nsh/validation.csv",
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("lists", type=Path, nargs="+", metavar="LIST")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or cuda:N")
    options = parser.parse_args(arguments)

    def shown(done: int, total: int, what: str) -> None:
        if done == total or done % 20 == 0:
            print(f"{what}: {done}/{total}", flush=True)

    try:
        made = export(options.checkpoint, options.lists, device=options.device, progress=shown)
    except TTSFError as error:
        print(f"error: {error}", file=sys.stderr)
        return int(error.exit_code)
    print(f"{made} clip(s) exported")
    return 0


if __name__ == "__main__":
    sys.exit(main())
