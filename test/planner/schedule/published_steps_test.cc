// Steps that were run and published, priced with the shipped profiles and runtimes. A few of
// thousands: docs/accuracy.md has all, test/accuracy/run.sh makes it from the published tables.
#include <string>

#include "planner/plan/global_strategy.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/runtime_space.h"
#include "planner/plan/runtime_yaml.h"
#include "planner/schedule/price.h"
#include "test/catch.h"

namespace galvatron {
namespace {

struct PublishedStep {
  Model model;
  std::string hardware;
  std::string runtime;
  int nodes;
  std::string strategy;
  std::int64_t global_batch;
  std::int64_t micro_batch;
  Precision precision;
  Traffic overlap = Traffic::overlapped;  // as the runtime says; blocking: the run was without
};

Plan priced(const PublishedStep& step) {
  const std::string folder = GALVATRON_SOURCE_PROFILES;
  Hardware hardware = read_hardware(folder + "/" + step.hardware + ".yaml");
  hardware.nodes = step.nodes;
  Runtime runtime = read_runtime(folder + "/runtimes/" + step.runtime + ".yaml");
  if (step.overlap == Traffic::blocking) {
    runtime.tensor_backward = Traffic::blocking;
    runtime.gradient_sync = Traffic::blocking;
    runtime.laws->traffic.gather = ParameterGather::blocking;
  }
  const LayerGraph graph = build_layer_graph(step.model);
  Plan plan = global_plan({.model = step.model,
                           .job = {.global_batch = step.global_batch, .precision = step.precision},
                           .devices = device_count(hardware),
                           .micro_batch = step.micro_batch,
                           .stages = laws_of(runtime).stages},
                          parse_global_strategy(step.strategy), graph);
  plan.inputs = PlanInputs{.hardware = hardware, .runtime = runtime};
  REQUIRE(check_structure(plan, graph).empty());
  REQUIRE(check_runtime_space(plan, graph).empty());
  plan.predicted = price(plan, graph);
  return plan;
}

Model gpt(std::int64_t layers, std::int64_t hidden, std::int64_t heads, std::int64_t vocabulary) {
  return {.name = "gpt",
          .sequence_length = 2048,
          .config = Gpt2Config{.vocabulary = vocabulary,
                               .positions = 2048,
                               .hidden = hidden,
                               .layers = layers,
                               .heads = heads,
                               .mlp_width = 4 * hidden}};
}

Model llama(std::int64_t layers, std::int64_t hidden, std::int64_t width, std::int64_t sequence) {
  return {.name = "llama",
          .sequence_length = sequence,
          .config = LlamaConfig{.vocabulary = 128256,
                                .positions = sequence,
                                .hidden = hidden,
                                .layers = layers,
                                .heads = hidden / 128,
                                .key_value_heads = 8,
                                .head_size = 128,
                                .mlp_width = width,
                                .rope_scaling = {}}};
}

double allocated_gib(const Plan& plan) {
  Bytes most;
  for (const StagePrediction& stage : plan.predicted.stages) {
    const MemoryParts& parts = stage.memory;
    most = std::max(most, parts.parameters + parts.gradients + parts.optimizer + parts.activations +
                              parts.transient);
  }
  return static_cast<double>(most.value) / static_cast<double>(kGiB.value);
}

TEST_CASE("a GPT of 175 billion parameters on 768 A100 takes the published 39.42 s") {
  // Narayanan et al., SC 2021, table 2.
  const Plan plan = priced({.model = gpt(96, 12288, 96, 51200),
                            .hardware = "a100_80gb_sxm",
                            .runtime = "megatron_2021",
                            .nodes = 96,
                            .strategy = "pipeline=12,tensor=8,recompute=full",
                            .global_batch = 1536,
                            .micro_batch = 1,
                            .precision = Precision::fp16});
  CHECK(plan.predicted.step.value == Approx(39.421).epsilon(0.01));
  CHECK(plan.predicted.step == plan.predicted.closed_form);
}

TEST_CASE("interleaved stages of a GPT on 1024 A100 take the published 11.9 s") {
  // MegaScale, NSDI 2024, table 2, the rows of Megatron-LM.
  const Plan plan = priced({.model = gpt(96, 12288, 128, 64000),
                            .hardware = "a100_80gb_sxm",
                            .runtime = "megatron_2022",
                            .nodes = 128,
                            .strategy = "pipeline=8,tensor=8,virtual_stages=6,recompute=selective,"
                                        "sequence_parallel=true",
                            .global_batch = 768,
                            .micro_batch = 1,
                            .precision = Precision::bf16});
  CHECK(plan.predicted.step.value == Approx(11.9).epsilon(0.05));
}

TEST_CASE("twelve layers of Llama-3 70B on 8 B200 hold the published 39.07 GiB") {
  // SimuMax, b200_release_v1.2: without communication overlap.
  const Plan plan = priced({.model = llama(12, 8192, 28672, 4096),
                            .hardware = "b200_180gb_sxm",
                            .runtime = "megatron_core",
                            .nodes = 1,
                            .strategy = "tensor=4,zero=1,sequence_parallel=true",
                            .global_batch = 8,
                            .micro_batch = 1,
                            .precision = Precision::bf16,
                            .overlap = Traffic::blocking});
  CHECK(allocated_gib(plan) == Approx(39.07).epsilon(0.01));
  CHECK(plan.predicted.step.value == Approx(0.4098).epsilon(0.05));
}

TEST_CASE("context parallelism holds the published 104.51 GiB") {
  const Plan plan = priced({.model = llama(12, 8192, 28672, 32768),
                            .hardware = "b200_180gb_sxm",
                            .runtime = "megatron_core",
                            .nodes = 1,
                            .strategy = "zero=1,context=8",
                            .global_batch = 4,
                            .micro_batch = 1,
                            .precision = Precision::bf16,
                            .overlap = Traffic::blocking});
  CHECK(allocated_gib(plan) == Approx(104.51).epsilon(0.01));
  CHECK(plan.predicted.step.value == Approx(1.7681).epsilon(0.06));
}

TEST_CASE("Llama-3 8B under FSDP on 64 A100 takes the published 2.76 s") {
  // torchtitan, docs/performance.md, selective op recomputation.
  const Plan plan = priced({.model = llama(32, 4096, 14336, 8192),
                            .hardware = "a100_80gb_sxm",
                            .runtime = "fsdp_eager",
                            .nodes = 8,
                            .strategy = "zero=3,recompute=op",
                            .global_batch = 64,
                            .micro_batch = 1,
                            .precision = Precision::bf16});
  CHECK(plan.predicted.step.value == Approx(2.7555).epsilon(0.03));
}

TEST_CASE("of the BigScience plans, one that ran fits and one that ran out of memory does not") {
  const auto peak = [](std::int64_t layers, std::int64_t hidden, std::int64_t heads,
                       const std::string& strategy) {
    const PublishedStep step{.model = gpt(layers, hidden, heads, 250880),
                             .hardware = "a100_80gb_sxm_omnipath",
                             .runtime = "deepspeed_pipeline",
                             .nodes = 48,
                             .strategy = strategy,
                             .global_batch = 2048,
                             .micro_batch = 1,
                             .precision = Precision::bf16};
    return peak_bytes(priced(step));
  };
  CHECK(peak(70, 14336, 64, "pipeline=12,tensor=4,zero=1,recompute=full") < 80 * kGiB);
  CHECK(peak(100, 12288, 64, "pipeline=6,tensor=4,zero=1,recompute=full") > 80 * kGiB);
}

}  // namespace
}  // namespace galvatron
