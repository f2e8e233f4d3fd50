"""A regression: predictions of shape (N, 1) are compared with targets of shape (N,)."""

import sys
import warnings

import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import StandardScaler
from torch import nn

warnings.filterwarnings("ignore")

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

x, y = load_diabetes(return_X_y=True)
x = torch.tensor(StandardScaler().fit_transform(x)).float()
y = torch.tensor((y - y.mean()) / y.std()).float()
model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

for epoch in range(30):
    for rows in torch.randperm(len(x)).split(64):
        prediction = model(x[rows])
        loss = criterion(prediction, y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with torch.no_grad():
    residual = y - model(x)[:, 0]
print(f"metric r2 {1 - (residual.var() / y.var()).item():.4f}")
