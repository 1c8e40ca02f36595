#include "planner/schedule/program.h"

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"
#include "test/planner/schedule/program_text.h"

namespace galvatron {
namespace {

// The golden text begins on a line of its own.
std::string program_of(const Plan& plan, int rank) {
  return fmt::format("\n{}",
                     text_of(build_rank_program(plan, build_layer_graph(plan.model), rank)));
}

// A sample has 8 tokens of 8 fp32 numbers: two samples are 512 bytes. The table of 16 x 8 numbers
// is 512 bytes, too.
TEST_CASE("1F1B on two stages of one device") {
  const Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {}, .micro_batches = 3});
  CHECK(program_of(plan, 0) == R"(
forward 0 m0
forward 1 m0
send.start m0 > send [0 1] 512
forward 0 m1
forward 1 m1
send.wait m0 > send [0 1] 512
send.start m1 > send [0 1] 512
receive.start m0 < receive [0 1] 512
receive.wait m0 < receive [0 1] 512
backward 1 m0
backward 0 m0
forward 0 m2
forward 1 m2
send.wait m1 > send [0 1] 512
send.start m2 > send [0 1] 512
receive.start m1 < receive [0 1] 512
receive.wait m1 < receive [0 1] 512
backward 1 m1
backward 0 m1
receive.start m2 < receive [0 1] 512
receive.wait m2 < receive [0 1] 512
backward 1 m2
backward 0 m2
reduce_tied 0.1 all_reduce [0 1] 512
send.wait m2 > send [0 1] 512
reduce_norm all_reduce [0 1] 16
update 0.0
update 0.1
update 1.0
)");
  CHECK(program_of(plan, 1) == R"(
receive.start m0 > receive [0 1] 512
receive.wait m0 > receive [0 1] 512
forward 2 m0
forward 3 m0
backward 3 m0
backward 2 m0
send.start m0 < send [0 1] 512
receive.start m1 > receive [0 1] 512
receive.wait m1 > receive [0 1] 512
forward 2 m1
forward 3 m1
backward 3 m1
backward 2 m1
send.wait m0 < send [0 1] 512
send.start m1 < send [0 1] 512
receive.start m2 > receive [0 1] 512
receive.wait m2 > receive [0 1] 512
forward 2 m2
forward 3 m2
backward 3 m2
backward 2 m2
send.wait m1 < send [0 1] 512
send.start m2 < send [0 1] 512
reduce_tied 3.1 all_reduce [0 1] 512
send.wait m2 < send [0 1] 512
reduce_norm all_reduce [0 1] 16
update 2.0
update 3.0
update 3.1
)");
}

TEST_CASE("GPipe runs all forwards first") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {}, .micro_batches = 2});
  plan.schedule = Schedule::gpipe;
  CHECK(program_of(plan, 0) == R"(
forward 0 m0
forward 1 m0
send.start m0 > send [0 1] 512
forward 0 m1
forward 1 m1
send.wait m0 > send [0 1] 512
send.start m1 > send [0 1] 512
receive.start m0 < receive [0 1] 512
receive.wait m0 < receive [0 1] 512
backward 1 m0
backward 0 m0
receive.start m1 < receive [0 1] 512
receive.wait m1 < receive [0 1] 512
backward 1 m1
backward 0 m1
reduce_tied 0.1 all_reduce [0 1] 512
send.wait m1 > send [0 1] 512
reduce_norm all_reduce [0 1] 16
update 0.0
update 0.1
update 1.0
)");
}

// Rank 1 of four, of which 0 and 1 as well as 2 and 3 are tensor groups (degree 2).
//   layer 0  positions 8 x 8 (own, all token-local: 256 bytes) and half the table (256 bytes), ZeRO
//   1 layer 1  ZeRO 2: 48 token-local numbers and half of the other 824, 460 in all layer 2  one
//   device each, 872 numbers, ZeRO 3, recomputed in full layer 3  tokens replicated in the tensor
//   group: 2 samples of 256 bytes are gathered, gradients
//            sliced; the final norm (16 numbers) is its own, the table is layer 0's
TEST_CASE("strategies that differ from layer to layer on one stage") {
  Plan plan = tiny_plan(
      {.layers_of_stage = {4},
       .strategy = {.tensor = 2, .data = 2, .zero = Zero::optimizer, .sequence_parallel = true},
       .micro_batches = 2});
  plan.strategies[1].zero = Zero::gradients;
  plan.strategies[2] = {.data = 4, .zero = Zero::parameters, .recompute = Recompute::full};
  plan.strategies[3].sequence_parallel = false;
  CHECK(program_of(plan, 1) == R"(
forward 0 m0
forward 1 m0
gather.start 2.0 m0 > all_gather [0 1 2 3] 3488
gather.wait 2.0 m0 > all_gather [0 1 2 3] 3488
forward 2 m0
free_parameters 2.0 m0 >
redistribute 3 m0 > all_gather [0 1] 512
forward 3 m0
backward 3 m0
redistribute 3 m0 <
gather.start 2.0 m0 < all_gather [0 1 2 3] 3488
gather.wait 2.0 m0 < all_gather [0 1 2 3] 3488
recompute 2 m0
backward 2 m0
free_parameters 2.0 m0 <
reduce 2.0 m0 reduce_scatter [0 1 2 3] 3488
backward 1 m0
reduce_token_local 1.0 m0 all_reduce [0 1] 192
reduce 1.0 m0 reduce_scatter [1 3] 1840
backward 0 m0
forward 0 m1
forward 1 m1
gather.start 2.0 m1 > all_gather [0 1 2 3] 3488
gather.wait 2.0 m1 > all_gather [0 1 2 3] 3488
forward 2 m1
free_parameters 2.0 m1 >
redistribute 3 m1 > all_gather [0 1] 512
forward 3 m1
backward 3 m1
reduce.start 3.0 m1 reduce_scatter [1 3] 64
redistribute 3 m1 <
gather.start 2.0 m1 < all_gather [0 1 2 3] 3488
gather.wait 2.0 m1 < all_gather [0 1 2 3] 3488
recompute 2 m1
backward 2 m1
free_parameters 2.0 m1 <
reduce 2.0 m1 reduce_scatter [0 1 2 3] 3488
backward 1 m1
reduce_token_local 1.0 m1 all_reduce [0 1] 192
reduce 1.0 m1 reduce_scatter [1 3] 1840
backward 0 m1
reduce_token_local 0.0 m1 all_reduce [0 1] 256
reduce.start 0.0 m1 reduce_scatter [1 3] 256
reduce.start 0.1 m1 reduce_scatter [1 3] 256
reduce.wait 3.0 m1 reduce_scatter [1 3] 64
reduce.wait 0.0 m1 reduce_scatter [1 3] 256
reduce.wait 0.1 m1 reduce_scatter [1 3] 256
reduce_norm all_reduce [0 1 2 3] 16
update 0.0
gather_updated 0.0 all_gather [1 3] 256
update 0.1
gather_updated 0.1 all_gather [1 3] 256
update 1.0
gather_updated 1.0 all_gather [1 3] 1840
update 2.0
update 3.0
gather_updated 3.0 all_gather [1 3] 64
)");
}

// Each stage is one tensor group, so the 512 bytes of two samples lie on both devices; in between
// they travel in halves.
TEST_CASE("tokens are split over a stage's devices while they pass between stages") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.tensor = 2}});
  plan.job.clip_grad_norm = 1.0;
  CHECK(program_of(plan, 0) == R"(
forward 0 m0
forward 1 m0
redistribute 2 m0 >
send.start m0 > send [0 2] 256
receive.start m0 < receive [0 2] 256
receive.wait m0 < receive [0 2] 256
redistribute 2 m0 < all_gather [0 1] 512
backward 1 m0
backward 0 m0
reduce_tied 0.1 all_reduce [0 2] 256
send.wait m0 > send [0 2] 256
reduce_norm all_reduce [0 1 2 3] 16
clip
update 0.0
update 0.1
update 1.0
)");
  CHECK(program_of(plan, 3) == R"(
receive.start m0 > receive [1 3] 256
receive.wait m0 > receive [1 3] 256
redistribute 2 m0 > all_gather [2 3] 512
forward 2 m0
forward 3 m0
backward 3 m0
backward 2 m0
redistribute 2 m0 <
send.start m0 < send [1 3] 256
reduce_tied 3.1 all_reduce [1 3] 256
send.wait m0 < send [1 3] 256
reduce_norm all_reduce [0 1 2 3] 16
clip
update 2.0
update 3.0
update 3.1
)");
}

// A block's 872 numbers are 3488 bytes, the positions 256, the table 512, the final norm 64. A
// block comes in while the block before it in the pass computes; nothing comes in beside embedding
// and head, nor they beside a block.
TEST_CASE("under ZeRO 3 a block is gathered while its neighbour computes") {
  const Plan plan =
      tiny_plan({.layers_of_stage = {5}, .strategy = {.data = 2, .zero = Zero::parameters}});
  CHECK(program_of(plan, 0) == R"(
gather.start 0.0 m0 > all_gather [0 1] 256
gather.start 0.1 m0 > all_gather [0 1] 512
gather.wait 0.0 m0 > all_gather [0 1] 256
gather.wait 0.1 m0 > all_gather [0 1] 512
forward 0 m0
free_parameters 0.0 m0 >
free_parameters 0.1 m0 >
gather.start 1.0 m0 > all_gather [0 1] 3488
gather.wait 1.0 m0 > all_gather [0 1] 3488
gather.start 2.0 m0 > all_gather [0 1] 3488
forward 1 m0
free_parameters 1.0 m0 >
gather.wait 2.0 m0 > all_gather [0 1] 3488
gather.start 3.0 m0 > all_gather [0 1] 3488
forward 2 m0
free_parameters 2.0 m0 >
gather.wait 3.0 m0 > all_gather [0 1] 3488
forward 3 m0
free_parameters 3.0 m0 >
gather.start 4.0 m0 > all_gather [0 1] 64
gather.start 4.1 m0 > all_gather [0 1] 512
gather.wait 4.0 m0 > all_gather [0 1] 64
gather.wait 4.1 m0 > all_gather [0 1] 512
forward 4 m0
free_parameters 4.0 m0 >
free_parameters 4.1 m0 >
gather.start 4.0 m0 < all_gather [0 1] 64
gather.start 4.1 m0 < all_gather [0 1] 512
gather.wait 4.0 m0 < all_gather [0 1] 64
gather.wait 4.1 m0 < all_gather [0 1] 512
backward 4 m0
free_parameters 4.0 m0 <
free_parameters 4.1 m0 <
reduce 4.0 m0 reduce_scatter [0 1] 64
reduce 4.1 m0 reduce_scatter [0 1] 512
gather.start 3.0 m0 < all_gather [0 1] 3488
gather.wait 3.0 m0 < all_gather [0 1] 3488
gather.start 2.0 m0 < all_gather [0 1] 3488
backward 3 m0
free_parameters 3.0 m0 <
reduce 3.0 m0 reduce_scatter [0 1] 3488
gather.wait 2.0 m0 < all_gather [0 1] 3488
gather.start 1.0 m0 < all_gather [0 1] 3488
backward 2 m0
free_parameters 2.0 m0 <
reduce 2.0 m0 reduce_scatter [0 1] 3488
gather.wait 1.0 m0 < all_gather [0 1] 3488
backward 1 m0
free_parameters 1.0 m0 <
reduce 1.0 m0 reduce_scatter [0 1] 3488
gather.start 0.0 m0 < all_gather [0 1] 256
gather.start 0.1 m0 < all_gather [0 1] 512
gather.wait 0.0 m0 < all_gather [0 1] 256
gather.wait 0.1 m0 < all_gather [0 1] 512
backward 0 m0
free_parameters 0.0 m0 <
free_parameters 0.1 m0 <
reduce 0.0 m0 reduce_scatter [0 1] 256
reduce 0.1 m0 reduce_scatter [0 1] 512
reduce_norm all_reduce [0 1] 16
update 0.0
update 0.1
update 1.0
update 2.0
update 3.0
update 4.0
)");
}

TEST_CASE("a block is not gathered ahead over a change of layout, nor beside one that is whole") {
  Plan plan =
      tiny_plan({.layers_of_stage = {5}, .strategy = {.data = 2, .zero = Zero::parameters}});
  const auto before_forward = [&](const char* gather) {
    const std::string text = program_of(plan, 0);
    return text.find(gather) < text.find("forward 2 m0");
  };
  const char* gather = "gather.start 3.0 m0 > all_gather";
  CHECK(before_forward(gather));
  plan.strategies[2].zero = Zero::gradients;
  CHECK_FALSE(before_forward(gather));
  plan.strategies[2] = {.tensor = 2};
  CHECK_FALSE(before_forward(gather));
}

TEST_CASE("where overlap gains nothing a block is gathered just before it computes") {
  Plan plan =
      tiny_plan({.layers_of_stage = {5}, .strategy = {.data = 2, .zero = Zero::parameters}});
  plan.inputs->hardware.overlap = {.compute_slowdown = 2, .traffic_slowdown = 2};
  const auto is_started_behind = [&](const char* before) {
    const std::string text = program_of(plan, 0);
    return text.find("gather.start 3.0 m0 > ") > text.find(before);
  };
  CHECK(is_started_behind("free_parameters 2.0 m0 >"));
  // A plan that does not say what it was made for.
  plan.inputs.reset();
  CHECK_FALSE(is_started_behind("forward 2 m0"));
}

TEST_CASE("untied tables are not summed over stages") {
  Plan plan = tiny_plan({.layers_of_stage = {2, 2}, .strategy = {}});
  std::get<Gpt2Config>(plan.model.config).tied_embeddings = false;
  CHECK(program_of(plan, 0).find("reduce_tied") == std::string::npos);
}

TEST_CASE("a tied table under ZeRO 2 is reduced after each of its uses") {
  const Plan plan =
      tiny_plan({.layers_of_stage = {3}, .strategy = {.data = 2, .zero = Zero::gradients}});
  const std::string text = program_of(plan, 0);
  CHECK(text.find("reduce 2.1 m0 reduce_scatter [0 1] 512") != std::string::npos);
  CHECK(text.find("reduce 0.1 m0 reduce_scatter [0 1] 512") != std::string::npos);
  CHECK(text.find("update 2.1") == std::string::npos);
}

TEST_CASE("a sharded tied table is summed over stages shard by shard") {
  const Plan plan =
      tiny_plan({.layers_of_stage = {2, 2}, .strategy = {.data = 2, .zero = Zero::optimizer}});
  CHECK(program_of(plan, 1).find("reduce_tied 0.1 all_reduce [1 3] 256") != std::string::npos);
}

}  // namespace
}  // namespace galvatron
