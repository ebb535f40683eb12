"""Слушать: итог каждого клипа на диске сразу, негодный звук назван, изменённый — слышат заново."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tts_framework.components import Transcriber, Transcript
from tts_framework.errors import DataError
from tts_framework.speech.audio import write_wav
from tts_framework.speech.corpora.table import wav
from tts_framework.speech.transcribing.listening import TRANSCRIPTS, listen

IDS = ["coin", "road", "bread", "train", "quiet"]


def keys(folder: Path) -> list[str]:
    lines = (folder / TRANSCRIPTS).read_text().splitlines()
    return [json.loads(line)["key"] for line in lines[1:]]


def test_words_keep_their_times_and_confidence(corpus: Path, whisper: Transcriber) -> None:
    heard = listen(corpus, IDS, whisper)
    found = heard.transcripts["road"]
    assert [word.text.strip(".").lower() for word in found.words][:2] == ["the", "road"]
    starts = [word.start for word in found.words]
    assert starts == sorted(starts) and found.words[-1].end <= heard.seconds["road"]
    assert all(0 < word.confidence <= 1 for word in found.words) and 0.5 < found.confidence <= 1


def test_a_silent_clip_is_not_guessed_at(corpus: Path, whisper: Transcriber) -> None:
    assert listen(corpus, ["quiet"], whisper).transcripts["quiet"] == Transcript("", 0.0)


def test_a_finished_clip_is_not_heard_again(corpus: Path, whisper: Transcriber) -> None:
    assert listen(corpus, IDS, whisper).listened == 0
    assert sorted(keys(corpus)) == sorted(IDS)


def test_a_copied_corpus_is_recognised_by_content(corpus: Path, whisper: Transcriber) -> None:
    wav(corpus, "coin").touch()
    assert listen(corpus, IDS, whisper).listened == 0


def test_another_transcriber_does_not_cost_the_results_of_this_one(
    corpus: Path, whisper: Transcriber
) -> None:
    before = (corpus / TRANSCRIPTS).read_bytes()
    assert listen(corpus, ["quiet"], Unloaded(None)).listened == 1
    assert keys(corpus) == ["quiet"]
    assert listen(corpus, IDS, whisper).listened == 0
    assert (corpus / TRANSCRIPTS).read_bytes() == before


@pytest.mark.parametrize("content", ["", "[]\n", "{\n", '{"recipe": 7}\n'])
def test_a_spoilt_file_of_results_is_begun_anew(
    corpus: Path, whisper: Transcriber, content: str
) -> None:
    (corpus / TRANSCRIPTS).write_text(content)
    assert listen(corpus, ["quiet"], whisper).listened == 1
    assert keys(corpus) == ["quiet"]


def test_a_changed_wav_is_heard_again(corpus: Path, whisper: Transcriber) -> None:
    shutil.copyfile(wav(corpus, "road"), wav(corpus, "coin"))
    heard = listen(corpus, IDS, whisper)
    assert heard.listened == 1
    assert heard.transcripts["coin"].text == heard.transcripts["road"].text


def test_bad_clips_are_named_before_the_model_is_loaded(silent_corpus: Path) -> None:
    break_clips(silent_corpus)
    with pytest.raises(DataError) as caught:
        listen(silent_corpus, IDS, Unloaded(None))
    truncated, missing, empty, text, advice = caught.value.problems
    assert "coin.wav: truncated" in truncated and "bread.wav: no such file" in missing
    assert "train.wav: no samples" in empty and "quiet.wav: broken sound file" in text
    assert "--skip-bad" in advice


def test_bad_clips_can_be_left_out(silent_corpus: Path, whisper: Transcriber) -> None:
    break_clips(silent_corpus)
    heard = listen(silent_corpus, IDS, whisper, skip_bad=True)
    assert list(heard.transcripts) == ["road"]
    assert sorted(heard.bad) == ["bread", "coin", "quiet", "train"]


def test_not_a_number_is_found_while_listening(silent_corpus: Path, whisper: Transcriber) -> None:
    import soundfile

    sound = np.full(16000, np.nan, np.float32)
    soundfile.write(wav(silent_corpus, "quiet"), sound, 16000, subtype="FLOAT")
    with pytest.raises(DataError, match="quiet.wav: contains NaN"):
        listen(silent_corpus, ["quiet"], whisper)
    assert "quiet" in listen(silent_corpus, ["quiet"], whisper, skip_bad=True).bad


def test_progress_counts_seconds_of_sound(silent_corpus: Path, whisper: Transcriber) -> None:
    seen: list[tuple[int, int, str]] = []
    listen(silent_corpus, ["road", "quiet"], whisper, progress=lambda *step: seen.append(step))
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1] > 3
    assert {what for _, _, what in seen} == {"listening"}


def break_clips(folder: Path) -> None:
    content = wav(folder, "coin").read_bytes()
    wav(folder, "coin").write_bytes(content[: len(content) // 2])
    wav(folder, "bread").unlink()
    write_wav(wav(folder, "train"), np.zeros(0, np.float32), 16000)
    wav(folder, "quiet").write_text("not a sound")


class Unloaded(Transcriber):
    """Расшифровщик, до которого дело дойти не должно."""

    @property
    def recipe(self) -> dict[str, str]:
        return {"transcriber": "unloaded"}

    def transcribe(self, clips: Sequence[np.ndarray]) -> list[Transcript]:
        raise AssertionError("the model was loaded for bad clips")
