"""Evaluates a run on CIFAR images: accuracy, DReLUs, and if wanted the logits.

    python3 evaluate.py RUN FILE... [--labels 1|2] [--first N] [--count N] [--batch N] [--logits FILE]

    RUN        a run's folder, masks.json or .relu-studio.zip
    FILE       CIFAR's binary records (test_batch.bin, test.bin) or Python batches (test_batch, test)
    --labels   label bytes of a binary record; the last one counts (1: CIFAR-10, 2: CIFAR-100; default by the network's classes)
    --logits   writes them, little-endian float32, images x classes

Prints one JSON object.
"""
import argparse
import json
import pickle

import numpy as np
import torch

import relu_studio


class Batch(pickle.Unpickler):
    """Only what CIFAR's Python batches hold: numpy arrays of whole numbers."""

    def find_class(self, module, name):
        if (module.split(".")[0], name) in {("numpy", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a CIFAR batch")


def read(path, labels):
    """-> uint8 images (N, 3, 32, 32), labels (N)."""
    with open(path, "rb") as file:
        if file.peek(1)[:1] == b"\x80":
            batch = Batch(file, encoding="latin1").load()
            return batch["data"].reshape(-1, 3, 32, 32), np.array(batch.get("fine_labels", batch.get("labels")))
        records = np.frombuffer(file.read(), np.uint8).reshape(-1, labels + 3072)
        return records[:, labels:].reshape(-1, 3, 32, 32), records[:, labels - 1]


@torch.no_grad()
def logits_of(model, images, batch=250):
    """float32 (N, classes) of uint8 images."""
    return torch.cat([model(relu_studio.normalise(model, part)) for part in np.split(images, range(batch, len(images), batch))]).float().numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--labels", type=int)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int)
    parser.add_argument("--batch", type=int, default=250)
    parser.add_argument("--logits")
    options = parser.parse_args()
    model = relu_studio.load(options.run)
    labels = options.labels or (2 if model.fc.out_features == 100 else 1)
    parts = [read(path, labels) for path in options.files]
    wanted = slice(options.first, None if options.count is None else options.first + options.count)
    images, truth = (np.concatenate(part)[wanted] for part in zip(*parts))
    logits = logits_of(model, images, options.batch)
    if options.logits:
        logits.astype("<f4").tofile(options.logits)
    loss = torch.nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(truth.astype(np.int64)))
    drelus = sum(gate["drelus"] for gate in relu_studio.gates(model))
    print(json.dumps({"accuracy": float((logits.argmax(1) == truth).mean()), "loss": float(loss), "images": len(images), "drelus": drelus}))


if __name__ == "__main__":
    main()
