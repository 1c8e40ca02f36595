#include "executor/parameters/weight_source.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "executor/parameters/stored_names.h"
#include "executor/random/random_stream.h"

namespace galvatron {
namespace {

// Ones, then zeros where the shard is padded.
void fill_ones(std::span<const ElementRange> elements, std::span<float> values) {
  const auto count = static_cast<std::size_t>(element_count(elements));
  std::fill(values.begin(), values.end(), 0.0F);
  std::fill_n(values.begin(), count, 1.0F);
}

// On as many threads as LibTorch has: any element can be drawn by itself.
void fill_normal_in_parallel(const RandomStream& stream, const Normal& normal,
                             std::span<const ElementRange> elements, std::span<float> values) {
  constexpr std::int64_t kLeastPerThread = 1 << 16;
  const std::int64_t count = element_count(elements);
  const std::int64_t threads =
      std::clamp(count / kLeastPerThread, std::int64_t{1}, std::int64_t{at::get_num_threads()});
  const auto fill_part = [&](std::int64_t number) {
    const std::int64_t begin = count * number / threads;
    const std::int64_t end = count * (number + 1) / threads;
    fill_normal(
        stream, normal, part_of(elements, {begin, end}),
        values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  };
  std::vector<std::jthread> others;
  for (std::int64_t number = 1; number < threads; ++number) others.emplace_back(fill_part, number);
  fill_part(0);
  std::fill(values.begin() + count, values.end(), 0.0F);
}

// The rows of a table that stand for padding start at zero. `row`: its elements.
void clear(const ElementRange& row, std::span<const ElementRange> elements,
           std::span<float> values) {
  std::int64_t first = 0;  // where the range's values begin
  for (const ElementRange& range : elements) {
    const std::int64_t begin = std::max(range.begin, row.begin);
    const std::int64_t end = std::min(range.end, row.end);
    if (begin < end) {
      std::fill_n(values.begin() + first + begin - range.begin, end - begin, 0.0F);
    }
    first += range.end - range.begin;
  }
}

}  // namespace

WeightSource random_weights(std::uint64_t seed) {
  return [seed](const Parameter& parameter, const std::string& name,
                std::span<const ElementRange> elements, std::span<float> values) {
    switch (parameter.initialization.kind) {
      case Initialization::Kind::normal:
        fill_normal_in_parallel(random_stream(seed, name),
                                {.deviation = parameter.initialization.deviation}, elements,
                                values);
        if (const std::int64_t row = parameter.initialization.zero_row; row >= 0) {
          clear({row * parameter.shape.back(), (row + 1) * parameter.shape.back()}, elements,
                values);
        }
        return;
      case Initialization::Kind::zeros:
        std::fill(values.begin(), values.end(), 0.0F);
        return;
      case Initialization::Kind::ones:
        fill_ones(elements, values);
        return;
    }
  };
}

WeightSource stored_weights(const WeightFiles& files, const LayerGraph& graph) {
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    for (const Parameter& parameter : layer_at(graph, layer).parameters) {
      check_tensor(files, name_in_file(files, parameter_name(graph, layer, parameter)),
                   parameter.shape);
    }
  }
  return [&files](const Parameter&, const std::string& name, std::span<const ElementRange> elements,
                  std::span<float> values) {
    read_floats(files, name_in_file(files, name), elements, values);
  };
}

}  // namespace galvatron
