"""Внимание по меткам фонов: чтение, приложение символов к фонам, штраф."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tts_framework.components import Session, TrainingContext
from tts_framework.errors import DataError
from tts_framework.speech.phones import labels as phone_labels
from tts_framework.speech.phones.matching import Costs, align
from tts_framework.speech.phones.times import LabelledClips
from ttsf_tacotron2.batches import Clips
from ttsf_tacotron2.guidance import diagonal_penalty, guided_attention_loss, labels_penalty

StartSession = Callable[..., Session]
SYMBOLS = ["_", "~", " ", ",", *"ксатиья", "a\u0301"]
SOUNDS = {"к": ["k"], "с": ["s"], "а": ["aa"], "т": ["t"], "и": ["ii"], "я": ["j", "a"], "ь": []}


def spoken_as(text: str) -> list[tuple[str, str]]:
    """Пары «символ, фон» текста; запятая - пауза, мягкий знак молчит."""
    return [
        (letter, phone)
        for letter in text
        for phone in SOUNDS.get(letter, ["pau"] if letter == "," else [])
    ]


def write(path: Path, phones: list[str], step: float = 0.1, silence: float = 0.3) -> float:
    """Запиши метки ровных фонов с тишиной по краям; верни длину клипа."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines, end = ["#", f"{silence:.5f} 125 pau"], silence
    for phone in phones:
        end += step
        lines.append(f"{end:.5f} 125 {phone}")
    lines.append(f"{end + silence:.5f} 125 pau")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return end + silence


def corpus(folder: Path, count: int) -> tuple[LabelledClips, list[str], list[list[str]]]:
    """Случайные слова, фоны которых известны."""
    rng = np.random.default_rng(1)
    texts = []
    for _ in range(count):
        words = ["".join(rng.choice(list("ксатиья"), rng.integers(2, 6))) for _ in range(4)]
        texts.append("к" + " ".join(words).replace(" ", ", ", 1) + "а")
    owners, seconds = [], []
    for n, text in enumerate(texts):
        pairs = spoken_as(text)
        owners.append([letter for letter, _ in pairs])
        seconds.append(write(folder / "labels" / f"{n}.lab", [phone for _, phone in pairs]))
    paths = [folder / "wavs" / f"{n}.wav" for n in range(count)]
    numbers = [np.array([SYMBOLS.index(c) for c in text] + [1]) for text in texts]
    return LabelledClips(paths, seconds, numbers, SYMBOLS), texts, owners


def test_letters_find_their_phones_though_nobody_named_them(tmp_path: Path) -> None:
    clips, texts, owners = corpus(tmp_path, 60)
    right = total = 0
    for text, letters, span in zip(texts, owners, clips.spans(tmp_path), strict=True):
        for place, letter in enumerate(letters):
            middle = 0.3 + 0.1 * (place + 0.5)
            inside = (span[: len(text), 0] <= middle) & (middle < span[: len(text), 1])
            right += letter in {text[n] for n in np.flatnonzero(inside)}
            total += 1
    assert right / total > 0.9


def test_spans_cover_the_clip_in_order(tmp_path: Path) -> None:
    clips, texts, _ = corpus(tmp_path, 20)
    for text, span in zip(texts, clips.spans(tmp_path), strict=True):
        assert span.shape == (len(text) + 1, 2)
        assert span[0, 0] == 0
        assert (span[:, 0] <= span[:, 1]).all()
        assert (np.diff(span[:-1, 0]) >= 0).all()
        assert span[-2:, 1].max() == pytest.approx(clips._seconds[texts.index(text)])


def test_spans_are_kept_and_a_damaged_cache_is_made_again(tmp_path: Path) -> None:
    clips, _, _ = corpus(tmp_path, 5)
    first = clips.spans(tmp_path)
    (kept,) = tmp_path.glob("symbol_times_*.npy")
    kept.write_bytes(b"\x93NUMPY broken")
    for again in (clips.spans(tmp_path), clips.spans(tmp_path)):
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 10), min_size=1, max_size=12),
    st.lists(st.integers(0, 4), min_size=1, max_size=20),
)
def test_owners_never_go_back_and_cost_the_least(text: list[int], phones: list[int]) -> None:
    names = ["k", "s", "aa", "j", "pau"]
    spoken = np.array([any(c.isalnum() for c in symbol) for symbol in SYMBOLS])
    costs = Costs(SYMBOLS, spoken, names)
    owners = align(np.array(text), np.array(phones), costs)
    assert len(owners) == len(phones)
    assert (np.diff(owners) >= 0).all() and 0 <= owners[0] and owners[-1] < len(text)


def test_equal_names_match_at_once() -> None:
    symbols = ["_", "~", "·k", "·aa", "·t"]
    costs = Costs(symbols, np.array([False, False, True, True, True]), ["aa", "k", "t"])
    text, phones = np.array([2, 3, 4, 3, 1]), np.array([1, 0, 2, 0])
    assert align(text, phones, costs).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"0.1 125 a\n", "no '#' line"),
        (b"#\n0.5 125 a\n0.2 125 b\n", "line 3"),
        (b"#\n99 125 a\n", "line 2"),
        (b"#\nnan 125 a\n", "line 2"),
        (b"#\n0.1 125 \xff\n", "not UTF-8"),
        (b"#\n" + b"0.1 125 a\n" * 200_000, "too long"),
    ],
)
def test_damaged_labels_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.lab"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        phone_labels.read(path, 1.0)
    assert "x.lab" in str(error.value)


def test_labels_lie_beside_the_folder_of_clips() -> None:
    assert phone_labels.beside(Path("c/wavs/a.wav")) == Path("c/labels/a.lab")
    assert phone_labels.beside(Path("c/a.wav")) == Path("c/labels/a.lab")


def test_the_penalty_is_zero_inside_a_symbol_and_grows_away_from_it() -> None:
    spans = torch.tensor([[[0.0, 4.0], [4.0, 8.0], [8.0, 12.0]]])
    penalty = labels_penalty(spans, torch.ones(1, 6, 3), reduction_factor=2, width=2.0)
    assert (penalty[0].diagonal() == 0).sum() >= 1
    assert penalty[0, 0].tolist() == sorted(penalty[0, 0].tolist())
    assert penalty[0, 2, 1] == 0 and penalty[0, 5, 2] == 0
    assert penalty[0, 0, 1] == pytest.approx(1 - np.exp(-(3.5**2) / 8), abs=1e-6)


def test_a_clip_without_labels_is_guided_along_the_diagonal() -> None:
    text, steps = torch.tensor([3, 3]), torch.tensor([6, 6])
    spans = torch.tensor([[[0.0, 4.0], [4.0, 8.0], [8.0, 12.0]]]).repeat(2, 1, 1)
    spans[1] = torch.nan
    diagonal = diagonal_penalty(text, steps, torch.zeros(2, 6, 3))
    penalty = labels_penalty(spans, diagonal, 2, 2.0)
    assert torch.equal(penalty[1], diagonal[1]) and not torch.equal(penalty[0], diagonal[0])


def test_gradients_of_the_guidance_agree_with_finite_differences() -> None:
    torch.manual_seed(3)
    text, steps = torch.tensor([3, 2]), torch.tensor([4, 3])
    spans = torch.tensor([[[0.0, 2.0], [2.0, 5.0], [5.0, 8.0]], [[0.0, 3.0], [3.0, 6.0], [9, 9]]])
    spans[1, 2] = torch.nan
    diagonal = diagonal_penalty(text, steps, torch.zeros(2, 4, 3))
    penalty = labels_penalty(spans, diagonal, 2, 1.5)
    alignments = torch.rand(2, 4, 3, requires_grad=True)
    loss = guided_attention_loss(alignments, text, steps, penalty)
    (gradient,) = torch.autograd.grad(loss, alignments)
    assert gradient.isfinite().all() and (gradient[1, 3] == 0).all()
    assert (gradient[1, :, 2] == 0).all()
    bump = torch.zeros_like(alignments)
    bump[0, 1, 2] = 1e-2
    moved = guided_attention_loss(alignments + bump, text, steps, penalty)
    assert (moved - loss).item() / 1e-2 == pytest.approx(gradient[0, 1, 2].item(), abs=1e-4)


@pytest.fixture
def labelled(context: TrainingContext, tmp_path: Path) -> TrainingContext:
    """Корпус, где у всех обучающих клипов, кроме одного, есть метки."""
    folder = tmp_path / "corpus"
    shutil.copytree(context.train.parent, folder)
    for line in context.train.read_text("utf-8").splitlines()[1:]:
        name, text = line.split("|")
        letters = [c for c in text.lower() if c.isalpha()]
        wav = folder / name
        seconds = (wav.stat().st_size - 44) / 2 / 8000
        step = (seconds - 0.1) / len(letters)
        write(phone_labels.beside(wav), letters, step=step, silence=0.05)
    return replace(context, train=folder / "train.csv", cache=tmp_path / "cache")


def test_a_batch_brings_times_of_symbols_in_frames(labelled: TrainingContext) -> None:
    warnings: list[str] = []
    clips = Clips(labelled.train, replace(labelled, warn=warnings.append), labels=True)
    assert "1 of 7 clips have no phone labels" in warnings[0]
    batch = clips.batch([0, 1, 2])
    assert batch.spans is not None and batch.spans[0].isnan().all()
    for row in (1, 2):
        size = int(batch.text_lengths[row])
        assert batch.spans[row, :size].isfinite().all()
        assert batch.spans[row, size:].isnan().all()
        assert batch.spans[row, :size].max() == pytest.approx(int(batch.mel_lengths[row]), abs=2)


def test_attention_is_drawn_to_the_labels(labelled: TrainingContext, start: StartSession) -> None:
    options = {"guidance": "labels", "guided_attention_weight": 3000.0, "learning_rate": 1e-2}
    session = start(labelled, **options, grad_clip_thresh=100.0)
    session.step()
    before = session.progress()["training.guided_attention"]
    for _ in range(80):
        session.step()
    session.progress()
    for _ in range(3):
        session.step()
    assert session.progress()["training.guided_attention"] < 0.85 * before


def test_labels_longer_than_the_clip_are_named_at_the_start(
    labelled: TrainingContext, start: StartSession
) -> None:
    label = next((labelled.train.parent / "labels").glob("*.lab"))
    label.write_text("#\n77.0 125 a\n", "utf-8")
    with pytest.raises(DataError, match=label.name):
        start(labelled, guidance="labels")
