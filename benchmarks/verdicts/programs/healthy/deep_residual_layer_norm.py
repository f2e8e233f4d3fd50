"""Twenty pre-norm residual blocks."""

import sys

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(SEED)

X, Y = load_digits(return_X_y=True)
tensors = (torch.tensor(X, dtype=torch.float32) / 16, torch.tensor(Y))
train_x, test_x, train_y, test_y = train_test_split(*tensors, test_size=300, random_state=SEED)


def block(width):
    return nn.Sequential(
        nn.LayerNorm(width), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)
    )


class Residual(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


model = nn.Sequential(
    nn.Linear(64, 40),
    *[Residual(block(40)) for _ in range(20)],
    nn.LayerNorm(40),
    nn.Linear(40, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_function = nn.CrossEntropyLoss()
for i in range(150):
    picked = torch.randint(len(train_x), (64,))
    loss = loss_function(model(train_x[picked]), train_y[picked])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model.eval()
with torch.no_grad():
    accuracy = (model(test_x).argmax(1) == test_y).float().mean().item()
print("metric accuracy", accuracy)
