#include "planner/search/chain_values.h"

#include <algorithm>

namespace galvatron::search {

ChainValues::ChainValues(StageCatalog& catalog)
    : catalog_(catalog), times_(catalog), first_(catalog) {}

void ChainValues::take(const RelaxedProofs& proofs) {
  for (const Finding& finding : proofs.stages) times_.take(finding);
  for (const FirstStageBound& bound : proofs.first_stages) first_.take(bound);
  arcs_ = allowed_arcs(catalog_.problem(), proofs.arcs);
}

bool ChainValues::is_settled(const ChainSolver& solver, const Chain& chain, std::size_t stage) {
  const Link& link = chain.links[stage];
  if (link.point != kScalar) return true;
  const CappedTimes caps = chain.links[stage].caps;
  if (!is_phi(solver, stage)) return times_.is_exact(link.name, caps);
  return first_.is_exact(question_of(chain));
}

bool ChainValues::raise(ChainSolver& solver, const Chain& chain, int most_level, Work& work) {
  const FirstStage::Question question = question_of(chain);
  const std::vector<Rise> rises = rises_of(solver, chain, most_level);
  if (rises.empty()) return false;
  int least_level = most_level;
  Time most_gain = 0;
  for (const Rise& rise : rises) {
    least_level = std::min(least_level, rise.level);
    most_gain = std::max(most_gain, rise.gain);
  }
  const bool takes_labels = least_level >= kPricesLevel;
  for (const Rise& rise : rises) {
    if (takes_labels ? rise.gain < most_gain / 4 : rise.level > least_level) continue;
    const Link& link = chain.links[rise.stage];
    if (is_phi(solver, rise.stage)) {
      first_.improve(question, solver.useful_phi(question.key), work);
      continue;
    }
    times_.improve(link.name, link.caps, solver.useful_time(link), work);
    solver.refresh(link.name);
  }
  return true;
}

FirstStage::Question ChainValues::question_of(const Chain& chain) const {
  const Link& first = chain.links.front();
  return {.key = first.name.key, .caps = first.caps, .slowest = chain.slowest};
}

// Those of the chain that may be raised, and by how much the chain's value rises at most.
std::vector<ChainValues::Rise> ChainValues::rises_of(const ChainSolver& solver, const Chain& chain,
                                                     int most_level) {
  const FirstStage::Question question = question_of(chain);
  const std::int64_t m = catalog_.problem().micro_batches;
  std::vector<Rise> rises;
  for (std::size_t stage = 0; stage < chain.links.size(); ++stage) {
    if (is_settled(solver, chain, stage)) continue;
    const Link& link = chain.links[stage];
    Rise rise{.stage = stage};
    if (is_phi(solver, stage)) {
      const StagePoint* point = first_.best(question);
      const Time most =
          point == nullptr ? solver.useful_phi(question.key) : first_.phi(*point, question.slowest);
      rise.level = first_.level(question);
      rise.gain = std::max<Time>(0, most - link.value);
    } else {
      const StagePoint* point = times_.best(link.name, link.caps);
      const Time most = point == nullptr ? solver.useful_time(link) : point->cost.time;
      rise.level = times_.level(link.name, link.caps);
      rise.gain = most == kUnlimited
                      ? kUnlimited
                      : most - link.value + (m - 1) * std::max<Time>(0, most - chain.slowest);
    }
    if (rise.level < most_level) rises.push_back(rise);
  }
  return rises;
}

Time ChainValues::value_at(const ChainSolver& solver,
                           const std::vector<const StagePoint*>& points) const {
  Time sum = 0, slowest = 0;
  for (std::size_t stage = is_phi(solver, 0) ? 1 : 0; stage < points.size(); ++stage) {
    sum += points[stage]->cost.time;
    slowest = std::max(slowest, points[stage]->cost.time);
  }
  if (is_phi(solver, 0)) return sum + first_.phi(*points.front(), slowest);
  return sum + (catalog_.problem().micro_batches - 1) * slowest;
}

std::vector<StageName> ChainValues::lacking_fronts(const Chain& chain,
                                                   const std::vector<StageCost>& costs) {
  const std::size_t exposed = most_exposed(costs).stage;
  if (chain.links[exposed].point == kScalar) return {chain.links[exposed].name};
  std::vector<StageName> names;
  for (std::size_t stage = 0; stage < exposed; ++stage) {
    if (chain.links[stage].point == kScalar) names.push_back(chain.links[stage].name);
  }
  return names;
}

bool ChainValues::raise_fronts(ChainSolver& solver, const std::vector<StageName>& names,
                               std::size_t width, Work& work) {
  for (const StageName& name : names) {
    const std::pair slot{name.stage_class, name.key};
    if (width < kAnyWidth && large_fronts_.count(slot) > 0) return false;
    StageTask task = catalog_.task(name, Purpose::front, solver.front_caps(name));
    task.target.limit = solver.useful_front_time(name);
    task.width = width;
    std::optional<std::vector<StagePoint>> points = stage_front(task, work);
    if (!points) {
      large_fronts_.insert(slot);
      return false;
    }
    solver.set_front(name, {.limit = task.target.limit, .points = std::move(*points)});
  }
  return !names.empty();
}

std::vector<const StagePoint*> ChainValues::points_of(const ChainSolver& solver,
                                                      const Chain& chain) const {
  std::vector<const StagePoint*> points{nullptr};
  Time slowest = 0;
  for (std::size_t stage = 1; stage < chain.links.size(); ++stage) {
    const Link& link = chain.links[stage];
    const StagePoint* point =
        link.point == kScalar
            ? times_.best(link.name, link.caps)
            : &solver.front(link.name)->points[static_cast<std::size_t>(link.point)];
    if (point == nullptr) return {};
    slowest = std::max(slowest, point->cost.time);
    points.push_back(point);
  }
  const Link& first = chain.links.front();
  if (solver.of() == ChainValue::times) {
    points.front() = times_.best(first.name, first.caps);
    return points.front() == nullptr ? std::vector<const StagePoint*>{} : points;
  }
  points.front() =
      first.point == kScalar
          ? first_.best({.key = first.name.key, .caps = first.caps, .slowest = slowest})
          : &solver.front(first.name)->points[static_cast<std::size_t>(first.point)];
  if (points.front() == nullptr) return {};
  return points;
}

}  // namespace galvatron::search
