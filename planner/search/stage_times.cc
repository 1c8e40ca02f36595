#include "planner/search/stage_times.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "planner/search/capped_stage.h"

namespace galvatron::search {
namespace {

// Whether what was proved under some caps holds under others.
bool holds(const CappedTimes& proved, const CappedTimes& caps) { return no_longer(caps, proved); }

// Whether a point serves wherever another does.
bool beats(const StageCost& one, const StageCost& other) {
  return one.time <= other.time && one.optimizer <= other.optimizer && one.sync <= other.sync &&
         one.backward >= other.backward;
}

}  // namespace

StageTimes::StageTimes(StageCatalog& catalog)
    : catalog_(catalog),
      keys_(static_cast<std::size_t>(catalog.keys().count())),
      knapsack_(static_cast<std::size_t>(catalog.classes())),
      known_(static_cast<std::size_t>(catalog.classes()) * keys_) {}

Time StageTimes::lower(StageName name, const CappedTimes& caps) {
  Known& value = known(name);
  if (value.base < 0) {
    std::optional<KnapsackBound>& bound = knapsack_[static_cast<std::size_t>(name.stage_class)];
    if (!bound) {
      bound.emplace(catalog_.model(name.stage_class, Purpose::least_time, Capped{}));
    }
    value.base = bound->lower(catalog_.keys().interval(name.key));
  }
  if (value.proofs.empty()) return value.base;
  const CappedTimes effective = catalog_.effective(name.key, caps);
  std::array<double, kCappedTimes> asked{};
  for (std::size_t j = 0; j < kCappedTimes; ++j) asked[j] = static_cast<double>(effective[j]);
  Time lower = value.base;
  for (const Proof& proof : value.proofs) {
    if (proof.reach.promise(asked) < static_cast<double>(lower)) continue;
    lower = std::max(lower, moved(proof, effective));
  }
  return lower;
}

StageTimes::Reach StageTimes::reach_of(const Proof& proof) {
  constexpr double kHuge = 1e100;
  Reach reach{.lower = static_cast<double>(proof.lower)};
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (proof.caps[j] == kUnlimited) continue;
    reach.cap[j] = static_cast<double>(proof.caps[j]);
    reach.least[j] = std::clamp(proof.shrinking_cap[j].least, 0.0, kHuge);
    reach.most[j] = std::clamp(proof.shrinking_cap[j].most, 0.0, kHuge);
  }
  return reach;
}

// What a proof says under other caps.
Time StageTimes::moved(const Proof& proof, const CappedTimes& caps) {
  const Time by_caps = holds(proof.caps, caps) ? proof.lower : 0;
  if (proof.lower == kUnlimited) return by_caps;
  const double shift = shift_between(proof.caps, caps, proof.shrinking_cap);
  if (shift == 0 || std::isinf(shift)) return by_caps;
  return std::max(by_caps, shifted_bound(proof.lower, shift, 2 * kCappedTimes));
}

// Whether another proof says as much wherever this one says something.
bool StageTimes::is_needless(const Proof& proof, const Proof& other) {
  if (!holds(other.caps, proof.caps) || other.lower < proof.lower) return false;
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    if (other.shrinking_cap[j].least < proof.shrinking_cap[j].least) return false;
    if (other.shrinking_cap[j].most > proof.shrinking_cap[j].most) return false;
  }
  return true;
}

const StagePoint* StageTimes::best(StageName name, const CappedTimes& caps) const {
  const StagePoint* best = nullptr;
  const auto order = [](const StagePoint& point) {
    return std::tuple{point.cost.time, point.cost.optimizer, point.cost.sync};
  };
  for (const StagePoint& point : known(name).points) {
    if (!no_longer(catalog_.capped(name.key, point.cost), caps)) continue;
    if (best == nullptr || order(point) < order(*best)) best = &point;
  }
  return best;
}

bool StageTimes::is_exact(StageName name, const CappedTimes& caps) {
  const StagePoint* point = best(name, caps);
  return point != nullptr && point->cost.time <= lower(name, caps);
}

int StageTimes::level(StageName name, const CappedTimes& caps) const {
  const std::map<CappedTimes, int>& levels = known(name).levels;
  const auto found = levels.find(catalog_.effective(name.key, caps));
  return found == levels.end() ? kKnapsackLevel : found->second;
}

void StageTimes::improve(StageName name, const CappedTimes& caps, Time limit, Work& work) {
  const int next = std::min(level(name, caps) + 1, kExactLevel);
  const CappedTimes effective = catalog_.effective(name.key, caps);
  StageTask task = catalog_.task(name, Purpose::least_time, effective);
  const StagePoint* point = best(name, caps);
  task.target.limit = point == nullptr ? limit : std::min(limit, point->cost.time);
  task.width = label_width(next);
  StageAnswer answer = solve_stage(task, work);
  // Stopped by the limit, the work is worth repeating at this level once the limit grows.
  const bool stopped = answer.lower >= limit && answer.lower < kUnlimited;
  fresh_.push_back({.name = name,
                    .caps = effective,
                    .lower = answer.lower,
                    .shrinking_cap = answer.shrinking_cap,
                    .level = stopped ? next - 1 : next,
                    .point = std::move(answer.best)});
  take(fresh_.back());
}

void StageTimes::take(const Finding& finding) {
  Known& value = known(finding.name);
  int& level = value.levels.try_emplace(finding.caps, kKnapsackLevel).first->second;
  level = std::max(level, finding.level);
  Proof proof{.caps = finding.caps, .lower = finding.lower, .shrinking_cap = finding.shrinking_cap};
  proof.reach = reach_of(proof);
  if (std::none_of(value.proofs.begin(), value.proofs.end(),
                   [&](const Proof& other) { return is_needless(proof, other); })) {
    std::erase_if(value.proofs, [&](const Proof& other) { return is_needless(other, proof); });
    value.proofs.push_back(proof);
  }
  if (!finding.point) return;
  const StageCost& cost = finding.point->cost;
  if (std::none_of(value.points.begin(), value.points.end(),
                   [&](const StagePoint& other) { return beats(other.cost, cost); })) {
    std::erase_if(value.points, [&](const StagePoint& other) { return beats(cost, other.cost); });
    value.points.push_back(*finding.point);
  }
}

std::vector<Finding> StageTimes::uncapped() const {
  std::vector<Finding> bounds;
  for (std::size_t at = 0; at < known_.size(); ++at) {
    for (const Proof& proof : known_[at].proofs) {
      if (proof.caps != kNoCaps) continue;
      bounds.push_back({.name = {.stage_class = static_cast<int>(at / keys_),
                                 .key = static_cast<int>(at % keys_)},
                        .lower = proof.lower});
    }
  }
  return bounds;
}

std::vector<Finding> StageTimes::fresh() { return std::exchange(fresh_, {}); }

}  // namespace galvatron::search
