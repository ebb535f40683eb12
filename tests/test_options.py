"""Options плагинов и настройки звука."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tts_framework.options import AudioSettings, Options, tunable


class Example(Options):
    learning_rate: float = tunable(1e-3, gt=0, description="Шаг.")
    layers: int = 2


def test_only_marked_options_may_be_tuned() -> None:
    assert Example.tunables() == ("learning_rate",)
    assert Options.tunables() == ()


def test_a_number_without_a_dot_given_as_text_is_a_number() -> None:
    assert Example.model_validate({"learning_rate": "1e-5"}).learning_rate == 1e-5


@pytest.mark.parametrize(
    "options", [{"layer": 1}, {"learning_rate": 0}, {"learning_rate": float("nan")}]
)
def test_a_wrong_option_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Example.model_validate(options)


def test_options_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Example().layers = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"win_length": 2048}, "win_length 2048 is above filter_length 1024"),
        ({"mel_fmin": 9000}, "mel_fmin 9000 < mel_fmax 8000"),
        ({"sampling_rate": 8000}, "sampling_rate / 2 = 4000 does not hold"),
    ],
)
def test_audio_settings_that_contradict_each_other_are_refused(
    values: dict[str, int], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        AudioSettings.model_validate(values)


def test_the_fingerprint_tells_settings_apart() -> None:
    assert AudioSettings().fingerprint == AudioSettings(hop_length=256).fingerprint
    assert AudioSettings().fingerprint != AudioSettings(hop_length=200).fingerprint
