"""The user's own hooks of every kind: they print, one halves a gradient, one is removed half way."""

import torch
from fingerprint import fingerprint, seed
from torch import nn


def say(name):
    def hook(*arguments):
        found = []
        for argument in arguments:
            for item in argument if isinstance(argument, tuple) else (argument,):
                if isinstance(item, torch.Tensor):
                    found.append(repr(item.norm().item()))
        print(" ", name, *found)

    return hook


seed(0)
model = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(16, 6), torch.randn(16, 1)

model[0].register_forward_pre_hook(say("forward pre"))
model[1].register_forward_hook(say("forward"))
model[2].register_full_backward_pre_hook(say("backward pre"))
model[2].register_full_backward_hook(say("backward"))
model[0].weight.register_hook(lambda g: g * 0.5)
model[4].bias.register_hook(say("gradient"))
model[4].weight.register_post_accumulate_grad_hook(lambda p: print("  grad", repr(p.grad.norm().item())))
optimizer.register_step_pre_hook(lambda *_: print("  before the step"))
optimizer.register_step_post_hook(lambda *_: print("  after the step"))
handle = model.register_full_backward_hook(say("whole"))

for step in range(6):
    if step == 3:
        handle.remove()
    optimizer.zero_grad()
    hidden = model[:2](x)
    hidden.retain_grad()
    out = model(x) + model[2:](hidden)
    out.register_hook(say("out"))
    out.grad_fn.register_hook(say("node"))
    out.grad_fn.register_prehook(say("node pre"))
    loss = (out - y).pow(2).mean()
    loss.backward()
    optimizer.step()
    print(step, repr(loss.item()), repr(hidden.grad.norm().item()))
print([len(m._forward_hooks) for m in model.modules()], [len(m._backward_hooks) for m in model.modules()])
fingerprint(model, optimizer)
