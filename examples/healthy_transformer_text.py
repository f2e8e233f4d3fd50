"""A small transformer predicts the next character of Python's own manual.

Its learning rate starts near zero and rises, its early loss hardly falls, and the gradients of
its weights differ much in size: each would look wrong to a rule of thumb, and none of it is.
Residual connections and layer normalisation carry the gradient, and AdamW moves weights whose
gradient is small as far as the others.
"""

import math
from pydoc_data.topics import topics

import torch
import torch.nn as nn
import torch.nn.functional as F

BLOCK = 32


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(y.transpose(1, 2).reshape(b, t, c))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Transformer(nn.Module):
    def __init__(self, symbols, width=48, heads=4, depth=3):
        super().__init__()
        self.token = nn.Embedding(symbols, width)
        self.position = nn.Embedding(BLOCK, width)
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, symbols, bias=False)
        for table in (self.token, self.position, self.head):
            nn.init.normal_(table.weight, std=0.1)

    def forward(self, tokens, targets):
        x = self.token(tokens) + self.position(torch.arange(tokens.shape[1]))
        for layer in self.layers:
            x = layer(x)
        logits = self.head(self.norm(x))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def learning_rate(step, steps, warm_up=40):
    if step < warm_up:
        return (step + 1) / warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))


def main(steps=300):
    torch.manual_seed(0)
    text = "\n".join(topics[name] for name in sorted(topics))[:100_000]
    alphabet = sorted(set(text))
    codes = torch.tensor([alphabet.index(c) for c in text])
    train, test = codes[:90_000], codes[90_000:]
    held = test[: len(test) // (BLOCK + 1) * (BLOCK + 1)].view(-1, BLOCK + 1)

    model = Transformer(len(alphabet))
    optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: learning_rate(s, steps))

    def evaluate():
        with torch.no_grad():
            logits, loss = model(held[:, :-1], held[:, 1:])
        right = (logits.argmax(-1) == held[:, 1:]).float().mean().item()
        return f"loss {loss.item():.3f}, next character right {right:.1%}"

    print("before training:", evaluate())
    for step in range(steps):
        starts = torch.randint(len(train) - BLOCK - 1, (32,))
        rows = torch.stack([train[s : s + BLOCK + 1] for s in starts])
        _, loss = model(rows[:, :-1], rows[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 49:
            print(f"step {step + 1:3d}  loss {loss.item():.3f}")
    print("after training:", evaluate())


if __name__ == "__main__":
    main()
