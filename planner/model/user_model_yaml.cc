#include "planner/model/user_model_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "planner/model/fields_yaml.h"
#include "planner/model/layer_names.h"

namespace galvatron {
namespace {

// 2^50 elements: with the limits on dimensions the product cannot overflow before it is seen.
constexpr std::int64_t kMostElements = std::int64_t{1} << 50;
constexpr std::size_t kMostDimensions = 8;

bool is_too_large(const std::vector<std::int64_t>& shape) {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) {
    if (size > kMostElements / elements) return true;
    elements *= size;
  }
  return false;
}

void check_parameter(MapReader& map, const Parameter& parameter) {
  const auto dimensions = static_cast<int>(parameter.shape.size());
  if (dimensions == 0 || parameter.shape.size() > kMostDimensions) {
    map.refuse("shape",
               fmt::format("must have 1 to {} dimensions, got {}", kMostDimensions, dimensions));
  } else if (is_too_large(parameter.shape)) {
    map.refuse("shape", "must hold at most 2^50 elements");
  }
  if (parameter.split_dimension >= dimensions) {
    map.refuse("split_dimension", fmt::format("must be less than the {} dimensions, got {}",
                                              dimensions, parameter.split_dimension));
    return;
  }
  if (parameter.everywhere && (parameter.tied_table.empty() || parameter.split_dimension >= 0)) {
    map.refuse("everywhere", "must be false unless there is a tied_table that is not split");
  }
  const bool splits = parameter.split_dimension >= 0;
  const std::int64_t size =
      splits ? parameter.shape[static_cast<std::size_t>(parameter.split_dimension)] : 1;
  if (size % parameter.parts != 0) {
    map.refuse("parts",
               fmt::format("must divide the split dimension ({}), got {}", size, parameter.parts));
  }
}

void check_layer(MapReader& map, const Layer& layer) {
  std::vector<MapReader> parameters = map.optional_maps("parameters");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    check_parameter(parameters[i], layer.parameters[i]);
  }
  if (layer.kind != LayerKind::block && layer.vocabulary == 0) {
    map.refuse("vocabulary",
               fmt::format("must be given for the {}", name_of(kLayerKindNames, layer.kind)));
  }
  std::vector<MapReader> attentions = map.optional_maps("attentions");
  for (std::size_t i = 0; i < attentions.size(); ++i) {
    const auto [heads, groups] =
        std::pair(layer.attentions[i].heads, layer.attentions[i].key_value_heads);
    if (heads % groups == 0) continue;
    attentions[i].refuse(
        "heads", fmt::format("must be a multiple of key_value_heads ({}), got {}", groups, heads));
  }
}

bool has_type(const std::vector<Layer>& layers, const std::string& type) {
  return std::any_of(layers.begin(), layers.end(),
                     [&](const Layer& layer) { return layer.type == type; });
}

std::vector<Layer> read_layers(MapReader& reader) {
  std::vector<Layer> layers;
  for (MapReader& map : reader.required_maps("layers")) {
    Layer layer;
    read_fields(map, layer);
    // Sizes of what could not be read are defaults, which would only seem wrong.
    if (!reader.has_errors()) check_layer(map, layer);
    if (has_type(layers, layer.type)) {
      map.refuse("type", fmt::format("must be unique, got {} again", layer.type));
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

// The layer next to `from` gets its activation anyway.
void check_edge(MapReader& map, const CarriedTensor& edge, std::int64_t layers) {
  if (edge.to > edge.from + 1 && edge.to < layers) return;
  map.refuse("to",
             fmt::format("must be a layer behind the next one of layer {} and before {}, got {}",
                         edge.from, layers, edge.to));
}

}  // namespace

UserModel read_user_model(MapReader& reader) {
  UserModel model;
  model.layers = read_layers(reader);
  std::vector<std::string> types;
  for (const Layer& layer : model.layers) types.push_back(layer.type);
  std::int64_t layers = 0;
  for (MapReader& map : reader.required_maps("runs")) {
    const auto type = map.required_word("type", types);
    const auto count = map.required<std::int64_t>("count", kLayersRange);
    map.finish();
    layers += count;
    model.runs.emplace_back(type, count);
  }
  if (model.runs.empty() || static_cast<double>(layers) > kLayersRange.most) {
    reader.refuse("runs",
                  fmt::format("must hold 1 to {} layers, got {}", kLayersRange.most, layers));
  }
  for (MapReader& map : reader.optional_maps("edges")) {
    CarriedTensor edge;
    read_fields(map, edge);
    check_edge(map, edge, layers);
    model.edges.push_back(std::move(edge));
  }
  return model;
}

void write_user_model(YamlWriter& out, const UserModel& model) {
  out.list("layers", [&] {
    for (const Layer& layer : model.layers) out.item([&] { write_fields(out, layer); });
  });
  out.list("runs", [&] {
    for (const auto& [type, count] : model.runs) {
      out.item([&, &run_type = type, run_count = count] {
        out.field("type", run_type);
        out.field("count", run_count);
      });
    }
  });
  if (model.edges.empty()) return;
  out.list("edges", [&] {
    for (const CarriedTensor& edge : model.edges) out.item([&] { write_fields(out, edge); });
  });
}

}  // namespace galvatron
