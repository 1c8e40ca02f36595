#include "planner/search/chain_values.h"

#include <algorithm>

namespace galvatron::search {

ChainValues::ChainValues(StageCatalog& catalog)
    : catalog_(catalog), times_(catalog), first_(catalog), arcs_(all_arcs(catalog)) {}

bool ChainValues::is_settled(const ChainSolver& solver, const Chain& chain, std::size_t stage) {
  const Link& link = chain.links[stage];
  if (link.point != kScalar) return true;
  const CappedTimes caps = solver.caps_of(static_cast<int>(stage));
  if (stage > 0 || solver.of() == ChainValue::times) return times_.is_exact(link.name, caps);
  return first_.is_exact({.key = link.name.key, .cap = caps[kOptimizer], .slowest = chain.slowest});
}

bool ChainValues::raise(ChainSolver& solver, const Chain& chain, int most_level, Work& work) {
  const FirstStage::Question question{.key = chain.links.front().name.key,
                                      .cap = solver.caps_of(0)[kOptimizer],
                                      .slowest = chain.slowest};
  const auto is_phi = [&](std::size_t stage) {
    return stage == 0 && solver.of() == ChainValue::without_optimizer;
  };
  const auto caps_of = [&](std::size_t stage) { return solver.caps_of(static_cast<int>(stage)); };
  const auto level_of = [&](std::size_t stage) {
    const Link& link = chain.links[stage];
    if (is_settled(solver, chain, stage)) return most_level;
    return is_phi(stage) ? first_.level(question) : times_.level(link.name, caps_of(stage));
  };
  int least = most_level;
  for (std::size_t stage = 0; stage < chain.links.size(); ++stage) {
    least = std::min(least, level_of(stage));
  }
  if (least == most_level) return false;
  for (std::size_t stage = 0; stage < chain.links.size(); ++stage) {
    if (level_of(stage) != least) continue;
    if (is_phi(stage)) {
      first_.improve(question, solver.useful_phi(question.key), work);
      continue;
    }
    const StageName name = chain.links[stage].name;
    times_.improve(name, caps_of(stage), solver.useful_time(name), work);
    solver.refresh(name);
  }
  return true;
}

bool ChainValues::raise_fronts(ChainSolver& solver, const Chain& chain,
                               const std::vector<StageCost>& costs, Work& work) {
  std::size_t exposed = 0;
  Time most = 0, hidden = 0;
  for (std::size_t stage = 0; stage < costs.size(); ++stage) {
    if (costs[stage].sync - hidden > most) {
      most = costs[stage].sync - hidden;
      exposed = stage;
    }
    hidden += costs[stage].backward;
  }
  std::vector<StageName> names;
  if (chain.links[exposed].point == kScalar) {
    names.push_back(chain.links[exposed].name);
  } else {
    for (const Link& link : chain.links) {
      if (link.point == kScalar) names.push_back(link.name);
    }
  }
  for (const StageName& name : names) {
    const CappedTimes caps = solver.front_caps(name);
    StageTask task = catalog_.task(name, Purpose::front, caps);
    task.target.limit = solver.useful_front_time(name);
    solver.set_front(name, {.limit = task.target.limit, .points = stage_front(task, work)});
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
            ? times_.best(link.name, solver.caps_of(static_cast<int>(stage)))
            : &solver.front(link.name)->points[static_cast<std::size_t>(link.point)];
    if (point == nullptr) return {};
    slowest = std::max(slowest, point->cost.time);
    points.push_back(point);
  }
  const Link& first = chain.links.front();
  if (solver.of() == ChainValue::times) {
    points.front() = times_.best(first.name, solver.caps_of(0));
    return points.front() == nullptr ? std::vector<const StagePoint*>{} : points;
  }
  points.front() =
      first.point == kScalar
          ? first_.best(
                {.key = first.name.key, .cap = solver.caps_of(0)[kOptimizer], .slowest = slowest})
          : &solver.front(first.name)->points[static_cast<std::size_t>(first.point)];
  if (points.front() == nullptr) return {};
  return points;
}

}  // namespace galvatron::search
