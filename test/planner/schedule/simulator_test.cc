#include "planner/schedule/simulator.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "cost_models/pipeline.h"
#include "test/catch.h"

namespace galvatron {
namespace {

Seconds seconds_of(const std::variant<SimulatedStep, Deadlock>& result) {
  REQUIRE(std::holds_alternative<SimulatedStep>(result));
  return std::get<SimulatedStep>(result).step;
}

struct Timed {
  Op op;
  double duration = 0;
};

TimedProgram program(const std::vector<Timed>& steps) {
  TimedProgram result;
  for (const Timed& step : steps) {
    result.ops.push_back(step.op);
    result.durations.push_back({step.duration});
  }
  return result;
}

Op compute(int layer) { return {.kind = OpKind::forward, .layer = layer}; }

Op traffic(int layer, Part part) {
  return {.kind = OpKind::reduce, .part = part, .stream = StreamName::data, .layer = layer};
}

// Between stage 0 and stage 1 of one device each.
Op transfer(OpKind kind, Direction direction, Part part) {
  return {.kind = kind,
          .part = part,
          .stream = StreamName::pipeline,
          .direction = direction,
          .micro_batch = 0,
          .group = {.first = 0, .size = 2, .stride = 1}};
}

// Times of forward and backward per stage; transfers cost nothing.
struct Pipeline {
  std::vector<double> forward;
  std::vector<double> backward;
  std::int64_t micro_batches = 1;
  Schedule schedule = Schedule::one_f_one_b;
};

TimedProgram stage_program(const Pipeline& pipeline, int stage) {
  const int stages = static_cast<int>(pipeline.forward.size());
  TimedProgram result;
  const auto add = [&](OpKind kind, const Pass& pass, double duration) {
    const bool moves = kind == OpKind::send || kind == OpKind::receive;
    const bool to_next = (kind == OpKind::send) == (pass.direction == Direction::forward);
    if (moves && (to_next ? stage + 1 == stages : stage == 0)) return;
    Op op{.kind = kind,
          .part = moves ? Part::start : Part::whole,
          .stream = moves ? StreamName::pipeline : StreamName::compute,
          .direction = pass.direction,
          .micro_batch = pass.micro_batch};
    if (moves) op.group = {.first = to_next ? stage : stage - 1, .size = 2, .stride = 1};
    result.ops.push_back(op);
    result.durations.push_back({duration});
    if (kind != OpKind::receive) return;
    op.part = Part::wait;
    result.ops.push_back(op);
    result.durations.push_back({});
  };
  for (const Pass& pass : micro_batch_order(
           pipeline.schedule,
           {.stage = stage, .stages = stages, .micro_batches = pipeline.micro_batches})) {
    const bool forwards = pass.direction == Direction::forward;
    const auto& times = forwards ? pipeline.forward : pipeline.backward;
    add(OpKind::receive, pass, 0);
    add(forwards ? OpKind::forward : OpKind::backward, pass,
        times[static_cast<std::size_t>(stage)]);
    add(OpKind::send, pass, 0);
  }
  return result;
}

double simulated(const Pipeline& pipeline) {
  std::vector<TimedProgram> stages;
  for (int stage = 0; stage < static_cast<int>(pipeline.forward.size()); ++stage) {
    stages.push_back(stage_program(pipeline, stage));
  }
  return seconds_of(simulate_programs(stages, {})).value;
}

double closed_form(const Pipeline& pipeline) {
  std::vector<StageTimes> stages;
  for (std::size_t i = 0; i < pipeline.forward.size(); ++i) {
    stages.push_back({.micro_batch = {pipeline.forward[i] + pipeline.backward[i]},
                      .backward = {pipeline.backward[i]}});
  }
  return closed_form_time(stages, pipeline.micro_batches).value;
}

// Backward takes twice the forward's time, as without recomputation.
Pipeline random_pipeline(std::mt19937& random, double imbalance) {
  std::uniform_int_distribution<int> stage_count(1, 8);
  std::uniform_int_distribution<int> micro_batch_count(1, 40);
  std::uniform_real_distribution<double> time(1.0 / (1 + imbalance), 1.0);
  Pipeline pipeline{.forward = {}, .backward = {}, .micro_batches = micro_batch_count(random)};
  const int stages = stage_count(random);
  for (int stage = 0; stage < stages; ++stage) {
    pipeline.forward.push_back(time(random));
    pipeline.backward.push_back(2 * pipeline.forward.back());
  }
  return pipeline;
}

TEST_CASE("it is told when a rank was past each operation") {
  // 2 s of computation while 3 s of traffic begin, whose rest is waited for.
  const auto result = simulate_programs(
      {program({{traffic(0, Part::start), 3}, {compute(1), 2}, {traffic(0, Part::wait), 0}})}, {});
  CHECK(std::get<SimulatedStep>(result).passed ==
        std::vector<std::vector<Seconds>>{{{0}, {2}, {3}}});
}

TEST_CASE("the closed form is never below the simulated 1F1B step") {
  std::mt19937 random(1);
  for (int repeat = 0; repeat < 2000; ++repeat) {
    const Pipeline pipeline = random_pipeline(random, repeat % 2 == 0 ? 1.0 : 0.2);
    CHECK(simulated(pipeline) <= closed_form(pipeline) * (1 + 1e-12));
  }
}

TEST_CASE("the closed form equals the simulated step of equal stages") {
  for (const Schedule schedule : {Schedule::one_f_one_b, Schedule::gpipe}) {
    for (const std::size_t stages : {1U, 2U, 3U, 4U, 8U}) {
      for (const std::int64_t micro_batches : {1, 2, 3, 7, 16}) {
        const Pipeline pipeline{.forward = std::vector<double>(stages, 0.25),
                                .backward = std::vector<double>(stages, 0.5),
                                .micro_batches = micro_batches,
                                .schedule = schedule};
        CHECK(simulated(pipeline) == Approx(closed_form(pipeline)).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("the closed form is within 2 % where stages differ by at most 5 %") {
  std::mt19937 random(2);
  for (int repeat = 0; repeat < 1000; ++repeat) {
    const Pipeline pipeline = random_pipeline(random, 0.05);
    CHECK(closed_form(pipeline) <= 1.02 * simulated(pipeline));
  }
}

TEST_CASE("the closed form is within 2 % for eight times as many micro-batches as stages") {
  // Where stages differ by at most a fifth; by a half it is within 3 %.
  std::mt19937 random(3);
  for (int repeat = 0; repeat < 500; ++repeat) {
    const bool uneven = repeat % 2 == 0;
    Pipeline pipeline = random_pipeline(random, uneven ? 0.5 : 0.2);
    pipeline.micro_batches = 8 * static_cast<std::int64_t>(pipeline.forward.size());
    CHECK(closed_form(pipeline) <= (uneven ? 1.03 : 1.02) * simulated(pipeline));
  }
}

TEST_CASE("a stage never works faster than its own work") {
  std::mt19937 random(4);
  for (int repeat = 0; repeat < 500; ++repeat) {
    const Pipeline pipeline = random_pipeline(random, 1.0);
    double before = 0;
    for (std::size_t i = 0; i < pipeline.forward.size(); ++i) {
      const double time = pipeline.forward[i] + pipeline.backward[i];
      const double work = static_cast<double>(pipeline.micro_batches) * time;
      CHECK(simulated(pipeline) >= (before + work) * (1 - 1e-12));
      before += time;
    }
  }
}

TEST_CASE("traffic beside computation slows both down") {
  // Alone 4 s and 3 s. kx = 1.25, ky = 1.5: the traffic needs 4.5 s beside computation, which then
  // has done 4.5 / 1.25 = 3.6 s of its 4; the other 0.4 s run at full speed. 4.9 s.
  const TimedProgram stage =
      program({{traffic(0, Part::start), 3}, {compute(0), 4}, {traffic(0, Part::wait)}});
  const OverlapRule rule{.overlap = {.compute_slowdown = 1.25, .traffic_slowdown = 1.5}};
  CHECK(seconds_of(simulate_programs({stage}, rule)).value == Approx(4.9));
}

TEST_CASE("traffic that outlasts computation goes on at full speed") {
  // 4 s of traffic beside 2 s of computation, which takes 2.5 s and leaves 4 - 2.5 / 1.5 = 2.3333
  // s.
  const TimedProgram stage =
      program({{traffic(0, Part::start), 4}, {compute(0), 2}, {traffic(0, Part::wait)}});
  const OverlapRule rule{.overlap = {.compute_slowdown = 1.25, .traffic_slowdown = 1.5}};
  CHECK(seconds_of(simulate_programs({stage}, rule)).value == Approx(2.5 + 4 - 2.5 / 1.5));
}

TEST_CASE("each collective has its own slowdowns, those of all where the profile has none") {
  OverlapRule rule{.overlap = {.compute_slowdown = 2, .traffic_slowdown = 2}};
  rule.overlap.reduce_scatter = CollectiveOverlap{.compute_slowdown = 1, .traffic_slowdown = 1};
  const auto step = [&rule](CollectiveKind kind) {
    Op moved = traffic(0, Part::start);
    moved.collective = kind;
    return seconds_of(simulate_programs(
        {program({{moved, 3}, {compute(0), 4}, {traffic(0, Part::wait)}})}, rule));
  };
  CHECK(step(CollectiveKind::reduce_scatter).value == Approx(4));
  CHECK(step(CollectiveKind::all_reduce).value == Approx(7));
}

TEST_CASE("a send slows down what its rank computes meanwhile, and no rank that waits") {
  // kx = 2, ky = 1: half of a send's time is lost to the computation beside it.
  OverlapRule rule;
  rule.overlap.send = CollectiveOverlap{.compute_slowdown = 2};
  const auto send = [](Part part) { return transfer(OpKind::send, Direction::forward, part); };
  const TimedProgram receiver =
      program({{transfer(OpKind::receive, Direction::forward, Part::start), 2},
               {transfer(OpKind::receive, Direction::forward, Part::wait)}});
  const TimedProgram computes =
      program({{send(Part::start), 2}, {compute(0), 5}, {send(Part::wait)}});
  CHECK(seconds_of(simulate_programs({computes, receiver}, rule)).value == Approx(6));
  const TimedProgram waits = program({{send(Part::start), 2}, {send(Part::wait)}});
  CHECK(seconds_of(simulate_programs({waits, receiver}, rule)).value == Approx(2));
}

TEST_CASE("a data stream moves one thing after the other") {
  const TimedProgram stage = program({{traffic(0, Part::start), 3},
                                      {traffic(1, Part::start), 2},
                                      {compute(0), 4},
                                      {traffic(0, Part::wait)},
                                      {compute(1), 10},
                                      {traffic(1, Part::wait)}});
  const auto result = simulate_programs({stage}, {});
  CHECK(seconds_of(result).value == Approx(14));
  const auto& timeline = std::get<SimulatedStep>(result).timeline;
  REQUIRE(timeline.size() == 4);
  CHECK(timeline[1] ==
        Activity{.stage = 0, .stream = StreamName::data, .op = 1, .begin = {3}, .end = {5}});
}

TEST_CASE("a runtime that blocks adds traffic to computation") {
  const TimedProgram stage =
      program({{traffic(0, Part::start), 3}, {compute(0), 4}, {traffic(0, Part::wait)}});
  const OverlapRule rule{.data_stream = Traffic::blocking};
  CHECK(seconds_of(simulate_programs({stage}, rule)).value == Approx(7));
}

TEST_CASE("a transfer begins when both ends are there") {
  const auto send = [](Part part) { return transfer(OpKind::send, Direction::forward, part); };
  const auto receive = [](Part part) {
    return transfer(OpKind::receive, Direction::forward, part);
  };
  SECTION("the receiver is late") {
    // The sender computes 5 s more meanwhile and waits for the transfer's end at 10 + 2.
    const TimedProgram first =
        program({{compute(0), 1}, {send(Part::start), 2}, {compute(1), 5}, {send(Part::wait)}});
    const TimedProgram second =
        program({{compute(2), 10}, {receive(Part::start), 2}, {receive(Part::wait)}});
    CHECK(seconds_of(simulate_programs({first, second}, {})).value == Approx(12));
  }
  SECTION("the sender is late") {
    const TimedProgram first = program({{compute(0), 9}, {send(Part::start), 2}});
    const TimedProgram second =
        program({{receive(Part::start), 2}, {receive(Part::wait)}, {compute(2), 1}});
    CHECK(seconds_of(simulate_programs({first, second}, {})).value == Approx(12));
  }
}

TEST_CASE("neighbours that wait for each other's sends are a deadlock") {
  // Each waits for its own send before it receives: what blocking sends do in 1F1B.
  const auto both = [](Direction sent, Direction received) {
    return program({{transfer(OpKind::send, sent, Part::start), 1},
                    {transfer(OpKind::send, sent, Part::wait)},
                    {transfer(OpKind::receive, received, Part::start), 1},
                    {transfer(OpKind::receive, received, Part::wait)}});
  };
  const auto result = simulate_programs({both(Direction::forward, Direction::backward),
                                         both(Direction::backward, Direction::forward)},
                                        {});
  REQUIRE(std::holds_alternative<Deadlock>(result));
  CHECK(std::get<Deadlock>(result).waiting ==
        std::vector<WaitingOp>{{.stage = 0, .op = 1}, {.stage = 1, .op = 1}});
}

TEST_CASE("a receive that nobody sends is a deadlock of that stage alone") {
  const TimedProgram first = program({{compute(0), 1}});
  const TimedProgram second =
      program({{transfer(OpKind::receive, Direction::forward, Part::start)},
               {transfer(OpKind::receive, Direction::forward, Part::wait)}});
  const auto result = simulate_programs({first, second}, {});
  REQUIRE(std::holds_alternative<Deadlock>(result));
  CHECK(std::get<Deadlock>(result).waiting == std::vector<WaitingOp>{{.stage = 1, .op = 1}});
}

TEST_CASE("a wait for what was never started is a deadlock") {
  const auto result = simulate_programs({program({{traffic(0, Part::wait)}})}, {});
  CHECK(std::holds_alternative<Deadlock>(result));
}

TEST_CASE("a norm over all stages begins when the last one is there") {
  const Op norm{.kind = OpKind::reduce_norm, .stream = StreamName::pipeline};
  const TimedProgram early = program({{compute(0), 1}, {norm, 0.5}, {compute(1), 2}});
  const TimedProgram late = program({{compute(0), 7}, {norm, 0.5}});
  CHECK(seconds_of(simulate_programs({early, late}, {})).value == Approx(9.5));
}

TEST_CASE("a norm takes each stage as long as its own gradients do") {
  const Op norm{.kind = OpKind::reduce_norm, .stream = StreamName::pipeline};
  const TimedProgram few = program({{compute(0), 1}, {norm, 0.5}, {compute(1), 2}});
  const TimedProgram many = program({{compute(0), 7}, {norm, 2.75}});
  CHECK(seconds_of(simulate_programs({few, many}, {})).value == Approx(9.75));
}

// Six ranks on three stages, of which the first two hold the table.
TEST_CASE("a sum over several ranks of each stage waits for those stages alone") {
  const Op sum{.kind = OpKind::reduce_tied,
               .stream = StreamName::pipeline,
               .group = {.first = 0, .size = 4}};
  const TimedProgram early = program({{compute(0), 1}, {sum, 0.5}});
  const TimedProgram late = program({{compute(0), 4}, {sum, 0.5}});
  const TimedProgram alone = program({{compute(0), 2}});
  CHECK(seconds_of(simulate_programs({early, late, alone}, {})).value == Approx(4.5));
}

}  // namespace
}  // namespace galvatron
