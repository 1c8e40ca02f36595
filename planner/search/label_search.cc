#include "planner/search/label_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace galvatron::search {
namespace {

// The directions whose completions cut labels: the prices found, and around them, because the best
// prices for the rest of a stage drift away from those for the whole as choices are made.
std::vector<Direction> directions_around(const Direction& prices, const StageModel& model) {
  std::vector<Direction> all{prices};
  const auto add = [&](double memory, double capped) {
    Direction next = prices;
    next.memory *= memory;
    for (double& price : next.capped) price *= capped;
    all.push_back(next);
  };
  add(3, 1);
  add(1.0 / 3, 1);
  if (std::any_of(prices.capped.begin(), prices.capped.end(),
                  [](double price) { return price > 0; })) {
    add(1, 3);
    add(1, 1.0 / 3);
    add(1, 0);
  }
  add(0, 0);
  if (model.criteria == 2) {
    const double m = static_cast<double>(model.toll_factor[1]);
    const double factor = prices.cost[0] + prices.cost[1] * m;
    for (const double second : {0.0, 1.0}) {
      const double scale = (second > 0 ? m : 1) / factor;
      Direction next = prices;
      next.cost = {1 - second, second, 0};
      next.memory *= scale;
      for (double& price : next.capped) price *= scale;
      all.push_back(next);
    }
  }
  return all;
}

// A label is cut when weight + completion exceeds the threshold.
struct Cut {
  Completion completion;
  double constant = 0;
  double threshold = 0;
};

double weight_of(const Label& label, const Direction& direction) {
  double weight = direction.cost[0] * static_cast<double>(label.cost[0]) +
                  direction.cost[1] * static_cast<double>(label.cost[1]) +
                  direction.memory * static_cast<double>(label.memory);
  for (std::size_t j = 0; j < kCappedTimes; ++j) {
    weight += direction.capped[j] * static_cast<double>(label.capped[j]);
  }
  return weight;
}

struct Step {
  std::int32_t parent;
  std::int32_t item;
};

class LabelSearch {
 public:
  LabelSearch(const LabelQuestion& question, Work& work)
      : question_(question), stage_(*question.stage), work_(work), capped_(stage_.model().capped) {
    for (const Direction& direction : directions_around(question.prices, stage_.model())) {
      add_cost_cut(direction);
    }
    const double room = static_cast<double>(stage_.room());
    add_resource_cut({.memory = 1}, room);
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (!capped_[j]) continue;
      Direction time;
      time.capped[j] = 1;
      add_resource_cut(time, static_cast<double>(question.target.caps[j]));
    }
  }

  LabelAnswer run() {
    ++work_.statistics.stage_searches;
    std::vector<std::vector<Label>> ends(stage_.layouts());
    for (std::size_t layer = 0; layer < stage_.length(); ++layer) {
      std::vector<std::vector<Label>> grown(stage_.layouts());
      for (std::size_t layout = 0; layout < stage_.layouts(); ++layout) {
        if (std::isinf(cuts_.front().completion.rest(layer, layout))) continue;
        if (layer == 0) {
          start(layout, grown[layout]);
        } else {
          arrive(layer, layout, ends, grown[layout]);
        }
        if (grown[layout].size() <= question_.width) {
          keep_unbeaten(grown[layout], work_);
        } else {
          narrow(layer, layout, grown[layout]);
        }
        if (is_front() && proved_ < kUnlimited) return {.lower = proved_};
        record(grown[layout]);
      }
      ends = std::move(grown);
    }
    return finish(ends);
  }

 private:
  bool is_front() const { return stage_.model().criteria == 3; }

  void add_cost_cut(const Direction& direction) {
    const Target& target = question_.target;
    ++work_.statistics.shortest_paths;
    Cut cut{.completion = stage_.complete(direction)};
    double spent = direction.memory * static_cast<double>(stage_.room());
    for (std::size_t j = 0; j < kCappedTimes; ++j) {
      if (capped_[j]) spent += direction.capped[j] * static_cast<double>(target.caps[j]);
    }
    const double offset = direction.cost[0] * static_cast<double>(target.offset[0]) +
                          direction.cost[1] * static_cast<double>(target.offset[1]);
    const double limit = static_cast<double>(target.limit);
    cut.constant = offset - spent;
    // A weight that counts is below limit + spent, so that is the magnitude of what was added.
    cut.threshold = limit - 1 + rounding_guard(2 * stage_.length(), limit + 2 * spent + offset);
    if (std::isinf(cut.completion.least) || target.limit == kUnlimited) cut.threshold = kForbidden;
    cuts_.push_back(std::move(cut));
  }

  void add_resource_cut(const Direction& direction, double available) {
    ++work_.statistics.shortest_paths;
    cuts_.push_back({.completion = stage_.complete(direction),
                     .threshold = available + rounding_guard(2 * stage_.length(), available)});
  }

  bool is_cut(const Label& label, std::size_t layer, std::size_t layout) {
    for (const Cut& cut : cuts_) {
      const double bound = weight_of(label, cut.completion.direction) +
                           cut.completion.rest(layer, layout) + cut.constant;
      if (bound > cut.threshold) {
        ++work_.statistics.labels_cut;
        return true;
      }
    }
    return false;
  }

  bool exceeds_caps(const Label& label) const {
    return !no_longer(label.capped, question_.target.caps);
  }

  void pay(Label& label, Time toll) const {
    const Criteria& factor = stage_.model().toll_factor;
    for (std::size_t j = 0; j < kCriteria; ++j) label.cost[j] += factor[j] * toll;
  }

  // The label one layer longer, with every item of the layout.
  void extend(const Label& label, std::size_t layer, std::size_t layout,
              std::vector<Label>& grown) {
    const TypeItems& type = stage_.items_at(layer);
    for (int index = type.begin[layout]; index < type.begin[layout + 1]; ++index) {
      const Item& item = type.items[static_cast<std::size_t>(index)];
      if (item.transient > stage_.cap()) continue;
      Label next = label;
      for (std::size_t j = 0; j < kCriteria; ++j) next.cost[j] += item.cost[j];
      for (std::size_t j = 0; j < kCappedTimes; ++j) next.capped[j] += item.capped[j];
      next.memory += item.memory;
      next.item = index;
      ++work_.statistics.labels_made;
      work_.tick();
      if (!is_cut(next, layer, layout)) grown.push_back(next);
    }
  }

  void start(std::size_t layout, std::vector<Label>& grown) {
    const Time toll = stage_.enter_time(layout);
    if (toll == kUnlimited) return;
    Label label;
    pay(label, toll);
    extend(label, 0, layout, grown);
  }

  void arrive(std::size_t layer, std::size_t layout, const std::vector<std::vector<Label>>& ends,
              std::vector<Label>& grown) {
    const Cut& cut = cuts_.front();
    const std::size_t run = stage_.run_of(layer);
    const double rest = cut.completion.least_item[run * stage_.layouts() + layout] +
                        cut.completion.rest(layer, layout) + cut.constant;
    for (std::size_t from = 0; from < ends.size(); ++from) {
      const Time toll = stage_.switch_time(stage_.run_of(layer - 1), from, layout);
      if (toll == kUnlimited) continue;
      for (Label label : ends[from]) {
        label.parent = label.item;  // record() left the index of the label's own step there
        pay(label, toll);
        if (weight_of(label, cut.completion.direction) + rest > cut.threshold) {
          ++work_.statistics.labels_cut;
          continue;
        }
        extend(label, layer, layout, grown);
      }
    }
  }

  // Drops all but the unbeaten labels of least bound; what is dropped limits what the search
  // proves.
  void narrow(std::size_t layer, std::size_t layout, std::vector<Label>& labels) {
    const Cut& cut = cuts_.front();
    std::vector<WeighedLabel> weighed;
    weighed.reserve(labels.size());
    for (const Label& label : labels) {
      weighed.push_back({weight_of(label, cut.completion.direction), label});
    }
    const std::vector<WeighedLabel> least =
        least_unbeaten(std::move(weighed), question_.width + 1, work_);
    labels.clear();
    for (const WeighedLabel& kept : least) labels.push_back(kept.label);
    if (labels.size() <= question_.width) return;
    labels.pop_back();
    const double bound = least.back().weight + cut.completion.rest(layer, layout) + cut.constant;
    const double guard =
        rounding_guard(2 * stage_.length(), std::abs(bound) + 2 * std::abs(cut.constant));
    proved_ = std::min(proved_, round_bound(bound, guard));
  }

  void record(std::vector<Label>& labels) {
    work_.statistics.labels_kept += static_cast<std::int64_t>(labels.size());
    for (Label& label : labels) {
      trail_.push_back({label.parent, label.item});
      label.item = static_cast<std::int32_t>(trail_.size() - 1);
    }
  }

  Path path_of(const Label& label) const {
    Path path;
    for (std::int32_t at = label.item; at >= 0; at = trail_[static_cast<std::size_t>(at)].parent) {
      path.items.push_back(trail_[static_cast<std::size_t>(at)].item);
    }
    std::reverse(path.items.begin(), path.items.end());
    path.sums = stage_.sums_of(path.items);
    return path;
  }

  LabelAnswer finish(const std::vector<std::vector<Label>>& ends) {
    std::vector<Label> complete;
    for (std::size_t layout = 0; layout < ends.size(); ++layout) {
      const Time toll = stage_.leave_time(layout);
      if (toll == kUnlimited) continue;
      for (Label label : ends[layout]) {
        if (label.memory > stage_.room() || exceeds_caps(label)) continue;
        pay(label, toll);
        // Where one cap stands for several, some that need less may be what really fits.
        if (stage_.has_one_cap()) label.memory = 0;
        // A point of a front serves stages with caps of their own; a lone value has none but these.
        if (!is_front()) label.capped = {};
        complete.push_back(label);
      }
    }
    keep_unbeaten(complete, work_);
    return is_front() ? whole_front(complete) : best_of(complete);
  }

  LabelAnswer whole_front(const std::vector<Label>& complete) {
    LabelAnswer answer{.lower = proved_};
    for (const Label& label : complete) {
      if (label.cost[0] < question_.target.limit) answer.paths.push_back(path_of(label));
    }
    return answer;
  }

  Time objective(const Label& label) const {
    return objective_of({.cost = label.cost}, question_.target, stage_.model().criteria);
  }

  // The best, and the best of those that fit whatever cap is theirs.
  LabelAnswer best_of(std::vector<Label>& complete) {
    constexpr std::size_t kMostTried = 64;
    std::stable_sort(complete.begin(), complete.end(), [&](const Label& one, const Label& other) {
      return objective(one) < objective(other);
    });
    LabelAnswer answer{.lower = std::min(proved_, question_.target.limit)};
    for (std::size_t i = 0; i < std::min(complete.size(), kMostTried); ++i) {
      if (objective(complete[i]) >= question_.target.limit) break;
      Path path = path_of(complete[i]);
      const bool fits = fits_stage(stage_, question_.target, path.sums);
      if (i == 0) answer.lower = std::min(answer.lower, objective(complete[i]));
      if (i == 0 || fits) answer.paths.push_back(std::move(path));
      if (fits) break;
    }
    return answer;
  }

  const LabelQuestion& question_;
  const CappedStage& stage_;
  Work& work_;
  Capped capped_;
  std::vector<Cut> cuts_;
  std::vector<Step> trail_;
  Time proved_ = kUnlimited;
};

}  // namespace

LabelAnswer label_search(const LabelQuestion& question, Work& work) {
  return LabelSearch(question, work).run();
}

}  // namespace galvatron::search
