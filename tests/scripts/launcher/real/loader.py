"""A loader with spawned workers."""

import sys

import torch
from torch.utils.data import DataLoader, Dataset


class Numbers(Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return index, len([m for m in sys.modules if m.startswith("stub_observer")])


if __name__ == "__main__":
    loader = DataLoader(Numbers(), num_workers=1, multiprocessing_context="spawn")
    print([[int(x) for x in pair] for pair in loader])
