#include "planner/plan/structure.h"

#include <tuple>

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Texts = std::vector<std::string>;

// Layers 0 and 1 on devices 0-3, layers 2 and 3 on devices 4-7; micro-batches of 4 samples.
Plan valid_plan() {
  return tiny_plan(
      {.layers_of_stage = {2, 2}, .strategy = {.tensor = 2, .data = 2}, .micro_batches = 2});
}

Texts problems_of(const Plan& plan) {
  Texts texts;
  for (const StructureProblem& problem : check_structure(plan, build_layer_graph(plan.model))) {
    texts.push_back(to_text(problem));
  }
  return texts;
}

TEST_CASE("a plan that can be executed has no problems") {
  CHECK(problems_of(valid_plan()).empty());
}

TEST_CASE("every layer is held once") {
  Plan plan = valid_plan();
  SECTION("left out between stages") {
    plan.stages = {{0, 0}, {2, 3}};
    CHECK(problems_of(plan) == Texts{"stage 1: layers leave out layer 1"});
  }
  SECTION("left out at the end") {
    plan.stages = {{0, 0}, {1, 1}};
    CHECK(problems_of(plan) == Texts{"stages leave out layers 2-3"});
  }
  SECTION("held twice") {
    plan.stages = {{0, 2}, {1, 3}};
    CHECK(problems_of(plan) == Texts{"stage 1: layers hold layers 1-2 twice"});
  }
  SECTION("beyond the last one") {
    plan.stages = {{0, 1}, {2, 5}};
    CHECK(problems_of(plan) == Texts{"stages hold layers up to 5, but the model's last is 3"});
  }
  SECTION("a stage without layers") {
    plan.stages = {{0, 1}, {2, 1}};
    CHECK(problems_of(plan) == Texts{"stage 1: layers must hold at least one layer, got [2, 1]",
                                     "stages leave out layers 2-3"});
  }
}

TEST_CASE("a layer that does not split its tokens says why") {
  Plan plan = valid_plan();
  plan.strategies[1].sequence_parallel = true;
  LayerGraph graph = build_layer_graph(plan.model);
  graph.types[1].whole_tokens_reason = "a token is made of four";
  const std::vector<StructureProblem> problems = check_structure(plan, graph);
  REQUIRE(problems.size() == 1);
  CHECK(to_text(problems[0]) ==
        "layer 1: sequence_parallel must be false: gpt2_block does not split its tokens, because a "
        "token is made of four");
}

TEST_CASE("stages, micro-batches and strategies are counted") {
  Plan plan = valid_plan();
  plan.devices = 7;
  plan.micro_batches = 3;
  plan.strategies.pop_back();
  CHECK(problems_of(plan) == Texts{"strategies must be one per layer (4), got 3",
                                   "devices must be a multiple of the 2 stages, got 7",
                                   "micro_batches must divide global_batch (8), got 3"});
}

TEST_CASE("degrees multiply to the devices of a stage") {
  Plan plan = valid_plan();
  plan.strategies[1].data = 4;
  CHECK(problems_of(plan) ==
        Texts{"layer 1: tensor x data must be the 4 devices of a stage, got 2 x 4"});
  plan.strategies[1].data = 0;
  CHECK(problems_of(plan) == Texts{"layer 1: data must be at least 1, got 0"});
}

TEST_CASE("the tensor degree divides what the layer is made of") {
  Plan plan = valid_plan();
  plan.strategies[1] = plan.strategies[2] = {.tensor = 4};
  CHECK(problems_of(plan) == Texts{"layer 1: tensor must divide num_heads (2), got 4",
                                   "layer 2: tensor must divide num_heads (2), got 4"});
}

TEST_CASE("axes of one device have one value") {
  Plan plan = valid_plan();
  plan.strategies[1] = {.data = 4, .order = Order::data_inner, .sequence_parallel = true};
  plan.strategies[2].zero = Zero::parameters;
  CHECK(problems_of(plan) ==
        Texts{"layer 1: order must be tensor_inner where tensor or data is 1, got data_inner",
              "layer 1: sequence_parallel must be false where tensor is 1, got true"});

  Plan narrow =
      tiny_plan({.layers_of_stage = {3}, .strategy = {.tensor = 2, .zero = Zero::optimizer}});
  CHECK(problems_of(narrow) == Texts{"layers 0-2: zero must be 0 where data is 1, got 1"});
}

TEST_CASE("a micro-batch is cut into whole samples") {
  Plan plan = valid_plan();
  plan.job.global_batch = 2 * 6;
  plan.strategies[1] = {.data = 4};
  CHECK(problems_of(plan) ==
        Texts{"layer 1: data must divide the samples of a micro-batch (6), got 4"});
}

TEST_CASE("sequence parallelism and stage boundaries cut tokens evenly") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.tensor = 2}});
  plan.model.sequence_length = 3;
  plan.job.global_batch = 1;
  plan.strategies[1].sequence_parallel = true;
  CHECK(problems_of(plan) ==
        Texts{"layer 1: tensor must divide the tokens of a tensor group (3) under "
              "sequence_parallel, got 2",
              "stage 0: devices must divide the tokens of a micro-batch (3), got 2"});
}

TEST_CASE("all uses of a tied table split and shard it alike") {
  Plan plan = valid_plan();
  plan.strategies[3] = {.data = 4, .zero = Zero::optimizer, .recompute = Recompute::full};
  CHECK(problems_of(plan) ==
        Texts{"layer 3: tensor must be 2 as in layer 0, which holds the same table "
              "(transformer.wte.weight), got 1",
              "layer 3: data must be 2 as in layer 0, which holds the same table "
              "(transformer.wte.weight), got 4",
              "layer 3: zero must be 0 as in layer 0, which holds the same table "
              "(transformer.wte.weight), got 1"});
  std::get<Gpt2Config>(plan.model.config).tied_embeddings = false;
  CHECK(problems_of(plan).empty());
}

TEST_CASE("stages that share a table lie at any distances") {
  Plan plan = tiny_plan({.layers_of_stage = {1, 1, 1, 1}, .strategy = {}});
  const LayerGraph gpt2 = build_layer_graph(tiny_gpt2(1));
  UserModel model{.layers = gpt2.types};
  const auto& [embedding, block, head] =
      std::tie(gpt2.types[0].type, gpt2.types[1].type, gpt2.types[2].type);
  model.runs = {{embedding, 1}, {head, 1}, {block, 1}, {head, 1}};
  plan.model.config = model;
  CHECK(problems_of(plan).empty());
  model.runs = {{embedding, 1}, {head, 1}, {head, 1}, {block, 1}};
  plan.model.config = model;
  CHECK(problems_of(plan).empty());
}

TEST_CASE("neighbours with one strategy are one run") {
  Plan plan = tiny_plan({.layers_of_stage = {4, 2}, .strategy = {.data = 2}});
  plan.strategies[1].zero = Zero::optimizer;
  plan.strategies[2].zero = Zero::optimizer;
  CHECK(layer_runs(plan, 0) == std::vector<LayerRun>{{0, 0, {.data = 2}},
                                                     {1, 2, {.data = 2, .zero = Zero::optimizer}},
                                                     {3, 3, {.data = 2}}});
  CHECK(layer_runs(plan, 1) == std::vector<LayerRun>{{4, 5, {.data = 2}}});
}

}  // namespace
}  // namespace galvatron
