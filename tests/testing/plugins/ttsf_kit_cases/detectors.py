"""Детекторы речи."""

from __future__ import annotations

import numpy as np
from ttsf_kit_cases import broken

from tts_framework.components import Detector
from tts_framework.testing import DetectorContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Detector):
    """Takes whatever is loud for speech."""

    def __init__(self, config):
        super().__init__(config)
        self.levels = [np.zeros(0, np.float32)]

    def feed(self, samples):
        self.levels.append(self.level(samples))

    def level(self, samples):
        return np.sqrt((samples.reshape(-1, self.frame) ** 2).mean(1))

    def probabilities(self):
        return (np.concatenate(self.levels) > 0.005).astype(np.float32)


EVERY = "test_every_frame_has_a_probability"


@broken(EVERY, "frames; one per frame")
class LosesFrames(Sound):
    def probabilities(self):
        return super().probabilities()[:-1]


@broken(EVERY, "probabilities leave 0..1; clip or scale")
class Percent(Sound):
    def probabilities(self):
        return 100 * super().probabilities()


@broken("test_pieces_give_the_same_answer_as_the_whole", "carry the state over the border")
class JudgesPieces(Sound):
    def level(self, samples):
        found = super().level(samples)
        return found - found.mean()


@broken("test_speech_is_told_from_silence", "silence 0.40, speech 0.40; 0.5 must lie between them")
class Deaf(Sound):
    def probabilities(self):
        return np.full_like(super().probabilities(), 0.4)


@broken("test_an_empty_recording_has_no_frames", "ValueError: need at least one array")
class NeedsSamples(Sound):
    def __init__(self, config):
        super().__init__(config)
        self.levels = []


@broken("test_it_travels_to_a_worker_process", "the class or its Config cannot be pickled")
class Local(Sound):
    __qualname__ = "made.<locals>.Local"
