#include "executor/parameters/weight_source.h"

#include <algorithm>

#include "executor/random/random_stream.h"

namespace galvatron {
namespace {

std::string name_in_file(const WeightFiles& files, const std::string& name) {
  if (has_tensor(files, name)) return name;
  const std::string bare = name.substr(name.find('.') + 1);
  return has_tensor(files, bare) ? bare : name;
}

// Ones, then zeros where the shard is padded.
void fill_ones(std::span<const ElementRange> elements, std::span<float> values) {
  const auto count = static_cast<std::size_t>(element_count(elements));
  std::fill(values.begin(), values.end(), 0.0F);
  std::fill_n(values.begin(), count, 1.0F);
}

}  // namespace

WeightSource random_weights(std::uint64_t seed) {
  return [seed](const Parameter& parameter, const std::string& name,
                std::span<const ElementRange> elements, std::span<float> values) {
    switch (parameter.initialization.kind) {
      case Initialization::Kind::normal:
        fill_normal(random_stream(seed, name), {.deviation = parameter.initialization.deviation},
                    elements, values);
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
