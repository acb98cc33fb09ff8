"""The images of a run: which are trained on, which validate, which test; crops; normalisation.

The split is drawn anew from the experiment's seed, by its description: stratified, every class gives its share, the rest goes to
the largest remainders; one permutation decides which images of a class go. The generator is sfc32 over 32-bit integers.
"""
import math

import numpy as np
import torch

from gated_resnet import load_safetensors

STATISTICS = {
    "cifar-10": ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
    "cifar-100": ([0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]),
    "tiny-imagenet": ([0.480, 0.448, 0.398], [0.277, 0.269, 0.282]),
    "synthetic": ([0.502] * 3, [0.234] * 3),
}
SPLIT_STREAM = 0x73706C69
WORD = 0xFFFFFFFF


def mix(h):
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & WORD
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & WORD
    return h ^ (h >> 16)


class Random:
    """sfc32, started from a few integers."""

    def __init__(self, *seeds):
        h = 0x9E3779B9
        for seed in seeds:
            h = (mix(h ^ (seed & WORD)) + 0x9E3779B9) & WORD
        self.a, self.b, self.c = mix(h ^ 0x243F6A88), mix(h ^ 0x85A308D3), mix(h ^ 0x13198A2E)
        self.counter = 1
        for _ in range(8):
            self.word()

    def word(self):
        result = (self.a + self.b + self.counter) & WORD
        self.counter = (self.counter + 1) & WORD
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & WORD
        self.c = (((self.c << 21) | (self.c >> 11)) + result) & WORD
        return result

    def below(self, n):
        limit = 2**32 - 2**32 % n
        while True:
            value = self.word()
            if value < limit:
                return value % n

    def shuffle(self, values):
        for i in range(len(values) - 1, 0, -1):
            j = self.below(i + 1)
            values[i], values[j] = values[j], values[i]
        return values


def split(labels, classes, share, seed):
    """(training indices, validation indices), ascending."""
    counts = np.bincount(labels, minlength=classes)
    quota = [math.floor(n * share) for n in counts]
    missing = math.floor(len(labels) * share + 0.5) - sum(quota)
    for c in sorted(range(classes), key=lambda c: (-(counts[c] * share - quota[c]), c)):
        if missing > 0 and quota[c] < counts[c]:
            quota[c] += 1
            missing -= 1
    chosen = np.zeros(len(labels), bool)
    for index in Random(SPLIT_STREAM, seed).shuffle(list(range(len(labels)))):
        if quota[labels[index]] > 0:
            quota[labels[index]] -= 1
            chosen[index] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def read_cifar(paths, labels):
    parts = [np.fromfile(path, np.uint8).reshape(-1, labels + 3072) for path in paths]
    records = np.concatenate(parts) if parts else np.zeros((0, labels + 3072), np.uint8)
    return records[:, labels:].reshape(-1, 3, 32, 32), records[:, labels - 1].astype(np.int64)


def shrunk(images, height):
    """By area average, rounded half up."""
    factor = images.shape[2] // height
    if factor <= 1:
        return images
    n, c, h, w = images.shape
    sums = images.reshape(n, c, h // factor, factor, w // factor, factor).sum((3, 5), dtype=np.int64)
    return ((sums + factor * factor // 2) // (factor * factor)).astype(np.uint8)


class Data:
    def __init__(self, experiment, images=None, train=(), test=()):
        """`images`: a safetensors file with train.images, train.labels, test.images, test.labels; else CIFAR binary shards."""
        choice = experiment["dataset"]
        if images:
            tensors = load_safetensors(images)
            parts = [(tensors[f"{p}.images"], tensors[f"{p}.labels"].astype(np.int64)) for p in ("train", "test")]
        else:
            labels = 2 if choice["name"] == "cifar-100" else 1
            parts = [read_cifar(train, labels), read_cifar(test, labels)]
        parts = [(i[:n], l[:n]) for (i, l), n in zip(parts, (choice["trainImages"], choice["testImages"]))]
        height = experiment["network"]["inputShape"][1]
        (train_images, train_labels), (test_images, test_labels) = ((shrunk(i, height), l) for i, l in parts)
        self.images, self.labels = np.concatenate([train_images, test_images]), np.concatenate([train_labels, test_labels])
        classes = {"cifar-100": 100, "tiny-imagenet": 200}.get(choice["name"], 10)
        self.train, self.validation = split(train_labels, classes, choice["validationShare"], experiment["seed"])
        self.test = np.arange(len(train_images), len(self.images))
        self.mean, self.std = (np.array(v).reshape(1, -1, 1, 1) for v in STATISTICS[choice["name"]])

    def batch(self, indices, crops, dtype):
        """Normalised images and labels. A crop (dy, dx, flipped) shows source pixel (y + dy, x' + dx), x' mirrored; outside is black."""
        images = self.images[indices]
        if crops is not None:
            height, width = images.shape[2:]
            cut = np.zeros_like(images)
            for n, (dy, dx, flipped) in enumerate(crops):
                for y in range(max(0, -dy), min(height, height - dy)):
                    for x in range(width):
                        column = (width - 1 - x if flipped else x) + dx
                        if 0 <= column < width:
                            cut[n, :, y, x] = images[n, :, y + dy, column]
            images = cut
        return torch.from_numpy((images / 255 - self.mean) / self.std).to(dtype), torch.from_numpy(self.labels[indices])
