"""Checks gated_resnet.py itself against fixtures that others made: training-mode logits before, evaluation-mode logits after.

    python3 check_fixtures.py FOLDER...        one line each; exit 1 where a relative error is over 1e-5
"""
import json
import os
import sys

import numpy as np
import torch

from gated_resnet import forward, load_safetensors

MEAN = np.array([0.4914, 0.4822, 0.4465]).reshape(1, 3, 1, 1)
STD = np.array([0.2023, 0.1994, 0.2010]).reshape(1, 3, 1, 1)


def check(folder):
    with open(os.path.join(folder, "fixture.json")) as file:
        fixture = json.load(file)
    tensors = load_safetensors(os.path.join(folder, "tensors.safetensors"))
    gates = {} if isinstance(fixture["gates"], str) else fixture["gates"]
    size = fixture["inputSize"]
    network = {**fixture, "family": fixture.get("family", "cifar-resnet"), "inputShape": [3, size, size]}
    soft = (fixture.get("soft") or {"slope": 1.0, "mix": 0.0}) if fixture["softGate"] else None
    images = torch.from_numpy((tensors["images"][: fixture["batch"]] / 255 - MEAN) / STD)
    worst = 0.0
    for prefix, key, training in (("before/", "logits", True), ("after/", "logits_eval", False)):
        parameters = {k[len(prefix) :]: torch.from_numpy(v.astype(np.float64)) for k, v in tensors.items() if k.startswith(prefix)}
        with torch.no_grad():
            ours = forward(network, gates, parameters, images, training, soft).numpy()
        worst = max(worst, float(np.linalg.norm(ours - tensors[key]) / np.linalg.norm(tensors[key])))
    print(f"{os.path.basename(folder)}: {worst:.1e}")
    return worst < 1e-5


if __name__ == "__main__":
    sys.exit(0 if all([check(folder) for folder in sys.argv[1:]]) else 1)
