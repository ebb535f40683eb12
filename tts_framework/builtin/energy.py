"""energy: речь там, где громче шума; ничего, кроме numpy, не требует."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from tts_framework.components import Detector, Options
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    import numpy as np

    from tts_framework.speech.segmenting.loudness_track import BandTrack


class Energy(Detector):
    """Сравнивает громкость кадра с уровнем шума вокруг, отдельно в двух полосах частот.

    Порог — доля размаха между шумом и речью, поэтому годится и тихая, и шумная запись; музыку и
    стук от речи не отличает.
    """

    class Config(Options):
        """Порог речи над шумом."""

        share: float = Field(
            0.3, gt=0, lt=1, description="Порог: доля размаха (дБ) от уровня шума до уровня речи."
        )
        lowest: float = Field(3.0, gt=0, description="Порог не ниже этого, дБ над шумом.")
        highest: float = Field(10.0, gt=0, description="Порог не выше этого, дБ над шумом.")

    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self._track: BandTrack | None = None

    def feed(self, samples: np.ndarray) -> None:
        if self._track is None:
            from tts_framework.speech.segmenting.loudness_track import BandTrack

            self._track = BandTrack(self.frame, self.sampling_rate)
        self._track.add(samples)

    def probabilities(self) -> np.ndarray:
        from tts_framework.speech.segmenting.loudness_track import above_noise

        levels = self._track.levels() if self._track else None
        return above_noise(levels, self.config.share, self.config.lowest, self.config.highest)


@hookimpl
def ttsf_detector() -> type[Detector]:
    return Energy
