"""Encoder and decoder have an optimizer each; the gradients of only one of them are cleared."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn


class Experiment:
    def __init__(self, seed):
        torch.manual_seed(seed)
        self.x = torch.tensor(load_digits().data / 16).float()
        self.encoder = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
        self.decoder = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 64))
        self.encoder_optimizer = torch.optim.SGD(self.encoder.parameters(), lr=0.5, momentum=0.9)
        self.decoder_optimizer = torch.optim.SGD(self.decoder.parameters(), lr=0.5, momentum=0.9)

    def loss(self, batch):
        return nn.functional.mse_loss(self.decoder(self.encoder(batch)), batch)

    def step(self):
        batch = self.x[torch.randint(len(self.x), (100,))]
        loss = self.loss(batch)
        self.encoder_optimizer.zero_grad()
        loss.backward()
        self.encoder_optimizer.step()
        self.decoder_optimizer.step()
        return loss.item()

    def run(self, steps):
        for step in range(steps):
            loss = self.step()
            if step % 100 == 99:
                print(f"step {step + 1}: {loss:.5f}")
        with torch.no_grad():
            return (self.loss(self.x) / self.x.var(0).mean()).item()


experiment = Experiment(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
print(f"metric unexplained {experiment.run(400):.4f}")
