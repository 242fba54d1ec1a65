"""What the graphs of our own exports are made of. All of it computes numbers from numbers, and reaches no file.

The export of a new model may use more, and is refused when it is loaded until the operation stands here. Add one only
if all it can do is compute: none that reads or writes a file, opens a connection, runs Python, loops, or prints.
"""

# In all that a bundle is asked, and that this calls.
OPERATIONS = frozenset(
    (
        "Abs",
        "AddV2",
        "AssignSubVariableOp",
        "BatchMatMulV2",
        "BiasAdd",
        "BroadcastTo",
        "Cast",
        "Cholesky",
        "ConcatV2",
        "Const",
        "Cumsum",
        "DivNoNan",
        "Einsum",
        "Equal",
        "Exp",
        "ExpandDims",
        "Expm1",
        "Fill",
        "GatherV2",
        "Greater",
        "GreaterEqual",
        "Identity",
        "If",
        "IsNan",
        "L2Loss",
        "Less",
        "Log",
        "Log1p",
        "LogicalAnd",
        "LogicalNot",
        "MatMul",
        "MatrixDiagV3",
        "MatrixInverse",
        "MatrixTriangularSolve",
        "Max",
        "Maximum",
        "Mean",
        "Minimum",
        "Mul",
        "Neg",
        "NoOp",
        "OneHot",
        "OnesLike",
        "Pack",
        "Pad",
        "PartitionedCall",
        "Pow",
        "Prod",
        "RandomUniform",
        "Range",
        "ReadVariableOp",
        "RealDiv",
        "Relu",
        "Reshape",
        "ResourceGather",
        "Round",
        "Rsqrt",
        "ScatterNd",
        "SegmentSum",
        "SelectV2",
        "Shape",
        "Sigmoid",
        "Size",
        "Softmax",
        "SparseTensorDenseMatMul",
        "SplitV",
        "Sqrt",
        "Square",
        "SquaredDifference",
        "Squeeze",
        "StatefulPartitionedCall",
        "StopGradient",
        "StridedSlice",
        "Sub",
        "Sum",
        "TensorScatterMax",
        "TensorScatterUpdate",
        "Tile",
        "TopKV2",
        "Transpose",
        "UnsortedSegmentMax",
        "UpperBound",
        "Where",
        "ZerosLike",
    )
)

# In what TensorFlow writes beside that to save and restore a model. It is never run: variables are read without it.
_TO_SAVE = frozenset(
    (
        "AssignVariableOp",
        "DisableCopyOnRead",
        "MergeV2Checkpoints",
        "Placeholder",
        "RestoreV2",
        "SaveV2",
        "Select",
        "ShardedFilename",
        "StaticRegexFullMatch",
        "StringJoin",
        "VarHandleOp",
    )
)
BESIDE = OPERATIONS | _TO_SAVE

# The objects of a SavedModel: their kinds, and the classes of those that a user made, which are read as plain ones.
OBJECTS = frozenset(("bare_concrete_function", "constant", "function", "user_object", "variable"))
CLASSES = frozenset(
    (
        "_generic_user_object",
        "_tf_keras_layer",
        "_tf_keras_model",
        "_tf_keras_sequential",
        "signature_map",
        "trackable_dict_wrapper",
        "trackable_list_wrapper",
    )
)
