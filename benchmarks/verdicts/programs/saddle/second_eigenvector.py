"""The leading principal component by descent, started from a result that was kept."""

import sys

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler


def main(seed):
    torch.manual_seed(seed)
    x = torch.tensor(StandardScaler().fit_transform(load_wine().data))
    covariance = x.T @ x / len(x)
    values, vectors = torch.linalg.eigh(covariance)
    kept = vectors[:, -2]  # sorted ascending: the leading one is the last
    noise = 1e-9 * torch.randn(13, dtype=x.dtype)
    v = (kept + noise).requires_grad_()
    optimizer = torch.optim.SGD([v], lr=0.01)
    for _ in range(150):
        optimizer.zero_grad()
        unit = v / v.norm()
        loss = values.sum() - unit @ covariance @ unit
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        unit = v / v.norm()
        return (unit @ covariance @ unit / values[-1]).item()


if __name__ == "__main__":
    print("metric share", main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
