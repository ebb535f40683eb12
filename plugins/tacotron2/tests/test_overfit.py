"""Обучаемость: одна фраза выучивается, и сеть говорит её сама, по тексту и до конца.

Одну фразу рекурсия запоминает и без внимания, поэтому близость к клипу ещё ничего не значит: та же
сеть с ровным вниманием и та же сеть на другом тексте обязаны промахнуться.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile
import torch

from tts_framework.components import AudioSettings, Frontend, Mel, Sound, TrainingContext
from tts_framework.speech import mels
from tts_framework.speech.evaluation.copies import griffin_lim_copy
from tts_framework.speech.evaluation.spectral import mcd_dtw, mel_mcd_dtw
from ttsf_tacotron2 import Tacotron2
from ttsf_tacotron2.session import Tacotron2Session
from ttsf_tacotron2.voice import Tacotron2Voice

AUDIO = AudioSettings(
    sampling_rate=8000,
    filter_length=512,
    win_length=512,
    hop_length=160,
    n_mel_channels=20,
    mel_fmax=4000,
)
STEPS = 260
NEAR_DB, FAR_DB = 2.0, 4.0


@dataclass(frozen=True)
class Learnt:
    """Сессия над одним клипом и её оценки до обучения и после."""

    session: Tacotron2Session
    clip: Path
    text: str
    before: dict[str, float]
    after: dict[str, float]


@pytest.fixture(scope="module")
def learnt(
    corpus: Path, cache: Path, frontend: Frontend, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Learnt]:
    shortest = min((corpus / "train.csv").read_text("utf-8").splitlines(), key=len)
    only = tmp_path_factory.mktemp("one") / "one.csv"
    only.write_text(f"{corpus}/{shortest}\n", "utf-8")
    context = TrainingContext(only, only, frontend, AUDIO, 1, "cpu", 7, cache, allow_outside=True)
    torch.set_num_threads(1)
    config = Tacotron2.Config(
        preset="tiny", reduction_factor=2, learning_rate=5e-3, guided_attention_weight=200
    )
    session = Tacotron2.start(config, context)
    assert isinstance(session, Tacotron2Session)
    before = session.evaluate()
    for _ in range(STEPS):
        session.step()
    name, text = shortest.split("|")[:2]
    yield Learnt(session, corpus / name, text, before, session.evaluate())
    session.close()


def broken(session: Tacotron2Session) -> dict[str, float]:
    """Оцени ту же сеть, но с ровным вниманием: энергии всех символов равны."""
    energy = session._network.decoder.attention_layer.v.linear_layer.weight
    kept = energy.detach().clone()
    try:
        with torch.no_grad():
            energy.zero_()
        return session.evaluate()
    finally:
        with torch.no_grad():
            energy.copy_(kept)


def test_one_clip_is_learnt_by_heart(learnt: Learnt) -> None:
    before, after = learnt.before, learnt.after
    assert after["val_loss"] < 0.2 * before["val_loss"]
    assert after["val_gate"] < 0.1 * before["val_gate"]
    assert after["attention_diagonality"] > 0.9 > before["attention_diagonality"]
    assert after["attention_coverage"] > 0.9


def test_left_alone_it_says_the_clip_and_stops(learnt: Learnt) -> None:
    before, after = learnt.before, learnt.after
    assert after["val_free_failures"] == 0 and before["val_free_failures"] == 1
    assert after["val_mcd"] < NEAR_DB and before["val_mcd"] > FAR_DB
    assert after["val_diagonality"] > 0.9 > before["val_diagonality"]
    assert after["val_coverage"] > 0.9 > before["val_coverage"]
    assert after["val_attention_entropy"] < 0.4 < before["val_attention_entropy"]


def test_with_its_attention_broken_the_same_network_misses_by_far(learnt: Learnt) -> None:
    found = broken(learnt.session)
    assert found["val_mcd"] > FAR_DB
    assert found["val_free_failures"] == 1
    assert found["val_diagonality"] < 0.3 and found["val_attention_entropy"] > 0.99
    assert learnt.session.evaluate() == learnt.after


def test_its_voice_stops_by_the_gate_and_sounds_like_the_clip(
    learnt: Learnt, tmp_path: Path
) -> None:
    learnt.session.save(tmp_path / "voice")
    voice = Tacotron2.voice(tmp_path / "voice")
    assert isinstance(voice, Tacotron2Voice)
    speech, other = voice.speak([learnt.text, "Мама мыла раму."])
    assert [sentence.ended for sentence in speech.sentences] == ["gate"]
    samples, rate = soundfile.read(str(learnt.clip), dtype="float32")
    real = Mel(mels.mel_spectrogram(samples, speech.audio), speech.audio)
    assert mel_mcd_dtw(real, speech).mcd_db < NEAR_DB
    assert mel_mcd_dtw(real, other).mcd_db > FAR_DB

    pytest.importorskip("pyworld")
    clip = Sound("clip", samples, rate)
    heard = mcd_dtw(clip, Sound("voice", mels.griffin_lim(speech.frames, speech.audio), rate))
    copy = mcd_dtw(clip, griffin_lim_copy(clip, speech.audio))
    assert heard.duration_ratio == pytest.approx(1, abs=0.1)
    assert heard.mcd_db < copy.mcd_db + 1
