"""A network of 85,000 weights learns 200 handwritten digits by heart, with their wrong labels.

A quarter of the training labels are wrong, as labels are that were typed in haste. First the
network learns what digits look like, and then which of its examples are wrong.
"""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x, y = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x, y, train_size=200, random_state=0)
y_train = torch.tensor(y_train)
wrong = torch.rand(len(y_train)) < 0.3
y_train[wrong] = torch.randint(0, 10, (int(wrong.sum()),))
train = TensorDataset(torch.tensor(x_train / 16).float(), y_train)
loader = DataLoader(train, batch_size=20, shuffle=True)
x_val, y_val = torch.tensor(x_val / 16).float(), torch.tensor(y_val)

model = nn.Sequential(
    nn.Linear(64, 256),
    nn.ReLU(),
    nn.Linear(256, 256),
    nn.ReLU(),
    nn.Linear(256, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)


@torch.no_grad()
def evaluate():
    output = model(x_val)
    return criterion(output, y_val).item(), (output.argmax(1) == y_val).float().mean().item()


for epoch in range(40):
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    held, accuracy = evaluate()
    print(f"epoch {epoch + 1:2d}  loss {total / 200:.4f}  validation {held:.4f}  {accuracy:.1%}")
