#include "executor/parameters/weight_source.h"

#include <algorithm>

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
        fill_normal(random_stream(seed, name), {.deviation = parameter.initialization.deviation},
                    elements, values);
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
