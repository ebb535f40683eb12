"""Расшифровщики."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from ttsf_kit_cases import broken

from tts_framework.components import Transcriber, Transcript, Word
from tts_framework.testing import TranscriberContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Transcriber):
    """Hears one word in whatever is loud."""

    @property
    def recipe(self):
        return {"transcriber": "sound", "loud": 1e-3}

    def transcribe(self, clips):
        return [self.heard(clip) for clip in clips]

    def heard(self, clip):
        if not len(clip) or abs(clip).max() < 1e-3:
            return Transcript("", 0.0, no_speech=1.0)
        level = float(abs(clip).mean())
        word = Word("ла", 0.0, len(clip) / self.sampling_rate, min(1.0, level))
        return Transcript(f"ла {level:.6f}", min(1.0, level), (word,))


class Changes(Sound):
    """Hears the same, says it otherwise."""

    def heard(self, clip):
        return dataclasses.replace(super().heard(clip), **self.instead(clip))


EVERY = "test_every_clip_has_its_transcript"
SCRAPS = "test_scraps_and_silence_are_survived"
NUMBERS = "test_the_numbers_of_the_class_are_sane"
RECIPE = "test_the_recipe_names_what_the_answer_depends_on"


@broken(EVERY, "3 clips, 1 answers; one for one")
class OneAnswer(Sound):
    def transcribe(self, clips):
        return super().transcribe(clips)[:1]


@broken(EVERY, "confidences (110.0, ")
class Percent(Changes):
    def instead(self, clip):
        return {"confidence": 110.0}


@broken(EVERY, "is not one line; join the lines")
class TwoLines(Changes):
    def instead(self, clip):
        return {"text": "ла\nла"}


@broken(EVERY, "words outside of")
class Late(Changes):
    def instead(self, clip):
        return {"words": (Word("ла", 0.0, 60.0, 0.5),)}


@broken("test_no_clips_no_transcripts", "no clips give something")
class AlwaysAnswers(Sound):
    def transcribe(self, clips):
        return super().transcribe(clips) or [Transcript("", 0.0)]


@broken(SCRAPS, "ValueError")
class NeedsSamples(Changes):
    def instead(self, clip):
        return {"no_speech": float(abs(clip).min() < 0)}


@broken(SCRAPS, "confidences (nan, ")
class DividesByNothing(Changes):
    def instead(self, clip):
        with np.errstate(all="ignore"):
            level = np.float64(abs(clip).sum())
            return {"confidence": float(level / level)}


@broken("test_neighbours_do_not_change_what_is_heard", "forget earlier clips")
class Remembers(Changes):
    def __init__(self, config):
        super().__init__(config)
        self.count = itertools.count()

    def instead(self, clip):
        return {"text": f"ла {next(self.count)}"}


@broken(RECIPE, "is not stable JSON; return plain JSON types")
class RecipeOfObjects(Sound):
    @property
    def recipe(self):
        return {"model": object()}


@broken(RECIPE, "is not stable JSON")
class RecipeOfTheDay(Sound):
    @property
    def recipe(self):
        return {"model": id(self)}


@broken(NUMBERS, "trusted, batch or sampling_rate is out of range")
class TrustsInPercent(Sound):
    trusted = 50


@broken(NUMBERS, "0..1, >= 1, Hz")
class EmptyBatches(Sound):
    batch = 0
