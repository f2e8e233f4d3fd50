"""A student learns from a teacher whose output is detached, and a moving average follows it."""

import copy
import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
x = torch.tensor(digits.data, dtype=torch.float32) / 16
y = torch.tensor(digits.target)
order = torch.randperm(len(x))
train, test = order[:1400], order[1400:]


def fit(model, loss_of, steps, after=lambda: None):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(steps):
        batch = train[torch.randint(len(train), (64,))]
        loss = loss_of(batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        after()


teacher = nn.Sequential(nn.Linear(64, 128), nn.GELU(), nn.Linear(128, 10))
fit(teacher, lambda batch: F.cross_entropy(teacher(x[batch]), y[batch]), 150)

student = nn.Sequential(nn.Linear(64, 24), nn.GELU(), nn.Linear(24, 10))
average = copy.deepcopy(student)


def distil(batch, temperature=2.0):
    wanted = F.softmax(teacher(x[batch]).detach() / temperature, dim=1)
    said = F.log_softmax(student(x[batch]) / temperature, dim=1)
    return F.kl_div(said, wanted, reduction="batchmean") * temperature**2


def follow():
    with torch.no_grad():
        for mean, now in zip(average.parameters(), student.parameters()):
            mean.lerp_(now, 0.05)


fit(student, distil, 250, follow)
with torch.no_grad():
    accuracy = (average(x[test]).argmax(1) == y[test]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
