"""Речь по фразам: место каждой беды названо, отчёт складывается, таблица не бесконечна."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tts_framework.cli.speech_table import SHOWN, show
from tts_framework.components import Phrase, Sound, Voice
from tts_framework.errors import DataError, TTSFError
from tts_framework.synthesis.chain import Chain, Work
from tts_framework.synthesis.lines import Line
from tts_framework.synthesis.manner import Manner
from tts_framework.synthesis.report import summary, to_dict
from tts_framework.synthesis.speaking import Speaking, Spoken
from tts_framework.synthesis.writing import encoded, pcm


class Own(Voice):
    """Говорит фразами по слову; `ой` читать не умеет, на `ай` портится, на `тсс` молчит."""

    maps = ("text", "audio")

    def phrases(self, text: str) -> list[Phrase]:
        if "ой" in text:
            raise DataError(["unknown word 'ой'", "it cannot be said"])
        return [Phrase(word, len(word)) for word in text.split()]

    def __call__(self, source: str, *, seed: int = 0) -> Sound:
        if source == "ай":
            raise DataError("mel: contains NaN")
        return Sound("speech", np.full(400, seed / 100, np.float32), 8000)

    def stream(self, source: str, *, seed: int = 0) -> Iterator[Sound]:
        if source != "тсс":
            yield self(source, seed=seed)


def speaking(**options: Any) -> tuple[Speaking, list[str]]:
    said: list[str] = []
    return Speaking(Chain(Own()), warn=said.append, **options), said


def test_every_phrase_has_its_own_seed() -> None:
    found, _ = speaking(manner=Manner(seed=7))
    samples = np.concatenate(list(found.say(found.ready(Line("раз два", "a:1")))))
    assert samples[0] == pytest.approx(0.07) and samples[-1] == pytest.approx(0.08)
    assert [(row.text, row.seconds) for row in found.rows] == [("раз", 0.05), ("два", 0.05)]


def test_bad_lines_are_named_together_or_left_out() -> None:
    lines = [Line("раз", "a:1"), Line("ой", "a:2")]
    found, said = speaking()
    with pytest.raises(DataError) as caught:
        found.all_ready(lines)
    assert caught.value.problems == [
        "a:2: unknown word 'ой'",
        "a:2: it cannot be said",
        "1 line(s) are good; leave the rest out with --skip-bad",
    ]
    assert [ready.line for ready in found.all_ready(lines, skip_bad=True)] == lines[:1]
    assert said == ["left out: a:2: unknown word 'ой'", "left out: a:2: it cannot be said"]
    with pytest.raises(DataError, match="a:2"):  # не осталось ни одной
        found.all_ready(lines[1:], skip_bad=True)


def test_a_stream_of_lines_is_read_one_by_one() -> None:
    lines = [Line("раз", "a:1"), Line("ой", "a:2"), Line("три", "a:3")]
    found, said = speaking()
    assert [r.line.where for r in found.each_ready(lines, skip_bad=True)] == ["a:1", "a:3"]
    assert said[0] == "left out: a:2: unknown word 'ой'"
    ready = found.each_ready(lines)
    assert next(ready).line == lines[0]
    with pytest.raises(DataError, match="a:2: unknown word"):
        next(ready)


def test_what_the_voice_refuses_is_named_by_its_place() -> None:
    found, _ = speaking()
    with pytest.raises(DataError, match="a:1: mel: contains NaN"):
        list(found.say(found.ready(Line("раз ай", "a:1"))))
    with pytest.raises(TTSFError, match="a:2: the voice gave no sound"):
        list(found.say(found.ready(Line("тсс", "a:2"))))


def row(seconds: float = 2.0, confidence: float | None = None, text: str = "раз") -> Spoken:
    work = Work(acoustic=0.25, vocoder=0.5, confidence=confidence, flags=("odd",))
    return Spoken("a:1", text, 3, seconds, 0.25, work)


def test_the_report_adds_up_and_is_plain_json() -> None:
    rows = [row(confidence=0.5), row(confidence=0.75), row(seconds=0.0)]
    total = summary(rows, loading=9.0, sampling_rate=8000, first_audio=0.3)
    assert (total.seconds, total.spent, total.rtf, total.confidence) == (4.0, 3.0, 0.75, 0.5)
    found = json.loads(json.dumps(to_dict(rows, total, out="a.wav"), allow_nan=False))
    assert found["real_time_factor"] == 0.75 and found["loading_seconds"] == 9.0
    assert found["phrases"][2]["real_time_factor"] is None
    assert found["phrases"][2]["confidence"] is None
    assert found["phrases"][0]["flags"] == ["odd"] and found["first_audio_seconds"] == 0.3


def test_a_long_list_is_cut_and_the_total_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(text=f"[red]фраза {n}, длинная-предлинная, без конца и края") for n in range(40)]
    show(rows, summary(rows, 1.5, 8000, 0.25), err=False)
    shown = capsys.readouterr().out
    assert "40 phrase(s)" in shown and "80.000" in shown
    assert f"the last {SHOWN} of 40 phrases are shown" in shown
    assert "[red]фраза 39" in shown and "[red]фраза 9," not in shown
    assert "loading took 1.50 s and is not counted in RTF; first audio after 0.25 s" in shown


def test_loud_samples_are_limited_not_wrapped() -> None:
    assert pcm(np.array([-2, -1, 0, 0.5, 1, 3], np.float32)).tolist() == [
        -32767, -32767, 0, 16384, 32767, 32767,
    ]  # fmt: skip


def test_a_rate_that_a_format_cannot_hold_is_refused() -> None:
    samples = [np.zeros(10, "<i2")]
    assert len(encoded(samples, 8000, ".ogg")) > 0
    with pytest.raises(TTSFError, match=".flac: 2000000 Hz cannot be written .* .wav instead"):
        encoded(samples, 2_000_000, ".flac")
