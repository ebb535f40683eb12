"""Контракт детектора речи."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import numpy as np
import pytest

from tts_framework.components import Detector
from tts_framework.testing.contract import Contract
from tts_framework.testing.corpus import TinyCorpus
from tts_framework.testing.demand import Broken, demand


class DetectorContract(Contract):
    """Вероятность на каждый кадр, куски не меняют ответа, речь отличается от тишины."""

    kind: ClassVar[str] = "detector"

    @pytest.fixture
    def recording(self, cls: type[Any], tiny_corpus: TinyCorpus) -> np.ndarray:
        """Тишина, речь, тишина: float32 [N], N кратно кадру."""
        from tts_framework.speech.audio import read_wav, resample

        rate = tiny_corpus.audio.sampling_rate
        speech = resample(read_wav(tiny_corpus.wavs[0], rate), rate, cls.sampling_rate)
        pause = np.zeros(cls.sampling_rate, np.float32)
        whole = np.concatenate([pause, speech, pause]).astype(np.float32)
        return whole[: len(whole) // cls.frame * cls.frame]

    def hear(self, cls: type[Any], pieces: list[np.ndarray]) -> np.ndarray:
        """Прослушай запись по кускам."""
        detector: Detector = cls(cls.Config(**self.options))
        for piece in pieces:
            detector.feed(piece)
        return detector.probabilities()

    def test_every_frame_has_a_probability(self, cls: type[Any], recording: np.ndarray) -> None:
        found = self.hear(cls, [recording])
        frames = len(recording) // cls.frame
        demand(found.shape == (frames,), f"{found.shape} for {frames} frames", "one per frame")
        demand(
            bool(((found >= 0) & (found <= 1)).all()), "probabilities leave 0..1", "clip or scale"
        )

    def test_pieces_give_the_same_answer_as_the_whole(
        self, cls: type[Any], recording: np.ndarray
    ) -> None:
        cuts = [cls.frame, 7 * cls.frame, 20 * cls.frame]
        pieces = self.hear(cls, np.split(recording, cuts))
        near = np.allclose(pieces, self.hear(cls, [recording]), atol=1e-4)
        demand(near, "pieces and the whole differ", "carry the state over the border of a piece")

    def test_speech_is_told_from_silence(
        self, cls: type[Any], recording: np.ndarray, tiny_corpus: TinyCorpus
    ) -> None:
        tiny_corpus.require_speech()
        found = self.hear(cls, [recording])
        edge = cls.sampling_rate // cls.frame - 2
        silent, spoken = float(found[:edge].max()), float(found[edge:-edge].max())
        demand(
            silent < 0.5 < spoken,
            f"silence {silent:.2f}, speech {spoken:.2f}",
            "0.5 must lie between them",
        )

    def test_it_travels_to_a_worker_process(self, cls: type[Any], config: Any) -> None:
        try:
            travelled = pickle.loads(pickle.dumps((cls, config)))
        except Exception as error:
            why = f"the class or its Config cannot be pickled: {error}"
            raise Broken(why, "define them at the top level of a module") from error
        demand(travelled == (cls, config), "pickling changes the options", "keep them plain")

    def test_an_empty_recording_has_no_frames(self, cls: type[Any]) -> None:
        demand(len(self.hear(cls, [])) == 0, "no samples give frames", "return an empty array")
