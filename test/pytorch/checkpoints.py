"""Writes checkpoints in every form that PyTorch users have, of one small network in three naming schemes, and what they mean.

    python3 checkpoints.py OUT_DIR [--resnet18]

    *.pt, *.pth, *.pth.tar   one form each (see `write_all`)
    cases.json               per file: expected weights, gates after the stem, logits, and where the numbers were rounded
    weights-*.safetensors    expected weights under the studio's names
    images.raw, logits-*.f32 uint8 images (N, 3, 32, 32); float32 logits (N, classes) of images / 255, mean and std of CIFAR-10

The networks are modules as the repositories write them: torchvision's names (`downsample`, `fc`), kuangliu's pytorch-cifar
(`shortcut`, `linear`), and SNL's (masks as `layerX.Y.alphaZ.alphas` of shape (1, C, H, W), no ReLU after the stem).
"""
import argparse
import io
import json
import os
import zipfile
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gated_resnet import save_safetensors

MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1)
STD = torch.tensor([0.2023, 0.1994, 0.2010]).view(1, 3, 1, 1)


class Alpha(nn.Module):
    def __init__(self, channels, size, rng):
        super().__init__()
        self.alphas = nn.Parameter(torch.from_numpy((rng.random((1, channels, size, size)) < 0.4).astype(np.float32)))

    def forward(self, z):
        return F.relu(z) * self.alphas + z * (1 - self.alphas)


class Block(nn.Module):
    def __init__(self, cin, cout, stride, size, style, rng):
        super().__init__()
        self.style = style
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        projection = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)) if stride != 1 or cin != cout else None
        if style == "torchvision":
            self.downsample = projection
        else:
            self.shortcut = projection or nn.Sequential()
        if style == "snl":
            self.alpha1, self.alpha2 = Alpha(cout, size, rng), Alpha(cout, size, rng)

    def forward(self, x):
        shortcut = self.downsample if self.style == "torchvision" else self.shortcut
        first, second = (self.alpha1, self.alpha2) if self.style == "snl" else (F.relu, F.relu)
        z = self.bn2(self.conv2(first(self.bn1(self.conv1(x)))))
        return second(z + (x if shortcut is None else shortcut(x)))


class ResNet(nn.Module):
    def __init__(self, style, blocks, widths, classes, rng, size=32):
        super().__init__()
        self.style = style
        self.conv1, self.bn1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0])
        cin = widths[0]
        for stage, (count, width) in enumerate(zip(blocks, widths), 1):
            layer = []
            for block in range(count):
                stride = 2 if stage > 1 and block == 0 else 1
                size //= stride
                layer.append(Block(cin, width, stride, size, style, rng))
                cin = width
            setattr(self, f"layer{stage}", nn.Sequential(*layer))
        self.stages = len(blocks)
        setattr(self, "fc" if style == "torchvision" else "linear", nn.Linear(cin, classes))

    def forward(self, x):
        x = self.bn1(self.conv1(x))
        if self.style != "snl":
            x = F.relu(x)
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return (self.fc if self.style == "torchvision" else self.linear)(x.mean((2, 3)))


def expected_names(state):
    """The studio's names: torchvision's, masks as GATE.alpha (C, H, W)."""
    names = OrderedDict()
    for name, value in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        name = name.replace("shortcut.", "downsample.").replace("linear.", "fc.")
        if name.endswith(".alphas"):
            name, value = name.replace(".alpha", ".gate").replace(".gates", ".alpha"), value[0]
        names[name] = value
    return names


def big_endian(data):
    """The same zip archive with every storage's bytes reversed and `byteorder` saying so, as a big-endian machine writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if "/data/" in name:
                content = np.frombuffer(content, "<f4").astype(">f4").tobytes()
            if not name.endswith("/byteorder"):
                target.writestr(name, content)
        target.writestr(source.namelist()[0].split("/")[0] + "/byteorder", "big")
    return out.getvalue()


def saved(value, **options):
    out = io.BytesIO()
    torch.save(value, out, **options)
    return out.getvalue()


def deflated(data):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return out.getvalue()


class Evil:
    def __reduce__(self):
        return os.system, ("echo this must never run",)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--resnet18", action="store_true", help="ResNet-18 of width 64 instead of the small network, in three files only")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    rng = np.random.default_rng(5)
    torch.manual_seed(5)
    blocks, widths, count = ([2, 2, 2, 2], [64, 128, 256, 512], 16) if options.resnet18 else ([1, 2], [4, 6], 6)
    images = rng.integers(0, 256, (count, 3, 32, 32), np.uint8)
    images.tofile(os.path.join(options.out, "images.raw"))
    x = (torch.from_numpy(images).float() / 255 - MEAN) / STD

    nets, cases = {}, []
    for style in ("torchvision", "kuangliu", "snl"):
        net = ResNet(style, blocks, widths, 10, rng)
        with torch.no_grad():
            for _ in range(3):
                net(torch.from_numpy(rng.standard_normal((8, 3, 32, 32)).astype(np.float32)))  # running statistics that are not the initial ones
            for module in net.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.weight.uniform_(0.5, 1.5)
                    module.bias.normal_(0, 0.3)
        nets[style] = net.eval()

    few = {"torchvision.pt", "kuangliu-net-old.t7", "snl.pth"}

    def write(file, data, style, state=None, rounding=0.0):
        if options.resnet18 and file not in few:
            return
        state = nets[style].state_dict() if state is None else state
        with open(os.path.join(options.out, file), "wb") as target:
            target.write(data)
        key = f"{style}-{rounding}" if rounding else style
        with torch.no_grad():
            copy = ResNet(style, blocks, widths, 10, rng)
            copy.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
            copy.eval()(x).numpy().astype("<f4").tofile(os.path.join(options.out, f"logits-{key}.f32"))
        floats = {name: value.float() if value.is_floating_point() else value for name, value in expected_names(state).items()}
        save_safetensors(os.path.join(options.out, f"weights-{key}.safetensors"), floats)
        cases.append({"file": file, "key": key, "style": style})

    tv, kl, snl = (nets[style].state_dict() for style in nets)
    parallel = OrderedDict(("module." + name, value) for name, value in kl.items())
    optimizer = torch.optim.SGD(nets["torchvision"].parameters(), 0.1, momentum=0.9)
    nets["torchvision"](x).sum().backward()
    optimizer.step()
    nets["torchvision"].load_state_dict(tv)
    tv = nets["torchvision"].state_dict()
    old = {"_use_new_zipfile_serialization": False}

    write("torchvision.pt", saved(tv), "torchvision")
    write("torchvision-old.pth", saved(tv, **old), "torchvision")
    write("torchvision-deflated.pt", deflated(saved(tv)), "torchvision")
    write("torchvision-big-endian.pt", big_endian(saved(tv)), "torchvision")
    write("torchvision-protocol-4.pt", saved(tv, pickle_protocol=4), "torchvision")
    write("torchvision-parameters.pt", saved(OrderedDict([*nets["torchvision"].named_parameters(), *nets["torchvision"].named_buffers()])), "torchvision")
    training = {"epoch": 3, "arch": "resnet18", "state_dict": tv, "best_acc1": torch.tensor(71.5), "best": np.float64(0.5), "optimizer": optimizer.state_dict()}
    write("training.pth.tar", saved(training), "torchvision")
    write("training-old.pth.tar", saved(training, **old), "torchvision")
    write("kuangliu-net.pth", saved({"net": parallel, "acc": 93.02, "epoch": 199}), "kuangliu")
    write("kuangliu-net-old.t7", saved({"net": parallel, "acc": 93.02, "epoch": 199}, **old), "kuangliu")
    write("kuangliu-model.pt", saved({"model": dict(kl)}), "kuangliu")
    write("snl.pth", saved({"arch": "resnet18_in", "state_dict": snl}), "snl")
    write("snl-old.pth.tar", saved(snl, **old), "snl")
    for name, kind in (("float16", torch.float16), ("bfloat16", torch.bfloat16), ("float64", torch.float64)):
        cast = OrderedDict((k, v.to(kind) if v.is_floating_point() else v) for k, v in tv.items())
        write(f"torchvision-{name}.pt", saved(cast), "torchvision", cast, rounding=0.0 if name == "float64" else name)
    views = OrderedDict()
    for name, value in tv.items():
        if value.dim() == 4:  # channels last: another order in memory
            value = value.contiguous(memory_format=torch.channels_last)
        elif value.dim() == 1 and value.is_floating_point():  # every third number of a longer storage, from the second on
            long = torch.zeros(3 * len(value) + 2)
            long[1 : 3 * len(value) : 3] = value
            value = long[1 : 3 * len(value) : 3]
        views[name] = value
    write("torchvision-views.pt", saved(views), "torchvision", views)

    hostile = {
        "evil.pt": saved({"state_dict": tv, "hook": Evil()}),
        "evil-old.pt": saved(Evil(), **old),
        "whole-model.pt": saved(nets["torchvision"]),
        "two-names.pt": saved(OrderedDict([*tv.items(), ("module.fc.bias", tv["fc.bias"])])),
        "tensor.pt": saved(torch.zeros(3)),
        "empty.pt": saved({"epoch": 3}),
    }
    for file, data in () if options.resnet18 else hostile.items():
        with open(os.path.join(options.out, file), "wb") as target:
            target.write(data)
    with open(os.path.join(options.out, "cases.json"), "w") as file:
        json.dump({"images": count, "blocks": blocks, "widths": widths, "cases": cases}, file, indent=1)


if __name__ == "__main__":
    main()
