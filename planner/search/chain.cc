#include "planner/search/chain.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace galvatron::search {

ChainSolver::ChainSolver(const ChainParts& parts, ChainCaps caps, ChainValue of)
    : catalog_(parts.catalog),
      times_(parts.times),
      first_(parts.first),
      caps_(std::move(caps)),
      of_(of),
      front_of_(static_cast<std::size_t>(catalog_.classes()) *
                    static_cast<std::size_t>(catalog_.keys().count()),
                -1) {
  value_arcs(parts.arcs);
}

// Those that fit, with their values.
void ChainSolver::value_arcs(const Arcs& arcs) {
  arcs_.resize(arcs.size());
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    const auto own = static_cast<std::size_t>(stage);
    arcs_[own].reserve(arcs[own].size());
    if (caps_.of_begin.empty()) {
      value_alike(stage, arcs[own]);
    } else {
      value_by_caps(stage, arcs[own]);
    }
  }
}

void ChainSolver::value_by_caps(int stage, const std::vector<Arc>& arcs) {
  const std::vector<std::vector<HeldTo>>& of_begin =
      caps_.of_begin[static_cast<std::size_t>(stage)];
  std::size_t first = held_.size();
  int begin = -1;
  for (const Arc& arc : arcs) {
    if (arc.begin != begin) {
      begin = arc.begin;
      first = held_.size();
      const std::vector<HeldTo>& own = of_begin[static_cast<std::size_t>(begin)];
      held_.insert(held_.end(), own.begin(), own.end());
    }
    for (std::size_t index = first; index < held_.size(); ++index) {
      add_arc(stage, arc, index, lower_of(stage, arc, held_[index].caps));
    }
  }
}

// Arcs under one cap, on the optimizer: arcs of one key have one value.
void ChainSolver::value_alike(int stage, const std::vector<Arc>& arcs) {
  constexpr Time kUnknown = -1;
  if (held_.empty()) held_.push_back({.caps = only_optimizer(caps_.optimizer)});
  std::vector<Time> value(static_cast<std::size_t>(catalog_.keys().count()), kUnknown);
  for (const Arc& arc : arcs) {
    Time& known = value[static_cast<std::size_t>(arc.key)];
    if (known == kUnknown) known = lower_of(stage, arc, held_.front().caps);
    add_arc(stage, arc, 0, known);
  }
}

Time ChainSolver::lower_of(int stage, const Arc& arc, const CappedTimes& caps) {
  if (stage == 0 && of_ == ChainValue::without_optimizer) return first_.lower_time(arc.key);
  return times_.lower({.stage_class = catalog_.class_of(stage), .key = arc.key}, caps);
}

void ChainSolver::add_arc(int stage, const Arc& arc, std::size_t held, Time value) {
  if (value == kUnlimited) return;
  arcs_[static_cast<std::size_t>(stage)].push_back({.begin = arc.begin,
                                                    .end = arc.end,
                                                    .key = arc.key,
                                                    .held = static_cast<int>(held),
                                                    .value = value});
}

Arcs ChainSolver::arcs() const {
  Arcs arcs(arcs_.size());
  for (std::size_t stage = 0; stage < arcs.size(); ++stage) {
    for (const HeldArc& arc : arcs_[stage]) {
      arcs[stage].push_back({.begin = arc.begin, .end = arc.end, .key = arc.key});
    }
  }
  return arcs;
}

CappedTimes ChainSolver::front_caps(StageName name) const {
  CappedTimes caps = catalog_.effective(name.key, only_optimizer(caps_.optimizer));
  if (caps_.of_begin.empty()) return caps;
  caps[kTail] = caps[kSync] = 0;
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    for (const HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (arc.key != name.key) continue;
      caps[kTail] = std::max(caps[kTail], held_to(arc).caps[kTail]);
      caps[kSync] = std::max(caps[kSync], held_to(arc).caps[kSync]);
    }
  }
  return caps;
}

void ChainSolver::refresh(StageName name) {
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    if (stage == 0 && of_ != ChainValue::times) continue;
    for (HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (arc.key != name.key) continue;
      arc.value = std::max(arc.value, times_.lower(name, held_to(arc).caps));
    }
  }
}

void ChainSolver::set_front(StageName name, StageFront front) {
  Time least = kUnlimited;
  for (const StagePoint& point : front.points) least = std::min(least, point.cost.time);
  for (int stage = 1; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    for (HeldArc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (arc.key == name.key) arc.value = std::max(arc.value, least);
    }
  }
  if (front_of_[slot(name)] < 0) {
    front_of_[slot(name)] = static_cast<int>(fronts_.size());
    fronts_.emplace_back();
  }
  fronts_[static_cast<std::size_t>(front_of_[slot(name)])] = std::move(front);
}

const StageFront* ChainSolver::front(StageName name) const {
  const int index = front_of_[slot(name)];
  return index < 0 ? nullptr : &fronts_[static_cast<std::size_t>(index)];
}

std::optional<Chain> ChainSolver::least_chain(Time limit, Work& work) {
  work.check();
  ++work.statistics.chains;
  limit_ = limit;
  sweep_forward();
  sweep_backward();
  drop_useless_arcs();
  least_ = std::max(least_, least_rest());
  constexpr Time kFirstSlack = 256, kGrowth = 4;
  for (Time slack = least_ / kFirstSlack + 1;; slack *= kGrowth) {
    reach_ = slack < (limit_ - least_) / kGrowth ? least_ + slack : limit_;
    std::optional<Chain> chain = chain_within_reach(work);
    if (chain) least_ = std::max(least_, chain->value);
    if (chain || reach_ == limit_) return chain;
  }
}

std::optional<Chain> ChainSolver::chain_within_reach(Work& work) {
  const int stages = catalog_.stages();
  labels_.assign(at(stages + 1, 0), {});
  labels_[at(stages, catalog_.layers())].push_back({});
  for (int stage = stages - 1; stage > 0; --stage) grow_labels(stage, work);
  return close();
}

void ChainSolver::grow_labels(int stage, Work& work) {
  const std::vector<HeldArc>& arcs = arcs_[static_cast<std::size_t>(stage)];
  for (std::size_t index = 0; index < arcs.size(); ++index) {
    if (rest_of(stage, arcs[index], arcs[index].value) >= reach_) continue;
    grow_labels(stage, index, work);
  }
  for (int layer = 0; layer < catalog_.layers(); ++layer) {
    keep_unbeaten(labels_[at(stage, layer)], work);
  }
}

// Those that begin with one arc.
void ChainSolver::grow_labels(int stage, std::size_t index, Work& work) {
  const HeldArc& arc = arcs_[static_cast<std::size_t>(stage)][index];
  const HeldTo& held = held_to(arc);
  const Side& before = before_[at(stage, arc.begin)];
  const std::vector<Label>& ends = labels_[at(stage + 1, arc.end)];
  // `backward`: the most there is if the stage is to keep the chain below the limit.
  const auto extend = [&](int next, const StageCost& cost, Time backward, int point) {
    const Label& label = ends[static_cast<std::size_t>(next)];
    // What the stages before will reach anyway counts already.
    const Label longer{.sum = label.sum + cost.time,
                       .slowest = std::max({label.slowest, cost.time, before.slowest}),
                       .sync = std::max(cost.sync, label.sync - cost.backward),
                       .need = std::max({held.need, label.need - cost.time, before.sum}),
                       .backward = std::max(held.backward, label.backward - backward),
                       .arc = static_cast<int>(index),
                       .next = next,
                       .point = point};
    const Time sum = longer.sum + std::max(before.closed, longer.need);
    if (total(sum, longer.slowest) < reach_) add(longer, labels_[at(stage, arc.begin)]);
  };
  const BackwardBound& backward = catalog_.backward();
  const StageCost scalar{.time = arc.value, .backward = backward.of_stage(arc.key, arc.value)};
  const bool is_asked =
      std::any_of(ends.begin(), ends.end(), [](const Label& label) { return label.backward > 0; });
  const Time useful = is_asked ? backward.of_stage(arc.key, useful_time(stage, arc)) : 0;
  const StageFront* points = front(name_of(stage, arc));
  for (int next = 0; next < static_cast<int>(ends.size()); ++next) {
    work.tick();
    if (points == nullptr) {
      extend(next, scalar, useful, kScalar);
      continue;
    }
    for (std::size_t i = 0; i < points->points.size(); ++i) {
      const StageCost& cost = points->points[i].cost;
      // One that exceeds the caps belongs to plans of other tails.
      if (no_longer(catalog_.capped(arc.key, cost), held.caps)) {
        extend(next, cost, cost.backward, static_cast<int>(i));
      }
    }
  }
}

// The first label is the one of least sum + (m-1) A so far, which beats most others.
void ChainSolver::add(const Label& label, std::vector<Label>& labels) const {
  if (!labels.empty() && beats(labels.front(), label)) return;
  labels.push_back(label);
  Label& strongest = labels.front();
  if (total(label.sum, label.slowest) < total(strongest.sum, strongest.slowest)) {
    std::swap(strongest, labels.back());
  }
}

// Whether one label serves wherever the other does: its smaller sum makes up for what it has more
// of A, Y and need. It must ask for no more backward, which may cost more time than it is.
bool ChainSolver::beats(const Label& one, const Label& other) const {
  if (one.backward > other.backward) return false;
  const auto excess = [](Time mine, Time its) { return std::max<Time>(0, mine - its); };
  const Time later = excess(one.sync, other.sync) + excess(one.need, other.need);
  return total(one.sum, excess(one.slowest, other.slowest)) + later <= other.sum;
}

void ChainSolver::keep_unbeaten(std::vector<Label>& labels, Work& work) const {
  const auto order = [](const Label& label) {
    return std::tie(label.sum, label.slowest, label.sync, label.need, label.backward, label.arc,
                    label.next, label.point);
  };
  std::sort(labels.begin(), labels.end(), [&](const Label& one, const Label& other) {
    work.tick();  // millions take seconds
    return order(one) < order(other);
  });
  std::vector<Label> kept;
  for (const Label& label : labels) {
    work.tick();
    // Those kept have rising sums and, where nothing else differs, falling sum + (m-1) A: so the
    // last one beats most.
    if (std::none_of(kept.rbegin(), kept.rend(),
                     [&](const Label& other) { return beats(other, label); })) {
      kept.push_back(label);
    }
  }
  labels = std::move(kept);
}

// The first stage closes with phi(A); when sync of a later stage is exposed, also with that instead
// of its own, after as much backward as its least time can hold. What is missing of the need may
// have been taken by any stage before the one that needs it, so it counts in the sum alone.
Time ChainSolver::close_scalar(const HeldArc& arc, const Label& label) const {
  const Time time = arc.value;
  const Time slowest = std::max(time, label.slowest);
  const Time needed = total(label.sum + label.need, slowest);
  if (of_ == ChainValue::times) return std::max(needed, total(label.sum + time, slowest));
  const Time phi = first_.lower(
      {.key = arc.key, .caps = only_optimizer(caps_.optimizer), .slowest = label.slowest});
  if (phi == kUnlimited) return kUnlimited;
  const Time sync = std::max<Time>(0, label.sync - catalog_.backward().of_stage(arc.key, time));
  return std::max({needed, label.sum + phi, total(label.sum + time, slowest) + sync});
}

CappedTimes ChainSolver::closing_caps(const HeldArc& arc, const Label& label) const {
  const CappedTimes caps =
      of_ == ChainValue::times ? held_to(arc).caps : only_optimizer(caps_.optimizer);
  return catalog_.with_backward(arc.key, caps, label.backward);
}

// What the backward asked of the first stage adds to that.
Time ChainSolver::close_scalar_under_caps(const HeldArc& arc, const Label& label) const {
  const CappedTimes caps = closing_caps(arc, label);
  if (of_ == ChainValue::times) {
    const Time time = times_.lower(name_of(0, arc), caps);
    return time == kUnlimited ? time : total(label.sum + time, std::max(time, label.slowest));
  }
  const Time phi = first_.lower({.key = arc.key, .caps = caps, .slowest = label.slowest});
  return phi == kUnlimited ? phi : label.sum + phi;
}

std::optional<Chain> ChainSolver::close() {
  Time least = reach_;
  const HeldArc* best_arc = nullptr;
  const Label* best_label = nullptr;
  int best_point = kScalar;
  for (const HeldArc& arc : arcs_.front()) {
    const StageFront* points = front(name_of(0, arc));
    for (const Label& label : labels_[at(1, arc.end)]) {
      const auto offer = [&](Time value, int point) {
        if (value >= least) return;
        least = value;
        best_arc = &arc;
        best_label = &label;
        best_point = point;
      };
      if (points == nullptr) {
        Time value = close_scalar(arc, label);
        if (value < least && label.backward > 0) {
          value = std::max(value, close_scalar_under_caps(arc, label));
        }
        offer(value, kScalar);
        continue;
      }
      for (std::size_t i = 0; i < points->points.size(); ++i) {
        const StageCost& cost = points->points[i].cost;
        if (cost.backward < label.backward) continue;
        if (!no_longer(catalog_.capped(arc.key, cost), held_to(arc).caps)) continue;
        const Time sync = std::max(cost.sync, label.sync - cost.backward);
        offer(total(label.sum + cost.time, std::max(cost.time, label.slowest)) + sync,
              static_cast<int>(i));
      }
    }
  }
  if (best_arc == nullptr) return std::nullopt;
  return trace(*best_arc, *best_label, {least, best_point});
}

Chain ChainSolver::trace(const HeldArc& first, const Label& label,
                         const std::pair<Time, int>& closing) const {
  Chain chain{.value = closing.first, .slowest = label.slowest};
  chain.links.push_back({.name = name_of(0, first),
                         .begin = 0,
                         .end = first.end,
                         .caps = closing_caps(first, label),
                         .point = closing.second,
                         .value = closing.first - label.sum});
  const Label* at_label = &label;
  for (int stage = 1; stage < catalog_.stages(); ++stage) {
    const HeldArc& arc =
        arcs_[static_cast<std::size_t>(stage)][static_cast<std::size_t>(at_label->arc)];
    chain.links.push_back({.name = name_of(stage, arc),
                           .begin = arc.begin,
                           .end = arc.end,
                           .caps = held_to(arc).caps,
                           .point = at_label->point,
                           .value = arc.value});
    at_label = &labels_[at(stage + 1, arc.end)][static_cast<std::size_t>(at_label->next)];
  }
  return chain;
}

}  // namespace galvatron::search
