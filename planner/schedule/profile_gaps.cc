#include "planner/schedule/profile_gaps.h"

#include <fmt/format.h>

#include <algorithm>

#include "cost_models/layer_compute.h"
#include "planner/schedule/op_cost.h"

namespace galvatron {
namespace {

std::string text_of(const ProfileQuery& query) {
  return fmt::format("tensor {}{}, {:.4g} sample{}", query.tensor,
                     query.sequence_parallel ? ", sequence parallel" : "", query.samples,
                     query.samples == 1 ? "" : "s");
}

std::string gap_of(const ModelProfile& profile, const ProfileQuery& query) {
  const std::optional<ProfiledPasses> passes = profiled_passes(profile, query);
  if (!passes) {
    return fmt::format("the model profile holds no {}: its time is the hardware profile's",
                       query.type);
  }
  if (passes->at == query) return "";
  return fmt::format("the model profile does not reach {} at {}: scaled from {}", query.type,
                     text_of(query), text_of(passes->at));
}

}  // namespace

std::vector<std::string> profile_gaps(const Plan& plan, const LayerGraph& graph) {
  std::vector<std::string> gaps;
  if (!plan.inputs || !plan.inputs->profile) return gaps;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    const ProfileQuery query =
        profile_query(layer_at(graph, layer), setting_of(plan, graph, layer));
    std::string gap = gap_of(*plan.inputs->profile, query);
    const bool is_known = std::find(gaps.begin(), gaps.end(), gap) != gaps.end();
    if (!gap.empty() && !is_known) gaps.push_back(std::move(gap));
  }
  return gaps;
}

}  // namespace galvatron
