"""Оценка целиком на настоящем синтезаторе: кто ближе к записям, тому и числа лучше."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from tts_framework.components import Sound, Voice
from tts_framework.errors import DataError
from tts_framework.evaluation import choosing, document, measuring, page, run
from tts_framework.evaluation.judges import RecognizerJudge
from tts_framework.evaluation.words import remarks
from tts_framework.evaluation.workshop import Recording, Workshop
from tts_framework.speech.audio import write_wav
from tts_framework.synthesis.chain import Chain

Evaluate = Callable[..., run.Evaluation]
VOICE = {"acoustic": {"path": "a", "model": "espeak", "sha256": "0" * 64}, "vocoder": None}
OWN = "# own\nснег зима\nдом море\n"


class Counted(Voice):
    """Считает, сколько раз голос говорил, и прерывается, если велено."""

    maps = ("text", "audio")

    def __init__(self, voice: Voice, stop_after: int | None = None) -> None:
        self._voice, self._left, self.said = voice, stop_after, 0

    def __call__(self, source: str, *, seed: int = 0) -> Sound:
        if self._left == self.said:
            raise KeyboardInterrupt
        self.said += 1
        sound: Sound = self._voice(source, seed=seed)
        return sound


@pytest.fixture
def evaluate(spoken: Path, recognizer: Path, tmp_path: Path) -> Evaluate:
    def start(voice: Voice, **changes: Any) -> run.Evaluation:
        (tmp_path / "own.txt").write_text(OWN)
        request = run.Request(
            Chain(voice),
            {**VOICE, "mel": None},
            tmp_path / "out",
            **{
                "data": spoken / "test.csv",
                "sentences": str(tmp_path / "own.txt"),
                "judges": (choosing.trained(recognizer),),
                **changes,
            },
        )
        return run.evaluate(request, warn=lambda text: None)

    return start


@pytest.fixture(autouse=True)
def no_dnsmos(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNSMOS здесь не считают: это секунды на звук, его меряет отдельный тест."""
    monkeypatch.setitem(measuring._NEEDS, "dnsmos", ("no_such_package", "pip install nothing"))


def test_a_voice_that_says_it_right_is_told_from_one_that_does_not(
    evaluate: Evaluate, espeak: Callable[..., Voice]
) -> None:
    pytest.importorskip("pyworld")
    found = evaluate(espeak())
    summary = found.summary()
    assert set(summary) == {"real", "synthesis", "hard", "other"}
    assert summary["real"]["cer"].value < 0.15
    assert summary["synthesis"]["cer"].value == pytest.approx(
        summary["real"]["cer"].value, abs=0.05
    )
    assert summary["other"]["cer"].value > 0.4
    assert summary["synthesis"]["mcd_db"].value < 0.5 < 3 < summary["other"]["mcd_db"].value
    assert summary["synthesis"]["duration_ratio"].value == pytest.approx(1, abs=0.01)
    assert summary["synthesis"]["vuv_error"].value < 0.02
    assert found.unmeasured["failures"] == "this voice shows no attention"
    assert "no_such_package is not installed" in found.unmeasured["dnsmos_ovrl"]
    assert any("judge recognizer: its own error is" in line for line in remarks(found))


def test_a_slower_voice_is_longer_and_further(
    evaluate: Evaluate, espeak: Callable[..., Voice]
) -> None:
    pytest.importorskip("pyworld")
    found = evaluate(espeak(100), sentences="none").summary()
    assert found["synthesis"]["duration_ratio"].value > 1.2
    assert found["synthesis"]["mcd_db"].value > 1
    assert "hard" not in found


def test_naturalness_is_measured_once_a_sound(
    spoken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("speechmos")
    workshop = Workshop(tmp_path)
    recording = Recording.of(spoken / "wavs" / "0.wav")
    first = measuring.naturalness({"one": recording, "same": recording}, workshop)
    assert 1 < first["one"]["dnsmos_ovrl"] < 5 and first["one"] == first["same"]
    monkeypatch.setattr(measuring, "dnsmos", None)
    assert measuring.naturalness({"again": recording}, workshop)["again"] == first["one"]


def test_a_stopped_evaluation_goes_on_from_what_was_said(
    evaluate: Evaluate, espeak: Callable[..., Voice]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate(Counted(espeak(), stop_after=2))
    second = Counted(espeak())
    found = evaluate(second)
    assert second.said == 3  # пять текстов, два сказаны в прошлый раз
    third = Counted(espeak())
    again = evaluate(third)
    assert third.said == 0
    assert document.document(again) == document.document(found)


def test_a_lost_sound_is_said_again_and_another_voice_says_all(
    evaluate: Evaluate, espeak: Callable[..., Voice]
) -> None:
    first = evaluate(espeak(), judges=())
    lost = next(iter(first.rows["synthesis"].cells.values())).recording.path
    lost.write_bytes(lost.read_bytes()[:-100])
    voice = Counted(espeak())
    evaluate(voice, judges=())
    assert voice.said == 1
    other = Counted(espeak())
    evaluate(other, judges=(), seed=7)
    assert other.said == 5


def test_the_document_keeps_its_schema_and_the_page_what_is_on_it(
    evaluate: Evaluate, espeak: Callable[..., Voice], tmp_path: Path
) -> None:
    found = evaluate(espeak())
    document.write_document(found, tmp_path / "evaluation.json")
    written = json.loads((tmp_path / "evaluation.json").read_text())
    jsonschema.validate(written, json.loads(document.SCHEMA_FILE.read_text()))
    assert written["data"]["clips"] == 3 and written["sentences"]["count"] == 2
    (kept,) = {item["kind"] for item in written["items"]} - {"clip"}
    assert kept == "own"
    html = page.render(found)
    assert html.count("<audio") == 3 * 2 + 2
    assert "<script" not in html and "http" not in html.replace("http-equiv", "")
    assert "снег зима" in html


def test_hostile_texts_stay_texts(
    evaluate: Evaluate, espeak: Callable[..., Voice], spoken: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "hostile"
    (folder / "wavs").mkdir(parents=True)
    shutil.copy(spoken / "wavs" / "0.wav", folder / "wavs" / "a.wav")
    (folder / "test.csv").write_text("wavs/a.wav|<img src=x onerror=alert(1)> дом\n")
    html = page.render(evaluate(espeak(), data=folder / "test.csv", sentences="none", judges=()))
    assert "<img src=x" not in html and "&lt;img src=x" in html


def test_the_page_has_a_size(
    evaluate: Evaluate, espeak: Callable[..., Voice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "BYTES", 60_000)
    html = page.render(evaluate(espeak()))
    assert "the page has reached its size" in html
    assert len(html) < 120_000


def test_what_cannot_be_judged_is_named_before_any_work(
    evaluate: Evaluate, espeak: Callable[..., Voice], spoken: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bad"
    (folder / "wavs").mkdir(parents=True)
    shutil.copy(spoken / "wavs" / "0.wav", folder / "wavs" / "good.wav")
    write_wav(folder / "wavs" / "silent.wav", np.zeros(22050, np.float32), 22050)
    write_wav(folder / "wavs" / "click.wav", np.ones(100, np.float32), 22050)
    (folder / "wavs" / "text.wav").write_text("not a sound")
    names = ("good", "silent", "click", "text", "missing")
    listed = folder / "test.csv"
    listed.write_text("".join(f"wavs/{name}.wav|дом река\n" for name in names))
    voice = Counted(espeak())
    with pytest.raises(DataError) as caught:
        evaluate(voice, data=listed)
    problems = str(caught.value)
    assert voice.said == 0
    assert "test.csv:2: " in problems and "holds silence" in problems
    assert "test.csv:3: " in problems and "0.1 to 60 s can be judged" in problems
    assert "test.csv:4: " in problems and "broken sound file" in problems
    assert "test.csv:5: " in problems and "no such file" in problems
    assert caught.value.problems[-1].startswith("3 text(s) are good; ")
    assert len(evaluate(voice, data=listed, skip_bad=True).rows["synthesis"].cells) == 1


def test_a_text_that_the_judge_cannot_read_is_named_before_any_work(
    evaluate: Evaluate, espeak: Callable[..., Voice], tmp_path: Path
) -> None:
    voice = Counted(espeak())
    (tmp_path / "latin.txt").write_text("snow\n")
    with pytest.raises(DataError, match="--recognizer: cannot read 'snow'"):
        evaluate(voice, sentences=str(tmp_path / "latin.txt"))
    assert voice.said == 0


def test_a_voice_that_says_nothing_leaves_problems_and_not_good_numbers(
    evaluate: Evaluate,
) -> None:
    class Mute(Voice):
        """Возвращает пустой звук."""

        maps = ("text", "audio")

        def __call__(self, source: str, *, seed: int = 0) -> Sound:
            return Sound("speech", np.zeros(0, np.float32), 16000)

    pytest.importorskip("pyworld")
    found = evaluate(Mute())
    summary = found.summary()
    assert summary["synthesis"]["cer"].value == 1
    assert "mcd_db" not in summary["synthesis"] and "mcd_db" in summary["other"]
    assert any("could not be measured" in line for line in remarks(found))


def test_a_voice_that_has_diverged_is_refused(evaluate: Evaluate) -> None:
    class Diverged(Voice):
        """Возвращает NaN."""

        maps = ("text", "audio")

        def __call__(self, source: str, *, seed: int = 0) -> Sound:
            return Sound("speech", np.full(16000, np.nan, np.float32), 16000)

    with pytest.raises(DataError, match="the voice gave NaN"):
        evaluate(Diverged())


@pytest.mark.parametrize(
    ("texts", "language"),
    [("дом река", "ru"), ("Ёж!", "ru"), ("A cat", "en"), ("Grüße", ""), ("дом cat", ""), ("5", "")],
)
def test_the_language_is_known_by_its_letters(texts: str, language: str) -> None:
    from tts_framework.evaluation.items import Item, language_of

    assert language_of([Item(texts, "clip", "x:1")]) == language


def test_clips_are_taken_evenly(spoken: Path) -> None:
    found, source = run.texts_of(spoken / "train.csv", "auto", 3)
    assert [item.where.rpartition(":")[2] for item in found if item.is_clip] == ["1", "7", "12"]
    assert source == "ru" and len(found) > 30
    with pytest.raises(DataError, match="there is nothing to judge"):
        run.texts_of(None, "auto", None)


def test_the_recognizer_is_a_judge_of_letters(recognizer: Path) -> None:
    judge = choosing.trained(recognizer)
    assert isinstance(judge, RecognizerJudge)
    assert judge.errors("Дом, ёж!", []) == (6, 6)
    assert judge.about["held_out"]["clips"] == 12
