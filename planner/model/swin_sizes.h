// The sizes of Swin's depths: each halves the grid of tokens and doubles the width of the one
// before.
#pragma once

#include <cstdint>

#include "planner/files/reader.h"
#include "planner/model/model.h"

namespace galvatron {

// All blocks between two mergings.
struct SwinDepth {
  std::int64_t grid_height = 0;  // in tokens
  std::int64_t grid_width = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t mlp_width = 0;
  std::int64_t blocks = 0;
  std::int64_t first_block = 0;  // blocks of all depths before
};

// Requires depth < config.depths.size() and sizes that were checked.
SwinDepth swin_depth(const SwinConfig& config, std::size_t depth);

std::int64_t token_count(const SwinDepth& depth);

// Of one image, before any merging; of any config.
std::int64_t token_count(const SwinConfig& config);

std::int64_t block_count(const SwinConfig& config);

// Windows cover the grid, which is filled up at its right and lower edges.
std::int64_t window_count(const SwinConfig& config, const SwinDepth& depth);

// By how much every second block rolls the grid: 0 where the windows are as large as a side of it.
std::int64_t window_shift(const SwinConfig& config, const SwinDepth& depth);

// Under which names a file gives these sizes.
struct SwinKeys {
  const char* hidden = nullptr;
  const char* depths = nullptr;
  const char* heads = nullptr;
  const char* window = nullptr;
  const char* mlp_ratio = nullptr;
};

// Refuses sizes that do not fit together. Call it only if the values by themselves had no errors.
void check_swin_sizes(MapReader& reader, const SwinConfig& config, const SwinKeys& keys);

}  // namespace galvatron
