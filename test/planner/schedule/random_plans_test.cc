// Properties that hold for the programs of every plan.
#include "test/planner/schedule/random_plans.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "planner/plan/placement.h"
#include "planner/plan/structure.h"
#include "planner/schedule/ahead.h"
#include "planner/schedule/ledger.h"
#include "planner/schedule/memory_bound.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/price.h"
#include "planner/schedule/program.h"
#include "planner/schedule/rank_view.h"
#include "planner/schedule/simulator.h"
#include "test/catch.h"
#include "test/planner/schedule/program_text.h"

namespace galvatron {
namespace {

constexpr int kPlans = 400;

template <typename Test>
void for_random_plans(Test test) {
  std::mt19937 random(7);
  for (int repeat = 0; repeat < kPlans; ++repeat) {
    const Plan plan = random_plan(random);
    const LayerGraph graph = build_layer_graph(plan.model);
    REQUIRE(check_structure(plan, graph).empty());
    test(plan, graph);
  }
}

// Micro-batches of the messages of one kind over one boundary, in order.
using Messages = std::map<std::pair<RankGroup, Direction>, std::vector<std::int64_t>>;

void add_messages(const RankProgram& program, OpKind kind, Messages& messages) {
  for (const Op& op : program) {
    if (op.kind != kind || op.part != Part::start) continue;
    messages[{op.group, op.direction}].push_back(op.micro_batch);
  }
}

bool contains(const RankGroup& group, int rank) {
  for (int index = 0; index < group.size; ++index) {
    if (rank_at(group, index) == rank) return true;
  }
  return false;
}

TEST_CASE("what one rank sends its neighbour receives in the same order") {
  for_random_plans([](const Plan& plan, const LayerGraph& graph) {
    Messages sent;
    Messages received;
    for (int rank = 0; rank < plan.devices; ++rank) {
      const RankProgram program = build_rank_program(plan, graph, rank);
      add_messages(program, OpKind::send, sent);
      add_messages(program, OpKind::receive, received);
    }
    CHECK(sent == received);
    const auto boundaries = static_cast<std::size_t>(pipeline_degree(plan) - 1);
    CHECK(sent.size() == 2 * boundaries * static_cast<std::size_t>(devices_per_stage(plan)));
  });
}

TEST_CASE("no plan's programs wait for one another for ever") {
  for_random_plans([](const Plan& plan, const LayerGraph& graph) {
    std::vector<TimedProgram> stages;
    for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
      stages.push_back(timed_program(plan, graph, stage));
    }
    CHECK(std::holds_alternative<SimulatedStep>(simulate_programs(stages, {})));
  });
}

TEST_CASE("everything started is waited for once, and nothing else is") {
  for_random_plans([](const Plan& plan, const LayerGraph& graph) {
    for (int rank = 0; rank < plan.devices; ++rank) {
      std::vector<Op> under_way;
      for (Op op : build_rank_program(plan, graph, rank)) {
        if (op.part == Part::whole) continue;
        const bool starts = op.part == Part::start;
        op.part = Part::whole;
        const auto known = std::find(under_way.begin(), under_way.end(), op);
        REQUIRE(starts == (known == under_way.end()));
        if (starts) under_way.push_back(op);
        if (!starts) under_way.erase(known);
      }
      CHECK(under_way.empty());
    }
  });
}

TEST_CASE("all ranks of a group meet in the same order over the same payloads") {
  for_random_plans([](const Plan& plan, const LayerGraph& graph) {
    std::map<RankGroup, std::map<int, std::vector<std::tuple<CollectiveKind, Bytes>>>> meetings;
    for (int rank = 0; rank < plan.devices; ++rank) {
      for (const PredictedCollective& entry : predicted_ledger(plan, graph, rank)) {
        REQUIRE(contains(entry.group, rank));
        const bool one_sided =
            entry.kind == CollectiveKind::send || entry.kind == CollectiveKind::receive;
        if (one_sided) continue;
        // What each rank passes on in an all-to-all is its own matter.
        const bool is_own = entry.kind == CollectiveKind::all_to_all;
        meetings[entry.group][rank].emplace_back(entry.kind, is_own ? Bytes{} : entry.payload);
      }
    }
    for (const auto& [group, members] : meetings) {
      CHECK(static_cast<int>(members.size()) == group.size);
      for (const auto& [rank, met] : members) CHECK(met == members.begin()->second);
    }
  });
}

TEST_CASE("every layer runs forward and backward once per micro-batch on its stage's ranks") {
  for_random_plans([](const Plan& plan, const LayerGraph& graph) {
    for (int rank = 0; rank < plan.devices; ++rank) {
      std::map<std::tuple<OpKind, int, std::int64_t>, int> count;
      for (const Op& op : build_rank_program(plan, graph, rank)) {
        if (op.kind == OpKind::forward || op.kind == OpKind::backward) {
          ++count[{op.kind, op.layer, op.micro_batch}];
        }
      }
      const StageRange& range = plan.stages[static_cast<std::size_t>(stage_of_rank(plan, rank))];
      const auto layers = static_cast<std::size_t>(range.last_layer - range.first_layer + 1);
      CHECK(count.size() == 2 * layers * static_cast<std::size_t>(plan.micro_batches));
      for (const auto& [what, times] : count) CHECK(times == 1);
    }
  });
}

// The gathered parameters of a rank, as its program goes on.
class Gathered {
 public:
  explicit Gathered(const RankView& view) : view_(view) {}

  void go_on(const Op& op) {
    if (op.kind == OpKind::gather && op.part == Part::start) {
      CHECK(known_.emplace(name_of_unit(op), State::coming).second);
    }
    if (op.kind == OpKind::gather && op.part == Part::wait)
      known_.at(name_of_unit(op)) = State::here;
    if (op.kind == OpKind::free_parameters) {
      CHECK(known_.at(name_of_unit(op)) == State::here);
      known_.erase(name_of_unit(op));
    }
    const bool uses =
        op.kind == OpKind::forward || op.kind == OpKind::recompute || op.kind == OpKind::backward;
    if (uses) compute(op);
  }

  bool empty() const { return known_.empty(); }
  int computed_beside_a_gather() const { return beside_; }

 private:
  enum class State { coming, here };

  // A tied table is one buffer, whoever gathers it.
  std::string name_of_unit(const Op& op) const {
    const ParameterUnit& unit = unit_at(view_, {op.layer, op.unit});
    return unit.tied_table.empty() ? fmt::format("{}.{}", op.layer, op.unit) : unit.tied_table;
  }

  // Its own parameters are here, and what else there is on its way and expected.
  void compute(const Op& op) {
    const std::vector<UnitPlace> own = gathered_units(view_, op.layer);
    for (const UnitPlace& place : own) {
      const Op gather{.kind = OpKind::gather, .layer = place.layer, .unit = place.unit};
      CHECK(known_.at(name_of_unit(gather)) == State::here);
    }
    const int next = op.direction == Direction::forward ? op.layer + 1 : op.layer - 1;
    const bool ahead =
        gathered_ahead(view_.plan, view_.graph, {.computing = op.layer, .next = next}).value > 0;
    CHECK(known_.size() == own.size() + (ahead ? gathered_units(view_, next).size() : 0));
    beside_ += ahead ? 1 : 0;
  }

  const RankView& view_;
  std::map<std::string, State> known_;
  int beside_ = 0;
};

TEST_CASE("what a layer computes with was waited for, and at most one other layer is on its way") {
  int beside = 0;
  for_random_plans([&](const Plan& plan, const LayerGraph& graph) {
    for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
      const int rank = first_rank(plan, stage);
      const RankView view = view_of(plan, graph, rank);
      Gathered gathered(view);
      for (const Op& op : build_rank_program(plan, graph, rank)) gathered.go_on(op);
      CHECK(gathered.empty());
      beside += gathered.computed_beside_a_gather();
    }
  });
  CHECK(beside > 100);
}

TEST_CASE("on one stage that overlaps nothing the closed form is the simulated step") {
  int compared = 0;
  for_random_plans([&](Plan plan, const LayerGraph& graph) {
    if (pipeline_degree(plan) > 1) return;
    plan.inputs->runtime.gradient_sync = Traffic::blocking;
    const Prediction predicted = price(plan, graph);
    CHECK(predicted.step.value == Approx(predicted.closed_form.value).epsilon(1e-9));
    ++compared;
  });
  CHECK(compared > kPlans / 8);
}

TEST_CASE("with links that cost nothing the closed form bounds every simulated 1F1B step") {
  for_random_plans([](Plan plan, const LayerGraph& graph) {
    plan.schedule = Schedule::one_f_one_b;
    plan.inputs->hardware.intra_node.rate_per_device = BytesPerSecond{1e30};
    const Prediction predicted = price(plan, graph);
    CHECK(predicted.step.value <= predicted.closed_form.value * (1 + 1e-9));
  });
}

TEST_CASE("what the search takes for a plan's memory is never less than its peak") {
  int more = 0;
  for_random_plans([&](const Plan& plan, const LayerGraph& graph) {
    Plan priced = plan;
    priced.predicted = price(plan, graph);
    CHECK(memory_bound(plan, graph) >= peak_bytes(priced));
    more += memory_bound(plan, graph) > peak_bytes(priced) ? 1 : 0;
  });
  CHECK(more > 0);
}

TEST_CASE("overlap never makes a step longer than blocking where nothing is slowed down") {
  for_random_plans([](Plan plan, const LayerGraph& graph) {
    if (pipeline_degree(plan) > 1) return;
    plan.inputs->runtime.gradient_sync = Traffic::overlapped;
    const Seconds overlapped = simulate(plan, graph).step;
    plan.inputs->runtime.gradient_sync = Traffic::blocking;
    CHECK(overlapped.value <= simulate(plan, graph).step.value * (1 + 1e-9));
  });
}

}  // namespace
}  // namespace galvatron
