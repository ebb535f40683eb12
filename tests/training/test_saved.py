"""Разделы чекпоинта: что в них пишется и какими словами отвергается дурное."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tts_framework.components import AudioSettings, Frontend, Options
from tts_framework.errors import CheckpointError
from tts_framework.options import tunable
from tts_framework.plugins import Plugins
from tts_framework.training import saved
from tts_framework.training.adam import Adam

PATH = Path("voice.ckpt")


class Config(Options):
    """Настройки выдуманной модели."""

    width: int = 4
    learning_rate: float = tunable(1e-3, gt=0, description="Шаг.")


@pytest.fixture(scope="module")
def frontend() -> Frontend:
    plugin = Plugins().get("frontend", "russian_letters")
    made: Frontend = plugin(plugin.Config())
    return made


def refused(do: Callable[[], Any]) -> str:
    """Верни слова отказа: одна строка, начатая именем файла."""
    with pytest.raises(CheckpointError) as caught:
        do()
    text = str(caught.value)
    assert text.startswith("voice.ckpt: ") and len(text.splitlines()) == 1
    return text.removeprefix("voice.ckpt: ")


def test_a_description_is_read_back_as_it_was(frontend: Frontend) -> None:
    audio = AudioSettings(hop_length=200)
    found = saved.description("mine", Config(width=7), frontend, audio)
    assert list(found) == ["model", "symbols", "frontend", "audio"]
    assert saved.options(PATH, found, "mine", Config) == Config(width=7)
    assert saved.audio(PATH, found) == audio
    assert saved.frontend(PATH, found).symbols == frontend.symbols


def test_a_model_that_reads_no_text_has_no_front_end() -> None:
    assert list(saved.description("mine", Config(), None, AudioSettings())) == ["model", "audio"]


def test_the_values_that_a_tuner_may_change_are_kept() -> None:
    assert saved.hparams(Config(), 3) == {"learning_rate": 1e-3, "batch_size": 3}


@pytest.mark.parametrize("model", [None, 5, {}, {"use": "vits"}])
def test_another_model_is_refused(model: Any) -> None:
    found = {"model": model}
    use = model["use"] if isinstance(model, dict) and model else None
    words = f"model is {use!r}, not 'mine'; choose another checkpoint"
    assert refused(lambda: saved.options(PATH, found, "mine", Config)) == words
    advised = refused(lambda: saved.options(PATH, found, "mine", Config, advice="import it"))
    assert advised == f"model is {use!r}, not 'mine'; import it"


def test_options_of_another_version_are_named() -> None:
    found = {"model": {"use": "mine", "width": "broad"}}
    words = refused(lambda: saved.options(PATH, found, "mine", Config))
    assert words.startswith("model.width: ")
    assert words.endswith("another version of the plugin mine, install that version")
    words = refused(lambda: saved.options(PATH, found, "mine", Config, package="ttsf-mine"))
    assert words.endswith("another version of ttsf-mine, install that version")


@pytest.mark.parametrize("symbols", [None, 5, [1], ["а"], torch.ones(2), "абв"])
def test_other_symbols_are_refused(frontend: Frontend, symbols: Any) -> None:
    own = list(frontend.symbols)
    words = refused(lambda: saved.require_symbols(PATH, symbols, own))
    assert f"data.frontend has {len(own)}, and they differ" in words


@pytest.mark.parametrize("found", [None, {"use": 5}, {"use": "russian_letters", "loud": 1}])
def test_a_front_end_that_cannot_be_had_is_refused(found: Any) -> None:
    assert "frontend" in refused(lambda: saved.frontend(PATH, {"frontend": found, "symbols": []}))


@pytest.mark.parametrize("found", [None, 5, {"hop_length": 0}])
def test_damaged_audio_settings_are_named(found: Any) -> None:
    assert refused(lambda: saved.audio(PATH, {"audio": found})).endswith("damaged; use another one")
    advised = refused(lambda: saved.audio(PATH, {}, advice="use another checkpoint"))
    assert advised == "audio None is damaged; use another checkpoint"


def test_the_first_difference_is_named() -> None:
    words = refused(lambda: saved.require_equal(PATH, "data.audio", {"a": 1}, {"a": 1, "b": 2}))
    assert words.startswith("data.audio.b is None in the checkpoint and 2 here")
    for found in (None, 5, [1], "x"):
        words = refused(lambda: saved.require_equal(PATH, "data.audio", found, {"a": 1}))
        assert words == f"data.audio is {found!r}; use another checkpoint"


@pytest.mark.parametrize("value", [None, True, -1, 2.0, "two"])
def test_a_count_is_a_whole_number(value: Any) -> None:
    words = refused(lambda: saved.count(PATH, {"iteration": value}, "iteration"))
    assert words == f"iteration is {value!r}; use another checkpoint"


@pytest.mark.parametrize(
    "found", [None, 5, {}, {"state": torch.ones(2)}, {"state": {0: {"step": 1}}}]
)
def test_moments_of_another_network_are_refused(found: Any) -> None:
    optimizer = Adam([torch.nn.Parameter(torch.zeros(3))])
    words = refused(lambda: saved.load_moments(PATH, optimizer, found))
    assert words.startswith("optimizer state does not fit this network (")
    words = refused(lambda: saved.load_moments(PATH, optimizer, found, misfit="optimizer_d is off"))
    assert words.startswith("optimizer_d is off (") and words.endswith("take the weights alone")


def test_progress_of_an_older_version_is_filled_with_zeros() -> None:
    three = {"sums": torch.tensor([1.0, 2.0, 3.0]), "count": 2}
    sums, count = saved.progress(PATH, three, 5, older=3)
    assert (sums.tolist(), count) == ([1, 2, 3, 0, 0], 2)
    sums, _ = saved.progress(PATH, three, 3)
    sums += 1
    assert three["sums"].tolist() == [1, 2, 3]  # чекпоинт отображён в память: он не меняется
    for wrong in (three, None, {"sums": 1}, {"sums": torch.ones(5), "count": "x"}):
        assert refused(lambda: saved.progress(PATH, wrong, 5)).startswith("progress is ")


def test_a_place_in_changed_data_is_warned_of_and_a_damaged_one_refused() -> None:
    class Places:
        def restore(self, record: Any) -> bool:
            if record == "damaged":
                raise ValueError("'damaged' is not a place")
            return bool(record == "same")

    said: list[str] = []
    saved.restore_place(PATH, Places(), "same", said.append)
    assert not said
    saved.restore_place(PATH, Places(), "other", said.append)
    assert said[0].startswith("voice.ckpt: the training clips changed since this checkpoint")
    words = refused(lambda: saved.restore_place(PATH, Places(), "damaged", said.append))
    assert words == "sampler: 'damaged' is not a place; use another checkpoint"
