// Four neighbouring tokens of a grid side by side in one row.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace galvatron {

struct TokenGrid {
  std::int64_t height = 0;
  std::int64_t width = 0;
};

// [samples * height * width, hidden] -> [samples * merged tokens, 4 hidden], fresh: of each square
// of two by two the upper left token, the lower left, the upper right and the lower right. A side
// that is odd is filled up with zeros. Keeps nothing.
at::Tensor merge_neighbours(const TokenGrid& grid, const at::Tensor& rows);

}  // namespace galvatron
