"""Our methods beside the libraries that people use: one thread, time of the processor, interleaved, medians.

    python3 -m venv peers && . peers/bin/activate
    pip install numpy scipy opencv-python-headless onnx onnxruntime torch
    cargo build --release --example measure
    python benches/peers.py > book/measured/peers.csv

Each round calls every library and our program `measure` once, so that what disturbs one of them disturbs all. All get the
same numbers, and the root mean square of what they compute has to agree. `--case REGEX` takes some of the cases.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time

for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
if "GLIBC_TUNABLES" not in os.environ:
    # Memory that is freed stays in the process: else a call that allocates its result pays for fresh pages.
    keep = "glibc.malloc.mmap_threshold=2147483648:glibc.malloc.trim_threshold=4294967296:glibc.malloc.top_pad=268435456"
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "GLIBC_TUNABLES": keep})

import cv2
import numpy as np
import onnx
import onnxruntime
import scipy
import scipy.signal
import torch

cv2.setNumThreads(1)
torch.set_num_threads(1)
torch.set_grad_enabled(False)

ROUNDS, SECONDS = 5, 0.02
# Channels, filters, side, taps, stride, padding, groups: as in examples/measure/layers.rs.
LAYERS = {
    "vgg1_2": (64, 64, 224, 3, 1, 1, 1), "vgg3_2": (256, 256, 56, 3, 1, 1, 1), "vgg5": (512, 512, 14, 3, 1, 1, 1),
    "alex2": (64, 192, 27, 5, 1, 2, 1), "k11": (64, 64, 128, 11, 1, 5, 1), "rn_1x1": (64, 256, 56, 1, 1, 0, 1),
    "rn50_conv1": (3, 64, 224, 7, 2, 3, 1), "dw3": (256, 256, 56, 3, 1, 1, 256), "dw31": (128, 128, 56, 31, 1, 15, 128),
}
CASES = [f"A/n{n}/k{k}" for n in (4096, 65536) for k in (31, 1023)]
CASES += [f"B/f32/N{n}/K{k}" for n in (256, 1024) for k in (3, 7, 11, 15, 31)]
CASES += [f"C/{name}/b1" for name in LAYERS]
CASES += [f"D/{name}/b1/{by}" for name in LAYERS for by in ("dh", "dx")]


def numbers(seed, shape, kind):
    """From -1/2 to 1/2, as examples/measure makes them."""
    z = np.arange(np.prod(shape), dtype=np.uint64) + np.uint64((seed << 32) + 0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)) / 2.0**24 - 0.5).astype(kind).reshape(shape)


def layer(name):
    channels, filters, side, k, stride, padding, groups = LAYERS[name]
    outputs = (side + 2 * padding - k) // stride + 1
    shapes = ((1, channels, side, side), (filters, channels // groups, k, k), (1, filters, outputs, outputs))
    return shapes, {"stride": stride, "padding": padding, "groups": groups}


def signal(n, k):
    x, h = numbers(1, int(n[1:]), np.float64), numbers(2, int(k[1:]), np.float64)
    return {
        "NumPy": lambda: np.convolve(x, h),
        "SciPy fftconvolve": lambda: scipy.signal.fftconvolve(x, h),
        "SciPy oaconvolve": lambda: scipy.signal.oaconvolve(x, h),
    }


def picture(_, n, k):
    n, k = int(n[1:]), int(k[1:])
    x, h = numbers(1, (n, n), np.float32), numbers(2, (k, k), np.float32)
    # OpenCV correlates.
    turned, out = np.ascontiguousarray(h[::-1, ::-1]), np.empty_like(x)
    return {
        "OpenCV": lambda: cv2.filter2D(x, cv2.CV_32F, turned, out, borderType=cv2.BORDER_CONSTANT),
        "SciPy fftconvolve": lambda: scipy.signal.fftconvolve(x, h, "same"),
        "SciPy oaconvolve": lambda: scipy.signal.oaconvolve(x, h, "same"),
    }


def forward(name, _):
    (input, kernel, output), geometry = layer(name)
    x, w = numbers(1, input, np.float32), numbers(2, kernel, np.float32)
    value, tensor = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    node = onnx.helper.make_node(
        "Conv", ["x", "w"], ["y"], strides=[geometry["stride"]] * 2, pads=[geometry["padding"]] * 4, group=geometry["groups"]
    )
    graph = onnx.helper.make_graph(
        [node], "layer", [value("x", tensor, input)], [value("y", tensor, output)], [onnx.numpy_helper.from_array(w, "w")]
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    tx, tw = torch.from_numpy(x), torch.from_numpy(w)
    return {
        "onnxruntime": lambda: session.run(None, {"x": x})[0],
        "PyTorch": lambda: torch.nn.functional.conv2d(tx, tw, **geometry).numpy(),
    }


def backward(name, _, by):
    (input, kernel, output), geometry = layer(name)
    x, w, g = (torch.from_numpy(numbers(seed, shape, np.float32)) for seed, shape in ((1, input), (2, kernel), (3, output)))
    if by == "dx":
        return {"PyTorch": lambda: torch.nn.grad.conv2d_input(input, w, g, **geometry).numpy()}
    return {"PyTorch": lambda: torch.nn.grad.conv2d_weight(x, kernel, g, **geometry).numpy()}


def sample(call):
    """Milliseconds of the processor for a call."""
    start, used, calls = time.perf_counter(), time.process_time(), 0
    while calls == 0 or time.perf_counter() - start < SECONDS:
        call()
        calls += 1
    return (time.process_time() - used) / calls * 1e3


def ours(case):
    """One round of every method of ours: times, and what was computed."""
    command = ["target/release/examples/measure", "--case", case, "--rounds", "1"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    lines = [json.loads(line) for line in lines]
    return {line["peer"]: line["cpu_ms"] for line in lines}, {line["peer"]: line["rms"] for line in lines}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--case", default="")
    wanted = re.compile(arguments.parse_args().case)
    versions = [("NumPy", np), ("SciPy", scipy), ("OpenCV", cv2), ("onnxruntime", onnxruntime), ("PyTorch", torch)]
    print("#", ", ".join(f"{name} {library.__version__}" for name, library in versions))
    print("case,who,ms", flush=True)
    for case in filter(wanted.search, CASES):
        kind, *sizes = case.split("/")
        calls = {"A": signal, "B": picture, "C": forward, "D": backward}[kind](*sizes)
        square = {who: float(np.sqrt(np.mean(np.square(call(), dtype=np.float64)))) for who, call in calls.items()}
        times = {}
        for _ in range(ROUNDS):
            for who, call in calls.items():
                times.setdefault(who, []).append(sample(call))
            mine, rms = ours(case)
            for who, ms in mine.items():
                times.setdefault(who, []).append(ms)
        square.update(rms)
        known = next(iter(square.values()))
        for who, value in square.items():
            assert abs(value / known - 1) < 1e-4, f"{case}: {who} computed something else: {square}"
        for who, samples in times.items():
            print(f"{case},{who},{statistics.median(samples):.5f}", flush=True)


if __name__ == "__main__":
    main()
