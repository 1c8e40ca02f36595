// A run that is saved and goes on, under whatever plan, has the losses of one that never stopped.
// On four ranks; plans for fewer use the first ones.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "executor/checkpoint/checkpoint_folder.h"
#include "executor/communication/mpi_communicator.h"
#include "executor/launch/exit_code.h"
#include "executor/train/train.h"
#include "test/catch.h"
#include "test/executor/run/plan_table.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

constexpr double kLossTolerance = 1e-5;  // relative

// The plans of at most four ranks, one device first.
std::vector<Plan> plans_of(TinyModel model) {
  std::vector<Plan> plans{single_process_plan(model)};
  for (const PlanRow& row : plan_rows()) {
    if (row.model == model && row.devices <= 4) plans.push_back(make_plan(row));
  }
  for (Plan& plan : plans) plan.predicted.stages.resize(plan.stages.size());
  return plans;
}

// The same on all ranks; made anew by rank 0.
fs::path scratch() { return fs::temp_directory_path() / "galvatron_round_trip"; }

bool is_first_rank() { return mpi_world_rank() == 0; }

void wait_for_all() {
  Ledger ledger;
  make_mpi_communicator({.first = 0, .size = mpi_world_size()}, ledger)->barrier();
}

// Bytes that are tokens of both tiny models.
std::string data() {
  const fs::path path = scratch() / "data.txt";
  if (is_first_rank()) {
    fs::create_directories(scratch());
    std::ofstream file(path);
    for (int i = 0; i < 40000; ++i) file << static_cast<char>((i * 7 + i / 13) % 50);
  }
  wait_for_all();
  return "text:" + path.string();
}

TrainOptions options_for(std::int64_t steps) {
  return {.data = data(),
          .row_order = RowOrder::shuffled,
          .steps = steps,
          .seed = 7,
          .learning_rate = {.peak = 1e-2},
          .output = StepOutput::none};
}

// A folder without checkpoints.
std::string fresh_folder(const std::string& name) {
  const fs::path folder = scratch() / name;
  if (is_first_rank()) fs::remove_all(folder);
  wait_for_all();
  return folder.string();
}

std::vector<double> losses(const Plan& plan, const TrainOptions& options) {
  const struct WaitAtTheEnd {  // for rank 0's files; also after an error
    ~WaitAtTheEnd() { wait_for_all(); }
  } at_the_end;
  Ledger ledger;
  const auto world = make_mpi_communicator({.first = 0, .size = plan.devices}, ledger);
  std::vector<double> values;
  if (!world) return values;
  for (const StepRecord& record :
       train(*world, plan, blocks_of(plan.model, Dropout::as_configured), options)) {
    values.push_back(record.loss);
  }
  return values;
}

double difference(double value, double expected) {
  return std::abs(value - expected) / std::abs(expected);
}

TEST_CASE("handed from plan to plan, a run has the losses of one process") {
  const TinyModel model = GENERATE(TinyModel::gpt2, TinyModel::llama);
  const std::vector<Plan> plans = plans_of(model);
  const auto steps = static_cast<std::int64_t>(plans.size());
  const std::vector<double> expected = losses(plans.front(), options_for(steps));
  TrainOptions options = options_for(0);
  options.save = fresh_folder("chain");
  for (std::int64_t step = 0; step < steps; ++step) {
    const Plan& plan = plans[static_cast<std::size_t>(step)];
    options.steps = step + 1;
    const std::vector<double> last = losses(plan, options);
    options.resume = options.save;
    if (!is_first_rank()) continue;
    REQUIRE(last.size() == 1);
    const double off = difference(last[0], expected[static_cast<std::size_t>(step)]);
    fmt::print("step {:2} on {} ranks, {} stages: loss {:.6f}, difference {:.1e}\n", step + 1,
               plan.devices, plan.stages.size(), last[0], off);
    std::fflush(stdout);
    CHECK(off <= kLossTolerance);
  }
}

TEST_CASE("under the same plan a run goes on bit for bit, in fp32 and bf16") {
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    for (Plan plan : plans_of(TinyModel::gpt2)) {
      plan.job.precision = precision;
      const std::vector<double> expected = losses(plan, options_for(4));
      TrainOptions options = options_for(2);
      options.save = fresh_folder("same");
      losses(plan, options);
      options.resume = options.save;
      options.steps = 4;
      const std::vector<double> rest = losses(plan, options);
      if (!is_first_rank()) continue;
      REQUIRE(rest.size() == 2);
      CHECK(rest[0] == expected[2]);
      CHECK(rest[1] == expected[3]);
    }
  }
}

TEST_CASE("another global batch goes on with the rows that come next") {
  Plan plan = single_process_plan(TinyModel::llama);
  plan.predicted.stages.resize(1);
  TrainOptions options = options_for(3);
  options.row_order = RowOrder::as_stored;
  options.save = fresh_folder("batch");
  losses(plan, options);
  options.resume = options.save;
  options.steps = 4;
  plan.job.global_batch = 2 * kGlobalBatch;
  losses(plan, options);
  options.steps = 5;
  plan.job.global_batch = kGlobalBatch;
  CHECK(losses(plan, options).size() == (is_first_rank() ? 1U : 0U));
  if (!is_first_rank()) return;
  std::ifstream file(fs::path(checkpoint_path(options.save, 5)) / "manifest.json");
  const std::string manifest{std::istreambuf_iterator<char>(file), {}};
  CHECK_THAT(manifest, Catch::Matchers::Contains("\"samples\": 96"));  // (3 + 2 + 1) 16
}

TEST_CASE("a damaged checkpoint is passed over for the one before") {
  const Plan plan = plans_of(TinyModel::gpt2).back();
  TrainOptions options = options_for(3);
  options.save = fresh_folder("damaged");
  options.save_every = 1;
  const std::vector<double> expected = losses(plan, options);
  const fs::path newest = checkpoint_path(options.save, 3);
  const std::string damage = GENERATE("truncated", "flipped", "missing", "manifest", "folder");
  if (is_first_rank()) {
    const fs::path shard = newest / "rank-1.safetensors";
    if (damage == "truncated") fs::resize_file(shard, fs::file_size(shard) - 1);
    if (damage == "missing") fs::remove(shard);
    if (damage == "folder") fs::remove_all(newest);
    if (damage == "flipped" || damage == "manifest") {
      std::fstream file(damage == "flipped" ? shard : newest / "manifest.json",
                        std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(-9, std::ios::end);
      const auto byte = static_cast<char>(file.peek() ^ 1);
      file.seekp(-9, std::ios::end);
      file.put(byte);
    }
  }
  wait_for_all();
  options.resume = options.save;
  options.save_every = 4;
  options.steps = 4;
  const std::vector<double> again = losses(plan, options);
  if (!is_first_rank()) return;
  INFO(damage);
  REQUIRE(again.size() == 2);
  CHECK(again[0] == expected[2]);
  // The damaged one does not push out what the run went on from.
  CHECK(saved_steps(options.save) == std::vector<std::int64_t>{4, 2});
}

ExitCode code_of(const Plan& plan, const TrainOptions& options) {
  try {
    losses(plan, options);
  } catch (const ExecutorError& error) {
    return error.code();
  }
  return ExitCode::success;
}

TEST_CASE("what cannot go on is refused") {
  Plan plan = single_process_plan(TinyModel::llama);
  plan.predicted.stages.resize(1);
  TrainOptions options = options_for(1);
  options.save = fresh_folder("refused");
  losses(plan, options);
  const bool member = is_first_rank();
  const auto expect = [&](ExitCode code) { return member ? code : ExitCode::success; };
  SECTION("a new run among another one's checkpoints") {
    CHECK(code_of(plan, options) == expect(ExitCode::usage));
  }
  SECTION("a run that goes on, among another one's checkpoints") {
    options.resume = options.save;
    options.save = fresh_folder("other");
    options.steps = 2;
    CHECK(code_of(plan, options) == ExitCode::success);
    options.steps = 3;
    CHECK(code_of(plan, options) == expect(ExitCode::usage));
  }
  SECTION("another seed") {
    options.resume = options.save;
    options.seed = 8;
    CHECK(code_of(plan, options) == expect(ExitCode::usage));
  }
  SECTION("another model") {
    options.resume = options.save;
    std::get<LlamaConfig>(plan.model.config).mlp_width = 80;
    CHECK(code_of(plan, options) == expect(ExitCode::bad_input));
  }
  SECTION("no checkpoint at all") {
    options.resume = fresh_folder("empty");
    CHECK(code_of(plan, options) == expect(ExitCode::checkpoint));
  }
}

}  // namespace
}  // namespace galvatron
