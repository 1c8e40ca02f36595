#include "planner/search/stage_model.h"

#include "test/catch.h"

namespace galvatron::search {
namespace {

Problem with_options(const std::vector<Option>& options) {
  return {.micro_batches = 2,
          .layouts = 2,
          .types = {{.options = options}},
          .layers = {0},
          .stages = one_forward_one_backward_stages(1, 2, 0),
          .memory_budget = 1000};
}

std::vector<int> kept(const std::vector<Option>& options) {
  return prune_options(with_options(options)).original.front();
}

std::vector<int> kept_for(const std::vector<Option>& options, Purpose purpose,
                          const Capped& capped) {
  const Problem problem = with_options(options);
  const StageModel model = make_stage_model(
      problem, {.shape = problem.stages.front(), .purpose = purpose, .capped = capped},
      make_tolls(problem));
  std::vector<int> indices;
  for (const Item& item : model.types.front().items) indices.push_back(item.option);
  return indices;
}

constexpr Option kPlain{.time = 10,
                        .backward = 5,
                        .sync = 4,
                        .optimizer = 4,
                        .states = 50,
                        .activations = 10,
                        .transient = 20};

}  // namespace

TEST_CASE("of equal options the first stays, and other layouts never compete") {
  Option elsewhere = kPlain;
  elsewhere.layout = 1;
  elsewhere.time = 99;
  CHECK(kept({kPlain, kPlain, elsewhere}) == std::vector<int>{0, 2});
}

TEST_CASE("an option that is faster but exposes as much more sync is no reason to drop another") {
  Option faster = kPlain;
  faster.time = 8;
  faster.backward = 3;
  faster.sync = 6;  // t + y is equal: it may take the place of the plain one
  CHECK(kept({kPlain, faster}) == std::vector<int>{1});
  faster.sync = 7;  // one more than it saves
  CHECK(kept({kPlain, faster}) == std::vector<int>{0, 1});
}

TEST_CASE("losing backward time counts as losing what it may hide") {
  Option faster = kPlain;
  faster.time = 9;
  faster.backward = 4;
  CHECK(kept({kPlain, faster}) == std::vector<int>{1});
  faster.backward = 3;
  CHECK(kept({kPlain, faster}) == std::vector<int>{0, 1});
}

TEST_CASE("a larger transient is made up for by states, not the other way round") {
  Option leaner = kPlain;
  leaner.states = 40;
  leaner.transient = 30;  // never more than the plain one, whatever the other layers' transients
  CHECK(kept({kPlain, leaner}) == std::vector<int>{1});
  leaner.states = 55;
  leaner.transient = 10;
  CHECK(kept({kPlain, leaner}) == std::vector<int>{0, 1});
}

TEST_CASE("activations and states trade by the micro-batches in flight") {
  Option heavy = kPlain;  // with one in flight 65 against 60, so only the plain one is of use
  heavy.states = 56;
  heavy.activations = 9;
  CHECK(kept({kPlain, heavy}) == std::vector<int>{0, 1});
  CHECK(kept_for({kPlain, heavy}, Purpose::least_time, Capped{}) == std::vector<int>{0});
}

TEST_CASE("only a cap on the optimizer keeps an option for its small optimizer time") {
  Option lazy = kPlain;
  lazy.time = 11;
  lazy.optimizer = 0;
  CHECK(kept_for({kPlain, lazy}, Purpose::least_time, Capped{true, false}) ==
        std::vector<int>{0, 1});
  CHECK(kept_for({kPlain, lazy}, Purpose::least_time, Capped{}) == std::vector<int>{0});
}

TEST_CASE("an option that fits in no stage is left out") {
  Option huge = kPlain;
  huge.time = 1;
  huge.states = 1000;
  CHECK(kept_for({kPlain, huge}, Purpose::least_time, Capped{}) == std::vector<int>{0});
}

TEST_CASE("criteria are what the stage's purpose says") {
  const Problem problem = with_options({kPlain});
  const auto cost_for = [&](Purpose purpose) {
    const StageModel model = make_stage_model(
        problem, {.shape = problem.stages.front(), .purpose = purpose, .capped = Capped{}},
        make_tolls(problem));
    return model.types.front().items.front().cost;
  };
  CHECK(cost_for(Purpose::least_time) == Criteria{10, 0, 0});
  CHECK(cost_for(Purpose::first_stage) == Criteria{14, 24, 0});
  CHECK(cost_for(Purpose::front) == Criteria{10, 5, 14});
  CHECK(cost_for(Purpose::whole_model) == Criteria{28, 0, 0});
}

}  // namespace galvatron::search
