// The inputs that `plan`, `estimate` and `sweep` share, as they stand on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "planner/cli/ranges.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct InputArguments {
  std::string model;
  std::string hardware;
  std::string runtime = "galvatron";
  std::string profile;
  std::string global_batch;  // B or LO:HI:STEP
  std::optional<int> nodes;
  std::optional<int> devices_per_node;
  std::vector<std::string> set;  // KEY=VALUE
  std::string memory_budget;
  std::string memory_reserve;
  std::optional<std::int64_t> sequence;
  std::string precision;
  enum class Precisions { executed, priced } precisions = Precisions::executed;
  std::optional<double> clip_grad_norm;
  bool no_dropout = false;
};

void add_input_options(CLI::App& command, InputArguments& arguments);

// Those of them that `sweep` takes as they are; it has ranges for nodes, batch and budget.
void add_model_options(CLI::App& command, InputArguments& arguments);

// What the arguments mean once the files they name are read. Warnings are for standard error.
struct PlanningInputs {
  Model model;
  Job job;  // its global batch is the first of the next
  std::vector<std::int64_t> global_batches;
  PlanInputs inputs;
  std::vector<std::string> warnings;
};

// Throws UsageError for an argument, SpecError for a file.
PlanningInputs read_inputs(const InputArguments& arguments);

// --sequence. Throws UsageError beyond the model's positions.
Model with_sequence(Model model, std::int64_t sequence);

// "tensor=1,2" -> {tensor, [1, 2]}; `name` is the option's, for the error.
AxisRestriction parse_restriction(const std::string& name, const std::string& text);

}  // namespace galvatron
