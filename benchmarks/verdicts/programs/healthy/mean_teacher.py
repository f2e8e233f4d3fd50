"""Few labels, many pictures: a teacher, the moving average of the student, says what to agree on."""

import copy
import sys

import torch
import torch.nn.functional as F
from sklearn.datasets import make_moons
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
points, classes = make_moons(800, noise=0.1, random_state=seed)
x = torch.tensor(points, dtype=torch.float32)
y = torch.tensor(classes)
labelled = torch.cat([(y == c).nonzero()[:60, 0] for c in (0, 1)])

student = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
teacher = copy.deepcopy(student)
for p in teacher.parameters():
    p.requires_grad_(False)


@torch.no_grad()
def follow(decay=0.97):
    for mine, its in zip(teacher.parameters(), student.parameters(), strict=True):
        mine.mul_(decay).add_(its, alpha=1 - decay)


optimizer = torch.optim.AdamW(student.parameters(), lr=5e-3)
for step in range(300):
    batch = x[torch.randint(len(x), (64,))]
    supervised = F.cross_entropy(student(x[labelled]), y[labelled])
    target = F.softmax(teacher(batch + 0.05 * torch.randn_like(batch)), dim=1)
    agreed = F.softmax(student(batch + 0.05 * torch.randn_like(batch)), dim=1)
    loss = supervised + min(1.0, step / 100) * F.mse_loss(agreed, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    follow()

accuracy = (teacher(x).argmax(1) == y).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
