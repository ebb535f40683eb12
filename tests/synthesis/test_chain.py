"""Цепочка: голоса стыкуются по тому, что переводят, и лишнего от них не просят."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tts_framework.components import AudioSettings, Mel, Phrase, Sound, Voice
from tts_framework.errors import CheckpointError, ConfigError, DataError, PluginError, TTSFError
from tts_framework.plugins import Plugins
from tts_framework.synthesis import manner, voices
from tts_framework.synthesis.chain import Chain, Work, open_chain
from tts_framework.synthesis.griffin_lim import GriffinLim
from tts_framework.synthesis.manner import Manner
from tts_framework.training import checkpoint

PHRASE = Phrase("четыре", 6)
MEL = AudioSettings(sampling_rate=8000, mel_fmax=4000, n_mel_channels=20)


@dataclass(frozen=True)
class Said(Mel):
    """Mel с мнением голоса о ней."""

    confidence: float = 0.75
    flags: tuple[str, ...] = ("stopped by limit",)


class Reader(Voice):
    """Читает текст: десять кадров на знак."""

    audio = MEL

    def __call__(self, source: str, *, seed: int = 0, style: Any = None) -> Mel:
        warnings.warn(f"style is {style}", stacklevel=2)
        return Said(np.full((20, 10 * len(source)), -5.0, dtype=np.float32), MEL)


class Own(Voice):
    """Говорит сразу звуком, сам меняя темп."""

    maps = ("text", "audio")

    def __call__(self, source: str, *, seed: int = 0, rate: float = 1.0) -> Sound:
        return Sound("speech", np.full(round(800 / rate), seed / 10, np.float32), 8000)

    def stream(self, source: str, *, seed: int = 0) -> Iterator[Sound]:
        for part in np.split(self(source, seed=seed).samples, 4):
            yield Sound("speech", part, 8000)


def said(chain: Chain, asked: Manner, work: Work | None = None) -> np.ndarray:
    pieces = [sound.samples for sound in chain.speak(PHRASE, asked, work or Work())]
    return np.concatenate(pieces)


def test_a_mel_is_turned_into_sound_by_the_vocoder() -> None:
    work = Work()
    samples = said(Chain(Reader(), GriffinLim(2)), Manner(), work)
    assert len(samples) == 59 * MEL.hop_length
    assert work.acoustic > 0 < work.vocoder
    assert (work.confidence, work.flags) == (0.75, ("stopped by limit",))
    assert work.warnings == ["style is None"]


def test_the_whole_chain_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from tts_framework.speech import mels

    called: list[int] = []
    whole = mels.griffin_lim

    def counted(mel: np.ndarray, *settings: Any) -> np.ndarray:
        called.append(mel.shape[1])
        return whole(mel, *settings)

    monkeypatch.setattr(mels, "griffin_lim", counted)
    chain = Chain(Reader(), GriffinLim(2))
    chain.prepare("раз")
    chain.prepare("два")
    assert called == [2]
    said(chain, Manner())
    assert called == [2, 60]


def test_the_rate_stretches_the_mel_of_a_voice_without_one() -> None:
    samples = said(Chain(Reader(), GriffinLim(2)), Manner(rate=2.0))
    assert len(samples) == 30 * MEL.hop_length


def test_a_voice_that_gives_audio_streams_it_and_keeps_its_own_rate() -> None:
    chain = Chain(Own())
    pieces = list(chain.speak(PHRASE, Manner(seed=5), Work()))
    assert [len(piece.samples) for piece in pieces] == [200] * 4
    assert len(said(chain, Manner(rate=2.0))) == 400  # её поток темпа не знает


class Growing(Reader):
    """Отдаёт mel по десять кадров и знает лишь стиль и лучшую из попыток."""

    def __init__(self) -> None:
        self.given = 0

    def __call__(self, source: str, *, seed: int = 0, style: Any = None, best_of: int = 1) -> Mel:
        return Said(np.full((20, 10 * len(source)), -5.0, dtype=np.float32), MEL)

    def stream(self, source: str, *, seed: int = 0, style: Any = None) -> Iterator[Mel]:
        for _ in source[1:]:
            self.given += 1
            yield Mel(np.full((20, 10), -5.0, dtype=np.float32), MEL)
        time.sleep(0.05)
        yield Said(np.full((20, 10), -5.0, dtype=np.float32), MEL)


class Following(GriffinLim):
    """Озвучивает каждый кусок, едва он пришёл."""

    def follow(self, pieces: Iterator[Mel], *, seed: int = 0) -> Iterator[Sound]:
        for piece in pieces:
            yield Sound("speech", np.zeros(10 * piece.frames.shape[1], np.float32), 8000)


def test_a_growing_mel_sounds_before_its_phrase_is_said() -> None:
    reader, work = Growing(), Work()
    sounds = Chain(reader, Following()).speak(PHRASE, Manner(), work, growing=True)
    assert len(next(sounds).samples) == 100 and reader.given == 1
    assert len(list(sounds)) == 5 and work.flags == ("stopped by limit",)
    assert work.acoustic > 0.05 > work.vocoder  # ожидание mel вокодеру не засчитано


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (Manner(), ()),
        (Manner(style=(1.0,)), ()),
        (Manner(best_of=2), ("best_of",)),
        (Manner(rate=2.0), ("rate",)),
    ],
)
def test_what_a_growing_mel_cannot_do_waits_for_the_whole(
    asked: Manner, waits: tuple[str, ...]
) -> None:
    reader = Growing()
    chain = Chain(reader, Following(2))
    assert chain.waits_for(asked) == waits and chain.grows(asked) == (not waits)
    sounds = list(chain.speak(PHRASE, asked, Work(), growing=True))
    frames = 1 + round(59 / asked.rate)
    expected = (frames - 1) * MEL.hop_length if waits else 60 * 10
    assert sum(len(sound.samples) for sound in sounds) == expected
    assert bool(reader.given) == (not waits)


def test_a_vocoder_that_wants_the_whole_mel_gets_it() -> None:
    reader = Growing()
    chain = Chain(reader, GriffinLim(2))
    assert not chain.grows(Manner()) and chain.waits_for(Manner(best_of=2)) == ()
    sounds = list(chain.speak(PHRASE, Manner(), Work(), growing=True))
    assert sum(len(sound.samples) for sound in sounds) == 59 * MEL.hop_length
    assert not reader.given
    followed = GriffinLim(2).follow(reader.stream("четыре"))
    assert [len(sound.samples) for sound in followed] == [59 * MEL.hop_length]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Manner(best_of=2), "--best-of: this model takes no best of; leave it out"),
        (Manner(speaker="anna"), "--speaker: this model takes no speaker"),
        (Manner(style=(1.0,)), "--style: this model takes no style"),
    ],
)
def test_what_a_voice_cannot_do_is_refused(asked: Manner, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Chain(Own()).require(asked)


def test_a_rate_needs_a_mel_or_a_voice_that_knows_it() -> None:
    class Plain(Voice):
        maps = ("text", "audio")

        def __call__(self, source: str, *, seed: int = 0) -> Sound:
            raise NotImplementedError

    Chain(Own()).require(Manner(rate=1.5))
    Chain(Plain(), GriffinLim()).require(Manner(rate=1.5))
    with pytest.raises(ConfigError, match="--rate: this model takes no rate"):
        Chain(Plain()).require(Manner(rate=1.5))


@pytest.mark.parametrize("rate", [0.49, 2.1, float("nan"), float("inf"), -1.0])
def test_a_rate_out_of_bounds_is_refused(rate: float) -> None:
    with pytest.raises(ConfigError, match="give a speaking rate from 0.5 to 2"):
        Manner(rate=rate)


def test_the_listener_does_not_count_as_work() -> None:
    work = Work()
    for _ in Chain(Own()).speak(PHRASE, Manner(), work):
        time.sleep(0.05)
    assert work.acoustic < 0.05


def test_styles_are_weights_or_recordings(tmp_path: Path) -> None:
    (tmp_path / "calm.wav").touch()
    assert manner.style("0.5, 1,0") == (0.5, 1.0, 0.0)
    assert manner.style("none") is None is manner.style("")
    assert manner.style(str(tmp_path / "calm.wav")) == tmp_path / "calm.wav"
    assert manner.style("calm.wav", folder=tmp_path) == tmp_path / "calm.wav"
    for value in ("nan,1", "0.5,,1", "no.wav"):
        with pytest.raises(ConfigError, match=f"--style {value}: no such recording"):
            manner.style(value)
    with pytest.raises(DataError, match="climbs out"):
        manner.style("../calm.wav", folder=tmp_path / "tables")


def test_real_checkpoints_make_a_chain(acoustic: Path, vocoder: Path) -> None:
    chain = open_chain(acoustic, vocoder, "cpu", Plugins())
    [phrase] = chain.phrases("Да!")
    assert phrase == Phrase("да!", 3)
    work = Work()
    samples = np.concatenate([s.samples for s in chain.speak(phrase, Manner(), work)])
    assert len(samples) == 59 * 128 and np.isfinite(samples).all()
    assert work.flags == ("stopped by limit",) and 0 <= (work.confidence or 0) <= 1
    assert chain.grows(Manner())
    grown = Work()
    pieces = [s.samples for s in chain.speak(phrase, Manner(), grown, growing=True)]
    assert len(pieces) > 1 and np.abs(np.concatenate(pieces) - samples).max() < 1e-4
    assert grown.flags == work.flags and grown.confidence == pytest.approx(work.confidence)
    assert grown.warnings == work.warnings


def test_settings_that_differ_are_named(acoustic: Path, other_vocoder: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_chain(acoustic, other_vocoder, "cpu", Plugins())
    assert caught.value.problems == [
        f"--vocoder: mel_fmax is 4000.0 in {acoustic} and 3800.0 in {other_vocoder}; use a vocoder"
        " trained with the same data.audio or leave --vocoder out"
    ]


def test_voices_that_do_not_fit_together_are_refused(acoustic: Path, vocoder: Path) -> None:
    with pytest.raises(TTSFError, match="maps mel to audio.* give it with --vocoder"):
        open_chain(vocoder, None, "cpu", Plugins())
    with pytest.raises(TTSFError, match="--vocoder .* maps text to mel, but mel must be turned"):
        open_chain(acoustic, acoustic, "cpu", Plugins())


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ({"iteration": 1}, CheckpointError, "does not say which model"),
        ({"model": {"use": 5}}, CheckpointError, "does not say which model"),
        ({"model": {"use": "tacotron3"}}, PluginError, "did you mean 'tacotron2'"),
    ],
)
def test_the_model_is_known_from_the_checkpoint(
    tmp_path: Path, state: dict[str, Any], error: type[Exception], message: str
) -> None:
    path = tmp_path / "c.ckpt"
    checkpoint.write(path, state)
    with pytest.raises(error, match=message):
        voices.open_voice(path, "cpu", Plugins())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b"[]", "does not say which model it is of; export the model again"),
        (b'{"use": null}', "does not say which model"),
        (b'{"use": "tacotron3"}', "did you mean 'tacotron2'"),
        (b'"' + b"a" * voices.MAX_DESCRIPTION + b'"', "is damaged .it is too large"),
    ],
)
def test_a_bad_description_of_a_folder_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "voice.json").write_bytes(content)
    with pytest.raises(TTSFError, match=message):
        voices.open_voice(tmp_path, "cpu", Plugins())


def test_a_folder_of_a_run_suggests_its_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="give a checkpoint or an exported folder"):
        voices.open_voice(tmp_path, "cpu", Plugins())
    (tmp_path / "best_model.ckpt").touch()
    with pytest.raises(CheckpointError, match="did you mean .*best_model.ckpt"):
        voices.open_voice(tmp_path, "cpu", Plugins())


def test_an_identity_is_that_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "voice.json").write_text("{}")
    first = voices.identity(tmp_path)
    (tmp_path / "graph.onnx").write_bytes(b"1")
    assert voices.identity(tmp_path) != first
    assert voices.identity(tmp_path / "voice.json") != first


FOLDER_VOICE = """
import numpy as np
from tts_framework.components import Model, Sound, Voice
from tts_framework.hookspecs import hookimpl


class FolderVoice(Voice):
    maps = ("text", "audio")

    def __call__(self, source, *, seed=0):
        return Sound("speech", np.full(800, 0.5, np.float32), 8000)


class Folder(Model):
    maps = ("text", "audio")

    @classmethod
    def start(cls, config, context):
        raise NotImplementedError

    @classmethod
    def voice(cls, checkpoint, device="cpu"):
        assert (checkpoint / "graph.bin").read_bytes() == b"weights"
        return FolderVoice()


@hookimpl
def ttsf_model():
    return Folder
"""


def test_an_exported_folder_speaks_without_torch(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    info = plugin / "ttsf_folder_voice-1.0.dist-info"
    info.mkdir(parents=True)
    (plugin / "ttsf_folder_voice.py").write_text(FOLDER_VOICE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ttsf-folder-voice\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ttsf]\nfolder_voice = ttsf_folder_voice\n")
    voice = tmp_path / "voice"
    voice.mkdir()
    (voice / "voice.json").write_text(json.dumps({"use": "folder_voice", "format": "onnx"}))
    (voice / "graph.bin").write_bytes(b"weights")
    code = f"""
        import sys
        sys.path.insert(0, {str(plugin)!r})
        sys.argv = ["ttsf", "synthesize", "-c", {str(voice)!r}, "--text", "раз", "-o", "a.flac"]
        from tts_framework.cli.main import run
        try:
            run()
        except SystemExit as ended:
            assert not ended.code, ended.code
        print("torch" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"
    assert (tmp_path / "a.flac").read_bytes()[:4] == b"fLaC"
