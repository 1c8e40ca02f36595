#include "planner/search/label_search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "planner/search/label_cuts.h"

namespace galvatron::search {
namespace {

struct Step {
  std::int32_t parent;
  std::int32_t rank;
};

// A label and an item that may follow it.
struct Candidate {
  double bound = 0;  // on all completions, by the first cut
  std::uint32_t end = 0;
  std::uint32_t rank = 0;

  bool operator<(const Candidate& other) const {
    if (bound != other.bound) return bound < other.bound;
    return end != other.end ? end < other.end : rank < other.rank;
  }
};

// The labels of a layer.
struct Ends {
  std::vector<Label> labels{};        // their item is their own step in the trail
  std::vector<std::size_t> layout{};  // [label]
  std::vector<double> bounds{};       // [label], what it weighs by the first cut and its constant
  std::vector<double> slacks{};       // [label][cut], what may follow weighs no more
};

// The items of a layout that may follow a label.
struct Extension {
  std::size_t end = 0;
  std::size_t layout = 0;
  std::size_t first = 0;  // rank
  std::size_t last = 0;   // one past
  Time toll = 0;
};

class LabelSearch {
 public:
  LabelSearch(const LabelQuestion& question, Work& work)
      : question_(question),
        stage_(*question.stage),
        work_(work),
        cuts_(stage_, question.target, question.prices, work) {}

  LabelAnswer run() {
    ++work_.statistics.stage_searches;
    add_end({.item = -1}, 0);
    for (std::size_t layer = 0; layer < stage_.length() && !ends_.labels.empty(); ++layer) {
      needs_ = cuts_.needs(layer);
      candidates_.assign(stage_.layouts(), {});
      for (std::size_t end = 0; end < ends_.labels.size(); ++end) extend(layer, end);
      std::vector<std::vector<Label>> grown;
      for (std::size_t layout = 0; layout < stage_.layouts(); ++layout) {
        grown.push_back(grow(layer, layout));
      }
      if (is_front() && proved_ < kUnlimited) return {.lower = proved_};
      record(grown);
    }
    return finish();
  }

 private:
  bool is_front() const { return stage_.model().criteria == 3; }

  bool exceeds_caps(const Label& label) const {
    return !no_longer(label.capped, question_.target.caps);
  }

  void pay(Label& label, Time toll) const {
    const Criteria& factor = stage_.model().toll_factor;
    for (std::size_t j = 0; j < kCriteria; ++j) label.cost[j] += factor[j] * toll;
  }

  Time toll_of(std::size_t layer, std::size_t end, std::size_t layout) const {
    if (layer == 0) return stage_.enter_time(layout);
    return stage_.switch_time(stage_.run_of(layer - 1), ends_.layout[end], layout);
  }

  // Finds what may follow an end.
  void extend(std::size_t layer, std::size_t end) {
    work_.tick();
    const std::size_t run = stage_.run_of(layer);
    const std::vector<std::size_t>& begin = cuts_.items(run).begin;
    const bool is_same_run = layer > 0 && stage_.run_of(layer - 1) == run;
    for (std::size_t layout = 0; layout < stage_.layouts(); ++layout) {
      const Time toll = toll_of(layer, end, layout);
      if (toll == kUnlimited || std::isinf(cuts_[0].completion.rest(layer, layout))) continue;
      const bool goes_on = is_same_run && ends_.layout[end] == layout;
      make_candidates({.end = end,
                       .layout = layout,
                       .first = goes_on ? rank_of(ends_.labels[end]) : begin[layout],
                       .last = begin[layout + 1],
                       .toll = toll});
    }
  }

  std::size_t rank_of(const Label& end) const {
    return static_cast<std::size_t>(trail_[static_cast<std::size_t>(end.item)].rank);
  }

  void make_candidates(const Extension& extension) {
    const std::size_t cuts = cuts_.count();
    const double toll = static_cast<double>(extension.toll);
    const double before = ends_.bounds[extension.end] + toll * cuts_[0].toll_factor;
    const double* needs = needs_.data() + extension.first * cuts;
    if (extension.first == extension.last || before + needs[0] > cuts_[0].threshold) return;
    const double* slacks = ends_.slacks.data() + extension.end * cuts;
    for (std::size_t cut = 1; cut < cuts; ++cut) {
      left_[cut] = slacks[cut] - toll * cuts_[cut].toll_factor;
    }
    for (std::size_t rank = extension.first; rank < extension.last; ++rank, needs += cuts) {
      const double bound = before + needs[0];
      if (bound > cuts_[0].threshold) break;
      ++work_.statistics.labels_made;
      std::size_t cut = 1;
      while (cut < cuts && needs[cut] <= left_[cut]) ++cut;
      if (cut < cuts) {
        ++work_.statistics.labels_cut;
        continue;
      }
      candidates_[extension.layout].push_back({.bound = bound,
                                               .end = static_cast<std::uint32_t>(extension.end),
                                               .rank = static_cast<std::uint32_t>(rank)});
    }
  }

  Size toll_transient(std::size_t layer, std::size_t end, std::size_t layout) const {
    if (layer == 0) return stage_.enter_transient(layout);
    return stage_.switch_transient(stage_.run_of(layer - 1), ends_.layout[end], layout);
  }

  void hold(Label& label, Size transient) const {
    label.transient = std::max(label.transient, stage_.beyond_least(transient));
  }

  Label made(std::size_t layer, std::size_t layout, const Candidate& candidate) const {
    const std::size_t run = stage_.run_of(layer);
    const auto index = static_cast<std::size_t>(cuts_.items(run).index[candidate.rank]);
    const Item& item = stage_.items_of_run(run).items[index];
    Label label = ends_.labels[candidate.end];
    pay(label, toll_of(layer, candidate.end, layout));
    for (std::size_t j = 0; j < kCriteria; ++j) label.cost[j] += item.cost[j];
    for (std::size_t j = 0; j < kCappedTimes; ++j) label.capped[j] += item.capped[j];
    label.memory += item.memory;
    hold(label, std::max(item.transient, toll_transient(layer, candidate.end, layout)));
    label.parent = label.item;
    label.item = static_cast<std::int32_t>(candidate.rank);
    return label;
  }

  // The labels of a layer that end in a layout and are worth keeping.
  std::vector<Label> grow(std::size_t layer, std::size_t layout) {
    std::vector<Candidate>& candidates = candidates_[layout];
    if (candidates.size() > question_.width) return grow_least(layer, layout);
    std::vector<Label> grown;
    grown.reserve(candidates.size());
    for (const Candidate& candidate : candidates) grown.push_back(made(layer, layout, candidate));
    keep_unbeaten(grown, work_);
    return grown;
  }

  // The unbeaten of least bound, as many as the width allows; what is dropped limits what the
  // search proves. Candidates are put in order as far as they are asked for.
  std::vector<Label> grow_least(std::size_t layer, std::size_t layout) {
    std::vector<Candidate>& candidates = candidates_[layout];
    const auto end = candidates.end();
    auto next = candidates.begin(), ordered = next;
    std::vector<Label> kept;
    for (; next != end; ++next) {
      if (next == ordered) {
        const auto more = static_cast<std::ptrdiff_t>(4 * question_.width + kept.size());
        ordered += std::min(more, end - ordered);
        std::nth_element(next, ordered - 1, end);
        std::sort(next, ordered);
      }
      if (kept.size() == question_.width) {
        drop_from(next->bound);
        break;
      }
      work_.tick();
      add_unbeaten(kept, made(layer, layout, *next));
    }
    return kept;
  }

  void drop_from(double bound) {
    const double guard =
        rounding_guard(2 * stage_.length(), std::abs(bound) + 2 * std::abs(cuts_[0].constant));
    proved_ = std::min(proved_, round_bound(bound, guard));
  }

  // The steps of one layer stand in the order that the opening comment of this search asks for.
  void record(std::vector<std::vector<Label>>& grown) {
    ends_ = {};
    struct End {
      Label label;
      std::size_t layout;
    };
    std::vector<End> ends;
    for (std::size_t layout = 0; layout < grown.size(); ++layout) {
      for (const Label& label : grown[layout]) ends.push_back({label, layout});
    }
    std::sort(ends.begin(), ends.end(), [](const End& one, const End& other) {
      if (one.label.transient != other.label.transient) {
        return one.label.transient < other.label.transient;
      }
      if (one.layout != other.layout) return one.layout < other.layout;
      return precedes(one.label, other.label);
    });
    work_.statistics.labels_kept += static_cast<std::int64_t>(ends.size());
    for (auto& [label, layout] : ends) {
      trail_.push_back({label.parent, label.item});
      label.item = static_cast<std::int32_t>(trail_.size() - 1);
      add_end(label, layout);
    }
  }

  void add_end(const Label& label, std::size_t layout) {
    Label weighed = label;
    weighed.memory += label.transient;
    ends_.labels.push_back(label);
    ends_.layout.push_back(layout);
    ends_.bounds.push_back(weight_of(weighed, cuts_[0].completion.direction) + cuts_[0].constant);
    for (std::size_t i = 0; i < cuts_.count(); ++i) {
      const Cut& cut = cuts_[i];
      ends_.slacks.push_back(cut.threshold - cut.constant -
                             weight_of(weighed, cut.completion.direction));
    }
  }

  Path path_of(const Label& end) const {
    Path path;
    for (std::int32_t at = end.item; at >= 0; at = trail_[static_cast<std::size_t>(at)].parent) {
      path.items.push_back(trail_[static_cast<std::size_t>(at)].rank);
    }
    std::reverse(path.items.begin(), path.items.end());
    for (std::size_t layer = 0; layer < path.items.size(); ++layer) {
      int& item = path.items[layer];
      item = cuts_.items(stage_.run_of(layer)).index[static_cast<std::size_t>(item)];
    }
    path.sums = stage_.sums_of(path.items);
    return path;
  }

  LabelAnswer finish() {
    std::vector<Label> complete;
    for (std::size_t end = 0; end < ends_.labels.size(); ++end) {
      Label label = ends_.labels[end];
      const Time toll = stage_.leave_time(ends_.layout[end]);
      if (toll == kUnlimited || exceeds_caps(label)) continue;
      hold(label, stage_.leave_transient(ends_.layout[end]));
      if (label.memory + label.transient > stage_.room()) continue;
      pay(label, toll);
      label.memory = label.transient = 0;
      // A point of a front serves stages with caps of their own; a lone value has none but these.
      if (!is_front()) label.capped = {};
      complete.push_back(label);
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

  LabelAnswer best_of(const std::vector<Label>& complete) {
    LabelAnswer answer{.lower = std::min(proved_, question_.target.limit)};
    const auto best = std::min_element(
        complete.begin(), complete.end(),
        [&](const Label& one, const Label& other) { return objective(one) < objective(other); });
    if (best == complete.end() || objective(*best) >= question_.target.limit) return answer;
    answer.lower = std::min(answer.lower, objective(*best));
    answer.paths.push_back(path_of(*best));
    return answer;
  }

  const LabelQuestion& question_;
  const CappedStage& stage_;
  Work& work_;
  LabelCuts cuts_;
  Time proved_ = kUnlimited;
  std::vector<Step> trail_;
  Ends ends_;
  std::vector<double> needs_;  // of the layer at hand, from the cuts
  std::vector<double> left_ = std::vector<double>(cuts_.count());  // [cut], of one extension
  std::vector<std::vector<Candidate>> candidates_;                 // [layout]
};

}  // namespace

LabelAnswer label_search(const LabelQuestion& question, Work& work) {
  return LabelSearch(question, work).run();
}

}  // namespace galvatron::search
