// The program from outside: a plan file, --local, what it writes and the codes it ends with.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "planner/plan/plan_yaml.h"
#include "test/catch.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

fs::path scratch() {
  const fs::path folder = fs::temp_directory_path() / "galvatron_train_command";
  fs::create_directories(folder);
  return folder;
}

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Plan two_rank_plan() {
  return {.model = {.name = "small",
                    .sequence_length = 16,
                    .config = LlamaConfig{.vocabulary = 256,
                                          .positions = 16,
                                          .hidden = 16,
                                          .layers = 2,
                                          .heads = 2,
                                          .key_value_heads = 2,
                                          .head_size = 8,
                                          .mlp_width = 32,
                                          .rope_scaling = {}}},
          .job = {.global_batch = 4},
          .devices = 2,
          .micro_batches = 2,
          .stages = {{.first_layer = 0, .last_layer = 1}, {.first_layer = 2, .last_layer = 3}},
          .strategies = std::vector<Strategy>(4),
          .predicted = {.stages = std::vector<StagePrediction>(2)}};
}

std::string write_plan(const Plan& plan) {
  const fs::path path = scratch() / "plan.yaml";
  std::ofstream(path) << plan_yaml(plan);
  return path.string();
}

std::string data() {
  const fs::path path = scratch() / "data.txt";
  std::ofstream(path) << std::string(2000, 'x');
  return path.string();
}

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

Ended run(const std::string& arguments, const std::string& program = GALVATRON_EXEC) {
  const fs::path out = scratch() / "out";
  const fs::path err = scratch() / "err";
  const std::string command =
      program + " " + arguments + " >" + out.string() + " 2>" + err.string();
  const int status = std::system(command.c_str());
  return {.code = WEXITSTATUS(status), .out = content(out), .err = content(err)};
}

TEST_CASE("--local starts the plan's ranks, which train and write a line per step") {
  const fs::path log = scratch() / "log.jsonl";
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --steps 3 --data " +
                          data() + " --learning-rate 1e-2 --log " + log.string());
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK_THAT(ended.err, Contains("2 ranks over MPI, started by Open MPI"));
  CHECK_THAT(ended.out, Contains("step 3/3"));
  std::ifstream lines(log);
  std::vector<nlohmann::json> steps;
  for (std::string line; std::getline(lines, line);) steps.push_back(nlohmann::json::parse(line));
  REQUIRE(steps.size() == 3);
  CHECK(steps[2]["loss"].get<double>() < steps[0]["loss"].get<double>());
  CHECK(steps[0]["stage_peak_memory_bytes"].size() == 2);
}

TEST_CASE("a plan needs its number of ranks") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --data " + data());
  CHECK(ended.code == 20);
  CHECK_THAT(ended.err, Contains("the plan is for 2 devices, but 1 rank was started"));
}

TEST_CASE("the code of a rank that fails is the code of the run") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --data " + data() +
                          " --memory-limit 1KiB");
  INFO(ended.err);
  CHECK(ended.code == 23);
}

TEST_CASE("what the command line changes in the job is said") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --steps 1 --data " +
                          data() + " --clip-grad-norm 0.5");
  CHECK(ended.code == 0);
  CHECK_THAT(ended.err, Contains("clipping the gradient norm at 0.5, the plan says none"));
}

TEST_CASE("wrong arguments and files have their codes") {
  const std::string plan = write_plan(two_rank_plan());
  CHECK(run("train").code == 2);
  CHECK(run("train " + plan + " --local --device cuda --data " + data()).code == 2);
  CHECK(run("train " + plan + " --local --transport nccl --data " + data()).code == 2);
  CHECK(run("train " + plan + " --local --data /nonexistent.txt").code == 3);
  CHECK(run("train /nonexistent.yaml --local --data " + data()).code == 3);
}

TEST_CASE("under --json an error is one object on standard output") {
  const Ended ended = run("train /nonexistent.yaml --local --json --data " + data());
  CHECK(nlohmann::json::parse(ended.out)["error"].contains("message"));
}

}  // namespace
}  // namespace galvatron
