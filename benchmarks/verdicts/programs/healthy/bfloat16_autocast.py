"""Mixed precision: the products are taken in bfloat16, weights and updates are kept in float32."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
digits = load_digits()
data = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
target = torch.tensor(digits.target)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(16 * 16, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


model = ConvNet()
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
for step in range(250):
    picked = torch.randint(1400, (32,))
    optimizer.zero_grad()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = model(data[picked])
        loss = nn.functional.cross_entropy(output, target[picked])
    loss.backward()
    optimizer.step()

with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
    accuracy = (model(data[1400:]).argmax(1) == target[1400:]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
