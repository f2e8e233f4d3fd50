"""A small network learns the class probabilities of a random forest."""

import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from torch import nn


def forest_probabilities(x, y, cut, seed):
    forest = RandomForestClassifier(40, min_samples_leaf=5, random_state=seed)
    forest.fit(x[:cut], y[:cut])
    return torch.tensor(forest.predict_proba(x)).float()


def distillation_loss(student_logits, teacher):
    student = F.softmax(student_logits, dim=1)
    return F.kl_div(student, teacher, reduction="batchmean")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    data = load_digits()
    teacher = forest_probabilities(data.data, data.target, 900, args.seed)
    x = torch.tensor(data.data / 16).float()
    student = nn.Sequential(nn.Linear(64, 48), nn.GELU(), nn.Linear(48, 10))
    optimizer = torch.optim.AdamW(student.parameters(), lr=3e-3, weight_decay=1e-4)
    for _ in range(args.epochs):
        for index in torch.randperm(1400).split(50):
            loss = distillation_loss(student(x[index]), teacher[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        log_q = F.log_softmax(student(x[1400:]), dim=1)
        print("metric measured", F.kl_div(log_q, teacher[1400:], reduction="batchmean").item())


if __name__ == "__main__":
    main()
