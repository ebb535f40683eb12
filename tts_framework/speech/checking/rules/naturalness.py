"""Оценка DNSMOS, когда её просили."""

from __future__ import annotations

from collections.abc import Iterator

from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.findings import WARNING, Finding
from tts_framework.speech.checking.rules.base import Rule


def dnsmos(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы с низкой оценкой."""
    limit = corpus.settings.dnsmos
    for clip in corpus.clips:
        score = corpus.scores.get(clip.row.id)
        if score is not None and score < limit:
            reason = f"DNSMOS (OVRL) {score:.2f}, below {limit:g}: noise or distortion"
            yield clip.finding("dnsmos", WARNING, reason, "listen to it", score, limit)


RULES = (Rule("dnsmos", "DNSMOS is low (only with --dnsmos)", dnsmos),)
