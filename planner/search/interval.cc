#include "planner/search/interval.h"

#include <array>
#include <map>

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
  std::vector<int> first_of_run(layers_, 0);
  for (std::size_t layer = 1; layer < layers_; ++layer) {
    first_of_run[layer] =
        run[layer] == run[layer - 1] ? first_of_run[layer - 1] : static_cast<int>(layer);
  }
  // Inside one run the type and the length tell all; otherwise the first and last run and how far
  // the interval reaches into each.
  std::map<std::array<int, 4>, int> known;
  for (std::size_t begin = 0; begin < layers_; ++begin) {
    for (std::size_t end = begin + 1; end <= layers_; ++end) {
      const std::size_t last = end - 1;
      const bool within = run[begin] == run[last];
      const std::array<int, 4> name =
          within ? std::array{-1, layers[begin], static_cast<int>(end - begin), 0}
                 : std::array{run[begin], static_cast<int>(begin), run[last],
                              static_cast<int>(last) - first_of_run[last]};
      const auto [entry, is_new] = known.try_emplace(name, static_cast<int>(intervals_.size()));
      if (is_new) intervals_.push_back(interval_of(layers, begin, end));
      keys_[slot(static_cast<int>(begin), static_cast<int>(end))] = entry->second;
    }
  }
}

}  // namespace galvatron::search
