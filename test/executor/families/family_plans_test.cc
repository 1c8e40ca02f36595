// BERT, ViT, T5 and Swin on several ranks: they train as one process does, communicate what the
// cost model charges and hold what was predicted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "executor/communication/mpi_communicator.h"
#include "executor/train/ledger_check.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/placement.h"
#include "planner/plan/structure.h"
#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/executor/families/family_run.h"
#include "test/executor/run/plan_table.h"

namespace galvatron {
namespace {

constexpr auto k1F1B = Schedule::one_f_one_b;
constexpr auto kGPipe = Schedule::gpipe;
constexpr auto kBert = FamilyModel::bert;
constexpr auto kPairs = FamilyModel::bert_pairs;
constexpr auto kVit = FamilyModel::vit;
constexpr auto kT5 = FamilyModel::t5;
constexpr auto kGatedT5 = FamilyModel::t5_gated;
constexpr auto kSwin = FamilyModel::swin;

constexpr double kLossTolerance = 1e-5;  // relative, of fp32 sums taken in another order
constexpr double kNormTolerance = 1e-4;
constexpr double kMemoryTolerance = 0.03;  // of the predicted sum

struct FamilyRow {
  FamilyModel model = kBert;
  PlanRow plan;  // its model is not used
};

const std::vector<FamilyRow>& family_rows() {
  static const std::vector<FamilyRow> rows{
      {kBert, {"data 2, zero 1 and 2", {}, 2, {8}, 2, kGPipe, "z1", {{"z1", "z2 selective"}}}},
      {kBert, {"tensor 2", {}, 2, {8}, 1, k1F1B, "t2", {{"t2", "t2 selective", "t2 full"}}}},
      {kPairs,
       {"tensor 2, sequence parallel",
        {},
        2,
        {8},
        2,
        k1F1B,
        "t2 sp",
        {{"t2 sp", "t2 sp selective", "t2 sp full"}}}},
      {kPairs,
       {"zero 3 beside tensor 2",
        {},
        4,
        {8},
        2,
        k1F1B,
        "t2 z3 sp",
        {{"z3", "t2 sp z1", "z2 full"}}}},
      {kBert,
       {"tensor 4, sequence parallel",
        {},
        4,
        {8},
        1,
        k1F1B,
        "t4 sp full",
        {{"t4 sp selective", "t4 full", "t4 sp"}}}},
      {kBert,
       {"pipeline 2 x tensor 2",
        {},
        4,
        {2, 6},
        4,
        k1F1B,
        "t2 sp",
        {{"t2 sp"}, {"t2 sp full", "z1"}}}},
      {kPairs,
       {"pipeline 4", {}, 4, {1, 3, 3, 1}, 8, kGPipe, "", {{}, {"", "selective"}, {"full"}, {}}}},
      {kBert, {"data 8, zero 3", {}, 8, {8}, 2, k1F1B, "z3", {{"z3", "z3 full"}}}},
      {kPairs,
       {"tensor 8", {}, 8, {8}, 2, kGPipe, "t8 sp", {{"t8 selective", "t8 sp", "t8 full"}}}},
      {kBert,
       {"pipeline 2 x 2 x 2",
        {},
        8,
        {5, 3},
        4,
        k1F1B,
        "t2 z1 di",
        {{"t2 z2 sp di", "t4", "t2 z3 full"}, {"t4 sp full", "t1 z1"}}}},
      {kVit, {"data 2, zero 1 and 2", {}, 2, {8}, 2, kGPipe, "z1", {{"z1", "z2 selective"}}}},
      {kVit, {"tensor 2", {}, 2, {8}, 1, k1F1B, "t2", {{"t2", "t2 selective", "t2 full"}}}},
      {kVit,
       {"tensor 2, sequence parallel",
        {},
        2,
        {8},
        2,
        k1F1B,
        "t2 sp",
        {{"t2 sp", "t2 sp selective", "t2 sp full"}}}},
      {kVit,
       {"zero 3 beside tensor 2",
        {},
        4,
        {8},
        2,
        k1F1B,
        "t2 z3 sp",
        {{"z3", "t2 sp z1", "z2 full"}}}},
      {kVit,
       {"tensor 4, sequence parallel",
        {},
        4,
        {8},
        1,
        k1F1B,
        "t4 sp full",
        {{"t4 sp selective", "t4 full", "t4 sp"}}}},
      {kVit,
       {"pipeline 2 x tensor 2",
        {},
        4,
        {2, 6},
        4,
        k1F1B,
        "t2 sp",
        {{"t2 sp"}, {"t2 sp full", "z1"}}}},
      {kVit,
       {"pipeline 4", {}, 4, {1, 3, 3, 1}, 8, kGPipe, "", {{}, {"", "selective"}, {"full"}, {}}}},
      {kVit, {"data 8, zero 3", {}, 8, {8}, 2, k1F1B, "z3", {{"z3", "z3 full"}}}},
      {kVit,
       {"tensor 8, sequence parallel",
        {},
        8,
        {8},
        1,
        kGPipe,
        "t8 sp",
        {{"t8 selective", "t8 sp", "t8 full"}}}},
      {kVit,
       {"pipeline 2 x 2 x 2",
        {},
        8,
        {5, 3},
        4,
        k1F1B,
        "t2 z1 di",
        {{"t2 z2 sp di", "t4", "t2 z3 full"}, {"t4 sp full", "t1 z1"}}}},
      // Of T5's blocks the first two are the encoder's, the third the bridge, which uses the table
      // of both ends.
      {kT5,
       {"data 2, zero 1 and 2",
        {},
        2,
        {8},
        2,
        kGPipe,
        "z1",
        {{"z1", "z2 selective", "z1", "z2", "z1 selective", "z1 full"}}}},
      {kT5,
       {"tensor 2",
        {},
        2,
        {8},
        1,
        k1F1B,
        "t2",
        {{"t2", "t2 selective", "t2 full", "t2", "t2 selective", "t2 full"}}}},
      {kGatedT5,
       {"tensor 2, sequence parallel",
        {},
        2,
        {8},
        2,
        k1F1B,
        "t2",
        {{"t2 sp", "t2 sp full", "t2 selective", "t2", "t2 full", "t2 selective"}}}},
      {kT5,
       {"zero 3 beside tensor 2",
        {},
        4,
        {8},
        2,
        k1F1B,
        "t2 z3",
        {{"z3", "t2 sp z1", "t2 z3 full", "z2 full", "t2 z3 selective", "t4"}}}},
      {kGatedT5,
       {"cut in the encoder",
        {},
        4,
        {2, 6},
        4,
        k1F1B,
        "t2",
        {{"t2 sp"}, {"t2 sp full", "t2", "z1", "t2 selective", "t2 full"}}}},
      {kT5,
       {"cut behind the bridge",
        {},
        4,
        {4, 4},
        4,
        kGPipe,
        "t2",
        {{"t2 sp selective", "z1", "t2 full"}, {"t2", "z3", "t2 full"}}}},
      {kT5,
       {"table at unequal distances",
        {},
        4,
        {2, 2, 2, 2},
        8,
        k1F1B,
        "",
        {{""}, {"selective", ""}, {"full"}, {""}}}},
      {kGatedT5, {"data 8, zero 3", {}, 8, {8}, 2, k1F1B, "z3", {{"z3", "z3 full"}}}},
      {kT5,
       {"tensor 8",
        {},
        8,
        {8},
        2,
        kGPipe,
        "t8",
        {{"t8 sp selective", "t8 sp full", "t8", "t8 selective", "t8 full", "t8"}}}},
      {kT5,
       {"pipeline 2 x 2 x 2",
        {},
        8,
        {6, 2},
        4,
        k1F1B,
        "t2 z1 di",
        {{"t2 z2 sp di", "t4 sp", "t2 z1 di full", "t2 z3 full", "t4 selective"}, {"z1 full"}}}},
      {kGatedT5,
       {"pipeline 4 x 2",
        {},
        8,
        {1, 2, 3, 2},
        4,
        kGPipe,
        "z1",
        {{}, {"t2 sp", "z2"}, {"z1 selective", "t2", "z3 full"}, {"z1"}}}},
      {kSwin, {"data 2, zero 1 and 2", {}, 2, {8}, 2, kGPipe, "z1", {{"z1", "z2 selective"}}}},
      {kSwin, {"tensor 2", {}, 2, {8}, 1, k1F1B, "t2", {{"t2", "t2 selective", "t2 full"}}}},
      {kSwin,
       {"tensor 2, sequence parallel",
        {},
        2,
        {8},
        2,
        k1F1B,
        "t2",
        {{"t2 sp", "t2 sp selective", "t2 full", "t2 sp full", "t2 sp", "t2 sp selective"}}}},
      {kSwin,
       {"pipeline 2, cut before the merging",
        {},
        2,
        {3, 5},
        4,
        k1F1B,
        "",
        {{"selective"}, {"full", ""}}}},
      {kSwin,
       {"zero 3 beside tensor 2", {}, 4, {8}, 2, k1F1B, "t2 z3", {{"z3", "t2 sp z1", "z2 full"}}}},
      {kSwin,
       {"tensor 4, sequence parallel",
        {},
        4,
        {8},
        1,
        k1F1B,
        "t4 full",
        {{"t4 sp selective", "t4 sp full", "t4"}}}},
      {kSwin,
       {"pipeline 2 x tensor 2, cut inside a depth",
        {},
        4,
        {2, 6},
        4,
        k1F1B,
        "t2",
        {{"t2 sp"}, {"t2 sp full", "z1"}}}},
      {kSwin,
       {"pipeline 4, cut behind the merging",
        {},
        4,
        {1, 3, 3, 1},
        8,
        kGPipe,
        "",
        {{}, {"", "selective"}, {"full"}, {}}}},
      {kSwin, {"data 8, zero 3", {}, 8, {8}, 2, k1F1B, "z3", {{"z3", "z3 full"}}}},
      {kSwin, {"tensor 8", {}, 8, {8}, 2, kGPipe, "t8", {{"t8 selective", "t8 sp", "t8 full"}}}},
      {kSwin,
       {"pipeline 2 x 2 x 2",
        {},
        8,
        {5, 3},
        4,
        k1F1B,
        "t2 z1 di",
        {{"t2 z2 sp di", "t4", "t2 z3 full"}, {"t4 sp full", "t1 z1"}}}},
  };
  return rows;
}

Plan plan_of(FamilyModel model, const PlanRow& row) {
  Plan plan = make_plan(row);
  plan.model = family_model(model);
  plan.job.clip_grad_norm = 0.5;
  return plan;
}

Plan one_process(FamilyModel model) {
  return plan_of(model, {.name = "one process", .stage_layers = {kTinyLayers}, .blocks = {{""}}});
}

// Made once per process and used by several tests.
const std::vector<FamilyRun>& family_runs() {
  static const std::vector<FamilyRun> runs = [] {
    std::vector<FamilyRun> made;
    for (const auto& [model, plan] : family_rows())
      made.push_back(run_family(plan_of(model, plan)));
    return made;
  }();
  return runs;
}

double largest_difference(const std::vector<double>& values, const std::vector<double>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    largest = std::max(largest, std::abs(values[i] - expected[i]) / std::abs(expected[i]));
  }
  return largest;
}

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
  const Plan plan = plan_of(kVit, {.name = "one image at a time",
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
  const Plan plan = plan_of(kSwin, {.name = "split merging",
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

TEST_CASE("every family trains on several ranks as in one process") {
  const std::vector<FamilyRun> single{
      run_family(one_process(kBert)),    run_family(one_process(kPairs)),
      run_family(one_process(kVit)),     run_family(one_process(kT5)),
      run_family(one_process(kGatedT5)), run_family(one_process(kSwin))};
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const auto& [model, row] = family_rows()[i];
    const FamilyRun& run = family_runs()[i];
    const FamilyRun& one = single[static_cast<std::size_t>(model)];
    if (!run.member || !one.member) continue;  // rank 0 knows both
    INFO(row.name);
    const double losses = largest_difference(run.losses, one.losses);
    const double norms = largest_difference(run.grad_norms, one.grad_norms);
    fmt::print(
        "{:<10} {:<28} {} ranks  loss {:.4f} -> {:.4f}  differences {:7.1e}, norms {:7.1e}\n",
        plan_of(model, row).model.name, row.name, row.devices, run.losses.front(),
        run.losses.back(), losses, norms);
    std::fflush(stdout);
    CHECK(losses <= kLossTolerance);
    CHECK(norms <= kNormTolerance);
  }
}

TEST_CASE("every family communicates what was predicted") {
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const FamilyRun& run = family_runs()[i];
    if (!run.member) continue;
    const Plan plan = plan_of(family_rows()[i].model, family_rows()[i].plan);
    INFO(plan.model.name << ", " << family_rows()[i].plan.name << ", rank " << run.rank);
    for (const std::string& line : ledger_differences(
             run.ledger, expected_ledger(plan, build_layer_graph(plan.model), run.rank))) {
      FAIL_CHECK(line);
    }
  }
}

TEST_CASE("every family holds what was predicted", "[cpu]") {
  const Hardware hardware = read_hardware(GALVATRON_HARDWARE);
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const FamilyRun& run = family_runs()[i];
    if (!run.member) continue;
    Plan plan = plan_of(family_rows()[i].model, family_rows()[i].plan);
    plan.inputs = PlanInputs{.hardware = hardware};  // the default runtime is this executor
    MemoryParts parts =
        stage_memory(plan, build_layer_graph(plan.model), stage_of_rank(plan, run.rank));
    parts.context = parts.communicators = parts.reserve = Bytes{};
    const auto predicted = static_cast<double>(total(parts).value);
    const double error = (static_cast<double>(run.peak.total().value) - predicted) / predicted;
    if (run.rank == 0) {
      fmt::print("{:<10} {:<28} {:>9} bytes {:+.2f} %  activations {} of {}, transient {} of {}\n",
                 plan.model.name, family_rows()[i].plan.name, run.peak.total().value, 100 * error,
                 run.peak[MemoryCategory::activations].value, parts.activations.value,
                 run.peak[MemoryCategory::transient].value, parts.transient.value);
    }
    INFO(plan.model.name << ", " << family_rows()[i].plan.name << ", rank " << run.rank << ": "
                         << 100 * error << " %");
    CHECK(std::abs(error) <= kMemoryTolerance);
  }
}

TEST_CASE("exported weights are read back by another plan and give the same loss") {
  for (const FamilyModel model : {kBert, kPairs, kVit, kT5, kGatedT5, kSwin}) {
    const Plan whole = one_process(model);
    const Plan split = plan_of(model, {.name = "split",
                                       .devices = 4,
                                       .stage_layers = {3, 5},
                                       .ends = "t2",
                                       .blocks = {{"t2 sp"}, {"t2", "z3", "z3", "z3"}}});
    const std::string folder =
        (std::filesystem::temp_directory_path() / "galvatron_families").string();
    const FamilyRun trained = run_family(split, {.weights = "", .exported = folder});
    const FamilyRun one = run_family(whole, {.weights = folder, .exported = ""});
    const FamilyRun other = run_family(split, {.weights = folder, .exported = ""});
    if (!one.member) continue;
    CHECK(one.losses.front() != Approx(trained.losses.front()));
    CHECK(largest_difference(other.losses, one.losses) <= kLossTolerance);
  }
}

}  // namespace
}  // namespace galvatron
