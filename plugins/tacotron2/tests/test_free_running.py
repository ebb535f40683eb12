"""Проверочные фразы без подсказки: те же каждый раз, в пределах, дёшево и без следа в обучении."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tts_framework import config_file, plan
from tts_framework.components import Session, TrainingContext
from tts_framework.errors import ConfigError
from tts_framework.plugins import Plugins
from tts_framework.speech.evaluation.attention import attention_scores
from ttsf_tacotron2 import Tacotron2
from ttsf_tacotron2.alignment import coverage, diagonality
from ttsf_tacotron2.batches import Clips
from ttsf_tacotron2.free_running import MARGIN, SLACK, FreeRunning
from ttsf_tacotron2.metrics import FREE_RUNNING as NAMES
from ttsf_tacotron2.session import Tacotron2Session

StartSession = Callable[..., Session]
MODES = ("min", "max")
RUN = """\
run: free
data: {{train: "{corpus}/train.csv", validation: "{corpus}/validation.csv",
  frontend: {{use: russian_letters}}, audio: {{sampling_rate: 8000, mel_fmax: 4000}}}}
model: {{use: tacotron2, preset: tiny}}
tuner: {{search_space: {{learning_rate: {{type: loguniform, low: 1e-4, high: 1e-2}}}},
  objective: {{metric: {name}, mode: {mode}}}}}
"""


def many(context: TrainingContext) -> Clips:
    return Clips(context.train, context)


def network(session: Session) -> Tacotron2Session:
    assert isinstance(session, Tacotron2Session)
    return session


def test_every_evaluation_says_its_phrases_alone(start: StartSession) -> None:
    metrics = start().evaluate()
    assert set(NAMES) <= set(metrics)
    shares = [metrics[name] for name in NAMES[:4]]
    assert all(0 <= value <= 1 for value in shares)
    assert metrics["val_mcd"] > 0


@pytest.mark.parametrize("options", [{}, {"validation_sentences": 0}, {"gst": True}])
def test_the_declared_metrics_are_the_measured_ones(
    start: StartSession, options: dict[str, Any]
) -> None:
    declared = Tacotron2.measures(Tacotron2.Config(**options))
    assert set(start(**options).evaluate()) == set(declared) <= set(Tacotron2.metrics)
    assert (set(NAMES) <= set(declared)) is ("validation_sentences" not in options)


def test_the_phrases_are_spread_over_lengths_and_no_clip_is_taken_twice(
    context: TrainingContext,
) -> None:
    clips = many(context)
    for count, wanted in ((1, 1), (3, 3), (99, len(clips))):
        taken = FreeRunning(clips, count, context.audio)._batch
        assert taken is not None
        lengths = taken.mel_lengths.tolist()
        assert len(lengths) == wanted
        assert lengths == sorted(lengths)
        rows = {tuple(row) for row in taken.text.tolist()}
        assert len(rows) == wanted


def test_long_clips_are_left_out_unless_there_are_no_others(
    context: TrainingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = many(context)
    rate = context.audio.sampling_rate / context.audio.hop_length
    middle = sorted(clips.frames)[len(clips) // 2]
    monkeypatch.setattr("ttsf_tacotron2.free_running.LONGEST_SECONDS", middle / rate)
    taken = FreeRunning(clips, 99, context.audio)._batch
    assert taken is not None and max(taken.mel_lengths) == middle
    monkeypatch.setattr("ttsf_tacotron2.free_running.LONGEST_SECONDS", 0.0)
    taken = FreeRunning(clips, 99, context.audio)._batch
    assert taken is not None and taken.mel_lengths.tolist() == [min(clips.frames)]


def test_a_phrase_that_does_not_stop_ends_at_its_limit(
    start: StartSession, context: TrainingContext
) -> None:
    session = network(start(gate_threshold=0.999, attention_patience=0))
    clips = many(context)
    free = FreeRunning(clips, 2, context.audio)
    phrases = free.speak(session._network, session._config, torch.device("cpu"))
    assert [phrase.stopped for phrase in phrases] == [False, False]
    assert free._batch is not None
    real = free._batch.mel_lengths.tolist()
    for phrase, frames, symbols in zip(phrases, real, free._batch.text_lengths, strict=True):
        steps = int(-(-frames // 4) * SLACK) + MARGIN
        assert phrase.alignment.shape == (steps, symbols)
        assert phrase.mel.shape == (context.audio.n_mel_channels, 4 * steps)
    metrics = free.evaluate(session._network, session._config, torch.device("cpu"))
    assert metrics["val_free_failures"] == 1
    short = network(start(gate_threshold=0.999, attention_patience=0, max_decoder_steps=7))
    for phrase in free.speak(short._network, short._config, torch.device("cpu")):
        assert len(phrase.alignment) == 7


def test_a_batch_of_phrases_equals_them_one_by_one(
    start: StartSession, context: TrainingContext
) -> None:
    session = network(start(gate_threshold=0.999, attention_patience=0))
    clips, cpu = many(context), torch.device("cpu")
    together = FreeRunning(clips, 3, context.audio)
    said = together.speak(session._network, session._config, cpu)
    alone = FreeRunning(clips, 3, context.audio)
    assert together._batch is not None and alone._batch is not None
    alone._batch = alone._batch._each(lambda tensor: tensor[:1])
    (one,) = alone.speak(session._network, session._config, cpu)
    np.testing.assert_allclose(one.mel, said[0].mel, atol=1e-5)


def test_a_diverged_network_gives_nan_and_no_exception(start: StartSession) -> None:
    session = network(start())
    with torch.no_grad():
        session._network.decoder.linear_projection.linear_layer.bias.fill_(float("nan"))
    metrics = session.evaluate()
    assert all(np.isnan(metrics[name]) for name in NAMES)


def test_measures_agree_with_those_under_teacher_forcing() -> None:
    generator = torch.Generator().manual_seed(1)
    weights = torch.rand(1, 50, 20, generator=generator).pow(8)
    weights = weights / weights.sum(2, keepdim=True)
    scores = attention_scores(weights[0].numpy())
    sizes = torch.tensor([20]), torch.tensor([50])
    assert scores.diagonality == pytest.approx(diagonality(weights, *sizes).item(), abs=1e-5)
    assert scores.coverage == pytest.approx(coverage(weights, *sizes).item(), abs=1e-6)


def test_the_averaged_network_is_the_one_that_speaks(
    start: StartSession, context: TrainingContext
) -> None:
    session = network(start(ema_decay=0.5))
    session.step()
    average = session._average
    assert average is not None
    own = FreeRunning(Clips(context.validation, context), 4, context.audio)
    expected = own.evaluate(average.network.eval(), session._config, torch.device("cpu"))
    found = session.evaluate()
    assert {name: found[name] for name in NAMES} == expected


@pytest.mark.parametrize(("name", "mode"), [(name, mode) for name in NAMES for mode in MODES])
def test_each_can_be_the_objective(
    corpus: Path, name: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.yaml").write_text(RUN.format(corpus=corpus, name=name, mode=mode), "utf-8")
    made = plan.from_file(config_file.read(tmp_path / "run.yaml"), Plugins())
    assert made.settings.tuner.objective.metric == name


def test_what_is_switched_off_cannot(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = RUN.format(corpus=corpus, name="val_mcd", mode="min")
    text = text.replace("preset: tiny", "preset: tiny, validation_sentences: 0")
    (tmp_path / "run.yaml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="run.yaml:6: .*does not measure val_mcd"):
        plan.from_file(config_file.read(tmp_path / "run.yaml"), Plugins())
