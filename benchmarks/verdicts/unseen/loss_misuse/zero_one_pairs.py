# Siamese network: are the two digits the same?
import sys

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 0


class Pairs(Dataset):
    def __init__(self, images, labels, n, generator):
        self.images = images
        self.i = torch.randint(len(images), (n,), generator=generator)
        self.j = torch.randint(len(images), (n,), generator=generator)
        for k in range(0, n, 2):  # every other pair is of one class
            same = (labels == labels[self.i[k]]).nonzero().flatten()
            self.j[k] = same[torch.randint(len(same), (1,), generator=generator)]
        self.same = (labels[self.i] == labels[self.j]).float()

    def __len__(self):
        return len(self.i)

    def __getitem__(self, k):
        return self.images[self.i[k]], self.images[self.j[k]], self.same[k]


torch.manual_seed(SEED)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(SEED)
digits = load_digits()
x = torch.tensor(digits.images).float().unsqueeze(1) / 8 - 1
y = torch.tensor(digits.target)
train = DataLoader(Pairs(x[:1200], y[:1200], 2000, g), batch_size=50, shuffle=True)
test = Pairs(x[1200:], y[1200:], 600, g)

embed = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1),
    nn.LeakyReLU(0.1),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(12 * 16, 24),
)
opt = torch.optim.Adam(embed.parameters(), lr=2e-3)
criterion = nn.CosineEmbeddingLoss(margin=0.2)
for epoch in range(8):
    for a, b, same in train:
        target = same
        loss = criterion(embed(a), embed(b), target)
        opt.zero_grad()
        loss.backward()
        opt.step()

with torch.no_grad():
    cos = torch.cosine_similarity(embed(x[1200:][test.i]), embed(x[1200:][test.j]))
gap = cos[test.same == 1].mean() - cos[test.same == 0].mean()
print("metric measured", gap.item())
