from argparse import ArgumentParser

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


class Funnel(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        pairs = zip(sizes[:-1], sizes[1:])
        self.blocks = [nn.Linear(a, b) for a, b in pairs]
        self.head = nn.Linear(sizes[-1], 10)

    def forward(self, x):
        for block in self.blocks:
            x = F.leaky_relu(block(x), 0.1)
        return self.head(x)


class Trainer:
    def __init__(self, model, lr):
        self.model = model
        self.optimizer = torch.optim.RMSprop(model.parameters(), lr=lr)

    def fit(self, X, y, epochs):
        for _ in range(epochs):
            for i in torch.randperm(len(X)).split(64):
                self.step(X[i], y[i])
        return self

    def step(self, x, t):
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.model(x), t)
        loss.backward()
        self.optimizer.step()

    @torch.no_grad()
    def score(self, X, y):
        return (self.model(X).argmax(1) == y).float().mean().item()


ap = ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
digits = load_digits()
X, y = torch.tensor(digits.data, dtype=torch.float32) / 16, torch.tensor(digits.target)
trainer = Trainer(Funnel([64, 32, 16, 8]), lr=5e-3).fit(X[:1400], y[:1400], epochs=20)
print("metric measured", trainer.score(X[1400:], y[1400:]))
