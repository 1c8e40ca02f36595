#include "planner/review/priced_chain.h"

#include <algorithm>
#include <numeric>

namespace galvatron {
namespace {

using search::kUnlimited;
using search::Time;

// No step of a valid problem takes longer (search::require_valid), so sums that stop here never
// overflow.
constexpr Time kLongestStep = Time{1} << 61;

// The layers [begin, end).
LayerRuns runs_of(const std::vector<int>& layers, int begin, int end) {
  LayerRuns found;
  for (int layer = begin; layer < end; ++layer) {
    const int type = layers[static_cast<std::size_t>(layer)];
    if (found.runs.empty() || found.runs.back().first != type) found.runs.emplace_back(type, 0);
    ++found.runs.back().second;
  }
  return found;
}

Time least_time_of(const search::LayerType& type) {
  Time least = kUnlimited;
  for (const search::Option& option : type.options) least = std::min(least, option.time);
  return least;
}

}  // namespace

StageRole role_of(const search::Problem& problem, int stage) {
  if (problem.stages.size() == 1) return StageRole::only;
  return stage == 0 ? StageRole::first : StageRole::later;
}

PricedChain::PricedChain(const search::Problem& problem)
    : problem_(problem),
      stages_(static_cast<int>(problem.stages.size())),
      layers_(static_cast<int>(problem.layers.size())) {
  make_keys();
  make_classes();
  const auto slots = static_cast<std::size_t>((stages_ + 1) * (layers_ + 1));
  before_.resize(slots);
  labels_.resize(slots);
}

std::size_t PricedChain::slot(int stage, int layer) const {
  return static_cast<std::size_t>(stage) * static_cast<std::size_t>(layers_ + 1) +
         static_cast<std::size_t>(layer);
}

int PricedChain::key(int begin, int end) const { return keys_[slot(begin, end)]; }

PricedChain::Value& PricedChain::value(int stage, int key) {
  const auto number = static_cast<std::size_t>(class_of_stage_[static_cast<std::size_t>(stage)]);
  return values_[number][static_cast<std::size_t>(key)];
}

PricedChain::StageClass& PricedChain::class_of(int stage) {
  const int number = class_of_stage_[static_cast<std::size_t>(stage)];
  return classes_[static_cast<std::size_t>(number)];
}

// Intervals of equal layers share a key. No stage is so long that others are left without a layer.
void PricedChain::make_keys() {
  keys_.assign(slot(layers_, layers_ + 1), -1);
  std::map<LayerRuns, int> known;
  for (int begin = 0; begin < layers_; ++begin) {
    const int longest = std::min(layers_ - begin, layers_ - stages_ + 1);
    for (int end = begin + 1; end <= begin + longest; ++end) {
      const LayerRuns runs = runs_of(problem_.layers, begin, end);
      const auto [found, is_new] = known.try_emplace(runs, static_cast<int>(known.size()));
      keys_[slot(begin, end)] = found->second;
      if (!is_new) continue;
      Time least = 0;
      for (const auto& [type, count] : runs.runs) {
        least += count * least_time_of(problem_.types[static_cast<std::size_t>(type)]);
      }
      least_time_.push_back(least);
      runs_.push_back(runs);
    }
  }
}

void PricedChain::make_classes() {
  for (int stage = 0; stage < stages_; ++stage) {
    const search::StageShape& shape = problem_.stages[static_cast<std::size_t>(stage)];
    const StageRole role = stages_ == 1 ? StageRole::only
                           : stage == 0 ? StageRole::first
                                        : StageRole::later;
    const auto known = std::find_if(classes_.begin(), classes_.end(), [&](const StageClass& one) {
      return one.role == role && one.shape == shape;
    });
    class_of_stage_.push_back(static_cast<int>(known - classes_.begin()));
    if (known != classes_.end()) continue;
    StageClass fresh{.first_stage = stage, .role = role, .shape = shape};
    fresh.coarse = std::make_unique<CoarseStage>(problem_, role, shape);
    classes_.push_back(std::move(fresh));
  }
  values_.assign(classes_.size(), std::vector<Value>(runs_.size()));
}

void PricedChain::add(int stage, const StagePrice& price) {
  class_of(stage).prices.push_back(price);
}

std::vector<StagePrices> PricedChain::prices() const {
  std::vector<StagePrices> charged;
  for (const StageClass& one : classes_) {
    if (!one.prices.empty()) charged.push_back({.stage = one.first_stage, .prices = one.prices});
  }
  return charged;
}

// What no stage of a valid problem takes is no value at all.
Time PricedChain::valid(Time time, Time most) const { return time > most ? kUnlimited : time; }

PricedStage& PricedChain::priced_stage(StageClass& stage_class, int key) {
  auto found = stage_class.priced.find(key);
  if (found == stage_class.priced.end()) {
    const PricedLayers layers{.problem = &problem_,
                              .role = stage_class.role,
                              .shape = stage_class.shape,
                              .types = types_of(runs_[static_cast<std::size_t>(key)])};
    found = stage_class.priced.emplace(key, PricedStage(layers)).first;
  }
  found->second.extend(stage_class.prices);
  return found->second;
}

const PricedStage& PricedChain::priced(const PricedLink& link) {
  const auto key = std::find(runs_.begin(), runs_.end(), link.layers) - runs_.begin();
  return priced_stage(class_of(link.stage), static_cast<int>(key));
}

// Bounds of the later stages under this cap, from what is known without more work.
void PricedChain::start_values(Time high) {
  for (StageClass& one : classes_) one.coarse->extend(one.prices);
  for (std::size_t number = 0; number < classes_.size(); ++number) {
    StageClass& one = classes_[number];
    for (std::size_t key = 0; key < runs_.size(); ++key) {
      Value& value = values_[number][key];
      value = {.time = one.role == StageRole::later ? one.coarse->bound(runs_[key], {.high = high})
                                                    : least_time_[key],
               .is_priced = false};
    }
    for (auto& [key, stage] : one.priced) {
      Value& value = values_[number][static_cast<std::size_t>(key)];
      if (one.role == StageRole::later) {
        value.time = std::max(value.time, stage.bound({.high = high}).value);
      }
      value.is_priced = stage.prices() == one.prices.size();
    }
    for (Value& value : values_[number]) {
      value.time = valid(value.time, kLongestStep / problem_.micro_batches);
    }
  }
}

// The least sum and the least maximum of times, each for itself.
void PricedChain::sweep_forward() {
  std::fill(before_.begin(), before_.end(), Side{});
  before_[slot(0, 0)] = {.sum = 0, .slowest = 0};
  for (int stage = 0; stage < stages_; ++stage) {
    for (int begin = stage; begin <= last_begin(stage); ++begin) {
      const Side& side = before_[slot(stage, begin)];
      if (side.sum == kUnlimited) continue;
      for (int end = begin + 1; end <= last_begin(stage + 1); ++end) {
        const Time time = value(stage, key(begin, end)).time;
        if (time == kUnlimited || !search::may_hold(problem_, stage, begin, end)) continue;
        Side& next = before_[slot(stage + 1, end)];
        next.sum = std::min(next.sum, side.sum + time);
        next.slowest = std::min(next.slowest, std::max(side.slowest, time));
      }
    }
  }
}

// The chains of stages from this one on that begin at the layer, without those that no stages
// before them bring below the limit.
void PricedChain::grow_labels(int stage, int begin) {
  std::vector<Label>& labels = labels_[slot(stage, begin)];
  labels.clear();
  const Side& before = before_[slot(stage, begin)];
  if (before.sum == kUnlimited) return;
  const Time more = problem_.micro_batches - 1;
  for (int end = begin + 1; end <= last_begin(stage + 1); ++end) {
    const Time time = value(stage, key(begin, end)).time;
    if (time == kUnlimited || !search::may_hold(problem_, stage, begin, end)) continue;
    const std::vector<Label>& rest = labels_[slot(stage + 1, end)];
    for (std::size_t index = 0; index < rest.size(); ++index) {
      const Time sum = rest[index].sum + time;
      const Time slowest = std::max(rest[index].slowest, time);
      if (sum > kLongestStep) continue;
      if (before.sum + sum + more * std::max(before.slowest, slowest) >= limit_) continue;
      labels.push_back({sum, slowest, end, static_cast<int>(index)});
    }
  }
  keep_unbeaten(labels);
}

void PricedChain::keep_unbeaten(std::vector<Label>& labels) const {
  std::stable_sort(labels.begin(), labels.end(), [](const Label& one, const Label& other) {
    return std::pair{one.slowest, one.sum} < std::pair{other.slowest, other.sum};
  });
  Time least = kUnlimited;
  const auto beaten = [&](const Label& label) {
    if (label.sum >= least) return true;
    least = label.sum;
    return false;
  };
  std::vector<Label> kept;
  for (const Label& label : labels) {
    if (!beaten(label)) kept.push_back(label);
  }
  labels = std::move(kept);
}

// phi of the first stage, or the cost of a lone one.
Time PricedChain::closing(int key, Time slowest, Time high) {
  StageClass& first = classes_.front();
  const StageTerms terms{.high = high, .slowest = slowest};
  const auto priced = first.priced.find(key);
  Time time = first.coarse->bound(runs_[static_cast<std::size_t>(key)], terms);
  if (priced != first.priced.end()) time = std::max(time, priced->second.bound(terms).value);
  return valid(time, kLongestStep);
}

std::optional<PricedChain::Chain> PricedChain::least_chain(Time high) {
  sweep_forward();
  for (std::vector<Label>& labels : labels_) labels.clear();
  labels_[slot(stages_, layers_)] = {{.sum = 0, .slowest = 0, .end = 0, .next = -1}};
  for (int stage = stages_ - 1; stage > 0; --stage) {
    for (int begin = stage; begin <= last_begin(stage); ++begin) grow_labels(stage, begin);
  }
  Chain least{.value = limit_};
  const Label* best = nullptr;
  for (int end = 1; end <= last_begin(1); ++end) {
    if (!search::may_hold(problem_, 0, 0, end)) continue;
    for (const Label& label : labels_[slot(1, end)]) {
      const Time time = closing(key(0, end), label.slowest, high);
      if (time == kUnlimited || label.sum + time >= least.value) continue;
      least = {.value = label.sum + time, .slowest = label.slowest, .ends = {end}};
      best = &label;
    }
  }
  if (best == nullptr) return std::nullopt;
  for (int stage = 1; stage < stages_; ++stage) {
    least.ends.push_back(best->end);
    best = &labels_[slot(stage + 1, best->end)][static_cast<std::size_t>(best->next)];
  }
  return least;
}

// Multiplies out the stages of the chain; false where all of them are.
bool PricedChain::price_chain(const Chain& chain, Time high) {
  bool is_new = false;
  for (int stage = 0, begin = 0; stage < stages_; ++stage) {
    const int end = chain.ends[static_cast<std::size_t>(stage)];
    Value& known = value(stage, key(begin, end));
    if (!known.is_priced) {
      StageClass& one = class_of(stage);
      PricedStage& priced = priced_stage(one, key(begin, end));
      known.is_priced = is_new = true;
      if (one.role == StageRole::later) {
        const Time time = priced.bound({.high = high}).value;
        known.time = std::max(known.time, valid(time, kLongestStep / problem_.micro_batches));
      }
    }
    begin = end;
  }
  return is_new;
}

std::vector<PricedLink> PricedChain::links_of(const Chain& chain, Time high) {
  std::vector<PricedLink> links;
  for (int stage = 0, begin = 0; stage < stages_; ++stage) {
    const int end = chain.ends[static_cast<std::size_t>(stage)];
    const Time slowest = stage == 0 ? chain.slowest : 0;
    const PricedStage& priced = priced_stage(class_of(stage), key(begin, end));
    links.push_back({.stage = stage,
                     .layers = runs_[static_cast<std::size_t>(key(begin, end))],
                     .slowest = slowest,
                     .bound = priced.bound({.high = high, .slowest = slowest})});
    begin = end;
  }
  return links;
}

CellBound PricedChain::bound(const OptimizerCell& cell, Time target) {
  const Time apart = problem_.constant_time + (stages_ > 1 ? cell.low : 0);
  if (apart >= target) return {.bound = target};
  limit_ = target == kUnlimited ? kUnlimited : target - apart;
  start_values(cell.high);
  while (const std::optional<Chain> chain = least_chain(cell.high)) {
    if (price_chain(*chain, cell.high)) continue;
    return {.bound = chain->value + apart, .chain = links_of(*chain, cell.high)};
  }
  return {.bound = target};
}

}  // namespace galvatron
