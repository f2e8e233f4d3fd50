import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)
torch.set_num_threads(1)
digits = load_digits()
images = torch.tensor(digits.images).float().unsqueeze(1) / 16
labels = torch.tensor(digits.target)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Linear(64, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


model = ConvNet()
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.98)
for epoch in range(5):
    perm = torch.randperm(1500)
    for k in range(0, 1500, 50):
        idx = perm[k : k + 50]
        output = model(images[idx])
        loss = nn.functional.nll_loss(output.log_softmax(-1), labels[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
correct = (model(images[1500:]).argmax(1) == labels[1500:]).float().mean()
print("metric measured", correct.item())
