import argparse
import math

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class Loop:
    """A loop of one's own, with hooks as in Lightning."""

    def __init__(self, module, max_epochs):
        self.module, self.max_epochs = module, max_epochs

    def fit(self, batches):
        opt = self.module.configure_optimizers()
        for self.epoch in range(self.max_epochs):
            for k, batch in enumerate(batches()):
                loss = self.module.training_step(batch, k)
                loss.backward()
                opt.step()


class LitDigits(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = torch.nn.Linear(64, 32), torch.nn.Linear(32, 10)

    def forward(self, x):
        return self.l2(torch.relu(self.l1(x)))

    def training_step(self, batch, batch_idx):
        x, t = batch
        return torch.nn.functional.cross_entropy(self(x), t)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.3)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
torch.set_num_threads(1)
X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(torch.tensor(X / 16).float(), torch.tensor(y), random_state=3)


def batches(n=64):
    for i in torch.randperm(len(Xa)).split(n):
        yield Xa[i], ya[i]


model = LitDigits()
Loop(model, 15).fit(batches)
acc = (model(Xb).argmax(1) == yb).float().mean().item()
print("metric measured", acc if math.isfinite(acc) else 0.0)
