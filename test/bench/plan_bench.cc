// How long planning real models takes, from the model file to the certified plan: default space,
// one thread.
//
// Arguments of a benchmark: the least number of stages, the memory of a device in GiB, and the gap
// in millionths. Counters: `strategies` of all layer types over all pairs of stages and
// micro-batches, `labels` kept of partial stages, `bounds` computed, what they `pruned`, and the
// certified gap. A search that takes longer than a minute stops with what it has.
#include <benchmark/benchmark.h>

#include <string>

#include "planner/model/layer_graph.h"
#include "test/planner/search/requests.h"

namespace galvatron {
namespace {

constexpr std::int64_t kGib = std::int64_t{1} << 30;

struct Cluster {
  const char* hardware;
  int nodes;
};

struct Work {
  const char* model;
  Cluster cluster;
  std::int64_t global_batch;
};

SearchRequest request_of(const Work& work, const benchmark::State& state) {
  SearchRequest request = example_request({.model = work.model,
                                           .hardware = work.cluster.hardware,
                                           .global_batch = work.global_batch,
                                           .memory_budget = {state.range(1) * kGib}});
  Hardware& hardware = request.inputs.hardware;
  hardware.nodes = work.cluster.nodes;
  request.inputs.search.gap = static_cast<double>(state.range(2)) * 1e-6;
  AxisRestriction pipeline{.axis = "pipeline", .values = {}};
  const int layers = layer_count(build_layer_graph(request.model));
  const std::int64_t devices = device_count(hardware);
  for (std::int64_t stages = state.range(0); stages <= layers; ++stages) {
    if (devices % stages == 0) pipeline.values.push_back(std::to_string(stages));
  }
  if (state.range(0) > 1) request.inputs.search.only = {pipeline};
  return request;
}

void add_counters(benchmark::State& state, const SearchOutcome& outcome) {
  const SearchStatistics& statistics = outcome.statistics;
  const auto count = [&](const char* name, std::int64_t value) {
    state.counters[name] = static_cast<double>(value);
  };
  count("pairs", statistics.pairs);
  count("strategies", statistics.strategies);
  count("labels", statistics.labels);
  count("bounds", statistics.bounds);
  count("pruned", statistics.pruned);
  if (!outcome.plan) return;
  count("P", static_cast<std::int64_t>(outcome.plan->stages.size()));
  count("m", outcome.plan->micro_batches);
  state.counters["step_s"] = outcome.plan->predicted.step.value;
  state.counters["gap_ppm"] = outcome.plan->certificate->gap * 1e6;
}

void run(benchmark::State& state, const Work& work) {
  const SearchRequest request = request_of(work, state);
  SearchOutcome outcome;
  for (auto _ : state) {
    outcome = search_plan(
        request, {.threads = 1, .time_limit = Seconds{60}, .interrupted = {}, .progress = {}});
  }
  add_counters(state, outcome);
}

void BM_llama2_70b_on_64(benchmark::State& state) {
  run(state, {"llama/llama2_70b", {"h100_80gb_sxm", 8}, 256});
}
void BM_llama2_70b_on_1024(benchmark::State& state) {
  run(state, {"llama/llama2_70b", {"h100_80gb_sxm", 128}, 1024});
}
void BM_t5_11b_on_64(benchmark::State& state) {
  run(state, {"t5/t5_11b", {"h100_80gb_sxm", 8}, 512});
}
void BM_gpt3_175b_on_3072(benchmark::State& state) {
  run(state, {"gpt2/gpt3_175b", {"a100_80gb_sxm", 384}, 3072});
}
void BM_gpt3_175b_on_3072_batch_1536(benchmark::State& state) {
  run(state, {"gpt2/gpt3_175b", {"a100_80gb_sxm", 384}, 1536});
}
void BM_llama3_405b_on_16384(benchmark::State& state) {
  run(state, {"llama/llama3_405b", {"h100_80gb_sxm", 2048}, 2048});
}

// The published sweep, BERT-Huge-32 on eight RTX TITAN, under our own model and space.
void BM_bert_huge_32_sweep(benchmark::State& state) {
  SearchRequest request = request_of({"bert/bert_huge_32", {"rtx_titan_24gb", 1}, 8}, state);
  request.job.precision = Precision::fp32;
  request.global_batches.clear();
  for (std::int64_t batch = 8; batch <= 248; batch += 8) request.global_batches.push_back(batch);
  SearchOutcome outcome;
  for (auto _ : state) outcome = search_plan(request, {});
  add_counters(state, outcome);
}

void budgets(benchmark::internal::Benchmark* bench) {
  for (const int least_pipeline : {1, 2}) {
    for (const int gib : {24, 40, 80}) bench->Args({least_pipeline, gib, 1000});
  }
  bench->Unit(benchmark::kMillisecond)->Iterations(1);
}

void published_budgets(benchmark::internal::Benchmark* bench) {
  for (const int gib : {8, 12, 16, 20}) bench->Args({1, gib, 1000});
  bench->Unit(benchmark::kMillisecond)->Iterations(1);
}

BENCHMARK(BM_llama2_70b_on_64)->Apply(budgets);
BENCHMARK(BM_llama2_70b_on_1024)->Apply(budgets);
BENCHMARK(BM_t5_11b_on_64)->Apply(budgets);
BENCHMARK(BM_gpt3_175b_on_3072)->Apply(budgets);
BENCHMARK(BM_gpt3_175b_on_3072_batch_1536)->Apply(budgets);
BENCHMARK(BM_llama3_405b_on_16384)->Apply(budgets);
BENCHMARK(BM_bert_huge_32_sweep)->Apply(published_budgets);

}  // namespace
}  // namespace galvatron

BENCHMARK_MAIN();
