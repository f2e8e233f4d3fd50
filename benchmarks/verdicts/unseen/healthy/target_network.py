"""Two noisy views of a digit: one net predicts what a slow copy of itself says (BYOL)."""

import argparse
import copy

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn


def augment(x):
    return x * (torch.rand_like(x) > 0.3) + 0.1 * torch.randn_like(x)


def similarity_loss(p, z):
    return 2 - 2 * F.cosine_similarity(p, z, dim=-1).mean()


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("--seed", type=int, default=0)
    cli.add_argument("--tau", type=float, default=0.98)
    args = cli.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    d = load_digits()
    x = torch.tensor(d.data / 16).float()
    online = nn.Sequential(
        nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 32), nn.BatchNorm1d(32)
    )
    predictor = nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))
    target = copy.deepcopy(online)
    for p in target.parameters():
        p.requires_grad = False
    opt = torch.optim.Adam([*online.parameters(), *predictor.parameters()], lr=1e-3)
    for _ in range(15):
        for i in torch.randperm(1400).split(100):
            a, b = augment(x[i]), augment(x[i])
            with torch.no_grad():
                ta, tb = target(a), target(b)
            loss = similarity_loss(predictor(online(a)), tb) + similarity_loss(
                predictor(online(b)), ta
            )
            opt.zero_grad()
            loss.backward()
            opt.step()
            with torch.no_grad():
                for t, o in zip(target.parameters(), online.parameters(), strict=True):
                    t.lerp_(o, 1 - args.tau)
    online.eval()
    with torch.no_grad():
        h = online(x).numpy()
    probe = LogisticRegression(max_iter=300).fit(h[:1400], d.target[:1400])
    print("metric measured", probe.score(h[1400:], d.target[1400:]))


if __name__ == "__main__":
    main()
