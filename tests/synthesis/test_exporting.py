"""Выгрузка mel с подсказкой: длины и места кадров записей, продолжение, и hifigan учится на ней."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from tts_framework.cli.main import app
from tts_framework.components import (
    CorpusRequest,
    Session,
    TrainingContext,
)
from tts_framework.errors import ConfigError, DataError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.speech import exported_mels
from tts_framework.speech.audio import read_wav, write_wav
from tts_framework.speech.mels import mel_spectrogram
from tts_framework.synthesis.exporting import Export
from tts_framework.training import checkpoint

from .conftest import AUDIO, NARROW

STEPS = 40


@dataclass(frozen=True)
class Trained:
    """Корпус espeak-ng (4 + 1 клип) и чекпоинт, который на нём немного поучился."""

    corpus: Path
    checkpoint: Path
    context: TrainingContext

    @property
    def lists(self) -> list[Path]:
        return [self.corpus / "train.csv", self.corpus / "validation.csv"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    import torch

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("retelling")
    plugins = Plugins()
    corpus = plugins.get("corpus", "synthetic")
    options = corpus.Config(sampling_rate=8000, words_per_minute=300, max_seconds=2.5)
    corpus(options).fetch(CorpusRequest(folder / "corpus", limit=5))
    frontend = plugins.get("frontend", "russian_letters")
    context = TrainingContext(
        train=folder / "corpus" / "train.csv",
        validation=folder / "corpus" / "validation.csv",
        frontend=frontend(frontend.Config()),
        audio=AUDIO,
        batch_size=4,
        device="cpu",
        seed=7,
        cache=folder / "cache",
    )
    model = plugins.get("model", "tacotron2")
    config = model.Config(preset="tiny", reduction_factor=2, learning_rate=3e-3)
    session: Session = model.start(config, context)
    for _ in range(STEPS):
        session.step()
    session.save(folder / "checkpoint")
    session.close()
    return Trained(folder / "corpus", folder / "checkpoint", context)


@pytest.fixture(scope="module")
def exported(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mels") / "out"
    done = Export(trained.checkpoint, trained.lists, out, "cpu", batch_size=2).run(Plugins())
    assert (done.clips, done.made) == (5, 5)
    return out


def copied(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def real_mels(trained: Trained) -> dict[str, np.ndarray]:
    wavs = sorted((trained.corpus / "wavs").glob("*.wav"))
    return {wav.stem: mel_spectrogram(read_wav(wav, 8000), AUDIO) for wav in wavs}


def test_every_clip_is_retold_frame_by_frame(trained: Trained, exported: Path) -> None:
    found, real = exported_mels.open_folder(exported, AUDIO), real_mels(trained)
    assert found.clips == {name: mel.shape[1] for name, mel in real.items()}
    assert any(frames % 2 for frames in found.clips.values())  # последний шаг вышел за конец
    found.require_aligned((found.get(name), mel) for name, mel in real.items())
    mean = np.concatenate(list(real.values()), axis=1).mean(axis=1, keepdims=True)
    errors = [np.abs(found.get(name) - mel).mean() for name, mel in real.items()]
    plain = [np.abs(mean - mel).mean() for mel in real.values()]
    assert sum(errors) < 0.98 * sum(plain)  # ближе к записям, чем средний кадр


def test_a_vocoder_is_tuned_on_the_mels(trained: Trained, exported: Path) -> None:
    model = Plugins().get("model", "hifigan")
    options: dict[str, Any] = {
        "preset": "v3",
        "sizes": NARROW,
        "mpd_periods": [2, 3],
        "discriminator_width": 1 / 16,
        "segment_size": 1024,
        "validation_clips": 1,
        "validation_seconds": 1.0,
    }

    def losses(**more: Any) -> dict[str, float]:
        context = replace(trained.context, batch_size=2)
        session: Session = model.start(model.Config(**options, **more), context)
        try:
            for _ in range(2):
                session.step()
            return session.progress()
        finally:
            session.close()

    tuned, plain = losses(mels=exported), losses()
    assert all(math.isfinite(value) for value in tuned.values())
    assert tuned["training.mel"] != plain["training.mel"]


def test_an_interrupted_export_goes_on(trained: Trained, exported: Path, tmp_path: Path) -> None:
    half, total = tmp_path / "half", []

    def stop(done: int, count: int, what: str) -> None:
        if what == "retelling":
            raise KeyboardInterrupt

    export = Export(trained.checkpoint, trained.lists, half, "cpu", batch_size=2)
    with pytest.raises(KeyboardInterrupt):
        export.run(Plugins(), stop)
    with pytest.raises(DataError, match="the export is not finished"):
        exported_mels.open_folder(half, AUDIO)
    done = export.run(Plugins(), lambda done, count, what: total.append(count))
    assert (done.clips, done.made, set(total)) == (5, 3, {3})
    for path in sorted(exported.glob("*.npy")):  # и пачки, и зёрна те же
        np.testing.assert_allclose(np.load(half / path.name), np.load(path), atol=1e-5)


def test_a_second_list_joins_the_folder(trained: Trained, exported: Path, tmp_path: Path) -> None:
    train, validation = trained.lists
    assert Export(trained.checkpoint, [train], tmp_path, "cpu").run(Plugins()).clips == 4
    done = Export(trained.checkpoint, [validation], tmp_path, "cpu").run(Plugins())
    assert (done.clips, done.made) == (5, 1)
    found = exported_mels.open_folder(tmp_path, AUDIO)
    assert found.clips == exported_mels.open_folder(exported, AUDIO).clips


def test_a_changed_clip_and_a_torn_mel_are_retold(
    trained: Trained, exported: Path, tmp_path: Path
) -> None:
    out = copied(exported, tmp_path / "out")
    torn = sorted(out.glob("*.npy"))[0]
    torn.write_bytes(torn.read_bytes()[:-4])
    assert Export(trained.checkpoint, trained.lists, out, "cpu").run(Plugins()).made == 1
    corpus = copied(trained.corpus, tmp_path / "corpus")
    lists = [corpus / "train.csv", corpus / "validation.csv"]
    wav = sorted((corpus / "wavs").glob("*.wav"))[2]
    write_wav(wav, read_wav(wav, 8000)[:-500], 8000)
    assert Export(trained.checkpoint, lists, out, "cpu").run(Plugins()).made == 1


def test_a_folder_of_another_checkpoint_is_refused(
    trained: Trained, exported: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    checkpoint.write(other, {**checkpoint.read(trained.checkpoint), "iteration": 1})
    out = copied(exported, tmp_path / "out")
    export = Export(other, trained.lists, out, "cpu")
    with pytest.raises(DataError, match="holds the mels of another checkpoint .* --force"):
        export.run(Plugins())
    assert exported_mels.open_folder(out, AUDIO)
    assert replace(export, force=True).run(Plugins()).made == 5


def test_a_folder_of_other_settings_is_refused_by_name(
    trained: Trained, exported: Path, tmp_path: Path
) -> None:
    out = copied(exported, tmp_path / "out")
    audio = AUDIO.model_copy(update={"mel_fmin": 50.0})
    exported_mels.write_manifest(out, audio, "0" * 64, {})
    with pytest.raises(DataError, match="mel_fmin is 50.0 in the exported mels and 0.0 in the mod"):
        Export(trained.checkpoint, trained.lists, out, "cpu").run(Plugins())


def test_clips_of_one_name_cannot_be_told_apart(trained: Trained, tmp_path: Path) -> None:
    wav = sorted((trained.corpus / "wavs").glob("*.wav"))[0]
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        shutil.copyfile(wav, tmp_path / folder / "one.wav")
    (tmp_path / "list.csv").write_text("a/one.wav|да\nb/one.wav|нет\n")
    with pytest.raises(DataError, match="list.csv:2: the clip is called 'one', as that of .*:1 is"):
        Export(trained.checkpoint, [tmp_path / "list.csv"], tmp_path / "out", "cpu").run(Plugins())


def test_clips_of_another_rate_are_refused(trained: Trained, tmp_path: Path) -> None:
    write_wav(tmp_path / "one.wav", np.zeros(16000, np.float32), 16000)
    (tmp_path / "list.csv").write_text("one.wav|да\n")
    with pytest.raises(DataError, match="sample rate 16000, expected 8000"):
        Export(trained.checkpoint, [tmp_path / "list.csv"], tmp_path / "out", "cpu").run(Plugins())


def test_a_vocoder_cannot_retell(trained: Trained, vocoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Hifigan cannot retell recordings; give an acoustic"):
        Export(vocoder, trained.lists, tmp_path, "cpu").run(Plugins())


@pytest.mark.parametrize("shift", [1, -1])
def test_mels_out_of_place_do_not_finish_the_folder(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: int
) -> None:
    from ttsf_tacotron2.teacher import Tacotron2Teacher

    def late(self: Any, texts: Any, mels: list[np.ndarray], *, seed: int = 0) -> list[np.ndarray]:
        return [np.roll(mel, shift, axis=1) for mel in mels]

    monkeypatch.setattr(Tacotron2Teacher, "__call__", late)
    with pytest.raises(DataError, match=r"the mels are 1 frame\(s\) (late|early)"):
        Export(trained.checkpoint, trained.lists, tmp_path, "cpu").run(Plugins())
    assert not (tmp_path / exported_mels.MANIFEST).exists()


def test_mels_of_another_length_are_refused(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ttsf_tacotron2.teacher import Tacotron2Teacher

    def longer(self: Any, texts: Any, mels: list[np.ndarray], *, seed: int = 0) -> list[np.ndarray]:
        return [np.pad(mel, ((0, 0), (0, 1))) for mel in mels]

    monkeypatch.setattr(Tacotron2Teacher, "__call__", longer)
    with pytest.raises(DataError, match="came out of the model, but the recording has"):
        Export(trained.checkpoint, trained.lists, tmp_path, "cpu").run(Plugins())


def test_the_command_says_what_it_did(trained: Trained, tmp_path: Path) -> None:
    arguments: list[str | Path] = ["vocoder", "export-mels", "-c", trained.checkpoint]
    arguments += ["-o", tmp_path / "out"]
    arguments += ["--device", "cpu", "--data", trained.lists[0], "--data", trained.lists[1]]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None
    assert "5 clip(s) retold, 5 in the folder" in result.stdout
    manifest = json.loads((tmp_path / "out" / "mels.json").read_text())
    assert len(manifest["clips"]) == 5
    arguments[3] = tmp_path / "missing"
    failed = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert isinstance(failed.exception, TTSFError) and "no such checkpoint" in str(failed.exception)
