#include "planner/review/priced_path.h"

#include <algorithm>
#include <limits>

namespace galvatron {
namespace {

using search::LayerType;
using search::Size;
using search::Toll;

constexpr double kNone = std::numeric_limits<double>::infinity();

// Of one layer, by layout.
using Row = std::vector<PricedPath>;

class PathPricer {
 public:
  PathPricer(const PathQuestion& question, const PathWeights& weights, Size cap)
      : question_(question),
        problem_(*question.problem),
        weights_(weights),
        cap_(cap),
        layouts_(static_cast<std::size_t>(problem_.layouts)),
        options_(problem_.types.size()) {
    for (const int type : question.types) {
      Row& options = options_[static_cast<std::size_t>(type)];
      if (options.empty()) options = cheapest_options(type);
    }
  }

  PricedPath run() const {
    const std::vector<int>& types = question_.types;
    Row row = first_row(types.front());
    for (std::size_t layer = 1; layer < types.size(); ++layer) {
      row = next_row(row, types[layer - 1], types[layer]);
    }
    PricedPath best{.sum = kNone};
    for (std::size_t g = 0; g < layouts_; ++g) {
      best = lesser(best,
                    paid(row[g], search::leave_toll(type_of(types.back()), static_cast<int>(g))));
    }
    return best;
  }

 private:
  const LayerType& type_of(int type) const {
    return problem_.types[static_cast<std::size_t>(type)];
  }

  static const PricedPath& lesser(const PricedPath& one, const PricedPath& other) {
    return other.sum < one.sum ? other : one;
  }

  PricedPath paid(const PricedPath& path, const Toll& toll) const {
    if (toll.transient > cap_) return {.sum = kNone};
    return {.sum = path.sum + weights_.time * static_cast<double>(toll.time),
            .transient = std::max(path.transient, toll.transient)};
  }

  Row cheapest_options(int type) const {
    Row row(layouts_, {.sum = kNone});
    for (const search::Option& option : type_of(type).options) {
      if (option.transient > cap_) continue;
      PricedPath& best = row[static_cast<std::size_t>(option.layout)];
      best = lesser(best, {.sum = weight_of(option, weights_, question_.in_flight),
                           .transient = option.transient});
    }
    return row;
  }

  // The paths that arrive at each layout, and then take the layer itself.
  void take_layer(Row& row, int type) const {
    const Row& options = options_[static_cast<std::size_t>(type)];
    for (std::size_t g = 0; g < layouts_; ++g) {
      row[g].sum += options[g].sum;
      row[g].transient = std::max(row[g].transient, options[g].transient);
    }
  }

  Row first_row(int type) const {
    Row row(layouts_);
    for (std::size_t g = 0; g < layouts_; ++g) {
      row[g] = paid({}, search::enter_toll(type_of(type), static_cast<int>(g)));
    }
    take_layer(row, type);
    return row;
  }

  // Staying costs nothing, so a layout is of no use to others from where it costs more than the
  // dearest of them.
  Row next_row(const Row& row, int from_type, int to_type) const {
    Row next = row;
    const std::vector<Toll>& tolls =
        problem_.switches[static_cast<std::size_t>(type_of(from_type).switch_table)].tolls;
    if (tolls.empty()) {
      std::fill(next.begin(), next.end(), *std::min_element(row.begin(), row.end(), is_cheaper));
    } else {
      const auto cheapest = std::min_element(row.begin(), row.end(), is_cheaper) - row.begin();
      change_from(row, static_cast<std::size_t>(cheapest), tolls, next);
      const double dearest = std::max_element(next.begin(), next.end(), is_cheaper)->sum;
      for (std::size_t from = 0; from < layouts_; ++from) {
        if (row[from].sum < dearest) change_from(row, from, tolls, next);
      }
    }
    take_layer(next, to_type);
    return next;
  }

  void change_from(const Row& row, std::size_t from, const std::vector<Toll>& tolls,
                   Row& next) const {
    for (std::size_t to = 0; to < layouts_; ++to) {
      if (to != from) next[to] = lesser(next[to], paid(row[from], tolls[from * layouts_ + to]));
    }
  }

  static bool is_cheaper(const PricedPath& one, const PricedPath& other) {
    return one.sum < other.sum;
  }

  const PathQuestion& question_;
  const search::Problem& problem_;
  const PathWeights& weights_;
  Size cap_;
  std::size_t layouts_;
  std::vector<Row> options_;  // [type][layout], of the types in question
};

}  // namespace

double weight_of(const search::Option& option, const PathWeights& weights, std::int64_t in_flight) {
  return weights.time * static_cast<double>(option.time) +
         weights.sync * static_cast<double>(option.sync) +
         weights.optimizer * static_cast<double>(option.optimizer) +
         weights.memory * static_cast<double>(option.states + in_flight * option.activations);
}

PricedPath cheapest_path(const PathQuestion& question, const PathWeights& weights, Size cap) {
  return PathPricer(question, weights, cap).run();
}

}  // namespace galvatron
