#!/usr/bin/env python3
"""Программа на argparse с настройками в YAML; ход обучения — JSON-строки. Нужны numpy и PyYAML.

Учит линейную модель: сколько секунд длится фраза, по тому, каких букв в ней сколько. Такой моделью
отбирают клипы, чей текст не подходит к звуку.
"""

import argparse
import csv
import json
import os
import signal
import sys
import time

import numpy as np
import yaml

LETTERS = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя +.,!?-"
FLAGS = {"learning_rate": float, "batch_size": int, "momentum": float, "nesterov": None}


def read_settings(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="config.yaml")
    parser.add_argument("--workdir", required=True)
    parser.add_argument("--resume")
    parser.add_argument("--max-steps", type=int)
    parser.add_argument("--seed", type=int)
    for name, kind in FLAGS.items():
        flag = "--" + name.replace("_", "-")
        if kind is None:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction)
        else:
            parser.add_argument(flag, type=kind)
    args = parser.parse_args(argv)
    with open(args.config, encoding="utf-8") as file:
        settings = yaml.safe_load(file)
    given = {name: value for name, value in vars(args).items() if value is not None}
    return argparse.Namespace(**{"resume": None, **settings, **given})


def read_clips(path):
    """Признаки [N, F] и длительности [N], с."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE))
    texts = [row["text"].lower() for row in rows]
    counts = np.array([[text.count(letter) for letter in LETTERS] for text in texts], float)
    features = np.hstack([counts / 10, np.ones((len(rows), 1))])
    return features, np.array([float(row["duration"]) for row in rows])


def loss_and_gradient(weights, features, seconds):
    error = features @ weights - seconds
    return float(np.mean(error**2)), 2 * features.T @ error / len(error)


def save(settings, step, weights, velocity):
    path = os.path.join(settings.workdir, f"step_{step:06d}.npz")
    with open(path + ".tmp", "wb") as file:
        np.savez(file, step=step, weights=weights, velocity=velocity)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)


def main(argv):
    settings = read_settings(argv)
    os.makedirs(settings.workdir, exist_ok=True)
    features, seconds = read_clips(settings.metadata)
    held_out = slice(0, max(2, len(seconds) // 8))
    rest = slice(held_out.stop, None)
    step, weights = 0, np.zeros(features.shape[1])
    velocity = np.zeros_like(weights)
    if settings.resume:
        with np.load(settings.resume) as state:
            step, weights, velocity = int(state["step"]), state["weights"], state["velocity"]
    stopped = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.append(True))
    with open(os.path.join(settings.workdir, "metrics.jsonl"), "a", encoding="utf-8") as log:

        def write(**values):
            record = {"step": step, "time": time.time(), **values}
            log.write(json.dumps(record) + "\n")
            log.flush()

        while step < settings.max_steps and not stopped:
            random = np.random.default_rng([settings.seed, step])
            rows = random.integers(len(seconds) - rest.start, size=settings.batch_size)
            x, y = features[rest][rows], seconds[rest][rows]
            ahead = weights + settings.momentum * velocity if settings.nesterov else weights
            loss, gradient = loss_and_gradient(ahead, x, y)
            velocity = settings.momentum * velocity - settings.learning_rate * gradient
            weights = weights + velocity
            step += 1
            time.sleep(settings.pause)
            if step % settings.log_every == 0:
                write(train={"loss": loss, "lr": settings.learning_rate})
            if step % settings.save_every == 0:
                error, _ = loss_and_gradient(weights, features[held_out], seconds[held_out])
                write(valid={"mse": error})
                save(settings, step, weights, velocity)
    if step % settings.save_every:
        save(settings, step, weights, velocity)


if __name__ == "__main__":
    main(sys.argv[1:])
