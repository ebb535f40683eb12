"""Сеть: формы, прореживание и то, что дополнение пачки ни на что не влияет."""

from __future__ import annotations

import pytest
import torch

from tts_framework.evaluation.recognizer.augmenting import augmented
from tts_framework.evaluation.recognizer.decoding import greedy
from tts_framework.evaluation.recognizer.network import Recognizer, normalized, padded, steps_of
from tts_framework.evaluation.recognizer.options import RecognizerOptions, audio_for

OPTIONS = RecognizerOptions(channels=16, hidden=8, blocks=1, layers=2)


@pytest.fixture
def network() -> Recognizer:
    torch.manual_seed(0)
    return Recognizer(OPTIONS, 20, 7).eval()


def test_every_fourth_frame_is_a_step(network: Recognizer) -> None:
    mels, lengths = padded([torch.randn(20, frames) for frames in (41, 40, 3)])
    log_probs = network(mels, lengths)
    assert log_probs.shape == (3, 11, 7)
    assert steps_of(lengths).tolist() == [11, 10, 1]
    torch.testing.assert_close(log_probs.exp().sum(2), torch.ones(3, 11))


def test_a_batch_says_what_each_clip_says_alone(network: Recognizer) -> None:
    mels = [torch.randn(20, frames) for frames in (50, 37, 8)]
    together = network(*padded(mels))
    for row, mel in enumerate(mels):
        alone = network(*padded([mel]))[0]
        torch.testing.assert_close(together[row, : len(alone)], alone, atol=1e-5, rtol=1e-5)


def test_what_stands_in_the_padding_is_not_read(network: Recognizer) -> None:
    mels, lengths = padded([torch.randn(20, 40), torch.randn(20, 20)])
    noisy = mels.clone()
    noisy[1, :, 20:] = 100.0
    torch.testing.assert_close(network(noisy, lengths)[1, :5], network(mels, lengths)[1, :5])


def test_both_ends_of_a_clip_are_heard_everywhere(network: Recognizer) -> None:
    mel = torch.randn(1, 20, 80, requires_grad=True)
    network(mel, torch.tensor([80]))[0, 10].sum().backward()
    network(mel, torch.tensor([80]))[0, 10, 0].backward()
    assert mel.grad is not None
    assert mel.grad[0, :, 0].abs().sum() > 0 and mel.grad[0, :, -1].abs().sum() > 0


def test_repeats_collapse_and_blanks_part_them() -> None:
    best = torch.tensor([[0, 3, 3, 0, 3, 1, 1, 4, 0, 1], [2, 2, 2, 2, 5, 5, 5, 5, 5, 5]])
    log_probs = torch.nn.functional.one_hot(best, 6).float()
    assert greedy(log_probs, torch.tensor([10, 4])) == [[3, 3, 1, 4], [2]]


def test_loudness_and_the_colour_of_a_channel_do_not_matter() -> None:
    mel = torch.randn(20, 60)
    torch.testing.assert_close(normalized(mel), normalized(mel + torch.randn(20, 1)))
    assert normalized(torch.zeros(20, 5)).abs().max() == 0


def test_distortions_keep_most_of_the_clip_and_depend_on_the_seed() -> None:
    mel = torch.randn(20, 200)
    torch.manual_seed(1)
    first = augmented(mel)
    torch.manual_seed(1)
    assert torch.equal(augmented(mel), first)
    assert 180 <= first.shape[1] <= 220
    assert 0.4 < (first != 0).float().mean() <= 1


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
def test_a_frame_is_ten_milliseconds_at_any_rate(rate: int) -> None:
    audio = audio_for(rate)
    assert audio.hop_length / rate == pytest.approx(0.01, rel=0.01)
    assert audio.filter_length >= audio.win_length and audio.mel_fmax <= rate / 2
