// What stands before and after a stage of a chain: the least sum and the least maximum of times on
// either side, and what they leave for the stage below the limit.
#include <algorithm>

#include "planner/search/chain.h"

namespace galvatron::search {

void ChainSolver::sweep_forward() {
  const int stages = catalog_.stages();
  before_.assign(at(stages + 1, 0), {});
  before_[at(0, 0)] = {.sum = 0, .closed = 0, .slowest = 0};
  for (const HeldArc& arc : arcs_.front()) {
    before_[at(1, arc.end)] = {.sum = arc.value, .closed = first_sum(arc), .slowest = arc.value};
  }
  for (int stage = 1; stage < stages; ++stage) {
    for (const HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      const Side& from = before_[at(stage, arc.begin)];
      const Time value = arc.value;
      if (from.sum == kUnlimited || value == kUnlimited) continue;
      Side& to = before_[at(stage + 1, arc.end)];
      to.sum = std::min(to.sum, std::max(from.sum, held_to(arc).need) + value);
      to.closed = std::min(to.closed, std::max(from.closed, held_to(arc).need) + value);
      to.slowest = std::min(to.slowest, std::max(from.slowest, value));
    }
  }
}

void ChainSolver::sweep_backward() {
  const int stages = catalog_.stages();
  after_.assign(at(stages + 1, 0), {});
  after_[at(stages, catalog_.layers())] = {.sum = 0, .slowest = 0};
  for (int stage = stages - 1; stage > 0; --stage) {
    for (const HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      const Side& from = after_[at(stage + 1, arc.end)];
      const Time value = arc.value;
      if (from.sum == kUnlimited || value == kUnlimited) continue;
      Side& to = after_[at(stage, arc.begin)];
      to.sum = std::min(to.sum, from.sum + value);
      to.slowest = std::min(to.slowest, std::max(from.slowest, value));
    }
  }
}

// A lower bound of every chain through the arc if it takes this time; kUnlimited if there is none.
Time ChainSolver::rest_of(int stage, const HeldArc& arc, Time time) const {
  const Side& after = after_[at(stage + 1, arc.end)];
  if (time == kUnlimited || after.sum == kUnlimited) return kUnlimited;
  if (stage == 0) {
    const Time first = first_sum(arc);
    if (first == kUnlimited) return kUnlimited;
    return total(first + after.sum, std::max(time, after.slowest));
  }
  const Side& before = before_[at(stage, arc.begin)];
  if (before.sum == kUnlimited) return kUnlimited;
  const Time sum = std::max(before.closed, held_to(arc).need) + time + after.sum;
  return total(sum, std::max({before.slowest, time, after.slowest}));
}

// The same of all chains below the limit.
Time ChainSolver::least_rest() const {
  Time least = limit_;
  for (const HeldArc& arc : arcs_.front()) least = std::min(least, rest_of(0, arc, arc.value));
  return least;
}

void ChainSolver::drop_useless_arcs() {
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    std::erase_if(arcs_[static_cast<std::size_t>(stage)],
                  [&](const HeldArc& arc) { return rest_of(stage, arc, arc.value) >= limit_; });
  }
}

Time ChainSolver::least_times() const {
  Time least = kUnlimited;
  for (const HeldArc& arc : arcs_.front()) {
    const Side& after = after_[at(1, arc.end)];
    const Time time = first_.lower_time(arc.key);
    if (time == kUnlimited || after.sum == kUnlimited) continue;
    least = std::min(least, total(time + after.sum, std::max(time, after.slowest)));
  }
  return least;
}

std::vector<std::vector<Surroundings>> ChainSolver::surroundings() const {
  std::vector<std::vector<Surroundings>> around(arcs_.size());
  for (int stage = 1; stage < catalog_.stages(); ++stage) {
    std::vector<Surroundings>& of_stage = around[static_cast<std::size_t>(stage)];
    for (const HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (!of_stage.empty() && of_stage.back().begin == arc.begin) continue;
      const Side& after = after_[at(stage, arc.begin)];
      of_stage.push_back({.begin = arc.begin,
                          .before = before_[at(stage, arc.begin)].sum,
                          .after = after.sum,
                          .slowest_after = after.slowest});
    }
  }
  return around;
}

Time ChainSolver::useful_time(const Link& link) const {
  CappedTimes caps = link.caps;
  caps[kLack] = kUnlimited;  // which is asked where a chain is closed
  return useful_time(link.name, &caps);
}

// Of the arc alone.
Time ChainSolver::useful_time(int stage, const HeldArc& arc) const {
  const Side& before = before_[at(stage, arc.begin)];
  const Side& after = after_[at(stage + 1, arc.end)];
  if (before.sum == kUnlimited || after.sum == kUnlimited) return 0;
  if (limit_ == kUnlimited) return kUnlimited;
  const std::int64_t m = catalog_.problem().micro_batches;
  const Time left = limit_ - std::max(before.closed, held_to(arc).need) - after.sum;
  const Time slowest = std::max(before.slowest, after.slowest);
  // Below the slowest a time counts once, from there on m times.
  const Time alone = left - (m - 1) * slowest;
  return std::max<Time>(0, alone <= slowest ? alone : (left + m - 1) / m);
}

// Of stages under these caps, or under any.
Time ChainSolver::useful_time(StageName name, const CappedTimes* caps) const {
  if (limit_ == kUnlimited) return kUnlimited;
  Time useful = 0;
  for (int stage = of_ == ChainValue::times ? 0 : 1; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    for (const HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (arc.key != name.key || (caps != nullptr && held_to(arc).caps != *caps)) continue;
      useful = std::max(useful, useful_time(stage, arc));
    }
  }
  return useful;
}

Time ChainSolver::useful_phi(int key) const {
  if (limit_ == kUnlimited) return kUnlimited;
  Time useful = 0;
  for (const HeldArc& arc : arcs_.front()) {
    const Side& after = after_[at(1, arc.end)];
    if (arc.key == key && after.sum < kUnlimited) useful = std::max(useful, limit_ - after.sum);
  }
  return useful;
}

Time ChainSolver::useful_front_time(StageName name) const {
  if (limit_ == kUnlimited) return kUnlimited;
  const std::int64_t m = catalog_.problem().micro_batches;
  const Time later = useful_time(name, nullptr);
  if (catalog_.class_of(0) != name.stage_class) return later;
  return std::max(later, (useful_phi(name.key) + m - 1) / m);  // phi is at least m t
}

}  // namespace galvatron::search
