#include "planner/search/capped_stage.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace galvatron::search {
namespace {

Time allowed_time(const Toll& toll, Size cap) {
  return toll.transient <= cap ? toll.time : kUnlimited;
}

double weighted(double toll, double factor) {
  return toll == kForbidden ? kForbidden : factor * toll;
}

double toll_weight(Time toll) {
  return toll == kUnlimited ? kForbidden : static_cast<double>(toll);
}

// to[u] = min over v of factor x tolls[v][u] + arrive[v], where the factor is not zero. A layout v
// that costs more than the cheapest arrival plus the dearest toll to it is of use to nobody but
// itself.
void relax_priced(const double* tolls, double factor, const std::vector<double>& arrive,
                  std::vector<double>& to) {
  const std::size_t layouts = arrive.size();
  const auto cheapest =
      static_cast<std::size_t>(std::min_element(arrive.begin(), arrive.end()) - arrive.begin());
  const double* into_cheapest = tolls + cheapest * layouts;
  double limit = 0;
  for (std::size_t u = 0; u < layouts; ++u) {
    to[u] = factor * into_cheapest[u] + arrive[cheapest];
    limit = std::max(limit, to[u]);
  }
  for (std::size_t v = 0; v < layouts; ++v) {
    if (arrive[v] >= limit) {
      to[v] = std::min(to[v], arrive[v]);
      continue;
    }
    const double* into = tolls + v * layouts;
    const double here = arrive[v];
    double* least = to.data();
    for (std::size_t u = 0; u < layouts; ++u) {
      const double through = factor * into[u] + here;
      least[u] = through < least[u] ? through : least[u];
    }
  }
}

// The same where tolls cost nothing but may be forbidden.
void relax_free(const double* tolls, const std::vector<double>& arrive, std::vector<double>& to) {
  const std::size_t layouts = arrive.size();
  std::fill(to.begin(), to.end(), kForbidden);
  for (std::size_t v = 0; v < layouts; ++v) {
    for (std::size_t u = 0; u < layouts; ++u) {
      if (tolls[v * layouts + u] != kForbidden) to[u] = std::min(to[u], arrive[v]);
    }
  }
}

// By how much every entry grew from `later` to `earlier`, if by the same up to rounding. The least
// growth is taken: one more step then adds at least as much again, so rows inferred from it are
// bounds.
double equal_growth(const std::vector<double>& earlier, const double* later) {
  double least = kForbidden, most = 0, magnitude = 0;
  for (std::size_t g = 0; g < earlier.size(); ++g) {
    if (std::isinf(earlier[g]) && std::isinf(later[g])) continue;
    const double growth = earlier[g] - later[g];
    least = std::min(least, growth);
    most = std::max(most, growth);
    magnitude = std::max(magnitude, earlier[g]);
  }
  return most - least <= 1e-15 * magnitude ? least : -1;
}

}  // namespace

CappedStage::CappedStage(const StageModel& model, const Interval& interval, CapRange cap)
    : model_(&model),
      interval_(&interval),
      cap_(cap),
      room_(room_of(model, interval)),
      layouts_(static_cast<std::size_t>(model.tolls->layouts.count)) {
  run_of_.reserve(static_cast<std::size_t>(interval.length));
  enter_.reserve(layouts_);
  leave_.reserve(layouts_);
  switches_.reserve(interval.runs.size());
  narrowed_.reserve(model.tolls->switches.size());
  for (std::size_t run = 0; run < interval.runs.size(); ++run) {
    run_of_.insert(run_of_.end(), static_cast<std::size_t>(interval.runs[run].count), run);
  }
  for (const Toll& toll : enter_tolls()) enter_.push_back(allowed_time(toll, cap.most));
  for (const Toll& toll : leave_tolls()) leave_.push_back(allowed_time(toll, cap.most));
  for (const Run& run : interval.runs) {
    const auto table = static_cast<std::size_t>(type_of(model, run).switch_table);
    const Switches& switches = model.tolls->switches[table];
    const bool is_whole = (switches.transients.empty() || switches.transients.back() <= cap.most);
    const Narrowed* cut = is_whole ? nullptr : &narrowed(switches);
    switch_tolls_.push_back(switches.tolls.data());
    switches_.push_back((is_whole ? switches.times : cut->times).data());
    switch_weights_.push_back((is_whole ? switches.weights : cut->weights).data());
  }
}

// What the cap leaves of a table.
const CappedStage::Narrowed& CappedStage::narrowed(const Switches& switches) {
  for (const Narrowed& known : narrowed_) {
    if (known.whole == &switches) return known;
  }
  Narrowed& made = narrowed_.emplace_back(Narrowed{.whole = &switches});
  made.times.reserve(switches.tolls.size());
  made.weights.reserve(switches.tolls.size());
  for (const Toll& toll : switches.tolls) {
    made.times.push_back(allowed_time(toll, cap_.most));
    made.weights.push_back(toll_weight(made.times.back()));
  }
  return made;
}

double CappedStage::toll_factor(const Direction& direction) const {
  double factor = 0;
  for (std::size_t j = 0; j < kCriteria; ++j) {
    factor += direction.cost[j] * static_cast<double>(model_->toll_factor[j]);
  }
  return factor;
}

void CappedStage::weigh_items(Completion& completion) const {
  const std::size_t runs = interval_->runs.size();
  completion.least_item.assign(runs * layouts_, kForbidden);
  completion.best_item.assign(runs * layouts_, -1);
  for (std::size_t run = 0; run < runs; ++run) {
    const TypeItems& type = model_->types[static_cast<std::size_t>(interval_->runs[run].type)];
    for (std::size_t g = 0; g < layouts_; ++g) {
      const std::size_t slot = run * layouts_ + g;
      for (int index = type.begin[g]; index < type.begin[g + 1]; ++index) {
        const Item& item = type.items[static_cast<std::size_t>(index)];
        if (item.transient > cap_.most) continue;
        const double weight = weight_of(item, completion.direction);
        if (weight >= completion.least_item[slot]) continue;
        completion.least_item[slot] = weight;
        completion.best_item[slot] = index;
      }
    }
  }
}

Completion CappedStage::complete(const Direction& direction) const {
  Completion completion{.direction = direction};
  weigh_items(completion);
  const double factor = toll_factor(direction);
  const std::size_t layers = length();
  completion.rows.reserve(4 * layouts_);  // few rows differ
  completion.row.assign(layers, 0);
  completion.shift.assign(layers, 0);
  for (std::size_t g = 0; g < layouts_; ++g) {
    completion.rows.push_back(weighted(toll_weight(leave_[g]), factor));
  }
  std::vector<double> arrive(layouts_), current(layouts_);
  for (std::size_t layer = layers - 1; layer-- > 0;) {
    const std::size_t run = run_of_[layer], next = run_of_[layer + 1];
    const double* later = completion.rows.data() + completion.row[layer + 1];
    const double shift = completion.shift[layer + 1];
    for (std::size_t g = 0; g < layouts_; ++g) {
      arrive[g] = completion.least_item[next * layouts_ + g] + later[g];
    }
    if (factor == 0) {
      relax_free(switch_weights_[run], arrive, current);
    } else {
      relax_priced(switch_weights_[run], factor, arrive, current);
    }
    const double growth = run == next ? equal_growth(current, later) : -1;
    if (growth >= 0) {
      const std::size_t like = layer + 1;
      while (true) {
        completion.row[layer] = completion.row[like];
        completion.shift[layer] = shift + growth * static_cast<double>(like - layer);
        if (layer == 0 || run_of_[layer - 1] != run) break;
        --layer;
      }
      continue;
    }
    completion.row[layer] = completion.rows.size();
    completion.shift[layer] = shift;
    completion.rows.insert(completion.rows.end(), current.begin(), current.end());
  }
  completion.least = kForbidden;
  for (std::size_t g = 0; g < layouts_; ++g) {
    completion.least =
        std::min(completion.least, weighted(toll_weight(enter_[g]), factor) +
                                       completion.least_item[g] + completion.rest(0, g));
  }
  return completion;
}

Path CappedStage::cheapest_path(const Completion& completion) const {
  const double factor = toll_factor(completion.direction);
  Path path;
  path.items.reserve(length());
  std::size_t from = 0;
  bool stays = false;  // in the layout before the last as well
  for (std::size_t layer = 0; layer < length(); ++layer) {
    const std::size_t run = run_of_[layer];
    // What was chosen before the same rest, coming from the same layout, is chosen again.
    if (stays && layer >= 2 && run == run_of_[layer - 2] &&
        completion.row[layer] == completion.row[layer - 1]) {
      path.items.push_back(path.items.back());
      continue;
    }
    double least = kForbidden;
    std::size_t best = layouts_;
    for (std::size_t g = 0; g < layouts_; ++g) {
      const double toll = layer == 0 ? toll_weight(enter_[g])
                                     : switch_weights_[run_of_[layer - 1]][g * layouts_ + from];
      const double weight = weighted(toll, factor) + completion.least_item[run * layouts_ + g] +
                            completion.rest(layer, g);
      if (weight < least) {
        least = weight;
        best = g;
      }
    }
    if (best == layouts_) return {};
    path.items.push_back(completion.best_item[run * layouts_ + best]);
    stays = best == from;
    from = best;
  }
  path.sums = sums_of(path.items);
  return path;
}

PathSums CappedStage::sums_of(const std::vector<int>& items) const {
  const Problem& problem = *model_->problem;
  PathSums sums;
  const auto pay = [&](const Toll& toll) {
    for (std::size_t j = 0; j < kCriteria; ++j) sums.cost[j] += model_->toll_factor[j] * toll.time;
    sums.transient = std::max(sums.transient, toll.transient);
  };
  int from = -1;
  for (std::size_t layer = 0; layer < items.size(); ++layer) {
    const std::size_t run = run_of_[layer];
    const auto& type = problem.types[static_cast<std::size_t>(interval_->runs[run].type)];
    const Item& item = items_at(layer).items[static_cast<std::size_t>(items[layer])];
    const int layout = type.options[static_cast<std::size_t>(item.option)].layout;
    if (layer == 0) {
      pay(enter_toll(type, layout));
    } else {
      const std::size_t before = run_of_[layer - 1];
      const auto& previous = problem.types[static_cast<std::size_t>(interval_->runs[before].type)];
      pay(switch_toll(problem, previous, {.from = from, .to = layout}));
    }
    for (std::size_t j = 0; j < kCriteria; ++j) sums.cost[j] += item.cost[j];
    for (std::size_t j = 0; j < kCappedTimes; ++j) sums.capped[j] += item.capped[j];
    sums.memory += item.memory;
    sums.transient = std::max(sums.transient, item.transient);
    if (layer + 1 == items.size()) pay(leave_toll(type, layout));
    from = layout;
  }
  return sums;
}

}  // namespace galvatron::search
