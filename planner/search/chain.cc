#include "planner/search/chain.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace galvatron::search {

Arcs all_arcs(const StageCatalog& catalog) {
  const int stages = catalog.stages(), layers = catalog.layers();
  Arcs arcs(static_cast<std::size_t>(stages));
  for (int stage = 0; stage < stages; ++stage) {
    const int last_begin = stage == 0 ? 0 : layers - (stages - stage);
    for (int begin = stage; begin <= last_begin; ++begin) {
      const bool is_last = stage + 1 == stages;
      const int first_end = is_last ? layers : begin + 1;
      for (int end = first_end; end <= layers - (stages - 1 - stage); ++end) {
        if (!may_hold(catalog.problem(), stage, begin, end)) continue;
        arcs[static_cast<std::size_t>(stage)].push_back(
            {.begin = begin, .end = end, .key = catalog.keys().key(begin, end)});
      }
    }
  }
  return arcs;
}

ChainSolver::ChainSolver(StageCatalog& catalog, StageTimes& times, FirstStage& first,
                         const Arcs& arcs, ChainCaps caps, ChainValue of)
    : catalog_(catalog), times_(times), first_(first), caps_(std::move(caps)), of_(of) {
  const auto names = static_cast<std::size_t>(catalog.classes()) *
                     static_cast<std::size_t>(catalog.keys().count());
  value_.assign(value_slot(catalog.stages(), 0), -1);
  front_of_.assign(names, -1);
  value_arcs(arcs);
}

// Those that fit, with their values.
void ChainSolver::value_arcs(const Arcs& arcs) {
  arcs_.resize(arcs.size());
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    const bool has_value = stage > 0 || of_ == ChainValue::times;
    for (const Arc& arc : arcs[static_cast<std::size_t>(stage)]) {
      if (has_value && value_of(stage, arc) < 0) {
        value_[value_slot(stage, arc.key)] = times_.lower(name_of(stage, arc), caps_of(stage));
      }
      const Time value = stage > 0 ? value_of(stage, arc) : first_time(arc);
      if (value < kUnlimited) arcs_[static_cast<std::size_t>(stage)].push_back(arc);
    }
  }
}

CappedTimes ChainSolver::front_caps(StageName name) const {
  CappedTimes caps = catalog_.effective(name.key, only_optimizer(caps_.optimizer));
  if (caps_.of_stage.empty()) return caps;
  caps[kTail] = caps[kSync] = 0;
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    caps[kTail] = std::max(caps[kTail], caps_of(stage)[kTail]);
    caps[kSync] = std::max(caps[kSync], caps_of(stage)[kSync]);
  }
  return caps;
}

void ChainSolver::refresh(StageName name) {
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    Time& value = value_[value_slot(stage, name.key)];
    if (value >= 0) value = std::max(value, times_.lower(name, caps_of(stage)));
  }
}

void ChainSolver::set_front(StageName name, StageFront front) {
  Time least = kUnlimited;
  for (const StagePoint& point : front.points) least = std::min(least, point.cost.time);
  for (int stage = 1; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    Time& value = value_[value_slot(stage, name.key)];
    value = std::max(value, least);
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

void ChainSolver::sweep_forward() {
  const int stages = catalog_.stages();
  before_.assign(at(stages + 1, 0), {});
  before_[at(0, 0)] = {.sum = 0, .slowest = 0};
  for (const Arc& arc : arcs_.front()) {
    before_[at(1, arc.end)] = {.sum = first_sum(arc), .slowest = first_time(arc)};
  }
  for (int stage = 1; stage < stages; ++stage) {
    for (const Arc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      const Side& from = before_[at(stage, arc.begin)];
      const Time value = value_of(stage, arc);
      if (from.sum == kUnlimited || value == kUnlimited) continue;
      Side& to = before_[at(stage + 1, arc.end)];
      to.sum = std::min(to.sum, from.sum + value);
      to.slowest = std::min(to.slowest, std::max(from.slowest, value));
    }
  }
}

void ChainSolver::sweep_backward() {
  const int stages = catalog_.stages();
  after_.assign(at(stages + 1, 0), {});
  after_[at(stages, catalog_.layers())] = {.sum = 0, .slowest = 0};
  for (int stage = stages - 1; stage > 0; --stage) {
    for (const Arc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      const Side& from = after_[at(stage + 1, arc.end)];
      const Time value = value_of(stage, arc);
      if (from.sum == kUnlimited || value == kUnlimited) continue;
      Side& to = after_[at(stage, arc.begin)];
      to.sum = std::min(to.sum, from.sum + value);
      to.slowest = std::min(to.slowest, std::max(from.slowest, value));
    }
  }
}

// A lower bound of every chain through the arc if it takes this time; kUnlimited if there is none.
Time ChainSolver::rest_of(int stage, const Arc& arc, Time time) const {
  const Side& after = after_[at(stage + 1, arc.end)];
  if (time == kUnlimited || after.sum == kUnlimited) return kUnlimited;
  if (stage == 0) {
    const Time first = first_sum(arc);
    if (first == kUnlimited) return kUnlimited;
    return total(first + after.sum, std::max(time, after.slowest));
  }
  const Side& before = before_[at(stage, arc.begin)];
  if (before.sum == kUnlimited) return kUnlimited;
  return total(before.sum + time + after.sum, std::max({before.slowest, time, after.slowest}));
}

void ChainSolver::drop_useless_arcs() {
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    std::erase_if(arcs_[static_cast<std::size_t>(stage)], [&](const Arc& arc) {
      const Time time = stage == 0 ? first_time(arc) : value_of(stage, arc);
      return rest_of(stage, arc, time) >= limit_;
    });
  }
}

Time ChainSolver::least_times() const {
  Time least = kUnlimited;
  for (const Arc& arc : arcs_.front()) {
    const Side& after = after_[at(1, arc.end)];
    const Time time = first_.lower_time(arc.key);
    if (time == kUnlimited || after.sum == kUnlimited) continue;
    least = std::min(least, total(time + after.sum, std::max(time, after.slowest)));
  }
  return least;
}

std::vector<std::vector<TimesAfter>> ChainSolver::times_after() const {
  std::vector<std::vector<TimesAfter>> after(arcs_.size());
  for (int stage = 1; stage < catalog_.stages(); ++stage) {
    std::vector<TimesAfter>& of_stage = after[static_cast<std::size_t>(stage)];
    for (const Arc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (!of_stage.empty() && of_stage.back().begin == arc.begin) continue;
      of_stage.push_back({.begin = arc.begin, .least = after_[at(stage, arc.begin)].sum});
    }
  }
  return after;
}

Time ChainSolver::useful_time(StageName name) const {
  if (limit_ == kUnlimited) return kUnlimited;
  const std::int64_t m = catalog_.problem().micro_batches;
  Time useful = 0;
  for (int stage = of_ == ChainValue::times ? 0 : 1; stage < catalog_.stages(); ++stage) {
    if (catalog_.class_of(stage) != name.stage_class) continue;
    for (const Arc& arc : arcs_[static_cast<std::size_t>(stage)]) {
      if (arc.key != name.key) continue;
      const Side& before = before_[at(stage, arc.begin)];
      const Side& after = after_[at(stage + 1, arc.end)];
      if (before.sum == kUnlimited || after.sum == kUnlimited) continue;
      const Time left = limit_ - before.sum - after.sum;
      const Time slowest = std::max(before.slowest, after.slowest);
      // Below the slowest a time counts once, from there on m times.
      const Time alone = left - (m - 1) * slowest;
      useful = std::max(useful, alone <= slowest ? alone : (left + m - 1) / m);
    }
  }
  return useful;
}

Time ChainSolver::useful_phi(int key) const {
  if (limit_ == kUnlimited) return kUnlimited;
  Time useful = 0;
  for (const Arc& arc : arcs_.front()) {
    const Side& after = after_[at(1, arc.end)];
    if (arc.key == key && after.sum < kUnlimited) useful = std::max(useful, limit_ - after.sum);
  }
  return useful;
}

Time ChainSolver::useful_front_time(StageName name) const {
  if (limit_ == kUnlimited) return kUnlimited;
  const std::int64_t m = catalog_.problem().micro_batches;
  const Time later = useful_time(name);
  if (catalog_.class_of(0) != name.stage_class) return later;
  return std::max(later, (useful_phi(name.key) + m - 1) / m);  // phi is at least m t
}

std::optional<Chain> ChainSolver::least_chain(Time limit, Work& work) {
  work.check();
  ++work.statistics.chains;
  limit_ = limit;
  sweep_forward();
  sweep_backward();
  drop_useless_arcs();
  const int stages = catalog_.stages();
  labels_.assign(at(stages + 1, 0), {});
  labels_[at(stages, catalog_.layers())].push_back({});
  for (int stage = stages - 1; stage > 0; --stage) grow_labels(stage, work);
  return close();
}

// A front point that is not belongs to plans of other tails.
bool ChainSolver::is_within_caps(int stage, const StageCost& cost) const {
  return no_longer(capped_times(cost), caps_of(stage));
}

void ChainSolver::grow_labels(int stage, Work& work) {
  for (const Arc& arc : arcs_[static_cast<std::size_t>(stage)]) {
    const Side& before = before_[at(stage, arc.begin)];
    const StageFront* points = front(name_of(stage, arc));
    const std::vector<Label>& ends = labels_[at(stage + 1, arc.end)];
    std::vector<Label>& begins = labels_[at(stage, arc.begin)];
    const auto extend = [&](int next, const StageCost& cost, int point) {
      const Label& label = ends[static_cast<std::size_t>(next)];
      const Label longer{.sum = label.sum + cost.time,
                         .slowest = std::max(label.slowest, cost.time),
                         .sync = std::max(cost.sync, label.sync - cost.backward),
                         .end = arc.end,
                         .next = next,
                         .point = point};
      const Time bound = total(longer.sum + before.sum, std::max(longer.slowest, before.slowest));
      if (bound < limit_) begins.push_back(longer);
    };
    const Time value = value_of(stage, arc);
    const StageCost scalar{.time = value, .backward = catalog_.most_backward(arc.key, value)};
    for (int next = 0; next < static_cast<int>(ends.size()); ++next) {
      work.tick();
      if (points == nullptr) {
        extend(next, scalar, kScalar);
        continue;
      }
      for (std::size_t i = 0; i < points->points.size(); ++i) {
        const StageCost& cost = points->points[i].cost;
        if (is_within_caps(stage, cost)) extend(next, cost, static_cast<int>(i));
      }
    }
  }
  for (int layer = 0; layer < catalog_.layers(); ++layer) keep_unbeaten(stage, layer);
}

// Raising A to what the stages before will reach anyway loses nothing. Then one label beats another
// if it makes up for a larger A and a larger Y by its sum.
void ChainSolver::keep_unbeaten(int stage, int layer) {
  std::vector<Label>& labels = labels_[at(stage, layer)];
  if (labels.size() < 2) return;
  const Time least_slowest = before_[at(stage, layer)].slowest;
  for (Label& label : labels) label.slowest = std::max(label.slowest, least_slowest);
  const auto order = [](const Label& label) {
    return std::tie(label.sum, label.slowest, label.sync, label.end, label.next, label.point);
  };
  std::sort(labels.begin(), labels.end(),
            [&](const Label& one, const Label& other) { return order(one) < order(other); });
  std::vector<Label> kept;
  for (const Label& label : labels) {
    const bool beaten = std::any_of(kept.begin(), kept.end(), [&](const Label& other) {
      const Time slower = std::max<Time>(0, other.slowest - label.slowest);
      return total(other.sum, slower) + std::max<Time>(0, other.sync - label.sync) <= label.sum;
    });
    if (!beaten) kept.push_back(label);
  }
  labels = std::move(kept);
}

// The first stage closes with phi(A); when sync of a later stage is exposed, also with that instead
// of its own, after as much backward as its least time can hold.
Time ChainSolver::close_scalar(const Arc& arc, const Label& label) const {
  if (of_ == ChainValue::times) {
    const Time time = value_of(0, arc);
    return total(label.sum + time, std::max(time, label.slowest));
  }
  const int key = arc.key;
  const Time phi = first_.lower({.key = key, .cap = caps_.optimizer, .slowest = label.slowest});
  if (phi == kUnlimited) return kUnlimited;
  const Time time = first_.lower_time(key);
  const Time sync = std::max<Time>(0, label.sync - catalog_.most_backward(key, time));
  return label.sum + std::max(phi, total(time, std::max(time, label.slowest)) + sync);
}

std::optional<Chain> ChainSolver::close() {
  Time least = limit_;
  const Arc* best_arc = nullptr;
  const Label* best_label = nullptr;
  int best_point = kScalar;
  for (const Arc& arc : arcs_.front()) {
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
        offer(close_scalar(arc, label), kScalar);
        continue;
      }
      for (std::size_t i = 0; i < points->points.size(); ++i) {
        const StageCost& cost = points->points[i].cost;
        if (!is_within_caps(0, cost)) continue;
        const Time sync = std::max(cost.sync, label.sync - cost.backward);
        offer(total(label.sum + cost.time, std::max(cost.time, label.slowest)) + sync,
              static_cast<int>(i));
      }
    }
  }
  if (best_arc == nullptr) return std::nullopt;
  return trace(*best_arc, *best_label, {least, best_point});
}

Chain ChainSolver::trace(const Arc& first, const Label& label,
                         const std::pair<Time, int>& closing) const {
  Chain chain{.value = closing.first, .slowest = label.slowest};
  chain.links.push_back({.name = name_of(0, first),
                         .begin = 0,
                         .end = first.end,
                         .point = closing.second,
                         .value = closing.first - label.sum});
  const Label* at_label = &label;
  for (int stage = 1; stage < catalog_.stages(); ++stage) {
    const Arc arc{.begin = chain.links.back().end,
                  .end = at_label->end,
                  .key = catalog_.keys().key(chain.links.back().end, at_label->end)};
    chain.links.push_back({.name = name_of(stage, arc),
                           .begin = arc.begin,
                           .end = arc.end,
                           .point = at_label->point,
                           .value = value_of(stage, arc)});
    at_label = &labels_[at(stage + 1, arc.end)][static_cast<std::size_t>(at_label->next)];
  }
  return chain;
}

}  // namespace galvatron::search
