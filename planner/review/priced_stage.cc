#include "planner/review/priced_stage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace galvatron {
namespace {

using search::kUnlimited;
using search::Size;
using search::Time;
using search::Toll;

constexpr double kNone = std::numeric_limits<double>::infinity();

void add_transients(std::set<Size>& transients, const std::vector<Toll>& tolls) {
  for (const Toll& toll : tolls) transients.insert(toll.transient);
}

// Sums of doubles are off by no more than this share of what was added up.
double rounding_share(std::size_t layers) { return (static_cast<double>(layers) + 16) * 4e-16; }

// The transients that may be a stage's largest: from the largest that cannot be avoided up to the
// room. None where a layer has no option.
std::vector<Size> caps_of(const PathQuestion& layers, Size room) {
  const search::Problem& problem = *layers.problem;
  const std::set<int> types(layers.types.begin(), layers.types.end());
  const auto type_of = [&](int type) -> const search::LayerType& {
    return problem.types[static_cast<std::size_t>(type)];
  };
  std::set<Size> transients{0};
  Size unavoidable = 0;
  add_transients(transients, type_of(layers.types.front()).enter);
  add_transients(transients, type_of(layers.types.back()).leave);
  for (const int type : types) {
    Size least = kUnlimited;
    for (const search::Option& option : type_of(type).options) {
      transients.insert(option.transient);
      least = std::min(least, option.transient);
    }
    unavoidable = std::max(unavoidable, least);
    const auto table = static_cast<std::size_t>(type_of(type).switch_table);
    if (layers.types.size() > 1) add_transients(transients, problem.switches[table].tolls);
  }
  std::vector<Size> caps;
  for (const Size transient : transients) {
    if (transient >= unavoidable && transient <= room) caps.push_back(transient);
  }
  return caps;
}

}  // namespace

PathWeights weights_of(const StagePrice& price, StageRole role, std::int64_t micro_batches) {
  const auto m = static_cast<double>(micro_batches);
  switch (role) {
    case StageRole::later:
      return {.time = 1, .optimizer = price.optimizer, .memory = price.memory};
    case StageRole::first:
      return {.time = 1 + price.share * (m - 1),
              .sync = 1,
              .optimizer = price.optimizer,
              .memory = price.memory};
    case StageRole::only:
      return {.time = m, .sync = 1, .optimizer = 1, .memory = price.memory};
  }
  return {};
}

double plane_value(double sum, const StagePrice& price, const PlaneTerms& where,
                   const StageTerms& terms) {
  const double memory = price.memory * where.room;
  double optimizer = 0, others = 0;
  if (where.role != StageRole::only && price.optimizer > 0) {
    if (terms.high == kUnlimited) return 0;
    optimizer = price.optimizer * static_cast<double>(terms.high);
  }
  if (where.role == StageRole::first) {
    others = (1 - price.share) * static_cast<double>(where.micro_batches - 1) *
             static_cast<double>(terms.slowest);
  }
  const double guard = rounding_share(where.layers) * (sum + memory + optimizer + others);
  return sum + others - memory - optimizer - guard;
}

Time rounded_bound(double value) {
  constexpr double kLargest = 9e18;
  if (!(value > 0)) return 0;
  return value >= kLargest ? kUnlimited : static_cast<Time>(std::ceil(value));
}

PricedStage::PricedStage(const PricedLayers& layers)
    : role_(layers.role),
      question_{
          .problem = layers.problem, .types = layers.types, .in_flight = layers.shape.in_flight} {
  room_ = layers.problem->memory_budget - layers.shape.fixed_bytes -
          search::boundary_bytes(type_of(question_.types.front()), type_of(question_.types.back()));
  caps_ = caps_of(question_, room_);
  const Sums memory = least_sums({.memory = 1});
  std::vector<Size> possible;
  for (std::size_t cap = 0; cap < caps_.size(); ++cap) {
    const double least = memory[cap] * (1 - rounding_share(question_.types.size()));
    if (least <= static_cast<double>(room_ - caps_[cap])) {
      possible.push_back(caps_[cap]);
    }
  }
  caps_ = std::move(possible);
  least_optimizer_ = least_sums({.optimizer = 1});
  add({});
  if (role_ == StageRole::first) add({.share = 1});
}

void PricedStage::extend(const std::vector<StagePrice>& prices) {
  for (; priced_ < prices.size(); ++priced_) add(prices[priced_]);
}

void PricedStage::add(const StagePrice& price) {
  const PathWeights weights = weights_of(price, role_, question_.problem->micro_batches);
  planes_.push_back({.price = price, .sums = least_sums(weights)});
}

StageBound PricedStage::bound(const StageTerms& terms) const {
  StageBound least{.value = kUnlimited};
  for (std::size_t cap = 0; cap < caps_.size(); ++cap) {
    if (is_too_slow(cap, terms.high)) continue;
    const Time value = rounded_bound(best_value(cap, terms));
    if (value < least.value) least = {.value = value, .cap = cap};
  }
  return least;
}

bool PricedStage::is_too_slow(std::size_t cap, Time high) const {
  if (role_ == StageRole::only || high == kUnlimited) return false;
  const double least = least_optimizer_[cap] * (1 - rounding_share(question_.types.size()));
  return least > static_cast<double>(high);
}

PlaneTerms PricedStage::plane_terms(std::size_t cap) const {
  return {.role = role_,
          .micro_batches = question_.problem->micro_batches,
          .layers = question_.types.size(),
          .room = static_cast<double>(room_ - caps_[cap])};
}

double PricedStage::best_value(std::size_t cap, const StageTerms& terms) const {
  double best = 0;
  for (const Plane& plane : planes_) {
    best = std::max(best, plane_value(plane.sums[cap], plane.price, plane_terms(cap), terms));
  }
  return best;
}

double PricedStage::gain(const StagePrice& price, const StageBound& bound,
                         const StageTerms& terms) const {
  const PathWeights weights = weights_of(price, role_, question_.problem->micro_batches);
  const PricedPath path = cheapest_path(question_, weights, caps_[bound.cap]);
  return plane_value(path.sum, price, plane_terms(bound.cap), terms) -
         static_cast<double>(bound.value);
}

// From the largest cap down: a path keeps to every cap that its own transients keep to, so it is
// the cheapest there too.
PricedStage::Sums PricedStage::least_sums(const PathWeights& weights) const {
  Sums sums(caps_.size(), kNone);
  for (std::size_t next = caps_.size(); next > 0;) {
    const PricedPath path = cheapest_path(question_, weights, caps_[next - 1]);
    if (path.sum == kNone) break;
    for (; next > 0 && caps_[next - 1] >= path.transient; --next) sums[next - 1] = path.sum;
  }
  return sums;
}

const search::LayerType& PricedStage::type_of(int type) const {
  return question_.problem->types[static_cast<std::size_t>(type)];
}

}  // namespace galvatron
