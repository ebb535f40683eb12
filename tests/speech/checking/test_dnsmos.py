"""DNSMOS: настоящая модель из пакета, итог каждого клипа сразу на диске."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from tts_framework.components import Sound
from tts_framework.errors import DataError
from tts_framework.speech.checking.settings import CheckSettings
from tts_framework.speech.evaluation import naturalness


@pytest.mark.slow
def test_noise_scores_low_and_scores_are_kept(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("speechmos")
    pytest.importorskip("librosa")
    pytest.importorskip("onnxruntime")
    for id in bench.ids[3:]:
        del bench.rows[id]
        bench.wav(id).unlink()
    noisy = bench.ids[0]
    noise = np.random.default_rng(0).standard_normal(len(bench.sound(noisy))) * 0.1
    bench.put(noisy, (bench.sound(noisy) * 0.5 + noise).astype(np.float32), 16000)

    report = bench.check(dnsmos=True)

    scores = report.corpus.scores
    assert set(scores) == set(bench.ids[:3])
    assert scores[noisy] == min(scores.values()) < 2
    assert {f.clip for f in report.findings if f.rule == "dnsmos"} >= {noisy}
    assert "dnsmos" not in report.not_checked

    alone = naturalness.dnsmos(Sound(noisy, bench.sound(noisy), 16000))  # то же по одной записи
    assert set(alone) == {"ovrl", "sig", "bak", "p808"}
    assert alone["ovrl"] == pytest.approx(scores[noisy], abs=1e-3)
    assert all(1 <= score <= 5 for score in alone.values())

    from speechmos import dnsmos

    monkeypatch.setattr(dnsmos, "run", None)  # второй раз модель не зовут
    strict = bench.check(dnsmos=True, settings=CheckSettings(dnsmos=5))
    assert strict.corpus.scores == scores
    assert sum(f.rule == "dnsmos" for f in strict.findings) == 3


def test_a_missing_package_is_named(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "speechmos", None)
    with pytest.raises(DataError, match=r"pip install 'tts-framework\[dnsmos\]'"):
        bench.check(dnsmos=True)
