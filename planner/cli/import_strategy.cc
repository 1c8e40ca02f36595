#include "planner/cli/import_strategy.h"

#include <stdexcept>

#include "planner/cli/failure.h"
#include "planner/cli/profile_files.h"
#include "planner/files/atomic_write.h"
#include "planner/files/document.h"
#include "planner/import/galvatron_strategy.h"
#include "planner/model/model_file.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/runtime_yaml.h"
#include "planner/schedule/price.h"

namespace galvatron {

bool is_galvatron_strategy(const std::string& file) {
  if (!file.ends_with(".json")) return false;
  const Document document = read_document(file, kRequestLimit);
  return find(document.root, "pp_deg") != nullptr;
}

void import_strategy(const StrategyImport& what) {
  if (what.model.empty() || what.hardware.empty()) {
    throw UsageError(what.file + " is a strategy: it needs --model and --hardware",
                     "the plan is for all devices of the profile");
  }
  const std::string path = find_hardware_profile(what.hardware);
  PlanInputs inputs{.hardware = read_hardware(path),
                    .runtime = read_runtime(find_runtime("galvatron", path))};
  inputs.memory_budget = inputs.hardware.device.memory;
  const Precision precision =
      computes_in(inputs.hardware, Precision::bf16) ? Precision::bf16 : Precision::fp32;
  Plan plan = read_galvatron_strategy(read_source(what.file, kRequestLimit),
                                      {.model = read_model(what.model).model,
                                       .devices = device_count(inputs.hardware),
                                       .precision = precision});
  plan.inputs = inputs;
  plan.predicted = price(plan, build_layer_graph(plan.model));
  write_atomically(what.output, plan_yaml(plan));
}

void export_strategy(const std::string& plan, const std::string& output) {
  try {
    write_atomically(output, galvatron_strategy(read_plan(plan)));
  } catch (const std::invalid_argument& error) {
    throw UsageError(plan + ": " + error.what());
  }
}

}  // namespace galvatron
