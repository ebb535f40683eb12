"""Контракт расшифровщика.

class TestMine(TranscriberContract):
    plugin = "mine"
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

import numpy as np
import pytest

from tts_framework.components import Transcriber, Transcript
from tts_framework.testing.contract import Contract
from tts_framework.testing.corpus import TinyCorpus
from tts_framework.testing.demand import demand


class TranscriberContract(Contract):
    """Клипу — расшифровка, соседи не влияют, времена внутри клипа, рецепт назван.

    `tolerance` — на сколько может разойтись уверенность одного клипа в разных пачках.
    """

    kind: ClassVar[str] = "transcriber"
    tolerance: ClassVar[float] = 1e-3

    @pytest.fixture
    def transcriber(self, cls: type[Any], config: Any) -> Transcriber:
        """Расшифровщик с проверяемыми options."""
        made: Transcriber = cls(config)
        return made

    @pytest.fixture
    def clips(self, cls: type[Any], tiny_corpus: TinyCorpus) -> list[np.ndarray]:
        """Три клипа настоящей речи на частоте расшифровщика; переопределите для своего языка."""
        from tts_framework.speech.audio import read_wav, resample

        tiny_corpus.require_speech()
        rate = tiny_corpus.audio.sampling_rate
        wavs = tiny_corpus.wavs[:3]
        return [resample(read_wav(path, rate), rate, cls.sampling_rate) for path in wavs]

    def test_every_clip_has_its_transcript(
        self, transcriber: Transcriber, clips: list[np.ndarray]
    ) -> None:
        found = transcriber.transcribe(clips)
        demand(len(found) == len(clips), f"{len(clips)} clips, {len(found)} answers", "one for one")
        for clip, transcript in zip(clips, found):
            _check(transcript, len(clip) / transcriber.sampling_rate)

    def test_no_clips_no_transcripts(self, transcriber: Transcriber) -> None:
        demand(transcriber.transcribe([]) == [], "no clips give something", "return []")

    @pytest.mark.parametrize("samples", [0, 1, 800, 16000])
    def test_scraps_and_silence_are_survived(self, transcriber: Transcriber, samples: int) -> None:
        (found,) = transcriber.transcribe([np.zeros(samples, np.float32)])
        _check(found, samples / transcriber.sampling_rate)

    def test_neighbours_do_not_change_what_is_heard(
        self, transcriber: Transcriber, clips: list[np.ndarray]
    ) -> None:
        together = transcriber.transcribe(clips)
        alone = [transcriber.transcribe([clip])[0] for clip in clips]
        reversed_ = transcriber.transcribe(clips[::-1])[::-1]
        for one, other in [*zip(together, alone), *zip(together, reversed_)]:
            near = abs(one.confidence - other.confidence) <= self.tolerance
            demand(
                one.text == other.text and near,
                f"{one.text!r} ({one.confidence:.3f}) and {other.text!r} ({other.confidence:.3f})",
                "forget earlier clips: an interrupted job goes on from another place",
            )

    def test_the_recipe_names_what_the_answer_depends_on(
        self, cls: type[Any], transcriber: Transcriber
    ) -> None:
        recipe = transcriber.recipe
        same = cls(cls.Config(**self.options)).recipe
        try:
            plain = json.loads(json.dumps(recipe)) == recipe
        except (TypeError, ValueError):
            plain = False
        demand(
            plain and recipe == same,
            f"recipe {recipe!r} is not stable JSON",
            "return plain JSON types, equal for equal options",
        )

    def test_the_numbers_of_the_class_are_sane(self, transcriber: Transcriber) -> None:
        sane = (
            0 <= transcriber.trusted <= 1
            and transcriber.batch >= 1
            and transcriber.sampling_rate >= 8000
        )
        demand(sane, "trusted, batch or sampling_rate is out of range", "0..1, >= 1, Hz")


def _check(found: Transcript, seconds: float) -> None:
    numbers = (found.confidence, found.no_speech, *(word.confidence for word in found.words))
    demand(
        all(0 <= number <= 1 for number in numbers), f"confidences {numbers}", "keep them in 0..1"
    )
    demand(found.text.isprintable(), f"text {found.text!r} is not one line", "join the lines")
    outside = [w for w in found.words if not 0 <= w.start <= w.end <= seconds + 0.05]
    demand(not outside, f"words outside of {seconds:.2f} s: {outside[:2]}", "clip their times")
