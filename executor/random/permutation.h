// A random order of rows that needs no memory: any position can be asked for by itself.
#pragma once

#include <cstdint>

#include "executor/random/random_stream.h"

namespace galvatron {

// The image of `index` under the permutation of 0 … size-1 that the stream defines.
//
// Requires 0 <= index < size < 2^62.
// A Feistel network over the next power of four, walked until it falls below size (fewer than four
// steps on average). Source: Black & Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002.
std::int64_t permuted(const RandomStream& stream, std::int64_t size, std::int64_t index);

}  // namespace galvatron
