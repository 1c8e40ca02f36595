// How long the search takes on problems of the size of real ones: one thread, gap 0.1 %.
//
// Arguments of a benchmark: the least stage count, the memory of a device in GiB, and the gap in
// millionths. Counters say how much of the space was looked at: `space_log10` plans there are,
// `states` partial stages that were made, `kept` of them, and `pruned` by a bound.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "test/bench/synthetic.h"

namespace galvatron::search {
namespace {

constexpr std::int64_t kGib = std::int64_t{1} << 30;

constexpr SyntheticModel kLlama70b{
    .blocks = 80, .hidden = 8192, .sequence = 4096, .vocabulary = 32000};
constexpr SyntheticModel kGpt175b{
    .blocks = 96, .hidden = 12288, .sequence = 2048, .vocabulary = 51200};
constexpr SyntheticModel kLlama405b{
    .blocks = 126, .hidden = 16384, .sequence = 8192, .vocabulary = 128256};

// Ways to cut the layers into stages times options of every layer.
double log10_plans(const Problem& problem) {
  const auto layers = static_cast<double>(problem.layers.size());
  const auto stages = static_cast<double>(problem.stages.size());
  double plans =
      (std::lgamma(layers) - std::lgamma(stages) - std::lgamma(layers - stages + 1)) / std::log(10);
  for (const int type : problem.layers) {
    const auto options = problem.types[static_cast<std::size_t>(type)].options.size();
    plans += std::log10(static_cast<double>(options));
  }
  return plans;
}

double log10_plans(const std::vector<Candidate>& candidates) {
  double sum = 0;
  for (const Candidate& candidate : candidates) {
    const double plans = log10_plans(candidate.build());
    const double more = std::max(sum, plans);
    sum = more + std::log10(std::pow(10, sum - more) + std::pow(10, plans - more));
  }
  return sum;
}

void run(benchmark::State& state, SyntheticRequest request) {
  request.least_pipeline = static_cast<int>(state.range(0));
  request.cluster.memory = state.range(1) * kGib;
  request.cluster.flops_per_s = 4e14;
  request.cluster.inside_bytes_per_s = 2e11;
  request.cluster.across_bytes_per_s = 4e10;
  const std::vector<Candidate> candidates = synthetic_candidates(request);
  SearchResult result;
  for (auto _ : state) {
    result = search(candidates, {.gap = static_cast<double>(state.range(2)) * 1e-6});
  }
  if (result.plan) {
    state.counters["step_s"] = static_cast<double>(result.plan->cost.total) * 1e-12;
    state.counters["P"] = candidates[result.plan->candidate].pipeline;
    state.counters["m"] = static_cast<double>(candidates[result.plan->candidate].micro_batches);
  }
  const Statistics& statistics = result.statistics;
  state.counters["gap_ppm"] = result.gap * 1e6;
  state.counters["pairs"] = static_cast<double>(statistics.candidates);
  state.counters["opened"] = static_cast<double>(statistics.candidates_opened);
  state.counters["cells"] = static_cast<double>(statistics.cells);
  state.counters["chains"] = static_cast<double>(statistics.chains);
  state.counters["stages"] = static_cast<double>(statistics.stage_bounds);
  state.counters["searches"] = static_cast<double>(statistics.stage_searches);
  state.counters["paths"] = static_cast<double>(statistics.shortest_paths);
  state.counters["space_log10"] = log10_plans(candidates);
  state.counters["states"] = static_cast<double>(statistics.labels_made);
  state.counters["kept"] = static_cast<double>(statistics.labels_kept);
  state.counters["pruned"] = static_cast<double>(statistics.labels_cut);
}

void BM_llama_70b_on_64(benchmark::State& state) {
  run(state, {.model = kLlama70b, .cluster = {.devices = 64}, .batch = 256});
}
void BM_llama_70b_on_1024(benchmark::State& state) {
  run(state, {.model = kLlama70b, .cluster = {.devices = 1024}, .batch = 1024});
}
void BM_gpt_175b_on_512(benchmark::State& state) {
  run(state, {.model = kGpt175b, .cluster = {.devices = 512}, .batch = 1536});
}
void BM_llama_405b_on_16384(benchmark::State& state) {
  run(state, {.model = kLlama405b, .cluster = {.devices = 16384}, .batch = 2048});
}

void budgets(benchmark::internal::Benchmark* bench) {
  for (const int least_pipeline : {1, 2}) {
    for (const int gib : {24, 40, 76}) bench->Args({least_pipeline, gib, 1000});
  }
  bench->Unit(benchmark::kMillisecond)->Iterations(1);
}

BENCHMARK(BM_llama_70b_on_64)->Apply(budgets);
BENCHMARK(BM_llama_70b_on_1024)->Apply(budgets);
BENCHMARK(BM_gpt_175b_on_512)->Apply(budgets);
BENCHMARK(BM_llama_405b_on_16384)->Apply(budgets);

}  // namespace
}  // namespace galvatron::search

BENCHMARK_MAIN();
