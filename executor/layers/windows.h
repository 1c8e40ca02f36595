// Grids of tokens cut into square windows that attend within themselves.
//
// A grid that whole windows do not cover is filled up with padding on the right and below, which is
// attended to like any token. With a shift the grid is rolled up and left before it is cut, so that
// windows join what the layer before kept apart; the last windows then hold tokens from opposite
// edges, and a mask tells these regions apart.
// Source: Liu et al., "Swin Transformer", 2021, section 3.2.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace galvatron {

struct WindowGrid {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t window = 0;  // side of a window
  std::int64_t shift = 0;
};

struct Windows {
  std::int64_t count = 0;  // of one sample
  std::int64_t area = 0;   // tokens of one window
  at::Tensor places;       // [tokens] int64: where in window order each token of the grid stands
  at::Tensor padding;      // [count * area - tokens] int64: where no token stands
  at::Tensor regions;      // [count, area] int64; undefined without a shift
};

Windows cut_into_windows(const WindowGrid& grid);

// The same with its tensors there.
Windows on_device(const Windows& windows, const at::Device& device);

// [samples * tokens, width] -> [samples * count * area, width], fresh. Padding becomes a copy of
// `fill`, a [width] leaf with a preset gradient, or zero where that is undefined. Keeps nothing.
at::Tensor to_windows(const Windows& windows, const at::Tensor& rows, const at::Tensor& fill);

// And back; what stands for padding goes. Keeps nothing.
at::Tensor from_windows(const Windows& windows, const at::Tensor& rows);

// [count, 1, area, area], added to the scores: 0, or -100 between tokens of different regions.
at::Tensor region_mask(const Windows& windows, at::ScalarType type);

// [area, area] int64: the row of a [(2 window - 1)^2, heads] table for each pair of query and key,
// by how far down and how far right the query stands from the key.
at::Tensor relative_positions(std::int64_t window);

}  // namespace galvatron
