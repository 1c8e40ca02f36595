#include "planner/search/first_stage.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace galvatron::search {

FirstStage::FirstStage(StageCatalog& catalog)
    : catalog_(catalog), known_(static_cast<std::size_t>(catalog.keys().count())) {
  const int first = catalog.class_of(0);
  const KnapsackBound time(catalog.model(first, Purpose::least_time, Capped{}));
  const KnapsackBound sum(catalog.model(first, Purpose::first_stage, Capped{}));
  for (int key = 0; key < catalog.keys().count(); ++key) {
    const Interval& interval = catalog.keys().interval(key);
    Base base{.time = time.lower(interval), .time_and_sync = sum.lower(interval)};
    // Either may see that nothing fits, as they look at options that other times keep.
    if (std::max(base.time, base.time_and_sync) == kUnlimited) base = {kUnlimited, kUnlimited};
    bases_.push_back(base);
  }
}

CappedTimes FirstStage::effective_caps(const Question& question) const {
  return catalog_.effective(question.key, question.caps);
}

Time FirstStage::phi(const StagePoint& point, Time slowest) const {
  return point.cost.time + point.cost.sync +
         other_micro_batches() * std::max(point.cost.time, slowest);
}

Time FirstStage::lower(const Question& question) const {
  const Base& base = bases_[static_cast<std::size_t>(question.key)];
  if (base.time == kUnlimited) return kUnlimited;
  const CappedTimes effective = effective_caps(question);
  Time lower = base.time_and_sync + other_micro_batches() * std::max(base.time, question.slowest);
  for (const Proof& proof : known_[static_cast<std::size_t>(question.key)].proofs) {
    lower = std::max(lower, moved(proof, effective, question.slowest, lower));
  }
  return lower;
}

// What a proof says under other caps and of another A: by how phi moves at most where the caps are
// no larger, and by how its prices move, if that may be more than is known.
Time FirstStage::moved(const Proof& proof, const CappedTimes& caps, Time slowest,
                       Time known) const {
  const bool holds = no_longer(caps, proof.caps);
  if (proof.lower == kUnlimited) return holds ? kUnlimited : 0;
  const Time change = slowest - proof.slowest;
  const Time by_phi =
      holds ? proof.lower + std::min<Time>(0, other_micro_batches() * change) : Time{0};
  const double shift = proof.slope.shift(static_cast<double>(change)) +
                       shift_between(proof.caps, caps, proof.shrinking_cap);
  if (std::isinf(shift) || (holds && change >= 0 && shift <= 0)) return by_phi;
  if (static_cast<double>(proof.lower) + shift < static_cast<double>(known)) return by_phi;
  return std::max(by_phi, shifted_bound(proof.lower, shift, 2 * (1 + kCappedTimes)));
}

const StagePoint* FirstStage::best(const Question& question) const {
  const StagePoint* best = nullptr;
  const auto order = [&](const StagePoint& point) {
    return std::tuple{phi(point, question.slowest), point.cost.optimizer, point.cost.time};
  };
  for (const StagePoint& point : known_[static_cast<std::size_t>(question.key)].points) {
    if (!no_longer(catalog_.capped(question.key, point.cost), question.caps)) continue;
    if (best == nullptr || order(point) < order(*best)) best = &point;
  }
  return best;
}

bool FirstStage::is_exact(const Question& question) const {
  const StagePoint* point = best(question);
  return point != nullptr && phi(*point, question.slowest) <= lower(question);
}

int FirstStage::level(const Question& question) const {
  const CappedTimes effective = effective_caps(question);
  int level = kKnapsackLevel;
  for (const Proof& proof : known_[static_cast<std::size_t>(question.key)].proofs) {
    if (proof.caps == effective && proof.slowest == question.slowest) {
      level = std::max(level, proof.level);
    }
  }
  return level;
}

void FirstStage::improve(const Question& question, Time limit, Work& work) {
  const int next = std::min(level(question) + 1, kExactLevel);
  const CappedTimes effective = effective_caps(question);
  const StageName name{.stage_class = catalog_.class_of(0), .key = question.key};
  StageTask task = catalog_.task(name, Purpose::first_stage, effective);
  const StagePoint* point = best(question);
  task.target.offset = {other_micro_batches() * question.slowest, 0, 0};
  task.target.limit = point == nullptr ? limit : std::min(limit, phi(*point, question.slowest));
  task.width = label_width(next);
  StageAnswer answer = solve_stage(task, work);
  Known& value = known_[static_cast<std::size_t>(question.key)];
  // Stopped by the limit, the work is worth repeating at this level once the limit grows.
  const bool stopped = answer.lower >= limit && answer.lower < kUnlimited;
  const double slope = static_cast<double>(other_micro_batches());
  value.proofs.push_back({.caps = effective,
                          .slowest = question.slowest,
                          .lower = answer.lower,
                          .slope = {answer.offset.least * slope, answer.offset.most * slope},
                          .shrinking_cap = answer.shrinking_cap,
                          .level = stopped ? next - 1 : next});
  if (answer.best) value.points.push_back(std::move(*answer.best));
}

std::vector<FirstStageBound> FirstStage::uncapped() const {
  std::vector<FirstStageBound> bounds;
  for (std::size_t key = 0; key < known_.size(); ++key) {
    for (const Proof& proof : known_[key].proofs) {
      if (proof.caps != kNoCaps) continue;
      bounds.push_back({.key = static_cast<int>(key),
                        .slowest = proof.slowest,
                        .lower = proof.lower,
                        .offset = proof.slope});
    }
  }
  return bounds;
}

void FirstStage::take(const FirstStageBound& bound) {
  known_[static_cast<std::size_t>(bound.key)].proofs.push_back({.slowest = bound.slowest,
                                                                .lower = bound.lower,
                                                                .slope = bound.offset,
                                                                .level = kKnapsackLevel});
}

}  // namespace galvatron::search
