// What `train` refuses, and the code it ends with, on one rank.
#include <filesystem>
#include <fstream>

#include "executor/communication/mpi_communicator.h"
#include "executor/launch/exit_code.h"
#include "executor/train/train.h"
#include "executor/weights/safetensors_writer.h"
#include "planner/files/spec_error.h"
#include "test/catch.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

Plan small_plan() {
  return {.model = {.name = "small",
                    .sequence_length = 8,
                    .config = LlamaConfig{.vocabulary = 256,
                                          .positions = 8,
                                          .hidden = 8,
                                          .layers = 1,
                                          .heads = 2,
                                          .key_value_heads = 2,
                                          .head_size = 4,
                                          .mlp_width = 16,
                                          .rope_scaling = {}}},
          .job = {.global_batch = 2},
          .stages = {{.first_layer = 0, .last_layer = 2}},
          .strategies = std::vector<Strategy>(3)};
}

std::string text_file(const std::string& content) {
  const std::string path = (fs::temp_directory_path() / "galvatron_refusals.txt").string();
  std::ofstream(path) << content;
  return "text:" + path;
}

TrainOptions small_options() { return {.data = text_file(std::string(200, 'a')), .steps = 2}; }

std::vector<StepRecord> train_alone(const Plan& plan, const TrainOptions& options) {
  Ledger ledger;
  const auto world = make_mpi_communicator({.first = 0, .size = 1, .stride = 1}, ledger);
  return train(*world, plan, blocks_of(plan.model, Dropout::none), options);
}

// The code that the run ends with; also checks what the message contains.
ExitCode code_of(const Plan& plan, const TrainOptions& options, const std::string& message) {
  try {
    train_alone(plan, options);
  } catch (const ExecutorError& error) {
    CHECK_THAT(error.what(), Contains(message));
    return error.code();
  } catch (const SpecError& error) {
    CHECK_THAT(error.what(), Contains(message));
    return ExitCode::bad_input;
  }
  return ExitCode::success;
}

TEST_CASE("a plan that is whole trains") {
  CHECK(code_of(small_plan(), small_options(), "") == ExitCode::success);
}

TEST_CASE("what can only be priced is refused by name") {
  Plan plan = small_plan();
  plan.priced_only.context = 1;
  plan.priced_only.shard_group = 1;
  CHECK(code_of(plan, small_options(),
                "shard_group must be absent to be trained, got 1: it can only be priced") ==
        ExitCode::bad_input);
  plan = small_plan();
  plan.strategies[1].recompute = Recompute::op;
  CHECK(code_of(plan, small_options(), "to be trained, got op: it can only be priced") ==
        ExitCode::bad_input);
  plan = small_plan();
  plan.job.precision = Precision::fp16;
  CHECK(code_of(plan, small_options(), "precision must be fp32 or bf16 to be trained, got fp16") ==
        ExitCode::bad_input);
}

TEST_CASE("a plan for another number of devices is refused") {
  Plan plan = small_plan();
  plan.devices = 2;
  plan.stages = {{.first_layer = 0, .last_layer = 0}, {.first_layer = 1, .last_layer = 2}};
  CHECK(code_of(plan, small_options(), "the plan is for 2 devices, but 1 rank was started") ==
        ExitCode::launch);
}

TEST_CASE("a plan that leaves out a layer or holds one twice is refused") {
  Plan plan = small_plan();
  plan.stages = {{.first_layer = 0, .last_layer = 1}};
  CHECK(code_of(plan, small_options(), "leave out layer 2") == ExitCode::bad_input);
  plan.stages = {{.first_layer = 0, .last_layer = 1}, {.first_layer = 1, .last_layer = 2}};
  CHECK(code_of(plan, small_options(), "hold layer 1 twice") == ExitCode::bad_input);
}

TEST_CASE("a precision that is only priced is refused by name") {
  Plan plan = small_plan();
  plan.job.precision = Precision::fp8;
  CHECK(code_of(plan, small_options(), "got fp8") == ExitCode::bad_input);
}

TEST_CASE("weights of another shape are refused by name") {
  const fs::path folder = fs::temp_directory_path() / "galvatron_other_shapes";
  fs::create_directories(folder);
  SafetensorsWriter writer((folder / "model.safetensors").string(),
                           {{.name = "model.embed_tokens.weight", .shape = {2}}});
  writer.write("model.embed_tokens.weight", std::vector<ElementRange>{{0, 2}},
               std::vector<float>(2));
  writer.finish();
  TrainOptions options = small_options();
  options.weights = folder.string();
  CHECK(code_of(small_plan(), options, "model.embed_tokens.weight") == ExitCode::bad_input);
}

TEST_CASE("a token id outside the vocabulary is refused") {
  Plan plan = small_plan();
  std::get<LlamaConfig>(plan.model.config).vocabulary = 90;
  CHECK(code_of(plan, small_options(), "97") == ExitCode::bad_input);  // 'a'
}

TEST_CASE("exceeding the memory limit ends with what was counted and predicted") {
  TrainOptions options = small_options();
  options.memory_limit = Bytes{1000};
  CHECK(code_of(small_plan(), options, "predicted") == ExitCode::out_of_memory);
}

TEST_CASE("a loss that is not a number ends the run") {
  TrainOptions options = small_options();
  options.learning_rate.peak = 1e30;
  CHECK(code_of(small_plan(), options, "of step 2 is") == ExitCode::not_a_number);
}

TEST_CASE("a layer type without a block is refused by name") {
  const Plan plan = small_plan();
  Ledger ledger;
  const auto world = make_mpi_communicator({.first = 0, .size = 1, .stride = 1}, ledger);
  CHECK_THROWS_WITH(train(*world, plan, {}, small_options()),
                    Contains("no block computes layer type \"llama_embedding\""));
}

}  // namespace
}  // namespace galvatron
