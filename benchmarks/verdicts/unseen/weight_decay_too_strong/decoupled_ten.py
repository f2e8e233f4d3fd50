"""AdamW with bfloat16 autocast, accumulation over four micro-batches and an average of the weights."""

import argparse
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


@dataclass(frozen=True)
class Options:
    lr: float = 1e-2
    weight_decay: float = 10.0
    micro: int = 4
    epochs: int = 8


def train(seed, o=Options()):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    d = load_digits()
    x, y = torch.tensor(d.data / 16).float(), torch.tensor(d.target)
    net = nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.LayerNorm(64), nn.Linear(64, 10))
    ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    opt = torch.optim.AdamW(net.parameters(), lr=o.lr, weight_decay=o.weight_decay)
    for _ in range(o.epochs):
        for k, i in enumerate(torch.randperm(1440).split(20)):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = nn.functional.cross_entropy(net(x[i]), y[i]) / o.micro
            loss.backward()
            if (k + 1) % o.micro == 0:
                opt.step()
                opt.zero_grad(set_to_none=True)
                ema.update_parameters(net)
    with torch.no_grad():
        return nn.functional.cross_entropy(ema(x[1440:]), y[1440:]).item()


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0)
    print("metric measured", train(ap.parse_args().seed))
