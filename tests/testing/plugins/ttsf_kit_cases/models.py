"""Модели."""

from __future__ import annotations

import json
import math
import pickle
import random
import signal
import zipfile

import numpy as np
from ttsf_kit_cases import broken

from tts_framework import files
from tts_framework.components import AudioSettings, Mel, Model, Options, Session, Voice, tunable
from tts_framework.errors import CheckpointError
from tts_framework.testing import ModelContract as Checked

__all__ = ["Checked", "Sound"]


class SoundSession(Session):
    """Seeks a vector of ones; the average of the weights is kept for nothing but itself."""

    def __init__(self, config, context):
        self.config, self.batch_size, self.audio = config, context.batch_size, context.audio
        self.random = random.Random(context.seed)
        self.weights = np.array([self.random.gauss(0, 1) for _ in range(4)])
        self.velocity, self.average = np.zeros(4), np.zeros(4)
        self.sums = [0.0, 0.0, 0.0]

    def step(self):
        noise = np.array([self.random.gauss(0, 1) for _ in range(4)]) / self.batch_size
        gradient = self.weights - 1 + noise + self.weight_decay() * self.weights
        self.velocity = 0.5 * self.velocity + gradient
        self.weights = self.weights - self.rate() * self.velocity
        self.average = 0.9 * self.average + 0.1 * self.weights
        self.iteration += 1
        seen = (self.loss(), float(np.linalg.norm(gradient)), 1.0)
        self.sums = [a + b for a, b in zip(self.sums, seen)]

    def rate(self):
        return self.config.learning_rate

    def weight_decay(self):
        return self.config.weight_decay

    def loss(self):
        return float(((self.weights - 1) ** 2).mean())

    def progress(self):
        loss, norm, steps = self.sums
        self.sums = [0.0, 0.0, 0.0]
        found = {"training.loss": loss / max(1, steps), "grad.norm": norm / max(1, steps)}
        return {**found, "learning.rate": self.config.learning_rate}

    def evaluate(self):
        return {"val_loss": self.loss()}

    def state(self):
        return {
            "iteration": self.iteration,
            "random": self.random.getstate(),
            "sums": self.sums,
            "audio": self.audio.model_dump(),
        }

    def arrays(self):
        return {"weights": self.weights, "velocity": self.velocity, "average": self.average}

    def save(self, path):
        state = np.frombuffer(json.dumps(self.state()).encode(), np.uint8)
        with files.replacing(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **self.arrays(), state=state)

    def load(self, path, *, warm_start=False):
        arrays, state = read(path)
        self.weights = arrays["weights"]
        if not warm_start:
            self.velocity, self.average = arrays["velocity"], arrays["average"]
            self.restore(state)

    def restore(self, state):
        self.iteration, self.sums = state["iteration"], state["sums"]
        version, internal, gauss = state["random"]
        self.random.setstate((version, tuple(internal), gauss))

    def apply(self, hparams):
        values = dict(hparams)
        self.batch_size = int(values.pop("batch_size", self.batch_size))
        self.config = type(self.config)(**{**self.config.model_dump(), **values})

    def close(self):
        pass


def read(path):
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return arrays, json.loads(arrays.pop("state").tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        name = type(error).__name__
        raise CheckpointError(f"{path}: is not a checkpoint ({name}); choose another") from error


class SoundVoice(Voice):
    """Says one level."""

    def __init__(self, checkpoint):
        arrays, state = read(checkpoint)
        self.level = float(arrays["weights"].mean())
        self.audio = AudioSettings(**state["audio"])

    def __call__(self, source, *, seed=0):
        shape = (self.audio.n_mel_channels, 4 * len(source))
        return Mel(np.full(shape, self.level, np.float32), self.audio)


class Sound(Model):
    """Seeks a vector of ones."""

    class Config(Options):
        """What may be tuned."""

        learning_rate: float = tunable(0.1, gt=0, description="Step of gradient descent.")
        weight_decay: float = tunable(0.01, ge=0, description="Pull of the weights to zero.")

    session = SoundSession
    speaker = SoundVoice

    @classmethod
    def start(cls, config, context):
        return cls.session(config, context)

    @classmethod
    def voice(cls, checkpoint, device="cpu"):
        return cls.speaker(checkpoint)


SEED = "test_the_same_seed_gives_the_same_metrics"
DECLARED = "test_declared_metrics_exist_and_are_numbers"
EVALUATING = "test_evaluating_changes_nothing"
EXACT = "test_a_save_continues_exactly"
WARM = "test_a_warm_start_takes_the_weights_alone"
ACTS = "test_every_tunable_acts"
DAMAGED = "test_a_damaged_checkpoint_is_refused"
DATA = "test_a_checkpoint_holds_data_and_no_code"
VOICE = "test_the_voice_speaks_from_the_checkpoint_alone"

# --- обучение -----------------------------------------------------------------------------------


@broken(SEED, "two runs of one seed differ: {'training.loss': ")
class SeedsItself(Sound):
    class session(SoundSession):
        def __init__(self, config, context):
            super().__init__(config, context)
            self.random = random.Random()


@broken(DECLARED, "evaluate() has no val_mcd; return what metrics names")
class PromisesMetrics(Sound):
    metrics = ("val_loss", "val_mcd")


@broken(DECLARED, "evaluate() has val_secret; declare them in metrics")
class UndeclaredMetrics(Sound):
    class session(SoundSession):
        def evaluate(self):
            return {**super().evaluate(), "val_secret": 1.0}


@broken(DECLARED, "progress() has no grad.norm; the tuner reads them")
class NoNorm(Sound):
    class session(SoundSession):
        def progress(self):
            found = super().progress()
            return {name: value for name, value in found.items() if name != "grad.norm"}


@broken(DECLARED, "not finite floats: training.loss, val_loss; use .item() and check")
class NumpyMetrics(Sound):
    class session(SoundSession):
        def loss(self):
            return ((self.weights - 1) ** 2).mean()


@broken(DECLARED, "not finite floats: training.loss")
class HasNoLoss(Sound):
    class session(SoundSession):
        def progress(self):
            return {**super().progress(), "training.loss": math.nan}


@broken(EVALUATING, "two evaluations differ; fix the random state")
class LearnsWhileEvaluated(Sound):
    class session(SoundSession):
        def evaluate(self):
            self.weights = 0.9 * self.weights
            return super().evaluate()


@broken(EVALUATING, "with and without evaluations differ: ")
class DrawsWhileEvaluated(Sound):
    class session(SoundSession):
        def evaluate(self):
            self.random.random()
            return super().evaluate()


@broken(EVALUATING, "with and without evaluations differ: ")
class DrawsPictures(Sound):
    class session(SoundSession):
        def media(self):
            self.random.random()
            return ()


@broken(EVALUATING, "with and without evaluations differ in average; save and restore")
class AveragesWhileEvaluated(Sound):
    class session(SoundSession):
        def evaluate(self):
            self.average = self.average / 2
            return super().evaluate()


# --- чекпоинты ----------------------------------------------------------------------------------


@broken(EXACT, "N steps, stop, M steps and N+M steps differ: {'training.loss': ")
class ForgetsTheOptimizer(Sound):
    class session(SoundSession):
        def arrays(self):
            return {**super().arrays(), "velocity": np.zeros(4)}


@broken(EXACT, "restore everything: weights, optimizer, schedule, random states, place in the data")
class ForgetsTheRandomState(Sound):
    class session(SoundSession):
        def restore(self, state):
            super().restore(state)
            self.random = random.Random(7)


@broken(EXACT, "N+M steps differ in average; restore everything")
class ForgetsTheAverage(Sound):
    class session(SoundSession):
        def restore(self, state):
            super().restore(state)
            self.average = np.zeros(4)


@broken(EXACT, "after load the iteration is 0, not 3; store the iteration")
class ForgetsTheIteration(Sound):
    class session(SoundSession):
        def restore(self, state):
            super().restore(state)
            self.iteration = 0


@broken(EXACT, "save left ['checkpoint_3', 'draft']; write to a hidden name and rename")
class LeavesADraft(Sound):
    class session(SoundSession):
        def save(self, path):
            path.with_name("draft").write_text("half")
            super().save(path)


@broken(WARM, "the iteration is 3; begin from 0")
class WarmCounts(Sound):
    class session(SoundSession):
        def load(self, path, *, warm_start=False):
            super().load(path)


@broken(WARM, "a warm start changes val_loss; take every weight that evaluate() uses")
class WarmForgets(Sound):
    class session(SoundSession):
        def load(self, path, *, warm_start=False):
            if not warm_start:
                super().load(path)


@broken(DAMAGED, "a checkpoint cut to 0 bytes is accepted; raise CheckpointError: name the file")
class BeginsAnew(Sound):
    class session(SoundSession):
        def load(self, path, *, warm_start=False):
            try:
                super().load(path, warm_start=warm_start)
            except CheckpointError:
                self.iteration = 0


@broken(DAMAGED, "a checkpoint cut to 0 bytes raises EOFError")
class FallsOnDamage(Sound):
    class session(SoundSession):
        def load(self, path, *, warm_start=False):
            with np.load(path, allow_pickle=False) as found:
                found["weights"]
            super().load(path, warm_start=warm_start)


@broken(DATA, "it is a bare pickle; write tensors and plain values only")
class Pickles(Sound):
    class session(SoundSession):
        def save(self, path):
            path.write_bytes(pickle.dumps(self.arrays()))


@broken(DATA, "numpy refuses it without pickle")
class HidesObjects(Sound):
    class session(SoundSession):
        def arrays(self):
            return {**super().arrays(), "config": np.array([self.config], dtype=object)}


@broken(DATA, "torch.load(weights_only=True) refuses it: UnpicklingError")
class HidesCode(Sound):
    class session(SoundSession):
        def save(self, path):
            import torch

            torch.save({"weights": self.weights.tolist(), "config": self.config}, path)


# --- гиперпараметры -----------------------------------------------------------------------------


@broken(ACTS, "changing weight_decay changes no evaluation after 3 steps; make apply() put it in")
class IdleTunable(Sound):
    class session(SoundSession):
        def weight_decay(self):
            return 0.01


@broken(ACTS, "changing learning_rate changes no evaluation")
class OnlyReportsTheRate(Sound):
    class session(SoundSession):
        def rate(self):
            return 0.1


@broken(ACTS, "changing batch_size changes no evaluation")
class KeepsTheBatchSize(Sound):
    class session(SoundSession):
        def apply(self, hparams):
            super().apply({n: value for n, value in hparams.items() if n != "batch_size"})


@broken("test_new_values_alone_move_no_weights", "apply() changes val_loss before any step")
class BeginsWithNewWeights(Sound):
    class session(SoundSession):
        def apply(self, hparams):
            super().apply(hparams)
            self.weights = 0.5 * self.weights


@broken(
    "test_the_learning_rate_in_effect_is_the_one_asked_for",
    "learning.rate is 0.1 after apply(learning_rate=0.3)",
)
class ReportsTheFirstRate(Sound):
    class session(SoundSession):
        def progress(self):
            return {**super().progress(), "learning.rate": 0.1}


# --- голос --------------------------------------------------------------------------------------


@broken(VOICE, "maps: ('text', 'mel') and ('text', 'audio'); declare the same pair")
class PromisesSound(Sound):
    maps = ("text", "audio")


@broken(VOICE, "it says a ndarray; return Mel")
class SaysAnArray(Sound):
    class speaker(SoundVoice):
        def __call__(self, source, *, seed=0):
            return super().__call__(source).frames


@broken(VOICE, "with infinite or no values; an untrained voice is bad but finite")
class SaysInfinity(Sound):
    class speaker(SoundVoice):
        def __call__(self, source, *, seed=0):
            said = super().__call__(source)
            return Mel(said.frames / np.float32(0), said.audio)


@broken(VOICE, "one seed says different things; use the seed")
class Whimsical(Sound):
    class speaker(SoundVoice):
        def __call__(self, source, *, seed=0):
            said = super().__call__(source)
            return Mel(said.frames + np.float32(random.random()), said.audio)


@broken(VOICE, "41 mel bands; return [n_mels, T]")
class OneBandMore(Sound):
    class speaker(SoundVoice):
        def __call__(self, source, *, seed=0):
            said = super().__call__(source)
            return Mel(np.concatenate([said.frames, said.frames[:1]]), said.audio)


@broken("test_the_voice_refuses_a_damaged_checkpoint", "voice() of a damaged file is accepted")
class SpeaksFromAnything(Sound):
    class speaker(SoundVoice):
        def __init__(self, checkpoint):
            self.level = 0.0


# --- конец --------------------------------------------------------------------------------------


@broken("test_closing_twice_is_harmless", "AttributeError")
class ClosesOnce(Sound):
    class session(SoundSession):
        def close(self):
            del self.weights


@broken(
    "test_train_obeys_sigint_and_continues_from_there",
    "SIGINT does not end 'ttsf train' in 0.5 s; a step must end by itself, and signals belong to",
    sigint_seconds=0.5,
)
class IgnoresSigint(Sound):
    class session(SoundSession):
        def step(self):
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            super().step()
