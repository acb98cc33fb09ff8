"""Reproduces an exported run with python/relu_studio.py, and compares with the studio's logits and counts.

    python3 check_export.py RUN --raw FILE [--logits FILE] [--write FILE] [--finetune DIR]

    --raw       uint8 images, N x C x H x W, nothing else
    --logits    the studio's: little-endian float32, N x classes
    --write     writes PyTorch's logits in that form
    --finetune  trains a few steps, saves into DIR, and writes DIR/logits.f32: PyTorch's logits after it

Prints one JSON object: images; drelus and multiplications as PyTorch counts them, and as the file says; the largest difference of
logits over their range; the share of images with the same class. Logits are computed in float64.
"""
import argparse
import json
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "python"))
import relu_studio  # noqa: E402
from evaluate import logits_of  # noqa: E402


def finetune(model, images, steps=4):
    """A few SGD steps on made-up labels: weights, batch norms, scales and shifts all move."""
    torch.manual_seed(1)
    optimizer = torch.optim.SGD(model.parameters(), 0.02, momentum=0.9)
    model.train()
    for step in range(steps):
        part = images[step * 32 : step * 32 + 32]
        labels = torch.randint(0, model.fc.out_features, (len(part),))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(relu_studio.normalise(model, part)), labels).backward()
        optimizer.step()
    model.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--raw", required=True)
    parser.add_argument("--logits")
    parser.add_argument("--write")
    parser.add_argument("--finetune")
    options = parser.parse_args()
    model = relu_studio.load(options.run)
    images = np.fromfile(options.raw, np.uint8).reshape(-1, *model.masks["network"]["inputShape"])
    counts, metrics = relu_studio.gates(model), model.masks["metrics"]
    report = {"images": len(images)}
    for key in ("drelus", "multiplications"):
        report[key] = sum(gate[key] for gate in counts)
        report[key + "InFile"] = metrics[key]
    ours = logits_of(model.double(), images)
    if options.write:
        ours.astype("<f4").tofile(options.write)
    if options.logits:
        theirs = np.fromfile(options.logits, "<f4").reshape(ours.shape)
        report["error"] = float(np.abs(theirs - ours).max() / (ours.max() - ours.min()))
        report["sameClass"] = float((theirs.argmax(1) == ours.argmax(1)).mean())
    if options.finetune:
        model.float()
        finetune(model, images)
        relu_studio.save(model, options.finetune, test_accuracy=0.25)
        after = logits_of(model, images)
        after.astype("<f4").tofile(os.path.join(options.finetune, "logits.f32"))
        report["moved"] = float(np.abs(after - ours).max() / (ours.max() - ours.min()))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
