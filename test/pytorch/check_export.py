"""Reproduces an exported run from masks.json and model.safetensors alone, and compares.

    python3 check_export.py RUN_DIR (--cifar SHARD [--labels 1|2] | --raw FILE) [--first N] [--count N] [--logits FILE] [--write FILE]

    --cifar   CIFAR binary records: that many label bytes (1: CIFAR-10, 2: CIFAR-100), then 3072 pixel bytes
    --raw     uint8 images, N x C x H x W, nothing else
    --logits  little-endian float32, N x classes, to compare with; exit 1 where the relative error is over 1e-4
    --write   writes PyTorch's logits in that form

Prints one JSON object. Also checked: the weights' SHA-256, each site's count of bits, and the DReLUs in total, counted anew by
marking every DReLU that some neuron consults with a scale that is not 0.
"""
import argparse
import base64
import hashlib
import json
import os
import sys

import numpy as np
import torch

from gated_resnet import forward, load_safetensors, sites_of


def unpack(mask, count):
    return np.unpackbits(np.frombuffer(base64.b64decode(mask["data"]), np.uint8))[:count]


def gates_and_parameters(masks):
    """Gates as gated_resnet knows them, and their alpha, scale and shift from the file."""
    gates, parameters = {}, {}
    for site in masks["sites"]:
        name, (channels, height, width) = site["id"], site["shape"]
        if site["kind"] == "mask":
            bits = unpack(site["mask"], channels * height * width)
            if int(bits.sum()) != site["kept"]:
                raise SystemExit(f"{name}: {int(bits.sum())} bits, kept says {site['kept']}")
            gates[name] = {"kind": "mask"}
            parameters[name + ".alpha"] = bits.reshape(channels, height, width)
        elif site["kind"] == "share":
            masked = "mask" in site
            gates[name] = {k: site[k] for k in ("kind", "from", "prototypes", "source")}
            gates[name]["masked"] = masked
            parameters[name + ".scale"], parameters[name + ".shift"] = np.array(site["scale"]), np.array(site["shift"])
            if masked:
                parameters[name + ".alpha"] = unpack(site["mask"], len(site["prototypes"]) * height * width).reshape(-1, height, width)
        else:
            gates[name] = {"kind": site["kind"]}
    return gates, parameters


def count_drelus(masks, gates, parameters):
    """Distinct DReLUs that some neuron consults with a scale that is not 0."""
    computed = {site["id"]: np.zeros(site["shape"], bool) for site in masks["sites"]}
    for name, gate in gates.items():
        marks = computed[name]
        if gate["kind"] == "relu":
            marks[:] = True
        elif gate["kind"] == "mask":
            marks |= parameters[name + ".alpha"].astype(bool)
        elif gate["kind"] == "share":
            owner = gate["from"] or name
            kept = np.ones(computed[owner].shape, bool)
            if gates[owner].get("masked"):
                for row, channel in enumerate(gates[owner]["prototypes"]):
                    kept[channel] = parameters[owner + ".alpha"][row].astype(bool)
            for channel, source in enumerate(gate["source"]):
                if channel in gate["prototypes"] or parameters[name + ".scale"][channel] != 0:
                    computed[owner][source] |= kept[source]
    return sum(int(marks.sum()) for marks in computed.values())


def read_images(options, shape):
    if options.raw:
        images = np.fromfile(options.raw, np.uint8).reshape(-1, *shape)
    else:
        images = np.fromfile(options.cifar, np.uint8).reshape(-1, options.labels + 3072)[:, options.labels :].reshape(-1, 3, 32, 32)
    return images[options.first : None if options.count is None else options.first + options.count]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--cifar")
    parser.add_argument("--labels", type=int, default=1)
    parser.add_argument("--raw")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int)
    parser.add_argument("--logits")
    parser.add_argument("--write")
    options = parser.parse_args()
    if not options.cifar and not options.raw:
        parser.error("--cifar or --raw is needed")

    with open(os.path.join(options.run, "masks.json")) as file:
        masks = json.load(file)
    weights_file = os.path.join(options.run, masks["weights"]["file"])
    with open(weights_file, "rb") as file:
        if hashlib.sha256(file.read()).hexdigest() != masks["weights"]["sha256"]:
            raise SystemExit("model.safetensors is not the one that masks.json names: its SHA-256 differs")
    network = masks["network"]
    expected = [name for name, *_ in sites_of(network)]
    if [site["id"] for site in masks["sites"]] != expected:
        raise SystemExit("the sites are not the network's, each once and in forward order")
    gates, parameters = gates_and_parameters(masks)
    drelus = count_drelus(masks, gates, parameters)
    tensors = {k: v for k, v in load_safetensors(weights_file).items() if ".gate" not in k and not k.startswith(("stem.", "final."))}
    parameters = {k: torch.from_numpy(np.array(v, np.float64)) for k, v in {**tensors, **parameters}.items()}

    images = read_images(options, network["inputShape"])
    mean, std = (np.array(masks["dataset"][k]).reshape(1, -1, 1, 1) for k in ("mean", "std"))
    with torch.no_grad():
        parts = [forward(network, gates, parameters, torch.from_numpy((part / 255 - mean) / std)) for part in np.array_split(images, -(-len(images) // 250))]
    logits = torch.cat(parts).numpy()
    report = {"images": len(images), "drelus": drelus, "drelusInFile": masks["metrics"]["drelus"]}
    good = drelus == masks["metrics"]["drelus"]
    if options.write:
        logits.astype("<f4").tofile(options.write)
    if options.logits:
        theirs = np.fromfile(options.logits, "<f4").reshape(-1, network["classes"])
        if theirs.shape != logits.shape:
            raise SystemExit(f"the logits file holds {theirs.shape[0]} rows, {logits.shape[0]} images were read")
        report["relativeError"] = float(np.linalg.norm(theirs - logits) / np.linalg.norm(logits))
        report["sameClass"] = float((theirs.argmax(1) == logits.argmax(1)).mean())
        good = good and report["relativeError"] < 1e-4
    print(json.dumps(report))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
