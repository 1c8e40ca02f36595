#include "planner/search/relaxation.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "planner/plan/hardware_yaml.h"
#include "planner/search/deadline.h"
#include "planner/search/least_budget.h"

namespace galvatron {
namespace {

// By how little it changes what is computed.
constexpr const char* kAxes[] = {"recompute", "micro_batches", "zero", "sequence_parallel",
                                 "order",     "tensor",        "data", "schedule",
                                 "pipeline"};

constexpr int kMostTimesTheNodes = 64;
constexpr int kMostDevices = 1 << 16;

bool is_restricted(const PlanInputs& inputs, const std::string& axis) {
  const std::vector<AxisRestriction>& only = inputs.search.only;
  return std::any_of(only.begin(), only.end(),
                     [&](const AxisRestriction& restriction) { return restriction.axis == axis; });
}

std::vector<std::string> restricted_axes(const PlanInputs& inputs) {
  std::vector<std::string> axes;
  for (const char* axis : kAxes) {
    if (is_restricted(inputs, axis)) axes.emplace_back(axis);
  }
  return axes;
}

// Smaller batches worth a try, largest first: those that the devices, or a divisor of them, divide,
// and halves of the batch down to one sample.
std::vector<std::int64_t> smaller_batches(std::int64_t batch, std::int64_t devices) {
  std::set<std::int64_t, std::greater<>> smaller;
  for (const std::int64_t part : divisors(devices)) smaller.insert((batch - 1) / part * part);
  for (std::int64_t half = batch / 2; half >= 1; half /= 2) smaller.insert(half);
  smaller.erase(0);
  return {smaller.begin(), smaller.end()};
}

// Counts above `few`, which do not suffice, up to twice as many: in quarters, or every one of few.
std::vector<int> counts_to_twice(int few) {
  std::vector<int> counts;
  const int step = std::max(1, few / 4);
  for (int count = few + step; count < 2 * few; count += step) counts.push_back(count);
  counts.push_back(2 * few);
  return counts;
}

class RelaxationSearch {
 public:
  RelaxationSearch(const SearchRequest& request, const RelaxationControl& control)
      : request_(request),
        graph_(build_layer_graph(request.model)),
        deadline_(control.time_limit, control.interrupted) {}

  Relaxations run() {
    relax_budget();
    relax_restrictions();
    relax_batch();
    relax_nodes();
    move_budget_beyond_device();
    return {.found = std::move(found_), .is_complete = !deadline_.passed()};
  }

 private:
  // What `ask` says of one of the request's batches.
  template <typename Ask>
  auto ask_of_batch(const SearchRequest& request, std::int64_t batch, Ask ask) const {
    const SearchSpace space = read_space(request.inputs.search.only, request.inputs.runtime).space;
    PriceBook prices({.graph = graph_,
                      .space = space,
                      .hardware = request.inputs.hardware,
                      .runtime = request.inputs.runtime,
                      .profile = request.inputs.profile,
                      .job = request.job});
    return ask({prices, request.inputs, batch}, [this] { return deadline_.passed(); });
  }

  bool fits(const SearchRequest& request) const {
    return std::any_of(request.global_batches.begin(), request.global_batches.end(),
                       [&](std::int64_t batch) { return ask_of_batch(request, batch, has_plan); });
  }

  void relax_budget() {
    std::optional<Bytes> least;
    for (const std::int64_t batch : request_.global_batches) {
      const std::optional<Bytes> needed = ask_of_batch(request_, batch, least_budget);
      if (needed && (!least || *needed < *least)) least = needed;
    }
    if (least) found_.push_back({.input = RelaxedInput::memory_budget, .value = least->value});
  }

  // A budget that no device has is no change that can be made here: others come first.
  void move_budget_beyond_device() {
    const Bytes memory = request_.inputs.hardware.device.memory;
    std::stable_partition(found_.begin(), found_.end(), [&](const Relaxation& relaxation) {
      return relaxation.input != RelaxedInput::memory_budget || Bytes{relaxation.value} <= memory;
    });
  }

  bool fits_without(const std::vector<std::string>& axes) const {
    SearchRequest request = request_;
    std::erase_if(request.inputs.search.only, [&](const AxisRestriction& restriction) {
      return std::find(axes.begin(), axes.end(), restriction.axis) != axes.end();
    });
    return fits(request);
  }

  void relax_restrictions() {
    const std::vector<std::string> axes = restricted_axes(request_.inputs);
    const std::size_t before = found_.size();
    for (const std::string& axis : axes) {
      if (fits_without({axis})) {
        found_.push_back({.input = RelaxedInput::restrictions, .axes = {axis}});
      }
    }
    if (found_.size() == before && axes.size() > 1 && fits_without(axes)) {
      found_.push_back({.input = RelaxedInput::restrictions, .axes = axes});
    }
  }

  void relax_batch() {
    const std::int64_t least =
        *std::min_element(request_.global_batches.begin(), request_.global_batches.end());
    SearchRequest request = request_;
    for (const std::int64_t batch :
         smaller_batches(least, device_count(request_.inputs.hardware))) {
      request.global_batches = {batch};
      if (!fits(request)) continue;
      found_.push_back({.input = RelaxedInput::global_batch, .value = batch});
      return;
    }
  }

  bool fits_on(int nodes) const {
    SearchRequest request = request_;
    request.inputs.hardware.nodes = nodes;
    return missing_keys(request.inputs.hardware).empty() && fits(request);
  }

  void relax_nodes() {
    const int nodes = request_.inputs.hardware.nodes;
    const int devices = device_count(request_.inputs.hardware);
    for (int factor = 2; factor <= kMostTimesTheNodes; factor *= 2) {
      if (devices > kMostDevices / factor) return;
      if (!fits_on(nodes * factor)) continue;
      const std::vector<int> counts = counts_to_twice(nodes * factor / 2);
      const auto fewest = std::find_if(counts.begin(), counts.end() - 1,
                                       [this](int count) { return fits_on(count); });
      found_.push_back({.input = RelaxedInput::nodes, .value = *fewest});
      return;
    }
  }

  const SearchRequest& request_;
  LayerGraph graph_;
  Deadline deadline_;
  std::vector<Relaxation> found_;
};

}  // namespace

Relaxations find_relaxations(const SearchRequest& request, const RelaxationControl& control) {
  return RelaxationSearch(request, control).run();
}

}  // namespace galvatron
