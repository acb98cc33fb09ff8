"""masks.json as the replay compares it: gates, and their alpha, scale and shift by name."""
import base64

import numpy as np


def unpack(mask, shape):
    count = int(np.prod(shape))
    return np.unpackbits(np.frombuffer(base64.b64decode(mask["data"]), np.uint8))[:count].reshape(shape)


def gates_and_parameters(masks):
    gates, parameters = {}, {}
    for site in masks["sites"]:
        name, shape = site["id"], site["shape"]
        gates[name] = {"kind": site["kind"]}
        if site["kind"] == "mask":
            parameters[name + ".alpha"] = unpack(site["mask"], shape)
        elif site["kind"] == "share":
            gates[name].update({k: site[k] for k in ("from", "prototypes", "source")}, masked="mask" in site, affine="trained")
            parameters[name + ".scale"], parameters[name + ".shift"] = np.array(site["scale"]), np.array(site["shift"])
            if "mask" in site:
                parameters[name + ".alpha"] = unpack(site["mask"], (len(site["prototypes"]), *shape[1:]))
    return gates, parameters
