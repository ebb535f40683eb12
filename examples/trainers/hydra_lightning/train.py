"""Программа на Hydra (`ключ=значение`) и Lightning.

Учит восстанавливать средний кадр спектра речи по двум соседям с каждой стороны.
"""

import wave
from pathlib import Path

import hydra
import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

AROUND = 2


def spectrum(path, bands):
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype("float32") / 32768
    windows = np.lib.stride_tricks.sliding_window_view(samples, 512)[::256] * np.hanning(512)
    power = np.abs(np.fft.rfft(windows, axis=1)[:, 1:257]) ** 2
    return (np.log(power.reshape(len(power), bands, -1).mean(2) + 1e-6) + 6) / 6


def dataset(filelist, bands):
    """Соседи [N, 4, bands] и средние кадры [N, bands]."""
    filelist = Path(filelist)
    names = [line.split("|")[0] for line in filelist.read_text("utf-8").splitlines() if line]
    windows = [
        np.lib.stride_tricks.sliding_window_view(
            spectrum(filelist.parent / name, bands), 2 * AROUND + 1, axis=0
        )
        for name in names
    ]
    stacked = torch.from_numpy(np.concatenate(windows).astype("float32")).transpose(1, 2)
    neighbours = torch.cat([stacked[:, :AROUND], stacked[:, AROUND + 1 :]], 1)
    return TensorDataset(neighbours.flatten(1), stacked[:, AROUND])


class MiddleFrame(pl.LightningModule):
    def __init__(self, cfg):
        super().__init__()
        self.cfg = cfg
        width, bands = cfg.model.width, cfg.data.bands
        self.net = nn.Sequential(
            nn.Linear(2 * AROUND * bands, width),
            nn.GELU(),
            nn.Dropout(cfg.model.dropout),
            nn.Linear(width, bands),
        )

    def loss(self, batch):
        neighbours, middle = batch
        return nn.functional.mse_loss(self.net(neighbours), middle)

    def training_step(self, batch, index):
        loss = self.loss(batch)
        rate = self.optimizers().param_groups[0]["lr"]
        self.log_dict({"train/loss": loss, "train/lr": rate})
        return loss

    def validation_step(self, batch, index):
        self.log("val/loss", self.loss(batch))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), self.cfg.optim.lr)

    def on_train_start(self):
        # чекпоинт возвращает прежний шаг спуска вместе с состоянием оптимизатора: без этой
        # строки новое значение после перезапуска не действовало бы
        for group in self.optimizers().param_groups:
            group["lr"] = self.cfg.optim.lr


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    pl.seed_everything(cfg.seed)
    torch.set_num_threads(1)
    train, valid = (dataset(path, cfg.data.bands) for path in (cfg.data.train, cfg.data.valid))
    trainer = pl.Trainer(
        accelerator="cpu",
        max_steps=cfg.max_steps,
        max_epochs=-1,
        val_check_interval=cfg.every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        log_every_n_steps=cfg.log_every,
        enable_progress_bar=False,
        enable_model_summary=False,
        logger=TensorBoardLogger(cfg.out, name="logs", version=0),
        callbacks=[
            ModelCheckpoint(Path(cfg.out), "{step}", every_n_train_steps=cfg.every, save_top_k=-1)
        ],
    )
    trainer.fit(
        MiddleFrame(cfg),
        DataLoader(train, cfg.data.batch, shuffle=True),
        DataLoader(valid, 256),
        ckpt_path=cfg.resume,
        weights_only=True,
    )


if __name__ == "__main__":
    main()
