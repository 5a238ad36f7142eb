"""llama.cpp, set up to compute as exactly as it can."""

import ctypes
import sys

import llama_cpp


def widen(path, folder):
    """A copy of a model in 32-bit floats."""
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = 0  # all tensors as 32-bit floats
    params.allow_requantize = True
    wide = f"{folder}/wide.gguf"
    if llama_cpp.llama_model_quantize(path.encode(), wide.encode(), ctypes.byref(params)) != 0:
        sys.exit("llama.cpp could not widen the file")
    return wide


def load(path, context):
    return llama_cpp.Llama(path, n_ctx=context, logits_all=True, verbose=False, n_batch=512,
                           type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32, flash_attn=False)
