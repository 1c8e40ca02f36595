#include "planner/plan/published_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <variant>

#include "cost_models/published_setting.h"

namespace galvatron {
namespace {

constexpr int kDegrees[] = {1, 2, 4, 8};

bool has_ring(const PublishedCosts& costs, int pipeline, int ranks) {
  const int stage = kPublishedDevices / pipeline;
  return std::any_of(costs.ring_ms_per_mib.begin(), costs.ring_ms_per_mib.end(),
                     [&](const RingTime& ring) {
                       return ring.pipeline == pipeline && ring.ranks == ranks &&
                              ring.consecutive > 0 && (ring.strided || ranks == stage);
                     });
}

std::vector<std::string> missing_rings(const PublishedCosts& costs) {
  std::vector<std::string> missing;
  for (const int pipeline : kDegrees) {
    for (int ranks = 2; ranks <= kPublishedDevices / pipeline; ranks *= 2) {
      if (has_ring(costs, pipeline, ranks)) continue;
      missing.push_back(
          fmt::format("published.ring_ms_per_mib for pipeline {}, ranks {}", pipeline, ranks));
    }
  }
  return missing;
}

std::vector<std::string> missing_of(const PublishedModel& model, const std::string& path) {
  std::vector<std::string> missing;
  if (model.name.empty()) missing.push_back(path + ".name");
  if (model.layers.empty()) missing.push_back(path + ".layers");
  for (std::size_t index = 0; index < model.layers.size(); ++index) {
    const PublishedLayer& layer = model.layers[index];
    const auto require = [&](bool is_there, const char* key) {
      if (!is_there) missing.push_back(fmt::format("{}.layers[{}].{}", path, index, key));
    };
    require(layer.parameters_mib > 0, "parameters_mib");
    require(layer.forward_ms > 0, "forward_ms");
    require(layer.tokens > 0, "tokens");
    require(layer.hidden > 0, "hidden");
    for (const int degree : kDegrees) {
      require(layer.activation_mib.count(degree) > 0,
              fmt::format("activation_mib.{}", degree).c_str());
    }
  }
  return missing;
}

// Tokens that were priced: the class token of a ViT was not.
std::int64_t priced_tokens(const Model& model, const Layer& layer) {
  return layer.tokens_per_sample - (std::holds_alternative<VitConfig>(model.config) ? 1 : 0);
}

std::string wrong_size(const std::string& what, std::int64_t expected, std::int64_t found) {
  return fmt::format("the published constants are for {} {}, the model has {}", expected, what,
                     found);
}

// What the model and its constants do not agree in; empty: nothing.
std::string size_problem(const PublishedModel& published, const Model& model,
                         const LayerGraph& graph) {
  const std::vector<int> layers = published_layers(graph);
  std::int64_t count = 0;
  for (const PublishedLayer& layer : published.layers) count += layer.count;
  if (count != static_cast<std::int64_t>(layers.size())) {
    return wrong_size("layers", count, static_cast<std::int64_t>(layers.size()));
  }
  auto layer = layers.begin();
  for (const PublishedLayer& run : published.layers) {
    const Layer& found = layer_at(graph, *layer);
    if (found.hidden != run.hidden) {
      return wrong_size(fmt::format("features in layer {}", *layer), run.hidden, found.hidden);
    }
    // Those of the other runs follow from the first: the sequence length, or halved image sides.
    if (layer == layers.begin() && priced_tokens(model, found) != run.tokens) {
      return wrong_size(fmt::format("tokens in layer {}", *layer), run.tokens,
                        priced_tokens(model, found));
    }
    layer += run.count;
  }
  return "";
}

}  // namespace

std::vector<std::string> missing_published_keys(const Hardware& hardware) {
  const PublishedCosts& costs = *hardware.published;
  std::vector<std::string> missing = missing_rings(costs);
  if (device_count(hardware) != kPublishedDevices) {
    missing.push_back(fmt::format("nodes x devices_per_node = {}", kPublishedDevices));
  }
  if (costs.models.empty()) missing.emplace_back("published.models");
  for (std::size_t index = 0; index < costs.models.size(); ++index) {
    const std::vector<std::string> more =
        missing_of(costs.models[index], fmt::format("published.models[{}]", index));
    missing.insert(missing.end(), more.begin(), more.end());
  }
  return missing;
}

std::vector<int> published_layers(const LayerGraph& graph) {
  std::vector<int> layers;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    if (!layer_at(graph, layer).attentions.empty()) layers.push_back(layer);
  }
  return layers;
}

PublishedMatch match_published(const PublishedCosts& costs, const Model& model,
                               const LayerGraph& graph) {
  const auto found =
      std::find_if(costs.models.begin(), costs.models.end(),
                   [&](const PublishedModel& published) { return published.name == model.name; });
  if (found == costs.models.end()) {
    std::vector<std::string> names;
    for (const PublishedModel& published : costs.models) names.push_back(published.name);
    return {nullptr, fmt::format("no published constants for the model {}, only for {}", model.name,
                                 fmt::join(names, ", "))};
  }
  std::string problem = size_problem(*found, model, graph);
  if (!problem.empty()) return {nullptr, std::move(problem)};
  return {&*found, ""};
}

}  // namespace galvatron
