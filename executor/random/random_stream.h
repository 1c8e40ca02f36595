// Random numbers that do not depend on who draws them.
//
// Element i of a stream is a pure function of the seed, the stream's name and i. A rank that holds
// a shard of a tensor draws the numbers of its own elements, and all shards together are what one
// process would have drawn, whatever the strategy.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "executor/random/philox.h"
#include "executor/weights/element_range.h"

namespace galvatron {

struct RandomStream {
  std::uint64_t seed = 0;
  std::uint64_t name = 0;  // hash of name and step

  bool operator==(const RandomStream&) const = default;
};

// `name` says what is drawn (a parameter, a dropout); `step` separates repeated draws of it.
RandomStream random_stream(std::uint64_t seed, std::string_view name, std::int64_t step = 0);

// Four words; element i of a stream comes from word i % 4 of block i / 4.
PhiloxBlock random_block(const RandomStream& stream, std::uint64_t block);

struct Normal {
  double mean = 0;
  double deviation = 1;
};

// These fill values with the elements of `ranges` one after another; what remains is padding and
// becomes zero. Each requires at most as many elements as values.

// In [0, 1), multiples of 2^-24.
void fill_uniform(const RandomStream& stream, std::span<const ElementRange> ranges,
                  std::span<float> values);

// Box-Muller in double, rounded once; no value is farther than 6.7 deviations from the mean.
// Equal on all machines whose math library rounds log, sin and cos alike.
void fill_normal(const RandomStream& stream, const Normal& normal,
                 std::span<const ElementRange> ranges, std::span<float> values);

// The least word of those that keep their element; one that is smaller drops it. Requires
// 0 <= dropped <= 1, in steps of 2^-32.
std::uint64_t kept_threshold(double dropped);

// True where dropout keeps an element, with probability 1 - `dropped`.
//
// The caller scales what is kept by 1 / (1 - dropped).
void fill_kept(const RandomStream& stream, double dropped, std::span<const ElementRange> ranges,
               std::span<bool> kept);

}  // namespace galvatron
