"""Стопперы."""

from __future__ import annotations

from pydantic import Field
from ttsf_kit_cases import broken

from tts_framework.components import Options, Stopper
from tts_framework.testing import StopperContract as Checked

__all__ = ["Checked", "Sound"]


class Sound(Stopper):
    """Stops after so many trials."""

    class Config(Options):
        """How many."""

        trials: int = Field(10, gt=0, description="Trials that are enough.")

    def stop_tuning(self, past):
        return f"{len(past.trials)} trials" if len(past.trials) >= self.config.trials else None


WORDS = "test_an_answer_is_a_reason_in_words_or_nothing"
AWKWARD = "test_an_awkward_past_is_survived"


@broken(WORDS, "answers True; return the reason as one line of words, or None")
class SaysYes(Sound):
    def stop_tuning(self, past):
        return len(past.trials) > 3 or None


@broken(WORDS, "answers False")
class SaysNo(Sound):
    def stop_trial(self, trial, past):
        return False


@broken(WORDS, r"answers 'enough\n30 trials'")
class TwoLines(Sound):
    def stop_tuning(self, past):
        return f"enough\n{len(past.trials)} trials"


@broken(WORDS, "IndexError")
class NeedsATrial(Sound):
    def stop_tuning(self, past):
        return past.trials[-1].reason or None


@broken("test_the_same_past_gives_the_same_answer", "one past gives different answers; keep no st")
class Counts(Sound):
    asked = 0

    def stop_tuning(self, past):
        self.asked += 1
        return "three questions" if self.asked >= 2 else None


@broken(AWKWARD, "ValueError: cannot convert float NaN to integer")
class NeedsNumbers(Sound):
    def stop_trial(self, trial, past):
        return None if trial.value is None or round(trial.value) else "zero"


@broken(AWKWARD, "KeyError: 'learning_rate'")
class NeedsARate(Sound):
    def stop_trial(self, trial, past):
        return None if trial.hparams["learning_rate"] else "zero"
