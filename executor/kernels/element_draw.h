// Which random word decides on each element of a matrix.
#pragma once

#include <cstdint>

namespace galvatron {

// Element c of row r is element e = first + r stride + c of the stream; word e % 4 of block e / 4
// decides on it.
struct ElementDraw {
  std::uint64_t seed = 0;
  std::uint64_t name = 0;       // of the stream
  std::uint64_t threshold = 0;  // of 2^32: a word below it drops the element
  float scale = 1;              // of what is kept
  std::int64_t first = 0;
  std::int64_t stride = 0;
};

}  // namespace galvatron
