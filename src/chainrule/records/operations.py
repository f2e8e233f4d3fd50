"""The vocabulary of operations: what kind of factor each autograd node is.

Names are PyTorch's node names without `Backward0`, e.g. `Addmm` for `AddmmBackward0`.
"""

from typing import Literal

Kind = Literal[
    "activation",
    "weight",
    "attention",
    "normalization",
    "loss",
    "structure",
    "compiled",
    "parameter",
    "other",
]

LARGEST_DERIVATIVE = {
    "Sigmoid": 0.25,
    "Tanh": 1.0,
    "Relu": 1.0,
    "Gelu": 1.13,
    "Silu": 1.1,
    "Elu": 1.76,  # SELU is an Elu node too: 1.0507 · 1.6733
    "Softplus": 1.0,
    "LeakyRelu": 1.0,
    "Hardtanh": 1.0,
    "Hardswish": 1.5,
    "Hardsigmoid": 1.0 / 6.0,
    "Mish": 1.09,
    "Threshold": 1.0,
    "LogSigmoid": 1.0,
    "PreluKernel": 1.0,
}
"""max σ′ of each elementwise activation."""

CAN_DIE = frozenset({"Relu", "Hardtanh", "Threshold", "Hardswish", "Hardsigmoid"})
"""Activations with a region where the derivative is exactly 0 and stays so."""

_WEIGHT = (
    "Addmm Mm Bmm Baddbmm Addbmm Mv Addmv Dot Linear Convolution ConvolutionOverrideable "
    "MkldnnConvolution CudnnConvolution SlowConv2D Embedding EmbeddingBag Einsum Bilinear "
    "MkldnnRnnLayer CudnnRnn ThnnFusedLstmCell ThnnFusedGruCell MkldnnLinear SparseAddmm"
)
_NORMALIZATION = (
    "NativeBatchNorm CudnnBatchNorm MiopenBatchNorm NativeLayerNorm NativeGroupNorm FusedRmsNorm "
    "LinalgVectorNorm Norm"
)
_LOSS = (
    "NllLoss NllLoss2D NllLossNd LogSoftmax MseLoss L1Loss SmoothL1Loss HuberLoss "
    "BinaryCrossEntropy BinaryCrossEntropyWithLogits KlDiv PoissonNllLoss CrossEntropyLoss "
    "HingeEmbeddingLoss MarginRankingLoss CosineEmbeddingLoss CtcLoss SoftMarginLoss"
)
_STRUCTURE = (
    "T View UnsafeView ReshapeAlias AsStrided Permute Transpose Squeeze Unsqueeze Expand Clone "
    "ToCopy Slice Select Split SplitWithSizes UnsafeSplit Unbind Cat Stack Repeat Alias Copy "
    "CopySlices AsStridedScatter Narrow Flatten Unflatten MaxPool2DWithIndices AvgPool2D "
    "AdaptiveAvgPool2D MaxPool1DWithIndices ConstantPadNd NativeDropout FusedDropout Index "
    "IndexSelect Gather Detach Contiguous Roll Flip MkldnnMaxPool2D UpsampleNearest2D"
)
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(LARGEST_DERIVATIVE, "activation"),
    **dict.fromkeys(_WEIGHT.split(), "weight"),
    **dict.fromkeys(_NORMALIZATION.split(), "normalization"),
    **dict.fromkeys(_LOSS.split(), "loss"),
    **dict.fromkeys(_STRUCTURE.split(), "structure"),
    "CompiledFunction": "compiled",
    "AccumulateGrad": "parameter",
    "parameter": "parameter",
    "Softmax": "attention",
}


_CUSTOM = "GeneratedBackwardFor_"


def operation(node_name: str) -> str:
    """`torch::autograd::SigmoidBackward0` → `Sigmoid`; other names stay as they are.

    An operator of `torch.library` has a node named `GeneratedBackwardFor_my_sq_default…`: that is
    `my_sq`.
    """
    name = node_name.rsplit("::", 1)[-1]
    if name.startswith(_CUSTOM):
        return name.removeprefix(_CUSTOM).partition("_default")[0].removesuffix("Backward")
    return name.partition("Backward")[0] or name


def kind_of(operation_name: str) -> Kind:
    """What kind of factor an operation contributes to a chain."""
    if operation_name.startswith("ScaledDotProduct"):
        return "attention"
    return _KINDS.get(operation_name, "other")
