#include <string>

#include "planner/files/writer.h"
#include "planner/model/model_yaml.h"
#include "planner/plan/fingerprint.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/model_profile_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/proof_yaml.h"
#include "planner/plan/runtime_yaml.h"
#include "planner/plan/structure.h"

namespace galvatron {
namespace {

void write_job(YamlWriter& out, const Plan& plan) {
  out.field("global_batch", plan.job.global_batch);
  out.field("micro_batches", plan.micro_batches);
  out.field("schedule", name_of(kScheduleNames, plan.schedule));
  out.field("precision", name_of(kPrecisionNames, plan.job.precision));
  if (plan.job.clip_grad_norm) out.field("clip_grad_norm", *plan.job.clip_grad_norm);
  out.field("dropout", plan.job.dropout);
  const auto& [virtual_stages, context, shard_group] = plan.priced_only;
  if (virtual_stages > 1) out.field("virtual_stages", virtual_stages);
  if (context > 1) out.field("context", context);
  if (shard_group > 0) out.field("shard_group", shard_group);
}

void write_run(YamlWriter& out, const LayerRun& run) {
  const Strategy& strategy = run.strategy;
  out.flow("layers", std::vector<int>{run.first_layer, run.last_layer});
  out.field("tensor", strategy.tensor);
  out.field("data", strategy.data);
  out.field("order", name_of(kOrderNames, strategy.order));
  out.field("zero", static_cast<int>(strategy.zero));
  out.field("sequence_parallel", strategy.sequence_parallel);
  out.field("recompute", name_of(kRecomputeNames, strategy.recompute));
}

void write_stage(YamlWriter& out, const Plan& plan, int stage) {
  const int devices = devices_per_stage(plan);
  out.flow("devices", std::vector<int>{stage * devices, (stage + 1) * devices - 1});
  out.list("runs", [&] {
    for (const LayerRun& run : layer_runs(plan, stage)) {
      out.item([&] { write_run(out, run); });
    }
  });
}

void write_prediction(YamlWriter& out, const Prediction& predicted) {
  out.field("step_seconds", predicted.step.value);
  out.field("closed_form_seconds", predicted.closed_form.value);
  out.list("stages", [&] {
    for (const StagePrediction& stage : predicted.stages) {
      out.item([&] {
        out.field("seconds_per_micro_batch", stage.seconds_per_micro_batch.value);
        out.map("memory_bytes", [&] {
          for_each_field(stage.memory,
                         [&](const char* name, Bytes part) { out.field(name, part.value); });
        });
      });
    }
  });
}

void write_certificate(YamlWriter& out, const Certificate& certificate) {
  out.field("optimal", certificate.optimal);
  out.field("lower_bound_seconds", certificate.lower_bound.value);
  out.field("gap", certificate.gap);
}

void write_memory(YamlWriter& out, const PlanInputs& inputs) {
  out.field("budget_bytes", inputs.memory_budget.value);
  out.field("reserve_bytes", inputs.memory_reserve.value);
}

void write_search(YamlWriter& out, const SearchOptions& search) {
  out.field("gap", search.gap);
  if (search.only.empty()) return;
  out.list("only", [&] {
    for (const AxisRestriction& restriction : search.only) {
      out.item([&] {
        out.field("axis", restriction.axis);
        out.flow("values", restriction.values);
      });
    }
  });
}

void write_section(YamlWriter& out, const std::string& name, const PlanInputs& inputs) {
  if (name == "memory") write_memory(out, inputs);
  if (name == "search") write_search(out, inputs.search);
  if (name == "hardware") write_hardware(out, inputs.hardware);
  if (name == "runtime") write_runtime(out, inputs.runtime);
  if (name == "profile") write_model_profile(out, *inputs.profile);
}

void write_inputs(YamlWriter& out, const PlanInputs& inputs) {
  const std::vector<InputSection> sections = input_sections(inputs);
  out.map("hashes", [&] {
    for (const InputSection& section : sections) {
      out.field(section.name, fingerprint(section.text));
    }
  });
  for (const InputSection& section : sections) {
    out.map(section.name, [&] { write_section(out, section.name, inputs); });
  }
}

}  // namespace

std::vector<InputSection> input_sections(const PlanInputs& inputs) {
  std::vector<InputSection> sections;
  std::vector<const char*> names{"memory", "search", "hardware", "runtime"};
  if (inputs.profile) names.push_back("profile");
  for (const char* name : names) {
    YamlWriter out;
    write_section(out, name, inputs);
    sections.push_back({.name = name, .text = out.text()});
  }
  return sections;
}

std::string plan_yaml(const Plan& plan) {
  YamlWriter out;
  out.field("version", kPlanVersion);
  out.map("model", [&] { write_model_yaml(out, plan.model); });
  out.map("job", [&] { write_job(out, plan); });
  out.field("devices", plan.devices);
  out.list("stages", [&] {
    for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
      out.item([&] { write_stage(out, plan, stage); });
    }
  });
  out.map("predicted", [&] { write_prediction(out, plan.predicted); });
  if (plan.certificate) {
    out.map("certificate", [&] { write_certificate(out, *plan.certificate); });
  }
  if (plan.inputs) out.map("inputs", [&] { write_inputs(out, *plan.inputs); });
  if (plan.proof) out.map("proof", [&] { write_proof(out, *plan.proof); });
  return out.text();
}

}  // namespace galvatron
