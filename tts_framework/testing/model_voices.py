"""Часть контракта модели: голос, который говорит из одного чекпоинта."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

from tts_framework.components import AudioSettings, Mel, Sound
from tts_framework.errors import CheckpointError
from tts_framework.testing.demand import demand, refused
from tts_framework.testing.sessions import StartSession, trained


class VoiceChecks:
    """Голос модели; `says` — текст, который он прочтёт (если читает текст)."""

    says: ClassVar[str] = "Мама."

    def test_the_voice_speaks_from_the_checkpoint_alone(
        self, cls: type[Any], start: StartSession, audio: AudioSettings, tmp_path: Path
    ) -> None:
        trained(start(), 1).save(tmp_path / "checkpoint_1")
        voice = cls.voice(tmp_path / "checkpoint_1")
        demand(
            voice.maps == cls.maps, f"maps: {voice.maps} and {cls.maps}", "declare the same pair"
        )
        source = self.says if cls.maps[0] == "text" else _quiet_mel(audio)
        said, again = (voice(source, seed=3) for _ in range(2))
        kind = {"mel": Mel, "audio": Sound}[cls.maps[1]]
        demand(
            isinstance(said, kind), f"it says a {type(said).__name__}", f"return {kind.__name__}"
        )
        one, other = (x.frames if isinstance(x, Mel) else x.samples for x in (said, again))
        demand(
            one.size and bool((abs(one) < math.inf).all()),
            f"it says {one.shape} with infinite or no values",
            "an untrained voice is bad but finite",
        )
        demand(bool((one == other).all()), "one seed says different things", "use the seed")
        if isinstance(said, Mel):
            shape = said.frames.shape[0]
            demand(shape == audio.n_mel_channels, f"{shape} mel bands", "return [n_mels, T]")

    def test_the_voice_refuses_a_damaged_checkpoint(self, cls: type[Any], tmp_path: Path) -> None:
        (tmp_path / "checkpoint_1").write_bytes(b"not a checkpoint" * 99)
        with refused(CheckpointError, "voice() of a damaged file", "name the file"):
            cls.voice(tmp_path / "checkpoint_1")


def _quiet_mel(audio: AudioSettings) -> Mel:
    import numpy as np

    ramp = np.linspace(-6, -4, audio.n_mel_channels * 12, dtype=np.float32)
    return Mel(ramp.reshape(audio.n_mel_channels, 12), audio)
