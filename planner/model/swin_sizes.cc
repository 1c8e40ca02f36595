#include "planner/model/swin_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cost_models/rounding.h"
#include "planner/model/model_limits.h"

namespace galvatron {

SwinDepth swin_depth(const SwinConfig& config, std::size_t depth) {
  const std::int64_t merged = std::int64_t{1} << depth;  // tokens along one side that became one
  const std::int64_t hidden = config.hidden * merged;
  const auto first = config.depths.begin();
  return {.grid_height = divide_up(divide_up(config.image_height, config.patch_height), merged),
          .grid_width = divide_up(divide_up(config.image_width, config.patch_width), merged),
          .hidden = hidden,
          .heads = config.heads[depth],
          .mlp_width = static_cast<std::int64_t>(config.mlp_ratio * static_cast<double>(hidden)),
          .blocks = config.depths[depth],
          .first_block =
              std::accumulate(first, first + static_cast<std::ptrdiff_t>(depth), std::int64_t{0})};
}

std::int64_t token_count(const SwinDepth& depth) { return depth.grid_height * depth.grid_width; }

std::int64_t token_count(const SwinConfig& config) {
  return divide_up(config.image_height, config.patch_height) *
         divide_up(config.image_width, config.patch_width);
}

std::int64_t block_count(const SwinConfig& config) {
  return std::accumulate(config.depths.begin(), config.depths.end(), std::int64_t{0});
}

std::int64_t window_count(const SwinConfig& config, const SwinDepth& depth) {
  return divide_up(depth.grid_height, config.window) * divide_up(depth.grid_width, config.window);
}

std::int64_t window_shift(const SwinConfig& config, const SwinDepth& depth) {
  const bool shifts = std::min(depth.grid_height, depth.grid_width) > config.window;
  return shifts ? config.window / 2 : 0;
}

namespace {

void check_widths(MapReader& reader, const SwinDepth& sizes, const SwinKeys& keys) {
  const auto check = [&reader](const char* key, std::int64_t width, const Range& range) {
    if (static_cast<double>(width) >= range.least && static_cast<double>(width) <= range.most)
      return;
    reader.refuse(key, fmt::format("must leave every width{}, got {}", range_text(range), width));
  };
  check(keys.hidden, sizes.hidden, kHiddenRange);
  check(keys.mlp_ratio, sizes.mlp_width, kMlpWidthRange);
}

}  // namespace

void check_swin_sizes(MapReader& reader, const SwinConfig& config, const SwinKeys& keys) {
  constexpr std::size_t kMostDepths = 16;
  if (config.depths.empty() || config.depths.size() > kMostDepths) {
    return reader.refuse(keys.depths, fmt::format("must name between 1 and {} depths, got {}",
                                                  kMostDepths, config.depths.size()));
  }
  if (config.heads.size() != config.depths.size()) {
    return reader.refuse(keys.heads, fmt::format("must have one number per depth ({}), got {}",
                                                 config.depths.size(), config.heads.size()));
  }
  for (std::size_t depth = 0; depth < config.depths.size(); ++depth) {
    const SwinDepth sizes = swin_depth(config, depth);
    check_widths(reader, sizes, keys);
    if (sizes.hidden % sizes.heads != 0) {
      reader.refuse(keys.heads, fmt::format("must divide the width of depth {} ({}), got {}", depth,
                                            sizes.hidden, sizes.heads));
    }
    if (std::min(sizes.grid_height, sizes.grid_width) < config.window) {
      reader.refuse(keys.window,
                    fmt::format("must be at most the sides of the grid of depth {} ({} "
                                "x {}), got {}",
                                depth, sizes.grid_height, sizes.grid_width, config.window));
    }
  }
}

}  // namespace galvatron
