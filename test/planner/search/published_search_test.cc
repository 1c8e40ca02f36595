#include "planner/search/published_search.h"

#include <algorithm>
#include <functional>
#include <set>

#include "planner/files/reader.h"
#include "planner/search/wider_search.h"
#include "test/catch.h"
#include "test/planner/search/published_models.h"

namespace galvatron {
namespace {

constexpr double kTolerance = 1e-9;

// "2-2*-2f": pipeline, tensor, data; a star behind the degree of consecutive ranks.
std::string text_of(const Strategy& strategy, int pipeline) {
  const bool both = splits_both(strategy);
  const bool near = strategy.order == Order::tensor_inner;
  return std::to_string(pipeline) + "-" + std::to_string(strategy.tensor) +
         (both && near ? "*-" : "-") + std::to_string(strategy.data) + (both && !near ? "*" : "") +
         (strategy.zero == Zero::parameters ? "f" : "");
}

std::vector<Strategy> strategies_of(const PublishedPlan& plan, std::size_t stage) {
  const auto& [begins, strategies] = plan.assignment;
  const auto first = strategies.begin() + begins[stage];
  const auto last =
      stage + 1 == begins.size() ? strategies.end() : strategies.begin() + begins[stage + 1];
  return {first, last};
}

// "1 x 2-4-1, 15 x 2-2*-2"
std::string stage_text(const PublishedPlan& plan, std::size_t stage) {
  std::string text;
  const std::vector<Strategy> strategies = strategies_of(plan, stage);
  for (auto first = strategies.begin(); first != strategies.end();) {
    const auto last =
        std::find_if(first, strategies.end(), [&](const Strategy& s) { return s != *first; });
    text += (text.empty() ? "" : ", ") + std::to_string(last - first) + " x " +
            text_of(*first, pipeline_degree(plan));
    first = last;
  }
  return text;
}

PublishedRequest request_of(const PublishedModel& model, Bytes budget, std::int64_t last_batch) {
  return {published_costs(), model, {}, batches_up_to(last_batch), budget};
}

void check_answer(MapReader& answer) {
  const auto name = answer.required<std::string>("model");
  const auto budget = answer.required<std::int64_t>("budget_mib");
  INFO(name << " in " << budget << " MiB");
  const PublishedOutcome outcome =
      search_published(request_of(published_model(name), budget * kMiB, 512));
  REQUIRE(outcome.best);
  const PublishedPlan& best = *outcome.best;
  CHECK(best.global_batch == answer.required<std::int64_t>("global_batch"));
  CHECK(pipeline_degree(best) == answer.required<int>("pipeline"));
  CHECK(best.step.value ==
        Approx(answer.required<double>("step_seconds")).epsilon(kTolerance).margin(0));
  CHECK(best.peak == answer.required<std::int64_t>("peak_mib") * kMiB);
  const auto stage = answer.required<std::string>("stage");
  for (std::size_t index = 0; index < best.assignment.stage_begins.size(); ++index) {
    CHECK(stage_text(best, index) == stage);
  }
  const PublishedPlan& largest = outcome.largest.value();
  CHECK(largest.global_batch == answer.required<std::int64_t>("largest_batch"));
  const auto pipeline = answer.optional<int>("largest_pipeline").value_or(pipeline_degree(best));
  const auto step = answer.optional<double>("largest_step_seconds").value_or(best.step.value);
  CHECK(pipeline_degree(largest) == pipeline);
  CHECK(largest.step.value == Approx(step).epsilon(kTolerance).margin(0));
  answer.finish();
}

// Every assignment of `types` that holds these stages.
void for_each_assignment(std::vector<int> begins, const PublishedSetting& setting,
                         const std::function<void(const PublishedAssignment&)>& visit) {
  std::vector<Strategy> choices;
  for (const Strategy& strategy : published_strategies(kPublishedDevices / setting.pipeline)) {
    if (setting.global_batch % strategy.data == 0) choices.push_back(strategy);
  }
  const std::size_t layers = published_layer_types(setting.model).size();
  PublishedAssignment assignment{std::move(begins), std::vector<Strategy>(layers)};
  std::vector<std::size_t> digits(layers);
  while (true) {
    for (std::size_t layer = 0; layer < layers; ++layer) {
      assignment.strategies[layer] = choices[digits[layer]];
    }
    visit(assignment);
    std::size_t layer = 0;
    while (layer < layers && ++digits[layer] == choices.size()) digits[layer++] = 0;
    if (layer == layers) return;
  }
}

// Every way to cut `layers` into so many stages, as the first layer of each.
std::vector<std::vector<int>> all_boundaries(int layers, int stages) {
  std::vector<std::vector<int>> found;
  std::vector<int> begins{0};
  const std::function<void()> extend = [&] {
    if (static_cast<int>(begins.size()) == stages) {
      found.push_back(begins);
      return;
    }
    for (int next = begins.back() + 1; next < layers; ++next) {
      begins.push_back(next);
      extend();
      begins.pop_back();
    }
  };
  extend();
  return found;
}

// Most samples per second of all assignments that fit; 0 where none does.
double best_by_enumeration(const PublishedRequest& request, const PublishedSetting& setting,
                           const std::vector<int>& begins, OtherMemory other) {
  double best = 0;
  for_each_assignment(begins, setting, [&](const PublishedAssignment& assignment) {
    Seconds step;
    for (const PublishedStage& stage : published_stages(assignment, setting, other)) {
      if (total(stage.memory) > request.memory_budget) return;
      step += stage.time;
    }
    best = std::max(best, static_cast<double>(setting.global_batch) / step.value);
  });
  return best;
}

double published_by_enumeration(const PublishedRequest& request) {
  double best = 0;
  for (const std::int64_t batch : request.global_batches) {
    for (int pipeline = 1; pipeline <= 8; pipeline *= 2) {
      const PublishedSetting setting{request.costs, request.model, pipeline, batch};
      const std::vector<int> begins =
          published_stage_begins(published_strategies(kPublishedDevices / pipeline), setting);
      if (begins.empty()) continue;
      best = std::max(best, best_by_enumeration(request, setting, begins,
                                                published_other_memory_place(request.model)));
    }
  }
  return best;
}

double wider_by_enumeration(const PublishedRequest& request) {
  double best = 0;
  const int layers = static_cast<int>(published_layer_types(request.model).size());
  for (std::int64_t batch = 1; batch <= request.global_batches.back(); ++batch) {
    for (int pipeline = 1; pipeline <= 8; pipeline *= 2) {
      const PublishedSetting setting{request.costs, request.model, pipeline, batch};
      for (const std::vector<int>& begins : all_boundaries(layers, pipeline)) {
        best = std::max(best,
                        best_by_enumeration(request, setting, begins, OtherMemory::on_first_stage));
      }
    }
  }
  return best;
}

std::vector<PublishedModel> tiny_models() {
  return {with_counts("bert-huge-32", {2}), with_counts("vit-huge-32", {3}),
          with_counts("t5-large-48", {1, 2}), with_counts("swin-huge-32", {1, 1, 0, 1})};
}

}  // namespace

TEST_CASE("the published answers come back") {
  const Document document = read_document(GALVATRON_PUBLISHED_ANSWERS, kPlanLimit);
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  std::vector<MapReader> answers = reader.required_maps("answers");
  CHECK(answers.size() == 8);
  for (MapReader& answer : answers) check_answer(answer);
  reader.finish();
  CHECK(errors.empty());
}

TEST_CASE("no plan of the published space beats the one found") {
  int feasible = 0;
  for (const PublishedModel& model : tiny_models()) {
    for (const std::int64_t mib : {1800, 2200, 2600, 3200, 4000}) {
      INFO(model.name << " in " << mib << " MiB");
      const PublishedRequest request = request_of(model, mib * kMiB, 40);
      const PublishedOutcome outcome = search_published(request);
      const double expected = published_by_enumeration(request);
      REQUIRE(outcome.best.has_value() == (expected > 0));
      if (!outcome.best) continue;
      ++feasible;
      CHECK(samples_per_second(*outcome.best) == Approx(expected).epsilon(kTolerance).margin(0));
      CHECK(outcome.best->peak <= request.memory_budget);
    }
  }
  CHECK(feasible >= 8);
}

TEST_CASE("no plan of the wider space beats the one found") {
  int better = 0;
  for (const PublishedModel& model : tiny_models()) {
    for (const std::int64_t mib : {2200, 2600, 4000}) {
      INFO(model.name << " in " << mib << " MiB");
      const PublishedRequest request = request_of(model, mib * kMiB, 16);
      const PublishedOutcome outcome = search_published(request);
      if (!outcome.best) continue;
      const WiderOutcome wider = search_wider(request, {.published = *outcome.best});
      const double expected = wider_by_enumeration(request);
      CHECK(wider.finished);
      CHECK(samples_per_second(wider.best) == Approx(expected).epsilon(kTolerance).margin(0));
      CHECK(samples_per_second(wider.best) >= samples_per_second(*outcome.best));
      better += samples_per_second(wider.best) > samples_per_second(*outcome.best) ? 1 : 0;
    }
  }
  CHECK(better > 0);
}

TEST_CASE("more memory is never slower under the published costs") {
  for (const char* name : {"bert-huge-32", "t5-large-48", "swin-huge-32"}) {
    double before = 0;
    for (int gib = 8; gib <= 24; gib += 2) {
      INFO(name << " in " << gib << " GiB");
      const PublishedOutcome outcome =
          search_published(request_of(published_model(name), gib * kGiB, 256));
      const double now = outcome.best ? samples_per_second(*outcome.best) : 0;
      CHECK(now >= before);
      before = now;
    }
    CHECK(before > 0);
  }
}

TEST_CASE("restrictions cut the space") {
  const PublishedModel& model = published_model("vit-huge-32");
  PublishedRequest request = request_of(model, 16 * kGiB, 512);
  const double whole = samples_per_second(search_published(request).best.value());
  const std::set<std::int64_t> one{1};
  const std::set<Zero> unsharded{Zero::none};
  request.space = {.pipeline = one, .zero = unsharded};
  const PublishedPlan data_and_tensor = search_published(request).best.value();
  CHECK(pipeline_degree(data_and_tensor) == 1);
  request.space = {.tensor = one, .zero = unsharded};
  const PublishedPlan data_and_pipeline = search_published(request).best.value();
  for (const Strategy& strategy : data_and_tensor.assignment.strategies) {
    CHECK(strategy.zero == Zero::none);
  }
  for (const Strategy& strategy : data_and_pipeline.assignment.strategies) {
    CHECK(strategy.zero == Zero::none);
    CHECK(strategy.tensor == 1);
  }
  CHECK(samples_per_second(data_and_tensor) < whole);
  CHECK(samples_per_second(data_and_pipeline) < whole);
}

TEST_CASE("where nothing fits the least memory of each stage count is named") {
  const PublishedOutcome outcome =
      search_published(request_of(published_model("t5-large-48"), 8 * kGiB, 64));
  CHECK_FALSE(outcome.best);
  CHECK(outcome.shortfalls ==
        std::vector<PublishedShortfall>{
            {1, 0, 9882 * kMiB}, {2, 0, 9036 * kMiB}, {4, 0, 9369 * kMiB}, {8, 0, 10250 * kMiB}});
}

}  // namespace galvatron
