"""Вокодер без обучения: замыкает цепочку, когда другого нет."""

from __future__ import annotations

from tts_framework.components import AudioSettings, Mel, Sound, Voice

ITERATIONS = 60


class GriffinLim(Voice):
    """Восстанавливает фазы по mel с любыми настройками."""

    maps = ("mel", "audio")

    def __init__(self, iterations: int = ITERATIONS) -> None:
        self._iterations, self._warm = iterations, False

    def prepare(self, text: str) -> None:
        """Импортируй библиотеки: при первом вызове это дольше самой работы."""
        if not self._warm:
            self._warm = True
            import numpy as np

            from tts_framework.speech.mels import griffin_lim

            audio = AudioSettings()
            griffin_lim(np.zeros((audio.n_mel_channels, 2), np.float32), audio, 1)

    def __call__(self, source: Mel, *, seed: int = 0) -> Sound:
        from tts_framework.speech.mels import griffin_lim

        samples = griffin_lim(source.frames, source.audio, self._iterations, seed)
        return Sound("speech", samples, source.audio.sampling_rate)
