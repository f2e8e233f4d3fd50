"""A small network on handwritten digits whose loss on other digits stays above that on its own.

A gap between both is what any learning leaves. It is no fault as long as the loss on other data
does not rise again.
"""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)

x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
train = TensorDataset(torch.tensor(x_train / 16).float(), torch.tensor(y_train))
loader = DataLoader(train, batch_size=32, shuffle=True)
x_test, y_test = torch.tensor(x_test / 16).float(), torch.tensor(y_test)

model = nn.Sequential(
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)


for epoch in range(20):
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
    with torch.inference_mode():
        output = model(x_test)
        held = criterion(output, y_test).item()
        accuracy = (output.argmax(1) == y_test).float().mean().item()
    print(f"epoch {epoch + 1:2d}  loss {total / len(train):.4f}  other {held:.4f}  {accuracy:.1%}")
