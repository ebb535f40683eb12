"""Срывы синтеза без подсказки, видимые по пути внимания."""

from __future__ import annotations

import numpy as np

from tts_framework.speech.evaluation.attention import NOTICED, checked

FAILURES = ("no_stop", "early_stop", "skipped", "repeated")

END_SYMBOLS = 3
"""Столько символов в конце можно не прочесть: точка, знак конца, редуцированный звук."""
SKIPPED_SYMBOLS = 4
"""Столько символов подряд можно не заметить: их берёт на себя сосед."""
BACK_SYMBOLS = 3
"""На столько символов внимание может отступить."""
SMOOTHING_SECONDS = 0.1
"""Окно медианы, которая убирает из пути прыжки одного-двух шагов: их не слышно."""


def free_running_failures(
    alignment: np.ndarray, stopped: bool, *, step_seconds: float = 0.0125
) -> frozenset[str]:
    """Назови срывы (из `FAILURES`) фразы с вниманием `[T_mel, T_text]`; пусто - срывов нет.

    `stopped` - кончилась ли фраза сама, а не по пределу шагов; `step_seconds` - сколько речи в
    одной строке матрицы (шаг декодера - `reduction_factor * hop_length / sampling_rate`).

    no_stop - не кончилась; early_stop - кончилась, а после последнего замеченного символа их
    больше `END_SYMBOLS` (и четверти текста); skipped - до него больше `SKIPPED_SYMBOLS` подряд не
    замечены; repeated - путь внимания отступил больше чем на `BACK_SYMBOLS` от самого дальнего
    места.

    Raises:
        ValueError: матрица пуста, не двумерна, с NaN или отрицательными весами.
    """
    weights = checked(alignment)
    noticed = weights.max(0) >= _noticed_weight(weights.shape[1])
    symbols = len(noticed)
    read = int(np.flatnonzero(noticed)[-1]) + 1 if noticed.any() else 0
    signs = {
        "no_stop": not stopped,
        "early_stop": stopped and symbols - read > min(END_SYMBOLS, symbols // 4),
        "skipped": _longest_run(~noticed[: read or symbols]) > SKIPPED_SYMBOLS,
        "repeated": _furthest_return(weights.argmax(1), step_seconds) > BACK_SYMBOLS,
    }
    return frozenset(name for name, seen in signs.items() if seen)


def _noticed_weight(symbols: int) -> float:
    """Верни вес замеченного символа; у короткого текста равномерное внимание - не замечание."""
    return min(0.5, max(NOTICED, 1.5 / symbols))


def _longest_run(flags: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _furthest_return(places: np.ndarray, step_seconds: float) -> int:
    """Верни, на сколько символов путь самое большее отступил от уже пройденного."""
    half = max(1, round(SMOOTHING_SECONDS / step_seconds / 2))
    padded = np.pad(places, half, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    return int((np.maximum.accumulate(smooth) - smooth).max())
