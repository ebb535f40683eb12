"""Генератор, дискриминаторы и их оптимизаторы: всё, что учится, в одном месте."""

from __future__ import annotations

from itertools import chain

import torch
from torch import Tensor, nn

from tts_framework.training.adam import Adam
from ttsf_hifigan.clips import Batch
from ttsf_hifigan.discriminators import (
    MultiPeriodDiscriminator,
    MultiScaleDiscriminator,
    judge_pair,
)
from ttsf_hifigan.generator import Generator
from ttsf_hifigan.log_mel import LogMel
from ttsf_hifigan.losses import adversarial_loss, discriminator_loss, feature_loss, mel_loss
from ttsf_hifigan.options import HifiganOptions
from ttsf_hifigan.precision import precision
from ttsf_hifigan.sizes import Sizes

MEASURED = ("loss", "mel", "feature_matching", "adversarial", "discriminator", "norm", "norm_d")


class Networks:
    """Один шаг GAN: сперва дискриминаторы, потом генератор по уже обновлённым."""

    def __init__(self, sizes: Sizes, config: HifiganOptions, log_mel: LogMel) -> None:
        self.generator = Generator(sizes)
        self.mpd = MultiPeriodDiscriminator(config.mpd_periods, config.discriminator_width)
        self.msd = MultiScaleDiscriminator(config.discriminator_width)
        self.log_mel = log_mel
        self._device = torch.device("cpu")

    def to(self, device: torch.device) -> None:
        """Перенеси сети на устройство и заведи оптимизаторы (порядок параметров - эталонный)."""
        self._device = device
        for network in (self.generator, self.mpd, self.msd, self.log_mel):
            network.to(device)
        self._own = list(self.generator.parameters())
        self._judges = list(chain(self.msd.parameters(), self.mpd.parameters()))
        self.optimizer_g = Adam(self._own, decoupled=True)
        self.optimizer_d = Adam(self._judges, decoupled=True)

    def enforce(self, config: HifiganOptions, epoch: int) -> None:
        """Введи в силу шаги, моменты и затухание."""
        rate = config.learning_rate * config.lr_decay**epoch
        for optimizer, own in (
            (self.optimizer_g, rate),
            (self.optimizer_d, rate * config.discriminator_rate),
        ):
            optimizer.betas = (config.beta1, config.beta2)
            optimizer.learning_rate = own
            optimizer.weight_decay = config.weight_decay

    def step(self, batch: Batch, config: HifiganOptions) -> Tensor:
        """Сделай шаг обоих; верни `MEASURED` `[7]`."""
        with precision(self._device, config.precision):
            made = self.generator(batch.mel)
            judged = self.judge(batch.audio, made.detach())
        self.optimizer_d.zero_grad()
        judged.backward(inputs=self._judges)
        norm_d = _clipped(self._judges, config.grad_clip_thresh)
        self.optimizer_d.step()
        with precision(self._device, config.precision):
            terms = self.generator_terms(batch.audio, made)
        weights = (config.mel_weight, config.fm_weight, config.adversarial_weight)
        loss = torch.stack([w * term for w, term in zip(weights, terms, strict=True)]).sum()
        self.optimizer_g.zero_grad()
        loss.backward(inputs=self._own)  # градиенты весов дискриминаторов здесь не считаются
        norm = _clipped(self._own, config.grad_clip_thresh)
        self.optimizer_g.step()
        return torch.stack([loss, *terms, judged, norm, norm_d]).detach().float()

    def judge(self, real: Tensor, made: Tensor) -> Tensor:
        """Верни потери обоих дискриминаторов на звуке `[B, 1, N]`."""
        losses = []
        for discriminator in (self.mpd, self.msd):
            (real_scores, _), (made_scores, _) = judge_pair(discriminator, real, made)
            losses.append(discriminator_loss(real_scores, made_scores))
        return torch.stack(losses).sum()

    def generator_terms(self, real: Tensor, made: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Верни mel L1, сходство признаков и состязательные потери генератора, без весов."""
        features, adversarial = [], []
        for discriminator in (self.mpd, self.msd):
            with torch.no_grad():
                _, real_features = discriminator(real)
            scores, made_features = discriminator(made)
            features.append(feature_loss(real_features, made_features))
            adversarial.append(adversarial_loss(scores))
        with torch.no_grad():
            target = self.log_mel(real.squeeze(1))
        mel = mel_loss(target, self.log_mel(made.squeeze(1)))
        return mel, torch.stack(features).sum(), torch.stack(adversarial).sum()


def _clipped(parameters: list[nn.Parameter], limit: float) -> Tensor:
    """Ограничь норму градиентов (0 - не ограничивай) и верни её."""
    return nn.utils.clip_grad_norm_(parameters, limit or float("inf"))
