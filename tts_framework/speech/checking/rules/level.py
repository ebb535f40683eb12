"""Отсчёты: не числа, тишина, перегрузка, смещение, края, шум, громкость."""

from __future__ import annotations

from collections.abc import Iterator

from tts_framework.speech.checking.corpus import Corpus
from tts_framework.speech.checking.findings import ERROR, WARNING, Finding
from tts_framework.speech.checking.rules.base import Rule
from tts_framework.speech.checking.spread import outliers

NARROWEST_LU = 1.0
MANY = 10


def not_finite(corpus: Corpus) -> Iterator[Finding]:
    """Найди NaN и бесконечности."""
    for clip, sound in corpus.measured():
        if sound.not_finite:
            reason = f"{sound.not_finite} samples are NaN or infinite"
            advice = "replace the file; one such clip turns the whole training into NaN"
            yield clip.finding("not_finite", ERROR, reason, advice, sound.not_finite, 0)


def silent(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы, в которых ничего не слышно."""
    limit = corpus.settings.silent_peak
    for clip, sound in corpus.measured():
        peak = sound.peak - abs(sound.dc)
        if peak < limit:
            reason = f"nothing is heard: the peak is {peak:.5f} of full scale, below {limit:g}"
            advice = "record it again or remove the line"
            yield clip.finding("silent", ERROR, reason, advice, peak, limit)


def clipping(corpus: Corpus) -> Iterator[Finding]:
    """Найди срезанные вершины; срезанное и потом ослабленное тоже видно."""
    limit = corpus.settings.clipped_samples
    for clip, sound in corpus.voiced():
        if sound.clipped > limit:
            severe = sound.clipped > limit * MANY
            yield clip.finding(
                "clipping",
                WARNING,
                f"{sound.clipped} samples are cut flat at the peak {sound.peak:.3f},"
                f" more than {limit}{'; the distortion is heard' if severe else ''}",
                "record it again with a lower gain, or declip the original",
                sound.clipped,
                limit,
            )


def dc_offset(corpus: Corpus) -> Iterator[Finding]:
    """Найди постоянную составляющую."""
    limit = corpus.settings.dc_offset
    for clip, sound in corpus.measured():
        if abs(sound.dc) > limit:
            reason = f"DC offset {sound.dc:+.4f} of full scale, beyond {limit:g}"
            yield clip.finding(
                "dc_offset", WARNING, reason, "--fix removes it", abs(sound.dc), limit
            )


def edge_silence(corpus: Corpus) -> Iterator[Finding]:
    """Найди длинную тишину на краях: внимание модели учится стоять на месте."""
    limit = corpus.settings.edge_silence
    for clip, sound in corpus.voiced():
        longest = max(sound.head, sound.tail)
        if longest > limit:
            reason = (
                f"{sound.head:.2f} s of silence before the speech and {sound.tail:.2f} s after it,"
                f" more than {limit:g} s"
            )
            advice = f"--fix leaves {corpus.settings.edge_margin:g} s on each side"
            yield clip.finding("edge_silence", WARNING, reason, advice, longest, limit)


def snr(corpus: Corpus) -> Iterator[Finding]:
    """Найди шумные клипы."""
    limit = corpus.settings.snr
    for clip, sound in corpus.voiced():
        if sound.snr is not None and sound.snr < limit:
            reason = f"speech is only {sound.snr:.1f} dB above the noise, less than {limit:g} dB"
            advice = "listen to it; denoise the original or leave the clip out"
            yield clip.finding("snr", WARNING, reason, advice, sound.snr, limit)


def loudness(corpus: Corpus) -> Iterator[Finding]:
    """Найди клипы громче или тише остальных того же голоса."""
    settings = corpus.settings
    values = (
        (clip, sound.loudness) for clip, sound in corpus.voiced() if sound.loudness is not None
    )
    for clip, value, median, sigmas in outliers(
        values, sigmas=settings.outlier, narrowest=NARROWEST_LU, clips=settings.outlier_clips
    ):
        if abs(value - median) > settings.loudness_spread:
            word = "louder" if value > median else "quieter"
            yield clip.finding(
                "loudness",
                WARNING,
                f"{value:.1f} LUFS is {abs(value - median):.1f} LU {word} than the voice's median"
                f" {median:.1f} ({sigmas:.0f} sigmas, limit {settings.outlier:g})",
                "bring it to the level of the others",
                value,
                median,
            )


RULES = (
    Rule("not_finite", "samples are NaN or infinite", not_finite),
    Rule("silent", "nothing is heard", silent),
    Rule("clipping", "peaks are cut flat", clipping),
    Rule("dc_offset", "the mean of the samples is not zero", dc_offset),
    Rule("edge_silence", "long silence at an edge", edge_silence),
    Rule("snr", "noise is close to the speech", snr),
    Rule("loudness", "loudness is far from the voice's median", loudness),
)
