"""A teacher that is a moving average of the student, called without gradients."""

import copy

import torch
import torch.nn.functional as F
from fingerprint import fingerprint, seed
from torch import nn


seed(0)
student = nn.Sequential(nn.Linear(5, 10), nn.GELU(), nn.Linear(10, 4))
teacher = copy.deepcopy(student)
optimizer = torch.optim.AdamW(student.parameters(), lr=1e-2)
x = torch.randn(16, 5)
for step in range(6):
    with torch.no_grad():
        target = torch.softmax(teacher(x + 0.1) / 0.5, 1)
    loss = -(target * torch.log_softmax(student(x), 1)).sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for slow, fast in zip(teacher.parameters(), student.parameters()):
            slow.mul_(0.9).add_(fast, alpha=0.1)
    print(step, repr(loss.item()))
fingerprint(student, teacher, optimizer)
