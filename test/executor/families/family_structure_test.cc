// Which plans of the families can be executed.
#include "planner/plan/structure.h"
#include "test/catch.h"
#include "test/executor/families/family_rows.h"

namespace galvatron {
namespace {

TEST_CASE("every plan of every family is executable") {
  for (const auto& [model, row] : family_rows()) {
    INFO(row.name);
    const Plan plan = plan_of(model, row);
    for (const StructureProblem& problem : check_structure(plan, build_layer_graph(plan.model))) {
      FAIL_CHECK(to_text(problem));
    }
  }
}

TEST_CASE("sequence parallelism is refused where it does not divide an image's tokens") {
  const Plan plan = plan_of(FamilyModel::vit, {.name = "one image at a time",
                                               .devices = 2,
                                               .stage_layers = {kTinyLayers},
                                               .micro_batches = kGlobalBatch,
                                               .ends = "t2",
                                               .blocks = {{"t2 sp"}}});
  const auto problems = check_structure(plan, build_layer_graph(plan.model));
  REQUIRE(problems.size() == 1);
  CHECK(to_text(problems.front()) ==
        "layers 1-6: tensor must divide the tokens of a tensor group (57) under "
        "sequence_parallel, got 2");
}

TEST_CASE("sequence parallelism is refused where tokens of several ranks become one") {
  const Plan plan = plan_of(FamilyModel::swin, {.name = "split merging",
                                                .devices = 2,
                                                .stage_layers = {kTinyLayers},
                                                .ends = "t2",
                                                .blocks = {{"t2 sp"}}});
  const auto problems = check_structure(plan, build_layer_graph(plan.model));
  REQUIRE(problems.size() == 1);
  CHECK(to_text(problems.front()) ==
        "layer 3: sequence_parallel must be false: swin_merging_0 does not split its tokens, "
        "because a new token is made of four, which may lie on several ranks");
}

}  // namespace
}  // namespace galvatron
