"""Отчёт о скорости: по фразе на строку и итог; загрузка моделей стоит отдельно."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tts_framework.synthesis.speaking import Spoken


@dataclass(frozen=True)
class Summary:
    """Итог: длина речи и цена её частей, секунд; `first_audio` - только у потока."""

    phrases: int
    symbols: int
    seconds: float
    front_end: float
    acoustic: float
    vocoder: float
    loading: float
    confidence: float | None
    sampling_rate: int
    first_audio: float | None = None

    @property
    def spent(self) -> float:
        """Верни время всей работы без загрузки."""
        return self.front_end + self.acoustic + self.vocoder

    @property
    def rtf(self) -> float:
        """Верни, сколько секунд работы стоит секунда речи."""
        return factor(self.spent, self.seconds)


def summary(
    rows: Sequence[Spoken], loading: float, sampling_rate: int, first_audio: float | None = None
) -> Summary:
    """Сложи строки; уверенность - худшей фразы."""
    known = [row.work.confidence for row in rows if row.work.confidence is not None]
    return Summary(
        phrases=len(rows),
        symbols=sum(row.symbols for row in rows),
        seconds=sum(row.seconds for row in rows),
        front_end=sum(row.front_end for row in rows),
        acoustic=sum(row.work.acoustic for row in rows),
        vocoder=sum(row.work.vocoder for row in rows),
        loading=loading,
        confidence=min(known, default=None),
        sampling_rate=sampling_rate,
        first_audio=first_audio,
    )


def factor(spent: float, seconds: float) -> float:
    """Верни фактор реального времени; у тишины без длины он бесконечен."""
    return spent / seconds if seconds > 0 else float("inf")


def to_dict(rows: Sequence[Spoken], total: Summary, **more: Any) -> dict[str, Any]:
    """Верни отчёт JSON-типами; чего нет или что бесконечно - null."""
    return {
        **more,
        "sampling_rate": total.sampling_rate,
        "seconds": round(total.seconds, 4),
        "real_time_factor": _finite(total.rtf),
        "work": _work(total.front_end, total.acoustic, total.vocoder),
        "loading_seconds": round(total.loading, 4),
        "first_audio_seconds": _finite(total.first_audio),
        "confidence": _finite(total.confidence),
        "phrases": [_phrase(row) for row in rows],
    }


def _phrase(row: Spoken) -> dict[str, Any]:
    work = row.work
    return {
        "where": row.where,
        "text": row.text,
        "symbols": row.symbols,
        "seconds": round(row.seconds, 4),
        "work": _work(row.front_end, work.acoustic, work.vocoder),
        "real_time_factor": _finite(factor(row.spent, row.seconds)),
        "confidence": _finite(work.confidence),
        "flags": list(work.flags),
    }


def _work(front_end: float, acoustic: float, vocoder: float) -> dict[str, float]:
    parts = {"front_end": front_end, "acoustic": acoustic, "vocoder": vocoder}
    return {name: round(value, 4) for name, value in parts.items()}


def _finite(value: float | None) -> float | None:
    return (
        None if value is None or value != value or abs(value) == float("inf") else round(value, 4)
    )
