#include "planner/plan/profile_match.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/plan/layer_identity.h"

namespace galvatron {
namespace {

const Layer* find_type(const LayerGraph& graph, const std::string& type) {
  const auto found = std::find_if(graph.types.begin(), graph.types.end(),
                                  [&](const Layer& layer) { return layer.type == type; });
  return found == graph.types.end() ? nullptr : &*found;
}

}  // namespace

std::string layer_mismatch(const ProfiledLayer& measured, const LayerGraph& graph) {
  const Layer* layer = find_type(graph, measured.type);
  if (layer == nullptr || layer_identity(*layer) == measured.identity) return "";
  return fmt::format(
      "is not that of the model's {} of {} tokens: another model was measured, or "
      "another sequence length",
      measured.type, layer->tokens_per_sample);
}

ProfileMismatch profile_mismatch(const ModelProfile& profile, const ProfiledJob& job) {
  for (const ProfiledLayer& layer : profile.layers) {
    const std::string message = layer_mismatch(layer, job.graph);
    if (!message.empty()) return {.key = "layers", .message = "identity " + message};
  }
  if (profile.precision != job.precision) {
    return {.key = "precision",
            .message = fmt::format("must be the job's, {}, got {}",
                                   name_of(kPrecisionNames, job.precision),
                                   name_of(kPrecisionNames, profile.precision))};
  }
  if (profile.dropout != job.dropout) {
    return {.key = "dropout", .message = fmt::format("must be the job's, {}", job.dropout)};
  }
  const bool is_of_use = std::any_of(
      profile.layers.begin(), profile.layers.end(),
      [&](const ProfiledLayer& layer) { return find_type(job.graph, layer.type) != nullptr; });
  if (is_of_use) return {};
  return {.key = "layers", .message = "must hold a layer type of the model, have none"};
}

}  // namespace galvatron
