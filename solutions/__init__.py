"""The reference package: each layer's forward and backward, validated, in the lecture's symbols.

Forward and backward stand side by side in one file a topic; `use_backend` chooses who computes.
"""

from solutions.activations import (
    gelu_backward,
    gelu_forward,
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    softplus_backward,
    softplus_forward,
    tanh_backward,
    tanh_forward,
)
from solutions.backend import use_backend
from solutions.batch_norm import batch_norm_backward, batch_norm_forward, batch_norm_infer
from solutions.conv import conv1d_backward, conv1d_forward, conv_backward, conv_forward
from solutions.conv_transpose import conv_transpose_backward, conv_transpose_forward
from solutions.data import load_digits, load_mnist
from solutions.flat import affine_backward, affine_forward, flatten_backward, flatten_forward
from solutions.losses import (
    cross_entropy_backward,
    cross_entropy_forward,
    softmax_backward,
    softmax_forward,
    squared_error_backward,
    squared_error_forward,
)
from solutions.network import Layer, Network
from solutions.pool import (
    max_pool_backward,
    max_pool_forward,
    mean_pool_backward,
    mean_pool_forward,
)
from solutions.resample import (
    downsample_backward,
    downsample_forward,
    upsample_backward,
    upsample_forward,
)
from solutions.training import adam, fit, sgd

__all__ = [
    "Layer",
    "Network",
    "adam",
    "affine_backward",
    "affine_forward",
    "batch_norm_backward",
    "batch_norm_forward",
    "batch_norm_infer",
    "conv1d_backward",
    "conv1d_forward",
    "conv_backward",
    "conv_forward",
    "conv_transpose_backward",
    "conv_transpose_forward",
    "cross_entropy_backward",
    "cross_entropy_forward",
    "downsample_backward",
    "downsample_forward",
    "fit",
    "flatten_backward",
    "flatten_forward",
    "gelu_backward",
    "gelu_forward",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "load_digits",
    "load_mnist",
    "max_pool_backward",
    "max_pool_forward",
    "mean_pool_backward",
    "mean_pool_forward",
    "relu_backward",
    "relu_forward",
    "sgd",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax_backward",
    "softmax_forward",
    "softplus_backward",
    "softplus_forward",
    "squared_error_backward",
    "squared_error_forward",
    "tanh_backward",
    "tanh_forward",
    "upsample_backward",
    "upsample_forward",
    "use_backend",
]
