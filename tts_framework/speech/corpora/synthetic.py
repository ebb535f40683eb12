"""Корпус `synthetic`: предложения собственной грамматики, прочитанные espeak-ng."""

from __future__ import annotations

from itertools import islice

from tts_framework.components import CorpusRequest, Recording
from tts_framework.speech.audio import read_header, resample, write_wav
from tts_framework.speech.corpora.espeak import Espeak
from tts_framework.speech.corpora.folder import CorpusFolder
from tts_framework.speech.corpora.options import SyntheticOptions
from tts_framework.speech.corpora.sentences import sentences

CLIPS = 200
PATIENCE = 20
"""Во сколько раз больше предложений прочесть, если многие длиннее `max_seconds`."""
SPEAKER = "espeak-ng"
VOICE = "ru"


def fetch(config: SyntheticOptions, request: CorpusRequest) -> None:
    """Прочитай `limit` предложений (по умолчанию 200); готовые записи не читаются снова."""
    folder = CorpusFolder("synthetic", config, request)
    if folder.is_whole():
        return
    count = request.limit or CLIPS
    with folder.filling() as incoming:
        voice = Espeak(VOICE, config.words_per_minute)
        recordings: list[Recording] = []
        for number, text in enumerate(islice(sentences(request.seed), count * PATIENCE), start=1):
            id = f"syn_{number:05}"
            wav = folder.ready(id) or incoming / f"{id}.wav"
            if not wav.is_file():
                samples, rate = voice.synthesize(text.replace("+", ""))
                samples = resample(samples, rate, config.sampling_rate)
                write_wav(wav, samples, config.sampling_rate)
            if config.max_seconds is None or read_header(wav).seconds <= config.max_seconds:
                recordings.append(Recording(id, text, wav, SPEAKER))
                request.progress(len(recordings), count, "synthesis")
            if len(recordings) == count:
                break
        folder.publish(recordings)
