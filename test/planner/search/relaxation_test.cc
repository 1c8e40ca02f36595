#include "planner/search/relaxation.h"

#include <algorithm>

#include "test/catch.h"
#include "test/planner/search/requests.h"

namespace galvatron {
namespace {

std::optional<Plan> plan_for(const SearchRequest& request) { return search_plan(request, {}).plan; }

// The request after the change.
SearchRequest relaxed(SearchRequest request, const Relaxation& relaxation) {
  switch (relaxation.input) {
    case RelaxedInput::memory_budget:
      request.inputs.memory_budget = Bytes{relaxation.value};
      break;
    case RelaxedInput::restrictions:
      std::erase_if(request.inputs.search.only, [&](const AxisRestriction& restriction) {
        return std::find(relaxation.axes.begin(), relaxation.axes.end(), restriction.axis) !=
               relaxation.axes.end();
      });
      break;
    case RelaxedInput::global_batch:
      request.global_batches = {relaxation.value};
      break;
    case RelaxedInput::nodes:
      request.inputs.hardware.nodes = static_cast<int>(relaxation.value);
      break;
  }
  return request;
}

const Relaxation* find(const std::vector<Relaxation>& relaxations, RelaxedInput input) {
  const auto found =
      std::find_if(relaxations.begin(), relaxations.end(),
                   [&](const Relaxation& relaxation) { return relaxation.input == input; });
  return found == relaxations.end() ? nullptr : &*found;
}

SearchRequest restricted(SearchRequest request, std::vector<AxisRestriction> only) {
  request.inputs.search.only = std::move(only);
  return request;
}

}  // namespace

TEST_CASE("whoever makes one of the changes gets a plan") {
  const SearchRequest requests[] = {
      example_request({"gpt2/tiny", "cpu_local", 16, kMiB * 100}),
      example_request({"t5/tiny", "cpu_local", 12, kMiB * 260}),
      example_request({"llama/tiny", "cpu_local", 7, kMiB * 262}),
      example_request({"swin/swin_huge_32", "a100_80gb_sxm", 64, kGiB * 6}),
      example_request({"gpt2/gpt2_1.5b", "a100_80gb_sxm", 64, kGiB * 6}),
      restricted(example_request({"llama/llama2_7b", "h100_80gb_sxm", 32, kGiB * 20}),
                 {{"recompute", {"none"}}, {"zero", {"0"}}}),
      restricted(example_request({"bert/bert_huge_32", "h100_80gb_sxm", 512, kGiB * 16}),
                 {{"micro_batches", {"1"}}, {"recompute", {"none"}}})};
  for (const SearchRequest& request : requests) {
    INFO(request.model.name << " in " << request.inputs.memory_budget.value << " bytes");
    REQUIRE_FALSE(plan_for(request));
    const std::vector<Relaxation> relaxations = find_relaxations(request, {}).found;
    REQUIRE(find(relaxations, RelaxedInput::memory_budget) != nullptr);
    for (const Relaxation& relaxation : relaxations) {
      INFO("input " << static_cast<int>(relaxation.input) << ", " << relaxation.value);
      const std::optional<Plan> plan = plan_for(relaxed(request, relaxation));
      REQUIRE(plan);
      CHECK(peak_bytes(*plan) <= plan->inputs->memory_budget);
    }
  }
}

TEST_CASE("the budget asked for is the least: a byte less has no plan") {
  for (const char* model : {"gpt2/tiny", "t5/tiny", "swin/tiny", "bert/tiny"}) {
    INFO(model);
    SearchRequest request = example_request({model, "cpu_local", 16, kMiB});
    const Relaxation* budget = nullptr;
    const std::vector<Relaxation> relaxations = find_relaxations(request, {}).found;
    budget = find(relaxations, RelaxedInput::memory_budget);
    REQUIRE(budget != nullptr);
    request.inputs.memory_budget = Bytes{budget->value};
    CHECK(plan_for(request));
    request.inputs.memory_budget = Bytes{budget->value - 1};
    CHECK_FALSE(plan_for(request));
  }
}

TEST_CASE("an axis is named where it alone keeps plans out, all where only together") {
  const SearchRequest narrow =
      restricted(example_request({"gpt2/gpt2_1.5b", "a100_80gb_sxm", 64, kGiB * 12}),
                 {{"pipeline", {"1"}}, {"zero", {"0"}}, {"schedule", {"1f1b"}}});
  REQUIRE_FALSE(plan_for(narrow));
  const std::vector<Relaxation> relaxations = find_relaxations(narrow, {}).found;
  const Relaxation zero{.input = RelaxedInput::restrictions, .axes = {"zero"}};
  const Relaxation schedule{.input = RelaxedInput::restrictions, .axes = {"schedule"}};
  CHECK(std::count(relaxations.begin(), relaxations.end(), zero) == 1);
  CHECK(std::count(relaxations.begin(), relaxations.end(), schedule) == 0);

  const SearchRequest contradictory = restricted(
      example_request({"gpt2/tiny", "cpu_local", 16, kGiB}), {{"tensor", {"3"}}, {"data", {"3"}}});
  CHECK(find_relaxations(contradictory, {}).found ==
        std::vector<Relaxation>{{.input = RelaxedInput::restrictions, .axes = {"tensor", "data"}}});
}

TEST_CASE("a budget that no device has comes last") {
  SearchRequest request = restricted(
      example_request({"llama/llama2_7b", "h100_80gb_sxm", 32, kGiB * 80}),
      {{"tensor", {"1"}}, {"pipeline", {"1"}}, {"zero", {"0"}}, {"recompute", {"none"}}});
  REQUIRE_FALSE(plan_for(request));
  const std::vector<Relaxation> relaxations = find_relaxations(request, {}).found;
  REQUIRE(relaxations.size() > 1);
  CHECK(relaxations.back().input == RelaxedInput::memory_budget);
  CHECK(Bytes{relaxations.back().value} > request.inputs.hardware.device.memory);
}

TEST_CASE("without time nothing is promised") {
  const SearchRequest request = example_request({"gpt2/tiny", "cpu_local", 16, kMiB});
  const Relaxations none = find_relaxations(request, {.time_limit = Seconds{0}});
  CHECK(none.found.empty());
  CHECK_FALSE(none.is_complete);
}

}  // namespace galvatron
