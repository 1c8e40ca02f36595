// Prices configurations, one JSON object a line, as `galvatron estimate` does, without its start:
// thousands of published rows in a few seconds. A configuration names files and values:
//
//   {"model": FILE, "hardware": FILE, "set": ["KEY=VALUE", ...], "runtime": FILE, "nodes": N,
//    "devices_per_node": N, "sequence": S, "precision": "bf16", "global_batch": B,
//    "micro_batch": b, "strategy": "pipeline=2,tensor=4"}
//
// or, of stages that somebody else profiled, {"chain": {...}} (price_chain.h).
// Prints per line {"step_seconds", "stages": [{bytes by category}, ...], "blocks": {...}} or
// {"error"}.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "cost_models/layer_passes.h"
#include "planner/model/model_file.h"
#include "planner/plan/global_strategy.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/runtime_space.h"
#include "planner/plan/runtime_yaml.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/price.h"
#include "test/accuracy/price_chain.h"

namespace galvatron {
namespace {

using Json = nlohmann::ordered_json;

// Files are read once.
class Files {
 public:
  const Model& model(const std::string& path) {
    return known(models_, path, [](const std::string& file) { return read_model(file).model; });
  }
  const Hardware& hardware(const std::string& path) {
    return known(hardware_, path, [](const std::string& file) { return read_hardware(file); });
  }
  const Runtime& runtime(const std::string& path) {
    return known(runtimes_, path, [](const std::string& file) { return read_runtime(file); });
  }

 private:
  template <typename T, typename Read>
  static const T& known(std::map<std::string, T>& files, const std::string& path, Read read) {
    const auto found = files.find(path);
    return found != files.end() ? found->second : files.emplace(path, read(path)).first->second;
  }

  std::map<std::string, Model> models_;
  std::map<std::string, Hardware> hardware_;
  std::map<std::string, Runtime> runtimes_;
};

Hardware hardware_of(const Json& row, Files& files) {
  Hardware hardware = files.hardware(row.at("hardware"));
  hardware.nodes = row.value("nodes", hardware.nodes);
  hardware.devices_per_node = row.value("devices_per_node", hardware.devices_per_node);
  for (const std::string assignment : row.value("set", Json::array())) {
    const std::size_t equals = assignment.find('=');
    hardware =
        set_hardware_key(hardware, assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  if (const auto missing = missing_keys(hardware); !missing.empty()) {
    throw std::invalid_argument(missing.front() + " is missing");
  }
  return hardware;
}

Plan plan_of(const Json& row, Files& files) {
  Model model = files.model(row.at("model"));
  model.sequence_length = row.at("sequence");
  const Runtime& runtime = files.runtime(row.at("runtime"));
  const auto precision = value_of(kPrecisionNames, row.at("precision").get<std::string>());
  if (!precision || !runtime.states[*precision]) throw std::invalid_argument("precision");
  const Hardware hardware = hardware_of(row, files);
  const LayerGraph graph = build_layer_graph(model);
  Plan plan = global_plan({.model = model,
                           .job = {.global_batch = row.at("global_batch"), .precision = *precision},
                           .devices = device_count(hardware),
                           .micro_batch = row.at("micro_batch"),
                           .stages = laws_of(runtime).stages},
                          parse_global_strategy(row.at("strategy")), graph);
  plan.inputs =
      PlanInputs{.hardware = hardware, .runtime = runtime, .memory_budget = hardware.device.memory};
  for (const auto& problem : check_structure(plan, graph)) {
    throw std::invalid_argument(to_text(problem));
  }
  for (const auto& problem : check_runtime_space(plan, graph)) {
    throw std::invalid_argument(to_text(problem));
  }
  return plan;
}

// Of the first block: what one layer takes.
Json block_json(const Plan& plan, const LayerGraph& graph) {
  const LayerPasses passes =
      layer_passes(layer_at(graph, 1), setting_of(plan, graph, 1), cluster_of(plan));
  return {{"forward_seconds", passes.forward.value},
          {"backward_seconds", (passes.recompute + passes.backward).value}};
}

Json priced(const Plan& plan) {
  const LayerGraph graph = build_layer_graph(plan.model);
  const Prediction prediction = price(plan, graph);
  Json json{{"step_seconds", prediction.step.value}};
  for (const StagePrediction& stage : prediction.stages) {
    Json parts = Json::object();
    for_each_field(stage.memory, [&](std::string_view name, Bytes size) {
      parts[std::string(name)] = size.value;
    });
    json["stages"].push_back(std::move(parts));
  }
  json["block"] = block_json(plan, graph);
  return json;
}

}  // namespace
}  // namespace galvatron

int main() {
  galvatron::Files files;
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const auto row = galvatron::Json::parse(line);
      const auto answer = row.contains("chain") ? galvatron::priced_chain(row.at("chain"))
                                                : galvatron::priced(galvatron::plan_of(row, files));
      fmt::print("{}\n", answer.dump());
    } catch (const std::exception& error) {
      fmt::print("{}\n", galvatron::Json{{"error", error.what()}}.dump());
    }
  }
  return 0;
}
