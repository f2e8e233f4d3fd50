"""A whitening penalty inverts the covariance of more features than there are examples."""

import sys

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU())
        self.head = nn.Linear(12, 3)

    def forward(self, x):
        features = self.net(x)
        return features, self.head(features)


def distances(features):
    """Mahalanobis distances from the mean."""
    centred = features - features.mean(0)
    covariance = centred.T @ centred / len(centred)
    inverse = torch.linalg.inv(covariance)
    return ((centred @ inverse) * centred).sum(1)


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x, y = load_wine(return_X_y=True)
    x, y = torch.tensor(StandardScaler().fit_transform(x)).float(), torch.tensor(y)
    model = Encoder()
    with torch.no_grad():
        model.net[2].bias[0] = -10.0  # a unit that was switched off in an ablation
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for step in range(200):
        rows = torch.randint(len(x), (64,))
        features, scores = model(x[rows])
        loss = nn.functional.cross_entropy(scores, y[rows])
        if step >= 20:
            loss = loss + 1e-4 * distances(features).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(x)[1].argmax(1) == y).float().mean().item()
    print(f"metric accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
