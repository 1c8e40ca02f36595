#include "planner/search/interval.h"

#include <map>
#include <utility>

namespace galvatron::search {
namespace {

Interval interval_of(const std::vector<int>& layers, std::size_t begin, std::size_t end) {
  Interval interval{.length = static_cast<int>(end - begin)};
  for (std::size_t layer = begin; layer < end; ++layer) {
    if (interval.runs.empty() || interval.runs.back().type != layers[layer]) {
      interval.runs.push_back({.type = layers[layer]});
    }
    ++interval.runs.back().count;
  }
  return interval;
}

// Run of each layer in the whole chain.
std::vector<int> runs_of(const std::vector<int>& layers) {
  std::vector<int> runs;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    const bool same = layer > 0 && layers[layer] == layers[layer - 1];
    runs.push_back(layer == 0 ? 0 : runs.back() + (same ? 0 : 1));
  }
  return runs;
}

}  // namespace

IntervalKeys::IntervalKeys(const std::vector<int>& layers)
    : layers_(layers.size()), keys_((layers_ + 1) * (layers_ + 1), -1) {
  const std::vector<int> run = runs_of(layers);
  // Inside one run the type and the length tell all; an interval over several runs is like no
  // other.
  std::map<std::pair<int, int>, int> within_run;
  const auto new_key = [&](std::size_t begin, std::size_t end) {
    intervals_.push_back(interval_of(layers, begin, end));
    return static_cast<int>(intervals_.size()) - 1;
  };
  for (std::size_t begin = 0; begin < layers_; ++begin) {
    for (std::size_t end = begin + 1; end <= layers_; ++end) {
      int& key = keys_[slot(static_cast<int>(begin), static_cast<int>(end))];
      if (run[begin] != run[end - 1]) {
        key = new_key(begin, end);
        continue;
      }
      const std::pair name{layers[begin], static_cast<int>(end - begin)};
      const auto [known, is_new] = within_run.try_emplace(name, 0);
      if (is_new) known->second = new_key(begin, end);
      key = known->second;
    }
  }
}

}  // namespace galvatron::search
