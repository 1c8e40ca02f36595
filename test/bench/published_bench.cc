// How long the published search takes: the sweep over all batches, one thread, gap 0.
//
// The benchmark's argument is the memory of a device in GiB; 0 stands for the four published
// budgets of 8, 12, 16 and 20 GiB one after another. `solved` counts the pairs of batch and stages
// that no bound closed.
#include <benchmark/benchmark.h>

#include <vector>

#include "planner/search/wider_search.h"
#include "test/planner/search/published_models.h"

namespace galvatron {
namespace {

PublishedRequest request_of(const char* model, std::int64_t gib) {
  return {published_costs(), published_model(model), {}, batches_up_to(512), gib * kGiB};
}

void run(benchmark::State& state, const char* model) {
  std::vector<std::int64_t> budgets{state.range(0)};
  if (budgets.front() == 0) budgets = {8, 12, 16, 20};
  int solved = 0;
  for (auto _ : state) {
    solved = 0;
    for (const std::int64_t gib : budgets) {
      solved += search_published(request_of(model, gib)).solved;
    }
  }
  state.counters["solved"] = solved;
}

void BM_bert(benchmark::State& state) { run(state, "bert-huge-32"); }
void BM_vit(benchmark::State& state) { run(state, "vit-huge-32"); }
void BM_t5(benchmark::State& state) { run(state, "t5-large-48"); }
void BM_swin(benchmark::State& state) { run(state, "swin-huge-32"); }

void BM_bert_wider(benchmark::State& state) {
  const PublishedRequest request = request_of("bert-huge-32", state.range(0));
  const PublishedPlan published = search_published(request).best.value();
  double gain = 0;
  for (auto _ : state) {
    const WiderOutcome wider = search_wider(request, {.published = published});
    gain = samples_per_second(wider.best) / samples_per_second(published) - 1;
  }
  state.counters["gain_percent"] = gain * 100;
}

BENCHMARK(BM_bert)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_vit)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_t5)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_swin)->Arg(0)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_bert_wider)->Arg(8)->Arg(12)->Arg(16)->Arg(20)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace galvatron

BENCHMARK_MAIN();
