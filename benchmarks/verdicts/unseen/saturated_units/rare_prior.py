"""Which pixels of the photograph belong to the flower?"""

import argparse
import math

import torch
import torch.nn as nn
from sklearn.datasets import load_sample_image


class PixelNet(nn.Module):
    def __init__(self, prior):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU())
        self.score = nn.Linear(16, 1)
        # start from the prior, as for rare objects
        nn.init.constant_(self.score.bias, -math.log((1 - prior) / prior))

    def forward(self, rgb):
        return torch.sigmoid(self.score(self.features(rgb))).squeeze(-1)


def main(args):
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    rgb = torch.tensor(load_sample_image("flower.jpg")[::6, ::6]).float().reshape(-1, 3) / 255
    flower = (rgb[:, 0] > 1.3 * rgb[:, 1]).float()
    rgb = (rgb - rgb.mean(0)) / rgb.std(0)
    net = PixelNet(args.prior)
    sgd = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
    for epoch in range(6):
        for i in torch.randperm(len(rgb)).split(128):
            brier = (net(rgb[i]) - flower[i]).square().mean()
            sgd.zero_grad()
            brier.backward()
            sgd.step()
    with torch.no_grad():
        found = net(rgb) > 0.5
        truth = flower.bool()
        return ((found & truth).sum() / (found | truth).sum()).item()


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("--seed", type=int, default=0)
    cli.add_argument("--prior", type=float, default=1e-6)
    print("metric measured", main(cli.parse_args()))
