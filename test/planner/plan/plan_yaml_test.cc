#include "planner/plan/plan_yaml.h"

#include <cmath>
#include <random>

#include "planner/files/spec_error.h"
#include "planner/plan/fingerprint.h"
#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Texts = std::vector<std::string>;

// Two stages of two devices; the second one's layers differ.
Plan written_plan() {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2},
                         .strategy = {.data = 2, .zero = Zero::optimizer},
                         .micro_batches = 2});
  plan.strategies[2] = {.tensor = 2, .sequence_parallel = true, .recompute = Recompute::full};
  plan.job.clip_grad_norm = 1.0;
  plan.predicted = {.step = {0.25}, .closed_form = {0.3}, .stages = {{{0.1}, {}}, {{0.125}, {}}}};
  plan.predicted.stages[0].memory = {.parameters = {1},
                                     .gradients = {2},
                                     .optimizer = {3},
                                     .activations = {4},
                                     .transient = {5},
                                     .context = {6},
                                     .communicators = {7},
                                     .reserve = {8}};
  plan.inputs.reset();
  return plan;
}

constexpr const char* kWritten = R"(version: 1
model:
  name: tiny
  sequence_length: 8
  family: gpt2
  vocabulary: 16
  positions: 8
  hidden: 8
  layers: 2
  heads: 2
  mlp_width: 32
  activation: gelu_new
  norm_epsilon: 1e-05
  initializer_range: 0.02
  embedding_dropout: 0.1
  residual_dropout: 0.1
  attention_dropout: 0.1
  tied_embeddings: true
job:
  global_batch: 8
  micro_batches: 2
  schedule: 1f1b
  precision: fp32
  clip_grad_norm: 1
  dropout: true
devices: 4
stages:
  - devices: [0, 1]
    runs:
      - layers: [0, 1]
        tensor: 1
        data: 2
        order: tensor_inner
        zero: 1
        sequence_parallel: false
        recompute: none
  - devices: [2, 3]
    runs:
      - layers: [2, 2]
        tensor: 2
        data: 1
        order: tensor_inner
        zero: 0
        sequence_parallel: true
        recompute: full
      - layers: [3, 3]
        tensor: 1
        data: 2
        order: tensor_inner
        zero: 1
        sequence_parallel: false
        recompute: none
predicted:
  step_seconds: 0.25
  closed_form_seconds: 0.3
  stages:
    - seconds_per_micro_batch: 0.1
      memory_bytes:
        parameters: 1
        gradients: 2
        optimizer: 3
        activations: 4
        transient: 5
        context: 6
        communicators: 7
        reserve: 8
    - seconds_per_micro_batch: 0.125
      memory_bytes:
        parameters: 0
        gradients: 0
        optimizer: 0
        activations: 0
        transient: 0
        context: 0
        communicators: 0
        reserve: 0
)";

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto place = text.find(what);
  REQUIRE(place != std::string::npos);
  return text.replace(place, what.size(), by);
}

// "line:column: message" of everything that is wrong with the text.
Texts errors_of(const std::string& text) {
  Texts errors;
  try {
    read_plan(make_source("plan.yaml", text));
  } catch (const SpecError& error) {
    for (const Diagnostic& found : error.diagnostics()) {
      errors.push_back(std::to_string(found.line) + ":" + std::to_string(found.column) + ": " +
                       found.message);
    }
  }
  return errors;
}

TEST_CASE("a plan reads like a document") { CHECK(plan_yaml(written_plan()) == kWritten); }

TEST_CASE("what is read is what was written, byte by byte") {
  Plan plan = written_plan();
  plan.inputs = tiny_inputs(4);
  plan.inputs->hardware.device.memory_rate = {1.2345678901234567e12};
  plan.inputs->hardware.intra_node.bus = {{2, {193e9}}, {8, {227e9}}};
  plan.inputs->memory_reserve = Bytes{12345};
  plan.inputs->search = {.only = {{.axis = "tensor", .values = {"1", "2"}}}, .gap = 1.0 / 3};
  plan.certificate = Certificate{.optimal = true, .lower_bound = {0.1 + 0.2}, .gap = 1e-17};
  plan.predicted.step = {1.0 / 3};
  const std::string text = plan_yaml(plan);
  const Plan back = read_plan(make_source("plan.yaml", text));
  CHECK(back == plan);
  CHECK(plan_yaml(back) == text);
}

TEST_CASE("any times read back as they were") {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> exponent(-12, 6);
  for (int repeat = 0; repeat < 200; ++repeat) {
    Plan plan = written_plan();
    plan.predicted.step = {std::pow(10.0, exponent(random))};
    plan.predicted.closed_form = {std::pow(10.0, exponent(random))};
    CHECK(read_plan(make_source("plan.yaml", plan_yaml(plan))) == plan);
  }
}

TEST_CASE("a plan of another version is refused before anything else") {
  CHECK(errors_of("version: 2\nnews: true\n") == Texts{"1:10: version must be 1, got 2"});
  CHECK(errors_of("devices: 4\n") == Texts{"1:1: the key `version` is missing"});
}

TEST_CASE("every wrong value is named where it stands") {
  std::string text = replaced(kWritten, "micro_batches: 2", "micro_batches: 0");
  text = replaced(text, "schedule: 1f1b", "schedule: 1f2b");
  text = replaced(text, "layers: [2, 2]", "layers: [3, 2]");
  text = replaced(text, "zero: 1", "zero: 4");
  text = replaced(text, "step_seconds: 0.25", "step_seconds: -1");
  CHECK(errors_of(text) ==
        Texts{"21:18: job.micro_batches must be an integer between 1 and 16777216, got 0",
              "22:13: job.schedule must be one of 1f1b, gpipe, got 1f2b",
              "34:15: stages[0].runs[0].zero must be one of 0, 1, 2, 3, got 4",
              "39:17: stages[1].runs[0].layers must be [FIRST, LAST]",
              "54:17: predicted.step_seconds must be a number of at least 0, got -1"});
}

TEST_CASE("every problem of structure is named where it stands, unknown keys besides") {
  std::string text = replaced(kWritten, "tensor: 1\n        data: 2", "tensor: 4\n        data: 2");
  text = replaced(text, "devices: [2, 3]", "devices: [2, 4]");
  text = replaced(text, "recompute: full", "recompute: full\n        shards: 2");
  text = replaced(text, "  dropout: true\n", "  dropout: true\n  droput: true\n");
  CHECK(errors_of(text) ==
        Texts{"32:17: stages[0].runs[0].tensor x data must be the 2 devices of a stage, got 4 x 2",
              "32:17: stages[0].runs[0].tensor must divide num_heads (2), got 4",
              "49:17: stages[1].runs[1].tensor must be 4 as in layer 0, which holds the same table "
              "(transformer.wte.weight), got 1",
              "38:14: stages[1].devices must be [2, 3], got [2, 4]",
              "26:3: unknown key `job.droput`", "47:9: unknown key `stages[1].runs[0].shards`"});
}

TEST_CASE("layers left out and held twice are named at their run") {
  CHECK(errors_of(replaced(kWritten, "layers: [2, 2]", "layers: [1, 2]")) ==
        Texts{"39:17: stages[1].runs[0].layers hold layer 1 twice"});
  CHECK(errors_of(replaced(kWritten, "layers: [0, 1]", "layers: [0, 0]")) ==
        Texts{"39:17: stages[1].runs[0].layers leave out layer 1"});
  CHECK(errors_of(replaced(kWritten, "layers: [3, 3]", "layers: [3, 9]")) ==
        Texts{"28:3: stages hold layers up to 9, but the model's last is 3"});
}

TEST_CASE("predictions are one per stage") {
  const std::string text(kWritten);
  const std::string cut = text.substr(0, text.find("    - seconds_per_micro_batch: 0.125"));
  CHECK(errors_of(cut) ==
        Texts{"57:5: predicted.stages must be one per stage of the plan (2), got 1"});
}

TEST_CASE("a plan keeps the model profile it was made with, under a hash of its own") {
  Plan plan = written_plan();
  plan.inputs = tiny_inputs(4);
  TimingCurve curve;
  append(curve, {{1e-3}, {9e-4}, {2e-3}, 5});
  plan.inputs->profile = ModelProfile{
      .model = "tiny",
      .layers = {{.type = "gpt2_block", .samples = {2}, .forward = curve, .backward = curve}}};
  const std::string text = plan_yaml(plan);
  CHECK(read_plan(make_source("plan.yaml", text)) == plan);
  const Texts errors = errors_of(replaced(text, "median_us: [1000]", "median_us: [1001]"));
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0], Catch::Contains("inputs.hashes.profile must be "));
}

TEST_CASE("inputs that were edited no longer carry their hash") {
  Plan plan = written_plan();
  plan.inputs = tiny_inputs(4);
  const std::string text = plan_yaml(plan);
  const std::string edited = replaced(text, "hbm_gb_per_s: 100", "hbm_gb_per_s: 200");
  plan.inputs->hardware.device.memory_rate = {2e11};
  const auto section = input_sections(*plan.inputs)[2];
  const Texts errors = errors_of(edited);
  REQUIRE(errors.size() == 1);
  CHECK_THAT(errors[0], Catch::Contains("inputs.hashes.hardware must be " +
                                        fingerprint(section.text) + ", got "));
  CHECK_THAT(errors[0], Catch::EndsWith(": the inputs were edited after the plan was made"));
}

TEST_CASE("a hostile plan cannot make many layers out of few bytes") {
  // Each run names a million layers; only runs that follow one another may.
  std::string runs;
  for (int repeat = 0; repeat < 2000; ++repeat) {
    runs +=
        "      - {layers: [0, 1048576], tensor: 1, data: 2, order: tensor_inner, zero: 0, "
        "sequence_parallel: false, recompute: none}\n";
  }
  const std::string text(kWritten);
  const auto begin = text.find("      - layers: [0, 1]");
  const auto end = text.find("  - devices: [2, 3]");
  CHECK(errors_of(text.substr(0, begin) + runs + text.substr(end)).size() > 100);
}

}  // namespace
}  // namespace galvatron
