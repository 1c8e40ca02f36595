#include "planner/search/pair_search.h"

#include <algorithm>
#include <utility>

namespace galvatron::search {
namespace {

// Cells are cut by prices alone at first; labels wait until that has become worth less.
int most_level_of(int effort) {
  constexpr int kPricesOnly = 2;
  return std::min(kPricesLevel + std::max(0, effort - kPricesOnly), kExactLevel);
}

// Full fronts are dear, so they wait until the values are known well.
constexpr int kFrontLevel = kPricesLevel + 2;
constexpr std::size_t kFrontWidth = 1024;

// Cells worked on at a stretch: what is found in them helps others of the family afterwards.
constexpr int kMostSteps = 64;

std::vector<StageCost> costs_of(const std::vector<const StagePoint*>& points) {
  std::vector<StageCost> costs;
  costs.reserve(points.size());
  for (const StagePoint* point : points) costs.push_back(point->cost);
  return costs;
}

PlanCost cost_of(const Problem& problem, std::vector<StageCost> stages) {
  const Time total = step_time(problem, stages);
  return {.total = total, .stages = std::move(stages)};
}

Time slowest_optimizer(const std::vector<StageCost>& costs) {
  Time slowest = 0;
  for (const StageCost& cost : costs) slowest = std::max(slowest, cost.optimizer);
  return slowest;
}

}  // namespace

Time goal_of(const Aim& aim) {
  if (aim.best == kUnlimited) return aim.ceiling;
  const double best = static_cast<double>(aim.best);
  auto slack = static_cast<Time>(aim.gap * best);
  while (slack > 0 && static_cast<double>(slack) / best > aim.gap) --slack;
  return std::min(aim.ceiling, aim.best - slack);
}

PairSearch::PairSearch(const Problem& problem, Time known_bound, const std::function<bool()>& stop)
    : pruned_(prune_options(problem)),
      catalog_(pruned_.problem),
      values_(catalog_),
      tails_(catalog_),
      work_(stop),
      cells_{{.low = catalog_.least_optimizer(),
              .high = catalog_.most_optimizer(),
              .bound = std::max<Time>(0, known_bound - problem.constant_time)}} {}

Time PairSearch::bound() const {
  Time least = closed_;
  for (const Cell& cell : cells_) least = std::min(least, cell.bound);
  return saturating_sum(least, pruned_.problem.constant_time);
}

// Without the constant, as all times inside.
Time PairSearch::goal() const {
  const Time goal = goal_of(aim_);
  return goal == kUnlimited ? goal : goal - pruned_.problem.constant_time;
}

void PairSearch::offer(FoundPlan plan) {
  if (best_ && best_->cost.total <= plan.cost.total) return;
  for (std::size_t layer = 0; layer < plan.assignment.option.size(); ++layer) {
    const auto type = static_cast<std::size_t>(pruned_.problem.layers[layer]);
    int& option = plan.assignment.option[layer];
    option = pruned_.original[type][static_cast<std::size_t>(option)];
  }
  aim_.best = std::min(aim_.best, plan.cost.total);
  best_ = std::move(plan);
}

void PairSearch::offer(const Chain& chain, const std::vector<const StagePoint*>& points) {
  if (points.empty()) return;
  FoundPlan plan{.cost = cost_of(pruned_.problem, costs_of(points))};
  for (std::size_t stage = 0; stage < points.size(); ++stage) {
    plan.assignment.stage_begin.push_back(chain.links[stage].begin);
    plan.assignment.option.insert(plan.assignment.option.end(), points[stage]->option.begin(),
                                  points[stage]->option.end());
  }
  offer(std::move(plan));
}

void PairSearch::advance(const Aim& aim, int effort) {
  aim_ = aim;
  if (best_) aim_.best = std::min(aim_.best, best_->cost.total);
  if (catalog_.stages() == 1) {
    advance_whole_model(effort);
  } else {
    advance_cells(effort);
  }
}

// Whether stages of these layers are stages of the whole family.
bool PairSearch::is_common(int key, const SharedFindings& shared) {
  if (common_types_.empty()) common_types_ = shared.common_types(pruned_.problem);
  const std::vector<Run>& runs = catalog_.keys().interval(key).runs;
  return std::all_of(runs.begin(), runs.end(), [&](const Run& run) {
    return common_types_[static_cast<std::size_t>(run.type)];
  });
}

void PairSearch::learn(const SharedFindings& shared) {
  expects_tails_ = shared.tails_count();
  for (; learned_ < shared.all().size(); ++learned_) {
    const Finding& finding = shared.all()[learned_];
    if (is_common(finding.name.key, shared)) values_.times().take(finding);
  }
}

void PairSearch::teach(SharedFindings& shared) {
  if (tail_counts_) shared.note_tails();
  for (Finding& finding : values_.times().fresh()) {
    if (is_common(finding.name.key, shared)) shared.add(pruned_.problem, std::move(finding));
  }
}

// A lone stage has one criterion, m t + y + o, so neither cells nor chains are needed.
void PairSearch::advance_whole_model(int effort) {
  const StageName name{.key = catalog_.keys().key(0, catalog_.layers())};
  StageTask task = catalog_.task(name, Purpose::whole_model, kNoCaps);
  for (; whole_model_level_ < most_level_of(effort) && cells_.front().bound < goal();
       ++whole_model_level_) {
    task.target.limit = goal();
    task.width = label_width(whole_model_level_ + 1);
    const StageAnswer answer = solve_stage(task, work_);
    if (answer.best) {
      offer({.cost = cost_of(pruned_.problem, {answer.best->cost}),
             .assignment = {.stage_begin = {0}, .option = answer.best->option}});
    }
    cells_.front().bound = std::max(cells_.front().bound, answer.lower);
  }
}

RelaxedProofs PairSearch::proofs_for_members(const Aim& aim) {
  if (catalog_.stages() == 1) return values_.proofs();
  // What its own plans closed counts for nothing here, as they may be no plans of those problems.
  aim_ = aim;
  values_.use_all_arcs();
  drop_useless_arcs({.low = catalog_.least_optimizer(), .high = catalog_.most_optimizer()});
  return values_.proofs();
}

void PairSearch::advance_cells(int effort) {
  drop_arcs_under_lower_goal();
  const int steps = effort == 0 ? 1 : std::min(kMostSteps, 4 << (2 * std::min(effort, 2)));
  for (int step = 0; step < steps && !cells_.empty(); ++step) {
    const auto least = std::min_element(cells_.begin(), cells_.end(), [](auto& one, auto& other) {
      return std::pair{one.bound, one.low} < std::pair{other.bound, other.low};
    });
    if (least->bound >= goal()) return;
    if (work_on(static_cast<std::size_t>(least - cells_.begin()), effort) == Progress::stuck)
      return;
  }
}

PairSearch::Progress PairSearch::work_on(std::size_t index, int effort) {
  ++work_.statistics.cells;
  const Cell before = cells_[index];
  const std::size_t count = cells_.size();
  const Outcome quick = solve_cap(before, kPricesLevel);
  settle(index, quick);
  if (effort == 0) return Progress::stuck;
  if (cells_.size() != count) return Progress::made;  // nothing is left of it
  Cell& cell = cells_[index];
  const Outcome times = bound_times(cell);
  cell.bound = std::max(cell.bound, saturating_sum(times.bound, cell.least_tail));
  // A small cut is no way on: bounds that rise a little as the cap falls allow endlessly many.
  const bool is_cut = before.high - cell.high > (before.high - before.low) / 4;
  if (cell.bound >= goal() || is_cut) return Progress::made;
  const bool can_values_close = saturating_sum(quick.at_points, cell.low) >= goal() ||
                                saturating_sum(times.at_points, cell.least_tail) >= goal();
  if (!prefers_fronts(effort) && halve_if_wide(cell, quick, can_values_close))
    return Progress::made;
  // Labels of any width are dearer than many cells.
  const int most_level = most_level_of(effort);
  const Outcome outcome =
      solve_cap(cell, is_divisible(cell) ? std::min(most_level, kFrontLevel) : most_level);
  settle(index, outcome);
  if (cells_.size() != count || cells_[index].bound >= goal() || outcome.is_attained)
    return Progress::made;
  const bool has_wider_labels = most_level_of(effort) <= kPricesLevel + 1;
  if (has_wider_labels || !is_divisible(cells_[index])) return Progress::stuck;
  divide(cells_[index], outcome);
  return Progress::made;
}

// Whether fronts, which settle a cell whatever its width, are known or hoped to be small.
bool PairSearch::prefers_fronts(int effort) const {
  return tail_counts_ && most_level_of(effort) >= kFrontLevel && !values_.has_large_front();
}

Time PairSearch::limit_of(const Cell& cell) const {
  return goal() == kUnlimited ? kUnlimited : goal() - cell.low;
}

// Of a plan of the cell below the goal.
Time PairSearch::most_tail(const Cell& cell) const {
  if (goal() == kUnlimited) return cell.most_tail;
  return tails_.most_tail(cell, goal());
}

ChainCaps PairSearch::caps_of(const Cell& cell) const {
  if (tail_counts_ && goal() != kUnlimited) return tails_.caps(cell, goal());
  return {.optimizer = goal() == kUnlimited ? cell.high : rounded_cap(cell)};
}

// What is said of times before there is a second cell or a cap on tails holds for all cells.
void PairSearch::note_times(const ChainSolver& solver) {
  if (cells_.size() <= 1 && !tail_counts_) keep_times(solver);
}

void PairSearch::keep_times(const ChainSolver& solver) {
  values_.keep_arcs(solver.arcs());
  tails_.note(solver);
}

// What was said of times under a goal says more under a lower one.
void PairSearch::drop_arcs_under_lower_goal() {
  if (!tail_counts_ || cells_.empty() || goal() >= noted_goal_) return;
  noted_goal_ = goal();
  Cell all = cells_.front();
  for (const Cell& cell : cells_) {
    all.low = std::min(all.low, cell.low);
    all.high = std::max(all.high, cell.high);
  }
  drop_useless_arcs(all);
}

// Those of no use to a plan of the cell below the goal.
void PairSearch::drop_useless_arcs(const Cell& cell) {
  if (goal() == kUnlimited || limit_of(cell) <= 0) return;
  ChainSolver solver = values_.solver({.optimizer = cell.high}, ChainValue::without_optimizer);
  if (solver.least_chain(limit_of(cell), work_)) keep_times(solver);
}

// Whether sync of a later stage, which the chain took for hidden, is much of what its value lacks.
void PairSearch::note_exposure(const std::vector<StageCost>& costs, Time missing) {
  if (most_exposed(costs).sync - costs.front().sync > missing / 2) tail_counts_ = true;
}

// Uses a bound of f at the upper end of a cell. What it closes counts with the bound that closed
// it.
void PairSearch::settle(std::size_t index, const Outcome& outcome) {
  Cell& cell = cells_[index];
  cell.bound = std::max(cell.bound, saturating_sum(outcome.bound, cell.low));
  if (outcome.is_attained) {
    closed_ = std::min(closed_, outcome.bound + outcome.optimizer);
    cell.is_sharp = outcome.optimizer > cell.high;
    cell.high = std::min(cell.high, outcome.optimizer - 1);
  }
  if (goal() != kUnlimited && cell.bound < goal() && goal() - outcome.bound - 1 < cell.high) {
    closed_ = std::min(closed_, goal());
    cell.high = goal() - outcome.bound - 1;
  }
  close_if_empty(index);
}

// A cell without a plan below the goal: the slowest optimizer is part of the tail.
void PairSearch::close_if_empty(std::size_t index) {
  Cell& cell = cells_[index];
  if (cell.high > most_tail(cell)) {
    closed_ = std::min(closed_, goal());
    cell.high = most_tail(cell);
  }
  if (cell.high >= cell.low) return;
  cells_[index] = cells_.back();
  cells_.pop_back();
}

PairSearch::Outcome PairSearch::solve_cap(const Cell& cell, int most_level) {
  ChainSolver solver = values_.solver(caps_of(cell), ChainValue::without_optimizer);
  const auto limit = [&] { return limit_of(cell); };
  Outcome outcome;
  while (true) {
    const Time limit_before = limit();
    if (limit_before <= 0) return outcome;
    const std::optional<Chain> chain = solver.least_chain(limit_before, work_);
    outcome.bound = chain ? chain->value : limit_before;
    if (!chain) return outcome;
    note_times(solver);
    if (expects_tails_ && !tail_counts_ && goal() != kUnlimited) {
      tail_counts_ = true;
      return outcome;
    }
    const std::vector<const StagePoint*> points = values_.points_of(solver, *chain);
    const std::vector<StageCost> costs = costs_of(points);
    if (!points.empty()) {
      offer(*chain, points);
      outcome.optimizer = slowest_optimizer(costs);
      const Time rest = step_time(pruned_.problem, costs) - pruned_.problem.constant_time;
      outcome.known = std::min(outcome.known, rest - outcome.optimizer);
      outcome.at_points = std::min(outcome.at_points, values_.value_at(solver, points));
      outcome.is_attained = rest - outcome.optimizer <= chain->value;
      if (!outcome.is_attained) note_exposure(costs, limit() - chain->value);
    }
    if (outcome.is_attained || chain->value >= limit()) return outcome;
    if (values_.raise(solver, *chain, most_level, work_)) continue;
    bool is_exact = true;
    for (std::size_t stage = 0; stage < chain->links.size(); ++stage) {
      is_exact = is_exact && values_.is_settled(solver, *chain, stage);
    }
    if (!is_exact || most_level < kFrontLevel) return outcome;
    // Caps on tails are tried before fronts.
    if (!tail_counts_) {
      tail_counts_ = true;
      return outcome;
    }
    // Large fronts are dearer than many cells.
    const std::size_t width = is_divisible(cell) ? kFrontWidth : kAnyWidth;
    const std::vector<StageName> lacking = ChainValues::lacking_fronts(*chain, costs);
    if (!values_.raise_fronts(solver, lacking, width, work_)) return outcome;
  }
}

// Of sum t + (m-1) max t in the cell, if tails count: a plan of it takes its tail longer.
PairSearch::Outcome PairSearch::bound_times(const Cell& cell) {
  Outcome outcome;
  if (!tail_counts_ || goal() == kUnlimited || cell.bound >= goal()) return outcome;
  ChainSolver solver = values_.solver(caps_of(cell), ChainValue::times);
  while (true) {
    const Time limit = goal() - cell.least_tail;
    if (limit <= 0) return outcome;
    const std::optional<Chain> chain = solver.least_chain(limit, work_);
    outcome.bound = chain ? chain->value : limit;
    if (!chain) return outcome;
    const std::vector<const StagePoint*> points = values_.points_of(solver, *chain);
    if (!points.empty()) {
      outcome.at_points = std::min(outcome.at_points, values_.value_at(solver, points));
      offer(*chain, points);
    }
    if (!values_.raise(solver, *chain, kPricesLevel, work_)) return outcome;
  }
}

}  // namespace galvatron::search
