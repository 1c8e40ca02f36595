#include "planner/cli/infeasible.h"

#include "planner/files/quantity.h"
#include "test/catch.h"

namespace galvatron {
namespace {

SearchRequest request_of_16_gib() {
  SearchRequest request{.global_batches = {64, 128}};
  request.inputs.memory_budget = kGiB * 16;
  request.inputs.hardware.device.memory = kGiB * 24;
  request.inputs.search.only = {{"recompute", {"none"}}, {"tensor", {"1", "2"}}};
  return request;
}

TEST_CASE("a budget is printed as the option takes it, never less than needed") {
  CHECK(budget_argument(kGiB * 18) == "18.00GiB");
  CHECK(budget_argument(kGiB * 18 + Bytes{1}) == "18.01GiB");
  CHECK(budget_argument(kMiB * 275) == "275.00MiB");
  for (Bytes least{1}; least < kGiB * 1000; least = least * 3 + Bytes{7}) {
    const std::optional<Bytes> read = parse_bytes(budget_argument(least));
    REQUIRE(read);
    CHECK(*read >= least);
    CHECK((*read - least).value <= (least >= kGiB ? kGiB : kMiB).value / 100 + 1);
  }
}

TEST_CASE("every change is one line that says what to type") {
  const SearchRequest request = request_of_16_gib();
  CHECK(relaxation_text({.input = RelaxedInput::memory_budget, .value = (kGiB * 18).value},
                        request) == "--memory-budget 18.00GiB, 2.00 GiB more");
  CHECK(relaxation_text({.input = RelaxedInput::memory_budget, .value = (kGiB * 30).value},
                        request) ==
        "--memory-budget 30.00GiB, 14.0 GiB more, but a device has 24.0 GiB in all");
  CHECK(relaxation_text({.input = RelaxedInput::restrictions, .axes = {"tensor"}}, request) ==
        "without --only tensor=1,2");
  CHECK(relaxation_text({.input = RelaxedInput::restrictions, .axes = {"recompute", "tensor"}},
                        request) == "without --only recompute=none --only tensor=1,2");
  CHECK(relaxation_text({.input = RelaxedInput::global_batch, .value = 32}, request) ==
        "--global-batch 32 instead of 64");
  CHECK(relaxation_text({.input = RelaxedInput::nodes, .value = 3}, request) ==
        "--nodes 3 instead of 1");
}

TEST_CASE("a shortfall names stage, size, micro-batches and what it is made of") {
  const std::vector<Shortfall> shortfalls{
      {.pipeline = 1, .micro_batches = 4, .stage = 0, .least = kGiB * 20, .category = "states"},
      {.pipeline = 2, .micro_batches = 8, .stage = 1, .least = kGiB * 18, .category = "fixed"}};
  CHECK(shortfall_text(shortfalls[0]) ==
        "stage 0 needs at least 20.0 GiB (in 4 micro-batches, most of it states)");
  CHECK(least_shortfall(shortfalls) == shortfalls[1]);
}

}  // namespace
}  // namespace galvatron
