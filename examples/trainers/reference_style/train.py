"""Обучение в стиле эталонного Tacotron 2: `-o -l -c --hparams a=1,b=2`, скаляры в TensorBoard.

GRU предсказывает следующий кадр логарифмического спектра речи. Как и многие программы в этом стиле,
она не ловит SIGINT и пишет чекпоинт прямо под окончательным именем.
"""

import argparse
import os
import wave

import numpy as np
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

BANDS = 32


def create_hparams(text):
    hparams = dict(
        learning_rate=1e-3,
        weight_decay=1e-6,
        batch_size=8,
        grad_clip_thresh=1.0,
        iters_per_checkpoint=20,
        iters=100_000,
        seed=1234,
        segment=48,
    )
    for pair in filter(None, text.split(",")):
        name, value = pair.split("=")
        hparams[name] = type(hparams[name])(value)
    return argparse.Namespace(**hparams)


def frames(path):
    """[T, BANDS], логарифм энергии в полосах; шаг 16 мс при 16 кГц."""
    with wave.open(path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0
    signal = torch.from_numpy(samples.astype("float32"))
    window = torch.hann_window(512)
    power = torch.stft(signal, 512, 256, window=window, return_complex=True).abs() ** 2
    bands = power[: 8 * BANDS].reshape(BANDS, 8, -1).mean(1)
    return (torch.log(bands + 1e-6).T + 6) / 6


def load_clips(filelist):
    folder = os.path.dirname(filelist)
    with open(filelist, encoding="utf-8") as file:
        return [frames(os.path.join(folder, line.split("|")[0])) for line in file if line.strip()]


class NextFrame(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(BANDS, 48, batch_first=True)
        self.out = nn.Linear(48, BANDS)

    def forward(self, x):
        return x + self.out(self.gru(x)[0])


def loss_of(model, batch):
    return nn.functional.mse_loss(model(batch[:, :-1]), batch[:, 1:])


def batch_of(clips, hparams, generator):
    rows = []
    for index in torch.randint(len(clips), (hparams.batch_size,), generator=generator):
        clip = clips[index]
        start = torch.randint(len(clip) - hparams.segment, (1,), generator=generator)
        rows.append(clip[start : start + hparams.segment])
    return torch.stack(rows)


@torch.no_grad()
def validate(model, clips):
    return sum(loss_of(model, clip[None]).item() for clip in clips) / len(clips)


def train(args, hparams):
    torch.manual_seed(hparams.seed)
    torch.set_num_threads(1)
    clips, held_out = load_clips(args.training_files), load_clips(args.validation_files)
    model = NextFrame()
    optimizer = torch.optim.Adam(model.parameters(), weight_decay=hparams.weight_decay)
    iteration = 0
    if args.checkpoint_path:
        state = torch.load(args.checkpoint_path, weights_only=True)
        model.load_state_dict(state["state_dict"])
        optimizer.load_state_dict(state["optimizer"])
        iteration = state["iteration"]
    for group in optimizer.param_groups:
        group["lr"], group["weight_decay"] = hparams.learning_rate, hparams.weight_decay
    os.makedirs(args.output_directory, exist_ok=True)
    logger = SummaryWriter(os.path.join(args.output_directory, args.log_directory))
    while iteration < hparams.iters:
        iteration += 1
        # пачка зависит только от номера шага: продолжение видит то же, что видел бы без остановки
        generator = torch.Generator().manual_seed(hparams.seed + iteration)
        optimizer.zero_grad()
        loss = loss_of(model, batch_of(clips, hparams, generator))
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), hparams.grad_clip_thresh)
        optimizer.step()
        logger.add_scalar("training.loss", loss.item(), iteration)
        logger.add_scalar("grad.norm", norm.item(), iteration)
        logger.add_scalar("learning.rate", hparams.learning_rate, iteration)
        if iteration % hparams.iters_per_checkpoint == 0:
            logger.add_scalar("validation.loss", validate(model, held_out), iteration)
            logger.flush()
            state = {
                "iteration": iteration,
                "state_dict": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "learning_rate": hparams.learning_rate,
            }
            path = os.path.join(args.output_directory, f"checkpoint_{iteration}")
            torch.save(state, path)
            print(f"Saved model and optimizer state at iteration {iteration} to {path}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--output_directory", required=True)
    parser.add_argument("-l", "--log_directory", default="logs")
    parser.add_argument("-c", "--checkpoint_path", default=None)
    parser.add_argument("--training_files", default="data/synthetic/train.csv")
    parser.add_argument("--validation_files", default="data/synthetic/validation.csv")
    parser.add_argument("--hparams", default="")
    arguments = parser.parse_args()
    train(arguments, create_hparams(arguments.hparams))
