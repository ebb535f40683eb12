"""Adam: то же, что `torch.optim.Adam`, и взаимозаменяемое с ним состояние."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from ttsf_tacotron2.adam import Adam


def network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 2))


def descend(net: nn.Module, optimizer: Adam | torch.optim.Adam, steps: int) -> None:
    torch.manual_seed(2)
    for _ in range(steps):
        optimizer.zero_grad()
        net(torch.randn(4, 5)).square().sum().backward()
        optimizer.step()


def made(net: nn.Module) -> Adam:
    optimizer = Adam(net.parameters())
    optimizer.learning_rate, optimizer.weight_decay = 0.01, 0.1
    return optimizer


def test_it_steps_like_the_one_of_torch_and_writes_the_same_state() -> None:
    ours, theirs = network(), network()
    optimizer = made(ours)
    reference = torch.optim.Adam(theirs.parameters(), lr=0.01, weight_decay=0.1, fused=True)
    descend(ours, optimizer, 5)
    descend(theirs, reference, 5)
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(own, other)
    state, expected = optimizer.state_dict(), reference.state_dict()
    for number, moments in expected["state"].items():
        for name, tensor in moments.items():
            assert torch.equal(state["state"][number][name], tensor)
    shared = state["param_groups"][0]
    assert {name: expected["param_groups"][0][name] for name in shared} == shared


def test_each_continues_from_the_state_of_the_other() -> None:
    one, two = network(), network()
    ours, theirs = made(one), torch.optim.Adam(two.parameters(), lr=0.01, weight_decay=0.1)
    descend(one, ours, 3)
    descend(two, theirs, 3)
    swapped = made(two)
    swapped.load_moments(theirs.state_dict()["state"])
    theirs_now = torch.optim.Adam(one.parameters())
    theirs_now.load_state_dict(ours.state_dict())
    descend(two, swapped, 2)
    descend(one, theirs_now, 2)
    for own, other in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.allclose(own, other, atol=1e-6)


def test_moments_of_other_parameters_are_refused() -> None:
    optimizer = made(network())
    other = Adam(nn.Linear(3, 3).parameters())
    with pytest.raises(ValueError, match="2 moments for 4 parameters"):
        optimizer.load_moments(other.state_dict()["state"])


def test_it_spares_the_import_of_the_compiler() -> None:
    code = (
        "import sys, torch\n"
        "from ttsf_tacotron2.adam import Adam\n"
        "net = torch.nn.Linear(2, 2)\n"
        "optimizer = Adam(net.parameters())\n"
        "net(torch.ones(1, 2)).sum().backward()\n"
        "optimizer.step()\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
