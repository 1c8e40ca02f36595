#include "planner/search/problem.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>

#include "planner/search/wide.h"

namespace galvatron::search {
namespace {

constexpr Wide kLargestStep = Wide{1} << 61;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument("search problem: " + what);
}

void require(bool condition, const char* what) {
  if (!condition) refuse(what);
}

void require_tolls(const std::vector<Toll>& tolls, std::size_t expected, const std::string& name) {
  if (!tolls.empty() && tolls.size() != expected) {
    refuse(name + " must have " + std::to_string(expected) + " tolls, got " +
           std::to_string(tolls.size()));
  }
  for (const Toll& toll : tolls) {
    if (toll.time < 0 || toll.transient < 0) refuse(name + " must not be negative");
  }
}

void require_option(const Problem& problem, const Option& option) {
  if (option.layout < 0 || option.layout >= problem.layouts) {
    refuse("layout must be below " + std::to_string(problem.layouts) + ", got " +
           std::to_string(option.layout));
  }
  require(option.time >= 0 && option.backward >= 0 && option.sync >= 0 && option.optimizer >= 0,
          "times must not be negative");
  require(option.states >= 0 && option.activations >= 0 && option.transient >= 0,
          "bytes must not be negative");
  require(option.backward <= option.time, "backward is part of time and must not exceed it");
}

Wide largest_toll(const std::vector<Toll>& tolls) {
  Time largest = 0;
  for (const Toll& toll : tolls) largest = std::max(largest, toll.time);
  return largest;
}

Size largest_transient(const std::vector<Toll>& tolls) {
  Size largest = 0;
  for (const Toll& toll : tolls) largest = std::max(largest, toll.transient);
  return largest;
}

// Upper bounds of what one layer of the type can add to the step and to a stage's memory.
struct Extent {
  Wide time = 0;
  Wide bytes = 0;
};

Extent extent_of(const Problem& problem, const LayerType& type) {
  std::int64_t in_flight = 0;
  for (const StageShape& stage : problem.stages) in_flight = std::max(in_flight, stage.in_flight);
  const std::vector<Toll>& switches =
      problem.switches[static_cast<std::size_t>(type.switch_table)].tolls;
  const Wide tolls = largest_toll(type.enter) + largest_toll(type.leave) + largest_toll(switches);
  const Wide buffers = Wide{largest_transient(type.enter)} + largest_transient(type.leave) +
                       largest_transient(switches) + type.enter_bytes + type.leave_bytes;
  Extent extent;
  for (const Option& option : type.options) {
    extent.time = std::max(extent.time, problem.micro_batches * (option.time + tolls) +
                                            option.sync + option.optimizer);
    extent.bytes = std::max(extent.bytes, option.states + Wide{in_flight} * option.activations +
                                              option.transient + buffers);
  }
  return extent;
}

void require_bonds(const Problem& problem) {
  require(problem.bonds.empty() || problem.stages.size() > 1, "bonds need several stages");
  const int layers = static_cast<int>(problem.layers.size());
  for (const auto& [one, other, together] : problem.bonds) {
    require(std::min(one, other) >= 0 && std::max(one, other) < layers && one != other,
            "a bond must be between two layers");
  }
}

void require_cut(const Problem& problem) {
  const std::vector<int>& begins = problem.stage_begin;
  if (begins.empty()) return;
  require(begins.size() == problem.stages.size(), "a given cut must have all stages");
  require(begins.front() == 0, "the first stage must begin with the first layer");
  require(
      begins.back() < static_cast<int>(problem.layers.size()) &&
          std::adjacent_find(begins.begin(), begins.end(), std::greater_equal<>()) == begins.end(),
      "every stage of a given cut must hold a layer");
}

void require_range(const Problem& problem) {
  Wide time = problem.constant_time;
  Wide bytes = problem.memory_budget;
  for (const StageShape& stage : problem.stages) bytes += stage.fixed_bytes;
  std::vector<Extent> extents;
  for (const LayerType& type : problem.types) extents.push_back(extent_of(problem, type));
  for (const int type : problem.layers) {
    const Extent& extent = extents[static_cast<std::size_t>(type)];
    time += extent.time;
    bytes += extent.bytes;
  }
  if (time > kLargestStep) {
    throw std::range_error("search problem: the slowest step exceeds 2^61 ps (27 days)");
  }
  if (bytes > kLargestStep) {
    throw std::range_error("search problem: the bytes of a stage exceed 2^61");
  }
}

void add_layer(StageCost& stage, const Option& option, std::int64_t in_flight) {
  stage.time += option.time;
  stage.backward += option.backward;
  stage.sync += option.sync;
  stage.optimizer += option.optimizer;
  stage.states += option.states;
  stage.activations += in_flight * option.activations;
  stage.transient = std::max(stage.transient, option.transient);
}

void add_toll(StageCost& stage, const Toll& toll) {
  stage.time += toll.time;
  stage.transient = std::max(stage.transient, toll.transient);
}

}  // namespace

std::vector<StageShape> one_forward_one_backward_stages(int pipeline, std::int64_t micro_batches,
                                                        Size fixed_bytes) {
  std::vector<StageShape> stages;
  stages.reserve(static_cast<std::size_t>(pipeline));
  for (int stage = 0; stage < pipeline; ++stage) {
    stages.push_back({.in_flight = std::min<std::int64_t>(micro_batches, pipeline - stage),
                      .fixed_bytes = fixed_bytes});
  }
  return stages;
}

std::vector<StageShape> gpipe_stages(int pipeline, std::int64_t micro_batches, Size fixed_bytes) {
  return std::vector<StageShape>(
      static_cast<std::size_t>(pipeline),
      StageShape{.in_flight = micro_batches, .fixed_bytes = fixed_bytes});
}

bool has_cut(const Problem& problem) {
  const std::size_t layers = problem.layers.size();
  std::vector<bool> begins(layers + 1);  // where the current stage may begin
  begins[0] = true;
  for (int stage = 0; stage < static_cast<int>(problem.stages.size()); ++stage) {
    std::vector<bool> ends(layers + 1);
    for (std::size_t begin = 0; begin < layers; ++begin) {
      if (!begins[begin]) continue;
      for (std::size_t end = begin + 1; end <= layers; ++end) {
        if (may_hold(problem, stage, static_cast<int>(begin), static_cast<int>(end))) {
          ends[end] = true;
        }
      }
    }
    begins = std::move(ends);
  }
  return begins[layers];
}

void require_valid(const Problem& problem) {
  const auto layouts = static_cast<std::size_t>(std::max(problem.layouts, 0));
  require(problem.micro_batches >= 1, "micro_batches must be at least 1");
  require(!problem.stages.empty(), "there must be a stage");
  require(problem.layers.size() >= problem.stages.size(), "there are fewer layers than stages");
  require(problem.memory_budget >= 0 && problem.constant_time >= 0,
          "budget and constant time must not be negative");
  for (const StageShape& stage : problem.stages) {
    require(stage.in_flight >= 0 && stage.fixed_bytes >= 0, "a stage must not be negative");
  }
  require_cut(problem);
  require_bonds(problem);
  for (const SwitchTable& table : problem.switches) {
    require_tolls(table.tolls, layouts * layouts, "a switch table");
  }
  for (const LayerType& type : problem.types) {
    require_tolls(type.enter, layouts, "enter");
    require_tolls(type.leave, layouts, "leave");
    require(type.enter_bytes >= 0 && type.leave_bytes >= 0, "a boundary must not be negative");
    if (type.switch_table < 0 ||
        static_cast<std::size_t>(type.switch_table) >= problem.switches.size()) {
      refuse("switch_table " + std::to_string(type.switch_table) + " does not exist");
    }
    for (const Option& option : type.options) require_option(problem, option);
  }
  for (const int type : problem.layers) {
    if (type < 0 || static_cast<std::size_t>(type) >= problem.types.size()) {
      refuse("layer type " + std::to_string(type) + " does not exist");
    }
  }
  require_range(problem);
}

Toll enter_toll(const LayerType& type, int layout) {
  return type.enter.empty() ? Toll{} : type.enter[static_cast<std::size_t>(layout)];
}

Toll leave_toll(const LayerType& type, int layout) {
  return type.leave.empty() ? Toll{} : type.leave[static_cast<std::size_t>(layout)];
}

Toll switch_toll(const Problem& problem, const LayerType& from, Crossing crossing) {
  return switch_toll(problem, problem.switches[static_cast<std::size_t>(from.switch_table)],
                     crossing);
}

Toll switch_toll(const Problem& problem, const SwitchTable& table, Crossing crossing) {
  if (crossing.from == crossing.to || table.tolls.empty()) return {};
  return table
      .tolls[static_cast<std::size_t>(crossing.from) * static_cast<std::size_t>(problem.layouts) +
             static_cast<std::size_t>(crossing.to)];
}

StageCost stage_cost(const Problem& problem, const StageShape& shape, const StageLayers& layers) {
  const auto type_of = [&](std::size_t layer) -> const LayerType& {
    return problem.types[static_cast<std::size_t>(layers.types[layer])];
  };
  const auto option_of = [&](std::size_t layer) -> const Option& {
    return type_of(layer).options[static_cast<std::size_t>(layers.options[layer])];
  };
  const std::size_t count = layers.types.size();
  StageCost stage{.fixed = shape.fixed_bytes + boundary_bytes(type_of(0), type_of(count - 1))};
  add_toll(stage, enter_toll(type_of(0), option_of(0).layout));
  for (std::size_t layer = 0; layer < count; ++layer) {
    const Option& option = option_of(layer);
    add_layer(stage, option, shape.in_flight);
    if (layer + 1 == count) break;
    const Crossing crossing{.from = option.layout, .to = option_of(layer + 1).layout};
    add_toll(stage, switch_toll(problem, type_of(layer), crossing));
  }
  add_toll(stage, leave_toll(type_of(count - 1), option_of(count - 1).layout));
  return stage;
}

Exposure most_exposed(const std::vector<StageCost>& stages) {
  Exposure most;
  Time hidden = 0;
  for (std::size_t stage = 0; stage < stages.size(); ++stage) {
    const Time sync = stages[stage].sync - hidden;
    if (sync > most.sync) most = {stage, sync};
    hidden += stages[stage].backward;
  }
  return most;
}

Time step_time(const Problem& problem, const std::vector<StageCost>& stages) {
  Time sum = 0, slowest = 0, optimizer = 0;
  for (const StageCost& stage : stages) {
    sum += stage.time;
    slowest = std::max(slowest, stage.time);
    optimizer = std::max(optimizer, stage.optimizer);
  }
  return sum + (problem.micro_batches - 1) * slowest + most_exposed(stages).sync + optimizer +
         problem.constant_time;
}

PlanCost cost_of(const Problem& problem, const Assignment& assignment) {
  PlanCost cost;
  for (std::size_t i = 0; i < problem.stages.size(); ++i) {
    const auto begin = static_cast<std::size_t>(assignment.stage_begin[i]);
    const std::size_t end = i + 1 < problem.stages.size()
                                ? static_cast<std::size_t>(assignment.stage_begin[i + 1])
                                : problem.layers.size();
    StageLayers layers;
    for (std::size_t layer = begin; layer < end; ++layer) {
      layers.types.push_back(problem.layers[layer]);
      layers.options.push_back(assignment.option[layer]);
    }
    cost.stages.push_back(stage_cost(problem, problem.stages[i], layers));
  }
  cost.total = step_time(problem, cost.stages);
  return cost;
}

bool fits(const Problem& problem, const PlanCost& cost) {
  return std::all_of(cost.stages.begin(), cost.stages.end(), [&](const StageCost& stage) {
    return peak_bytes(stage) <= problem.memory_budget;
  });
}

}  // namespace galvatron::search
