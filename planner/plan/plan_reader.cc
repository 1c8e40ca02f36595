#include <fmt/format.h>

#include <optional>
#include <utility>

#include "planner/files/reader.h"
#include "planner/plan/decisions_yaml.h"
#include "planner/plan/fingerprint.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/model_profile_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/proof_yaml.h"
#include "planner/plan/runtime_yaml.h"

namespace galvatron {
namespace {

MemoryParts read_memory_parts(MapReader reader) {
  const auto bytes = [&](std::string_view key) { return reader.required<Bytes>(key); };
  const MemoryParts parts{.parameters = bytes("parameters"),
                          .gradients = bytes("gradients"),
                          .optimizer = bytes("optimizer"),
                          .activations = bytes("activations"),
                          .transient = bytes("transient"),
                          .context = bytes("context"),
                          .communicators = bytes("communicators"),
                          .reserve = bytes("reserve")};
  reader.finish();
  return parts;
}

Seconds read_seconds(MapReader& reader, std::string_view key) {
  return {reader.required<double>(key, at_least(0))};
}

Prediction read_prediction(MapReader reader, std::size_t stages) {
  Prediction predicted{.step = read_seconds(reader, "step_seconds"),
                       .closed_form = read_seconds(reader, "closed_form_seconds")};
  for (MapReader& stage : reader.required_maps("stages")) {
    predicted.stages.push_back(
        {.seconds_per_micro_batch = read_seconds(stage, "seconds_per_micro_batch"),
         .memory = read_memory_parts(stage.required_map("memory_bytes"))});
    stage.finish();
  }
  if (predicted.stages.size() != stages && !reader.has_errors()) {
    reader.refuse("stages", fmt::format("must be one per stage of the plan ({}), got {}", stages,
                                        predicted.stages.size()));
  }
  reader.finish();
  return predicted;
}

Certificate read_certificate(MapReader reader) {
  const Certificate certificate{.optimal = reader.required<bool>("optimal"),
                                .lower_bound = read_seconds(reader, "lower_bound_seconds"),
                                .gap = reader.required<double>("gap", between(0, 1))};
  reader.finish();
  return certificate;
}

SearchOptions read_search(MapReader reader) {
  SearchOptions search{.only = {}, .gap = reader.required<double>("gap", between(0, 1))};
  for (MapReader& only : reader.optional_maps("only")) {
    search.only.push_back({.axis = only.required<std::string>("axis"),
                           .values = only.required_list<std::string>("values")});
    only.finish();
  }
  reader.finish();
  return search;
}

void check_hashes(MapReader reader, const PlanInputs& inputs) {
  for (const InputSection& section : input_sections(inputs)) {
    const auto hash = reader.required<std::string>(section.name);
    const std::string expected = fingerprint(section.text);
    if (hash == expected || hash.empty()) continue;
    reader.refuse(section.name,
                  fmt::format("must be {}, got {}: the inputs were edited after the plan was made",
                              expected, hash));
  }
  reader.finish();
}

PlanInputs read_inputs(MapReader reader) {
  PlanInputs inputs;
  MapReader memory = reader.required_map("memory");
  inputs.memory_budget = memory.required<Bytes>("budget_bytes");
  inputs.memory_reserve = memory.required<Bytes>("reserve_bytes");
  memory.finish();
  inputs.search = read_search(reader.required_map("search"));
  MapReader hardware = reader.required_map("hardware");
  inputs.hardware = read_hardware(hardware);
  MapReader runtime = reader.required_map("runtime");
  inputs.runtime = read_runtime(runtime);
  if (std::optional<MapReader> profile = reader.optional_map("profile")) {
    inputs.profile = read_model_profile(*profile);
  }
  MapReader hashes = reader.required_map("hashes");
  if (!reader.has_errors()) check_hashes(hashes, inputs);
  reader.finish();
  return inputs;
}

Plan read_document_as_plan(const Document& document) {
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  const int version = reader.required<int>("version");
  if (version != kPlanVersion && !reader.has_errors()) {
    reader.refuse("version", fmt::format("must be {}, got {}", kPlanVersion, version));
  }
  errors.throw_if_any();  // keys of another version mean other things
  Plan plan;
  read_decisions(reader, plan);
  plan.predicted = read_prediction(reader.required_map("predicted"), plan.stages.size());
  if (std::optional<MapReader> certificate = reader.optional_map("certificate")) {
    plan.certificate = read_certificate(*certificate);
  }
  if (std::optional<MapReader> inputs = reader.optional_map("inputs")) {
    plan.inputs = read_inputs(*inputs);
  }
  if (std::optional<MapReader> proof = reader.optional_map("proof")) {
    plan.proof = read_proof(*proof);
  }
  reader.finish();
  errors.throw_if_any();
  return plan;
}

}  // namespace

Plan read_plan(const std::string& path) {
  return read_document_as_plan(read_document(path, kPlanLimit));
}

Plan read_plan(Source source) { return read_document_as_plan(parse_yaml(std::move(source))); }

}  // namespace galvatron
