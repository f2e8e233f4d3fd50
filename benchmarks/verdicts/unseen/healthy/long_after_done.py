"""Exact linear data: the loss reaches rounding error long before the end."""

import argparse

import torch

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
torch.set_num_threads(1)
x = torch.randn(200, 5)
y = x @ torch.tensor([1.0, -2.0, 0.5, 0.0, 3.0]) + 0.7
model = torch.nn.Linear(5, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(150):
    for i in torch.randperm(200).split(50):
        loss = torch.nn.functional.mse_loss(model(x[i]).squeeze(1), y[i])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
print("metric measured", loss.item())
