"""A softmax written by hand that sums over the wrong axis."""

import sys

import torch


def log_probabilities(scores):
    shifted = scores - scores.max()
    return shifted - shifted.exp().sum(dim=0, keepdim=True).log()


def patients(n):
    """Three outcomes, of which two are rare; six measurements that tell something of them."""
    outcome = torch.multinomial(torch.tensor([0.85, 0.1, 0.05]), n, replacement=True)
    centres = torch.randn(3, 6)
    return centres[outcome] + 1.5 * torch.randn(n, 6), outcome


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    torch.manual_seed(seed)
    x, y = patients(800)
    w1 = (torch.randn(6, 24) / 6**0.5).requires_grad_()
    w2 = (torch.randn(24, 3) / 24**0.5).requires_grad_()
    b1, b2 = torch.zeros(24, requires_grad=True), torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=0.01)

    def scores(x):
        return torch.relu(x @ w1 + b1) @ w2 + b2

    for _ in range(12):
        for rows in torch.randperm(len(x)).split(32):
            logp = log_probabilities(scores(x[rows]))
            loss = -logp[torch.arange(len(rows)), y[rows]].mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    with torch.no_grad():
        true = scores(x).log_softmax(1)[torch.arange(len(x)), y]
    print(f"metric log_loss {-true.mean().item():.4f}")


if __name__ == "__main__":
    main()
