#include "test/executor/cli/program_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "planner/plan/plan_yaml.h"

namespace galvatron {

namespace fs = std::filesystem;

fs::path scratch() {
  const fs::path folder =
      fs::temp_directory_path() / ("galvatron_exec_" + std::to_string(getpid()));
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

namespace {

const fs::path& output() {
  static const fs::path path = scratch() / "out";
  return path;
}

const fs::path& messages() {
  static const fs::path path = scratch() / "err";
  return path;
}

std::string redirected(const std::string& command) {
  return command + " >" + output().string() + " 2>" + messages().string();
}

Ended end_of(const std::string& command) {
  const int status = std::system(command.c_str());
  return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = content(output()),
          .err = content(messages())};
}

}  // namespace

Ended run(const std::string& arguments, const std::string& environment) {
  return end_of(redirected("exec env " + environment + " " + GALVATRON_EXEC + " " + arguments));
}

Ended run_until(const fs::path& file, const std::string& signal_name,
                const std::string& arguments) {
  return end_of(redirected(std::string(GALVATRON_EXEC) + " " + arguments) +
                " & run=$!; while kill -0 $run && ! [ -s " + file.string() +
                " ]; do sleep 0.05; done; kill -" + signal_name + " $run; wait $run");
}

}  // namespace galvatron
