"""Имя модели в командной строке: путь старше имени, а о том, чего нет, сказано, где искали."""

from __future__ import annotations

from pathlib import Path

import pytest

from tts_framework.errors import ConfigError
from tts_framework.zoo.store import Passport, install, located, models_folder, path_of


def installed_model(name: str, file: str = "model.ckpt") -> Path:
    """Поставь модель из одного файла: на имена её содержимое не влияет."""
    draft = models_folder() / f".draft-{name}"
    draft.mkdir(parents=True)
    (draft / file).write_text("weights")
    return install(draft, Passport(name, "tacotron2", "ttsf", "best_model.ckpt", "0" * 64)) / file


def refused(name: str, key: str = "") -> str:
    with pytest.raises(ConfigError) as caught:
        located(name, key)
    (problem,) = caught.value.problems
    assert len(problem.splitlines()) == 1
    return problem


def test_an_installed_model_is_found_by_its_name() -> None:
    checkpoint, folder = installed_model("voice"), installed_model("exported", "voice.json").parent
    assert located("voice") == path_of("voice") == checkpoint
    assert located("exported") == path_of("exported") == folder


def test_a_path_that_exists_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = installed_model("voice")
    monkeypatch.chdir(tmp_path)
    Path("voice").write_text("another")
    assert located("voice") == Path("voice")
    assert located(str(tmp_path / "voice")) == tmp_path / "voice"
    assert path_of("voice") == checkpoint


def test_what_is_nowhere_is_refused_with_the_places_and_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    problem = refused("voise", "--checkpoint")
    assert problem.startswith("--checkpoint voise: no such file or installed model; looked at")
    assert str(tmp_path / "voise") in problem and str(models_folder()) in problem
    assert "none is installed yet; see 'ttsf models list'" in problem
    installed_model("voice")
    assert "did you mean 'voice'?" in refused("voise", "--vocoder")
    assert refused("voise").startswith("voise: no such file")


@pytest.mark.parametrize("name", ["", "../voice", "a/b.ckpt", "x" * 5000, "Voice", ".draft-voice"])
def test_what_is_no_name_is_not_looked_up_among_the_models(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed_model("voice")
    (models_folder() / ".draft-voice").mkdir()
    monkeypatch.chdir(tmp_path)
    refused(name)
