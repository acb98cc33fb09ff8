"""The studio's networks and gates in PyTorch, as functions of a dictionary of tensors: what the checks beside this file run.

Written apart from the engines, from the formats alone: it knows masks.json's fields and torchvision's parameter names.

    out = z * (scale * G[source] + shift)      G = a * d + (1 - a) where the consulted site masks its prototypes, else d
    d = 1[z > 0], or (1 - mix) * Phi(slope * z) + mix * 1[z > 0] while the gate is soft
"""
import json
import math
import struct

import numpy as np
import torch
import torch.nn.functional as F

EPS, MOMENTUM = 1e-5, 0.1
WIDE_STEM = 16
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "U8": "u1", "BOOL": "?"}


def load_safetensors(path):
    raw = open(path, "rb").read()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(raw[first:last], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def save_safetensors(path, tensors):
    """float arrays as F32, uint8 as U8, other integers as I32."""
    header, blobs, offset = {}, [], 0
    for name, value in tensors.items():
        array = value.detach().numpy() if torch.is_tensor(value) else np.asarray(value)
        code = "U8" if array.dtype == np.uint8 else "I32" if array.dtype.kind in "iu" else "F32"
        blob = np.ascontiguousarray(array.astype(DTYPES[code])).tobytes()
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def sites_of(network):
    """[(site id, channels, height, width)] in forward order."""
    return [(step[1], *step[2]) for step in walk(network) if step[0] == "site"]


def walk(network):
    """The network as a list of what happens, in order; the interpreter is `forward`.

    ("conv", name, stride) ("norm", name) ("site", id, (C, H, W)) ("keep", slot) ("swap", slot) ("add", slot)
    """
    wide = network["family"] == "wide-resnet"
    _, height, width = network["inputShape"]
    channels = WIDE_STEM if wide else network["widths"][0]
    steps = [("conv", "conv1", 1)]
    if not wide:
        steps.append(("norm", "bn1"))
        if network["stemGate"]:
            steps.append(("site", "stem", (channels, height, width)))
    for stage, (out, count) in enumerate(zip(network["widths"], network["blocks"]), 1):
        for block in range(count):
            name = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            before = (channels, height, width)
            height, width = -(-height // stride), -(-width // stride)
            after = (out, height, width)
            projected = stride != 1 or channels != out
            if wide:
                steps += [("keep", "skip"), ("norm", f"{name}.bn1"), ("site", f"{name}.gate1", before)]
                if projected:
                    steps += [("keep", "active"), ("conv", f"{name}.downsample.0", stride), ("keep", "skip"), ("swap", "active")]
                steps += [("conv", f"{name}.conv1", stride), ("norm", f"{name}.bn2"), ("site", f"{name}.gate2", after)]
                steps += [("conv", f"{name}.conv2", 1), ("add", "skip")]
            else:
                steps += [("keep", "skip")]
                if projected:
                    steps += [("keep", "active"), ("conv", f"{name}.downsample.0", stride), ("norm", f"{name}.downsample.1")]
                    steps += [("keep", "skip"), ("swap", "active")]
                steps += [("conv", f"{name}.conv1", stride), ("norm", f"{name}.bn1"), ("site", f"{name}.gate1", after)]
                steps += [("conv", f"{name}.conv2", 1), ("norm", f"{name}.bn2"), ("add", "skip"), ("site", f"{name}.gate2", after)]
            channels = out
    if wide:
        steps.append(("norm", "bn1"))
        if network.get("finalGate", True):
            steps.append(("site", "final", (channels, height, width)))
    return steps


def drelu(z, soft):
    step = (z > 0).to(z.dtype)
    if soft is None:
        return step
    phi = 0.5 * (1 + torch.erf(soft["slope"] * z / math.sqrt(2)))
    return (1 - soft["mix"]) * phi + soft["mix"] * step


def shown(site, gates, parameters, seen, soft):
    """What others see of a site's DReLUs."""
    d = drelu(seen[site], soft)
    gate = gates.get(site, {"kind": "relu"})
    if gate["kind"] != "share" or not gate.get("masked") or not gate["prototypes"]:
        return d
    alpha = parameters[site + ".alpha"]
    columns = list(d.unbind(1))
    for row, channel in enumerate(gate["prototypes"]):
        columns[channel] = alpha[row] * columns[channel] + (1 - alpha[row])
    return torch.stack(columns, 1)


def apply_gate(site, z, gates, parameters, seen, soft):
    seen[site] = z
    gate = gates.get(site, {"kind": "relu"})
    kind = gate["kind"]
    if kind == "identity":
        return z
    if kind == "relu":
        return z * drelu(z, soft)
    if kind == "mask":
        alpha = parameters[site + ".alpha"]
        return alpha * F.relu(z) + (1 - alpha) * z
    if kind == "share":
        consulted = shown(gate.get("from") or site, gates, parameters, seen, soft)[:, gate["source"]]
        scale, shift = parameters.get(site + ".scale"), parameters.get(site + ".shift")
        if scale is None:
            return z * consulted
        own = torch.zeros(z.shape[1], dtype=torch.bool)
        own[gate["prototypes"]] = True
        scale = torch.where(own, torch.ones_like(scale), scale)
        shift = torch.where(own, torch.zeros_like(shift), shift)
        return z * (scale.view(-1, 1, 1) * consulted + shift.view(-1, 1, 1))
    raise SystemExit(f'{site}: gates of kind "{kind}" are not known here')


def forward(network, gates, parameters, images, training=False, soft=None, seen=None):
    """Logits; in training the running statistics in `parameters` move. `seen` gets every site's pre-activations."""
    x, slots, seen = images, {}, {} if seen is None else seen
    for step in walk(network):
        kind, name = step[0], step[1]
        if kind == "conv":
            weight = parameters[name + ".weight"]
            x = F.conv2d(x, weight, stride=step[2], padding=weight.shape[2] // 2)
        elif kind == "norm":
            mean, variance = parameters[name + ".running_mean"], parameters[name + ".running_var"]
            x = F.batch_norm(x, mean, variance, parameters[name + ".weight"], parameters[name + ".bias"], training, MOMENTUM, EPS)
        elif kind == "site":
            x = apply_gate(name, x, gates, parameters, seen, soft)
        elif kind == "keep":
            slots[name] = x
        elif kind == "swap":
            x = slots[name]
        elif kind == "add":
            x = x + slots[name]
    return F.linear(x.mean((2, 3)), parameters["fc.weight"], parameters["fc.bias"])


def cross_entropy(logits, labels):
    return F.cross_entropy(logits, labels)


def distillation(student, teacher, temperature):
    """temperature^2 * KL(teacher || student) of the softened outputs, mean over images."""
    p = F.softmax(teacher / temperature, 1)
    return (p * (F.log_softmax(teacher / temperature, 1) - F.log_softmax(student / temperature, 1))).sum(1).mean() * temperature**2
