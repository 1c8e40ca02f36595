// Images as rows of tokens, one per patch; perhaps with a class token before them, each at its
// learned position.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "cost_models/redistribution.h"

namespace galvatron {

struct PatchWeights {
  at::Tensor projection;        // [hidden, channels, patch height, patch width]
  at::Tensor bias;              // [hidden]
  at::Tensor class_token = {};  // [1, 1, hidden]; undefined: none
  at::Tensor positions = {};    // [1, tokens, hidden]; undefined: none
};

// What becomes of pixels beyond the last whole patch.
enum class PartialPatches { left_out, filled_up };

struct ImageShape {
  PartialPatches partial = PartialPatches::left_out;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

// images [samples, channels * height * width] fp32 -> [rows held, hidden] in the weights' type,
// fresh: the rows `held` of [0, samples * tokens). Keeps the images, and one sample's patches while
// it works. The gradients of the weights are sums over the rows held.
at::Tensor patch_embedding(const at::Tensor& images, const ImageShape& shape,
                           const PatchWeights& weights, const TokenRange& held);

}  // namespace galvatron
