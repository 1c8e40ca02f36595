#include "planner/review/coarse_stage.h"

#include <algorithm>
#include <limits>

namespace galvatron {
namespace {

using search::kUnlimited;
using search::Option;
using search::Size;
using search::Time;

}  // namespace

int length_of(const LayerRuns& layers) {
  int length = 0;
  for (const auto& [type, count] : layers.runs) length += count;
  return length;
}

std::vector<int> types_of(const LayerRuns& layers) {
  std::vector<int> types;
  for (const auto& [type, count] : layers.runs) {
    types.insert(types.end(), static_cast<std::size_t>(count), type);
  }
  return types;
}

CoarseStage::CoarseStage(const search::Problem& problem, StageRole role, search::StageShape shape)
    : problem_(problem), role_(role), shape_(shape) {
  for (const search::LayerType& type : problem.types) {
    Size least = kUnlimited;
    for (const Option& option : type.options) least = std::min(least, option.transient);
    least_transient_.push_back(least);
  }
  add({});
  if (role_ == StageRole::first) add({.share = 1});
}

void CoarseStage::extend(const std::vector<StagePrice>& prices) {
  for (; priced_ < prices.size(); ++priced_) add(prices[priced_]);
}

void CoarseStage::add(const StagePrice& price) {
  const PathWeights weights = weights_of(price, role_, problem_.micro_batches);
  Plane plane{.price = price, .least = {}};
  for (const search::LayerType& type : problem_.types) {
    double least = std::numeric_limits<double>::infinity();
    for (const Option& option : type.options) {
      least = std::min(least, weight_of(option, weights, shape_.in_flight));
    }
    plane.least.push_back(least);
  }
  planes_.push_back(std::move(plane));
}

Time CoarseStage::bound(const LayerRuns& layers, const StageTerms& terms) const {
  const auto type_of = [&](int type) -> const search::LayerType& {
    return problem_.types[static_cast<std::size_t>(type)];
  };
  const Size room =
      problem_.memory_budget - shape_.fixed_bytes -
      search::boundary_bytes(type_of(layers.runs.front().first), type_of(layers.runs.back().first));
  Size transient = 0;
  for (const auto& [type, count] : layers.runs) {
    transient = std::max(transient, least_transient_[static_cast<std::size_t>(type)]);
  }
  if (transient > room) return kUnlimited;
  const PlaneTerms where{.role = role_,
                         .micro_batches = problem_.micro_batches,
                         .layers = static_cast<std::size_t>(length_of(layers)),
                         .room = static_cast<double>(room - transient)};
  double best = 0;
  for (const Plane& plane : planes_) {
    double sum = 0;
    for (const auto& [type, count] : layers.runs) {
      sum += count * plane.least[static_cast<std::size_t>(type)];
    }
    best = std::max(best, plane_value(sum, plane.price, where, terms));
  }
  return rounded_bound(best);
}

}  // namespace galvatron
