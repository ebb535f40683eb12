"""DNSMOS P.835 одной записи."""

from __future__ import annotations

from tts_framework.components import Sound


def dnsmos(sound: Sound) -> dict[str, float]:
    """Верни оценки 1-5: `ovrl`, `sig`, `bak` (P.835) и `p808`.

    Raises:
        DataError: не установлено дополнение `dnsmos`; запись пуста или с NaN.
    """
    raise NotImplementedError
