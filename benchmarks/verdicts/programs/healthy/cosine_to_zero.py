"""A small convolutional network with momentum and a cosine schedule that ends at zero."""

import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
torch.manual_seed(seed)

digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
labels = torch.tensor(digits.target)
order = torch.randperm(len(images))
train, test = order[:1280], order[1280:]
loader = DataLoader(TensorDataset(images[train], labels[train]), batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.ReLU(inplace=True),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1),
    nn.BatchNorm2d(16),
    nn.ReLU(inplace=True),
    nn.Flatten(),
    nn.Linear(256, 10),
)
epochs = 15
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs)
criterion = nn.CrossEntropyLoss()
for epoch in range(epochs):
    model.train()
    for image, label in loader:
        optimizer.zero_grad()
        criterion(model(image), label).backward()
        optimizer.step()
    schedule.step()

model.eval()
with torch.inference_mode():
    accuracy = (model(images[test]).argmax(1) == labels[test]).float().mean().item()
print(f"metric accuracy {accuracy:.3f}")
